use super::*;

const REALM: &str = "https://wharf.example.com/token";

fn sound() -> Seen {
    Seen {
        challenge: Challenge::Bearer { realm: REALM.into(), service: "registry-3".into() },
        clock_ahead: Some(1),
        own_token: Said::In,
        own_pull: Said::In,
        other_repository: Said::Out,
        other_key: Said::Out,
        other_service: Said::Out,
        expired: Said::Out,
        next_key: Some(Said::In),
        strangers_catalogue: Said::Out,
        strangers_pull: Said::Out,
    }
}

fn ours() -> Ours {
    Ours {
        realm: REALM.into(),
        service: "registry-3".into(),
        plain_registry: false,
        signs_in_so: true,
        grants_strangers_pull: false,
        grants_strangers_catalogue: false,
    }
}

fn check(seen: &Seen, ours: &Ours) -> TokenCheck {
    TokenCheck { at: Timestamp(0), lines: judge(seen, ours) }
}

/// The lines that are not fine, and the tone of the whole.
fn amiss(seen: &Seen, ours: &Ours) -> (Tone, Vec<(About, Tone)>) {
    let check = check(seen, ours);
    let lines = check.lines.iter().filter(|line| line.tone != Tone::Good);
    for line in lines.clone() {
        let tellable = line.to_do.is_some() || line.seen.contains("can’t be told") || line.tone == Tone::Idle;
        assert!(tellable, "no way out of: {}", line.seen);
    }
    (check.verdict().0, lines.map(|line| (line.about, line.tone)).collect())
}

#[test]
fn a_registry_that_takes_our_tokens_and_nothing_else_is_fine() {
    assert_eq!(amiss(&sound(), &ours()), (Tone::Good, vec![]));
    let lines = check(&sound(), &ours()).lines;
    let about: Vec<About> = lines.iter().map(|line| line.about).collect();
    let mut sorted = about.clone();
    sorted.sort();
    assert_eq!(about, sorted, "in the order in which it is told");
}

#[test]
fn a_registry_that_asks_nobody_does_not_use_it() {
    let open = Seen {
        challenge: Challenge::Nothing,
        other_repository: Said::In,
        other_key: Said::In,
        other_service: Said::In,
        expired: Said::In,
        next_key: Some(Said::In),
        strangers_catalogue: Said::In,
        strangers_pull: Said::In,
        ..sound()
    };
    let (tone, lines) = amiss(&open, &ours());
    assert_eq!(tone, Tone::Danger);
    assert_eq!(check(&open, &ours()).verdict().1, "The registry does not use this token server.");
    let expected = [
        (About::Challenge, Tone::Danger),
        (About::Tokens, Tone::Idle),
        (About::Strangers, Tone::Danger),
        (About::Catalogue, Tone::Warn),
    ];
    assert_eq!(lines, expected, "that it takes forged tokens too says nothing where nobody is asked for one");
}

#[test]
fn another_way_of_signing_in_is_named() {
    let basic = Seen { challenge: Challenge::Other(vec!["basic".into()]), own_token: Said::Out, ..sound() };
    assert_eq!(
        amiss(&basic, &ours()),
        (Tone::Danger, vec![(About::Challenge, Tone::Danger), (About::Tokens, Tone::Danger)])
    );
    assert_eq!(check(&basic, &ours()).lines[0].seen, "It asks for basic, not for tokens.");
}

#[test]
fn another_realm_or_service_is_shown_with_what_it_should_be() {
    let bearer = |realm: &str, service: &str| Challenge::Bearer { realm: realm.into(), service: service.into() };
    let seen = Seen { challenge: bearer("https://evil.example/\u{202e}token", "registry-3"), ..sound() };
    let line = check(&seen, &ours()).lines.remove(1);
    assert_eq!((line.about, line.tone), (About::Realm, Tone::Danger));
    assert!(!line.seen.contains('\u{202e}'), "what a registry says is made visible");
    assert!(line.to_do.expect("a way out").contains(REALM));

    let seen = Seen { challenge: bearer(REALM, "registry-4"), own_token: Said::Out, ..sound() };
    let lines = check(&seen, &ours()).lines;
    assert_eq!((lines[2].about, lines[2].tone), (About::Service, Tone::Danger));
    assert!(lines.iter().all(|line| line.about != About::Forgeries), "who refuses all tokens proves nothing");
}

