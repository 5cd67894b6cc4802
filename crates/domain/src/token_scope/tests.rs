use super::*;
use proptest::{collection::vec, prelude::*};

fn repository(name: &str, actions: &str) -> Asked {
    let has = |action: char| actions.contains(action);
    let name = name.parse().expect("a repository's name");
    Asked::Repository { name, pull: has('r'), push: has('w'), delete: has('d') }
}

#[test]
fn what_clients_ask_is_understood() {
    let cases: [(&[&str], Vec<Asked>); 11] = [
        (&[], vec![]),
        (&["repository:team/app:pull"], vec![repository("team/app", "r")]),
        // docker push with a mount: repeated, and in this order.
        (
            &["repository:team/app4:push,pull", "repository:team/app3:pull"],
            vec![repository("team/app4", "rw"), repository("team/app3", "r")],
        ),
        // The registry's own challenge for a mount: one parameter.
        (&["repository:t/a:pull,push repository:t/b:pull"], vec![repository("t/a", "rw"), repository("t/b", "r")]),
        (&["repository:a:delete"], vec![repository("a", "d")]),
        (&["repository:a:*"], vec![repository("a", "rwd")]),
        (&["repository(plugin):a:pull"], vec![repository("a", "r")]),
        (&["registry:catalog:*"], vec![Asked::Catalog]),
        (&["registry:catalog:pull,*", "registry:catalog:*"], vec![Asked::Catalog]),
        (&["repository:a:pull,fly,"], vec![repository("a", "r")]),
        (&["", "  repository:a:pull \t\n repository:b:push "], vec![repository("a", "r"), repository("b", "w")]),
    ];
    for (scopes, expected) in cases {
        assert_eq!(asked(scopes.iter().copied()), expected, "{scopes:?}");
    }
}

#[test]
fn what_is_asked_for_twice_becomes_one_in_its_first_place() {
    let scopes = ["repository:a:pull repository:b:pull", "registry:catalog:*", "repository:a:push repository:a:pull"];
    assert_eq!(asked(scopes), [repository("a", "rw"), repository("b", "r"), Asked::Catalog]);
}

#[test]
fn what_is_not_understood_is_dropped_and_widens_nothing() {
    for scope in [
        "repository",
        "repository:a",
        "repository:a:",
        "repository:a:fly",
        "repository:a:PULL",
        "repository:a: pull",
        "Repository:a:pull",
        "repository::pull",
        "repository:*:pull",
        "repository:team/*:pull",
        "repository:Team/app:pull",
        "repository:../etc:pull",
        "repository:a\u{202e}b:pull",
        "repository:registry.example:5000/team/app:pull",
        "repository(plugin:a:pull",
        "repository):a:pull",
        "(x)repository:a:pull",
        "registry:catalog:pull",
        "registry:other:*",
        "artifact:a:pull",
        "robot:catalog:*",
        ":::",
        "",
    ] {
        assert_eq!(asked([scope]), [], "{scope}");
        let among = ["repository:first:pull", scope, "repository:last:push"];
        assert_eq!(asked(among), [repository("first", "r"), repository("last", "w")], "{scope}");
    }
}

#[test]
fn no_more_is_read_than_is_bearable() {
    let many: Vec<String> = (0..MOST + 10).map(|n| format!("repository:r{n}:pull")).collect();
    let read = asked(many.iter().map(String::as_str));
    assert_eq!(read.len(), MOST);
    assert_eq!(read.last(), Some(&repository(&format!("r{}", MOST - 1), "r")));

    // What repeats what is known does not use up the number.
    let repeated = "repository:a:pull ".repeat(MOST + 1);
    assert_eq!(asked([repeated.as_str(), "repository:b:pull"]), [repository("a", "r"), repository("b", "r")]);

    let long = format!("repository:{}:pull", "a".repeat(BYTES));
    assert_eq!(asked(["repository:a:pull", &long, "repository:b:pull"]), [repository("a", "r")]);
}

#[test]
fn an_entry_is_written_as_registries_read_it() {
    let name: RepositoryName = "team/app".parse().expect("a name");
    let entries =
        [AccessEntry::repository(&name, true, true, true).expect("something is allowed"), AccessEntry::catalog()];
    assert_eq!(
        serde_json::to_string(&entries).expect("JSON"),
        r#"[{"type":"repository","name":"team/app","actions":["pull","push","delete"]},{"type":"registry","name":"catalog","actions":["*"]}]"#
    );
    assert_eq!(AccessEntry::repository(&name, false, false, false), None);
}

fn name() -> impl Strategy<Value = RepositoryName> {
    "[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?(/[a-z0-9]{1,6}){0,2}".prop_map(|text| text.parse().expect("a name"))
}

fn one() -> impl Strategy<Value = Asked> {
    let repository = (name(), any::<[bool; 3]>())
        .prop_filter("asks for something", |(_, actions)| actions.contains(&true))
        .prop_map(|(name, [pull, push, delete])| Asked::Repository { name, pull, push, delete });
    prop_oneof![9 => repository, 1 => Just(Asked::Catalog)]
}

/// Text made of the grammar's own pieces and of what is hostile to it.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("repository".to_owned()),
        Just("registry".to_owned()),
        Just("catalog".to_owned()),
        "[:,() *a/.%\u{0}\u{202e}ß-]{0,6}",
        "(pull|push|delete|,){0,3}",
        any::<String>(),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(all in vec(one(), 0..20)) {
        let written: Vec<String> = all.iter().map(ToString::to_string).collect();
        let read = asked(written.iter().map(String::as_str));
        prop_assert_eq!(&asked([written.join(" ").as_str()]), &read);
        for one in &all {
            let covered = read.iter().any(|known| known.clone().take_in(one) && {
                let mut more = known.clone();
                more.take_in(one);
                &more == known
            });
            prop_assert!(covered, "{one} is missing from {read:?}");
        }
        // Once merged, nothing changes any more.
        let again: Vec<String> = read.iter().map(ToString::to_string).collect();
        prop_assert_eq!(asked(again.iter().map(String::as_str)), read);
    }

    #[test]
    fn hostile_text_gives_only_what_can_be_written_back(all in vec(hostile(), 0..8)) {
        let read = asked(all.iter().map(String::as_str));
        prop_assert!(read.len() <= MOST);
        for (at, one) in read.iter().enumerate() {
            prop_assert_eq!(&asked([one.to_string().as_str()]), std::slice::from_ref(one));
            prop_assert!(!read[..at].iter().any(|before| before.clone().take_in(one)), "twice: {}", one);
        }
    }

    #[test]
    fn entries_round_trip(name in name(), [pull, push, delete] in any::<[bool; 3]>()) {
        let Some(entry) = AccessEntry::repository(&name, pull, push, delete) else {
            prop_assert!(!pull && !push && !delete);
            return Ok(());
        };
        let text = serde_json::to_string(&entry).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<AccessEntry>(&text).expect("the same"), entry);
    }
}
