use super::*;
use proptest::prelude::*;

#[test]
fn repository_names_follow_the_grammar() {
    for name in ["a", "a/b", "a.b", "a_b", "a__b", "a-b", "a--b", "a---b/c", "0/1", &"a".repeat(255)] {
        assert!(name.parse::<RepositoryName>().is_ok(), "{name}");
    }
    let bad = [
        "", "/", "a/", "/a", "a//b", "A", "a..b", "a___b", "-a", "a-", "a._b", "a.-b", "a b", "a~b", "ä", "a:b", "a\n",
        "..", "a/../b",
    ];
    for name in bad {
        assert!(name.parse::<RepositoryName>().is_err(), "{name}");
    }
    assert!("a".repeat(256).parse::<RepositoryName>().is_err());
}

#[test]
fn a_name_has_a_namespace_and_a_last_part() {
    let name: RepositoryName = "team/app/web".parse().expect("a name");
    assert_eq!((name.namespace(), name.last()), (Some("team/app"), "web"));
    let top: RepositoryName = "web".parse().expect("a name");
    assert_eq!((top.namespace(), top.last()), (None, "web"));
}

#[test]
fn tags_follow_the_grammar() {
    for tag in ["a", "_", "1", "v1.2-3_x", &"a".repeat(128)] {
        assert!(tag.parse::<Tag>().is_ok(), "{tag}");
    }
    for tag in ["", ".", "-a", "a+b", "a/b", "a:b", "ä", "a b", &"a".repeat(129)] {
        assert!(tag.parse::<Tag>().is_err(), "{tag}");
    }
}

#[test]
fn only_referrers_tags_have_a_subject() {
    let hex = "ab".repeat(32);
    for suffix in ["", ".sig", ".att", ".sbom"] {
        let tag: Tag = format!("sha256-{hex}{suffix}").parse().expect("a tag");
        assert_eq!(tag.subject().map(String::from), Some(format!("sha256:{hex}")));
    }
    for other in [
        format!("sha256-{hex}.txt"),
        format!("sha256-{hex}.sig.sig"),
        format!("md5-{hex}"),
        "main-5d0c1fe".into(),
        "v1-2".into(),
        "sha256-ab".into(),
    ] {
        assert_eq!(other.parse::<Tag>().expect("a tag").subject(), None, "{other}");
    }
}

#[test]
fn digests_of_known_algorithms_are_checked_for_length() {
    let (short, long) = ("ab".repeat(32), "ab".repeat(64));
    for digest in [
        format!("sha256:{short}"),
        format!("sha512:{long}"),
        "multihash+base58:QmRZ".into(),
        "sha256+b64u:LCa0a2j_xo".into(),
    ] {
        assert!(digest.parse::<Digest>().is_ok(), "{digest}");
    }
    let bad = [
        format!("sha256:{long}"),
        format!("sha512:{short}"),
        format!("sha256:{}", short.to_uppercase()),
        "sha256".into(),
        "sha256:".into(),
        format!(":{short}"),
        "SHA256:ab".into(),
        "a++b:c".into(),
        "x:a/b".into(),
        format!("x:{}", "a".repeat(300)),
    ];
    for digest in bad {
        assert!(digest.parse::<Digest>().is_err(), "{digest}");
    }
}

#[test]
fn a_digest_knows_its_content() {
    let digest = Digest::of(b"abc");
    assert_eq!(digest.as_str(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(digest.matches(b"abc"), Some(true));
    assert_eq!(digest.matches(b"abd"), Some(false));
    assert_eq!("blake3:00".parse::<Digest>().expect("a digest").matches(b""), None);
    assert_eq!(digest.short(), ("ba7816bf", "15ad"));
}

#[test]
fn registry_names_are_short_words() {
    for name in ["a", "production", "eu-west-1", &"a".repeat(40)] {
        assert!(name.parse::<RegistryName>().is_ok(), "{name}");
    }
    for name in ["", "-a", "a-", "A", "a.b", "a/b", "a~b", &"a".repeat(41)] {
        assert!(name.parse::<RegistryName>().is_err(), "{name}");
    }
}

#[test]
fn serde_goes_through_the_same_check() {
    assert!(serde_json::from_str::<RepositoryName>("\"a/b\"").is_ok());
    assert!(serde_json::from_str::<RepositoryName>("\"../b\"").is_err());
    assert!(serde_json::from_str::<Digest>("\"sha256:x\"").is_err());
}

const COMPONENT: &str = "[a-z0-9]{1,3}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}";

proptest! {
    #[test]
    fn every_name_of_the_grammar_round_trips(parts in proptest::collection::vec(COMPONENT, 1..6)) {
        let text = parts.join("/");
        let name: RepositoryName = text.parse()?;
        prop_assert_eq!(name.as_str(), &text);
        let segment = name.to_segment();
        prop_assert!(!segment.contains('/'));
        prop_assert_eq!(RepositoryName::from_segment(&segment)?, name.clone());
        prop_assert_eq!(serde_json::from_str::<RepositoryName>(&serde_json::to_string(&name)?)?, name);
    }

    #[test]
    fn every_tag_of_the_grammar_round_trips(text in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}") {
        prop_assert_eq!(text.parse::<Tag>()?.to_string(), text.clone());
        prop_assert_eq!(text.parse::<Reference>()?, Reference::Tag(text.parse()?));
    }

    #[test]
    fn every_reference_reads_back(bytes in any::<[u8; 8]>()) {
        let reference = Reference::Digest(Digest::of(&bytes));
        prop_assert_eq!(reference.to_string().parse::<Reference>()?, reference);
    }

    #[test]
    fn a_segment_that_is_accepted_names_one_repository(segment in "[a-z~/.]{0,8}") {
        if let Ok(name) = RepositoryName::from_segment(&segment) {
            prop_assert_eq!(name.to_segment(), segment);
        }
    }

    #[test]
    fn whatever_is_accepted_stays_within_safe_characters(text in any::<String>()) {
        let safe = |c: char| c.is_ascii_alphanumeric() || "._-/:+=".contains(c);
        let accepted = text.parse::<RepositoryName>().is_ok() || text.parse::<Tag>().is_ok() || text.parse::<Digest>().is_ok();
        prop_assert!(!accepted || text.chars().all(safe));
    }
}