#[test]
fn what_is_still_open_is_told_one_by_one() {
    let cases = [
        (Seen { other_key: Said::In, ..sound() }, About::Forgeries, Tone::Danger),
        (Seen { other_service: Said::In, ..sound() }, About::Forgeries, Tone::Warn),
        (Seen { expired: Said::In, ..sound() }, About::Forgeries, Tone::Danger),
        (Seen { other_repository: Said::In, ..sound() }, About::Scope, Tone::Danger),
        (Seen { strangers_pull: Said::In, ..sound() }, About::Strangers, Tone::Danger),
        (Seen { strangers_catalogue: Said::In, ..sound() }, About::Catalogue, Tone::Warn),
        (Seen { own_pull: Said::Out, ..sound() }, About::Tokens, Tone::Danger),
        (Seen { own_pull: Said::Unclear("502".into()), ..sound() }, About::Tokens, Tone::Warn),
        (Seen { clock_ahead: Some(-61), ..sound() }, About::Clock, Tone::Warn),
    ];
    for (seen, about, tone) in cases {
        assert_eq!(amiss(&seen, &ours()), (tone, vec![(about, tone)]), "{seen:?}");
    }
    let unclear = Seen { strangers_catalogue: Said::Unclear("404".into()), ..sound() };
    assert_eq!(amiss(&unclear, &ours()), (Tone::Good, vec![(About::Catalogue, Tone::Idle)]));
}

#[test]
fn what_is_ours_to_mend_is_told_too() {
    let cases = [
        (Ours { signs_in_so: false, ..ours() }, About::Dashboard, Tone::Warn, Tone::Warn),
        (Ours { plain_registry: true, ..ours() }, About::Transport, Tone::Warn, Tone::Warn),
        (Ours { grants_strangers_pull: true, ..ours() }, About::Grants, Tone::Idle, Tone::Good),
        (Ours { grants_strangers_catalogue: true, ..ours() }, About::Grants, Tone::Idle, Tone::Good),
    ];
    for (ours, about, tone, whole) in cases {
        assert_eq!(amiss(&sound(), &ours), (whole, vec![(about, tone)]), "{ours:?}");
    }
}

#[test]
fn whether_a_registry_knows_the_next_key_shows_by_what_it_does_with_its_tokens() {
    let foreign = Challenge::Bearer { realm: REALM.into(), service: "another".into() };
    let unclear = || Said::Unclear("500".into());
    for (seen, expected) in [
        (sound(), Bundle::Current),
        (Seen { next_key: Some(Said::Out), ..sound() }, Bundle::Old),
        (Seen { next_key: Some(unclear()), ..sound() }, Bundle::Unclear),
        (Seen { next_key: None, ..sound() }, Bundle::Unclear),
        // It refuses the present key too, though it sends clients here.
        (Seen { own_token: Said::Out, own_pull: Said::Out, next_key: Some(Said::Out), ..sound() }, Bundle::Old),
        (Seen { own_token: Said::Out, challenge: foreign, next_key: Some(Said::Out), ..sound() }, Bundle::Unused),
        (Seen { challenge: Challenge::Nothing, ..sound() }, Bundle::Unused),
        (Seen { own_token: Said::Out, challenge: Challenge::Other(vec!["basic".into()]), ..sound() }, Bundle::Unused),
        // It takes whatever anybody signs.
        (Seen { other_key: Said::In, ..sound() }, Bundle::Unclear),
        (Seen { own_pull: unclear(), next_key: Some(Said::Out), ..sound() }, Bundle::Unclear),
    ] {
        assert_eq!(bundle(&seen, &ours()), expected, "{seen:?}");
        let lines = judge(&seen, &ours());
        let told = lines.iter().find(|line| line.about == About::NextKey).map(|line| line.tone);
        let good = told == Some(Tone::Good);
        assert_eq!(good, expected == Bundle::Current, "{told:?} of {seen:?}");
    }
    let old = Seen { next_key: Some(Said::Out), ..sound() };
    assert_eq!(amiss(&old, &ours()), (Tone::Warn, vec![(About::NextKey, Tone::Warn)]));
    for one in [Bundle::Current, Bundle::Old, Bundle::Unused, Bundle::Unclear] {
        assert_eq!(Bundle::from_word(one.as_str()), Some(one));
    }
    assert_eq!(Bundle::from_word("new"), None);
}
