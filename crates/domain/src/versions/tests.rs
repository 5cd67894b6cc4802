use super::*;
use proptest::prelude::*;

#[test]
fn tags_stand_in_the_order_of_their_versions() {
    let ordered = [
        "latest",
        "main-5d0c1fe",
        "nightly-20261119",
        "nightly-20261120",
        "pr-9",
        "pr-10",
        "12345",
        "20231231",
        "20240131",
        "020240201",
        "0.9",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.0.1",
        "1.2.3",
        "1.2.3.4-rc.1",
        "1.2.3.4",
        "1.2.3.10",
        "1.2.4",
        "v1.9.0",
        "v1.10.0-rc.1",
        "v1.10.0",
        "2",
        "2.1",
        "3.12-slim",
        "3.12",
        "22",
        "2024.01.05",
        "2024.1.6",
        "2024.01.31",
        "v20240131",
    ];
    for pair in ordered.windows(2) {
        assert!(sort_key(pair[0]) < sort_key(pair[1]), "{} before {}", pair[0], pair[1]);
    }
}

#[test]
fn what_does_not_count_does_not_change_the_place() {
    for (a, b) in [("v1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("1.2.3_build.5", "1.2.3"), ("1.02.3", "1.2.3")] {
        assert_eq!(sort_key(a), sort_key(b), "{a} and {b}");
    }
}

#[test]
fn hashes_dates_and_words_are_no_versions() {
    for tag in ["5d0c1fe", "20261120", "latest", "v", "1..2", "v1.x", "12345", "sha256-00.sig", "", "-1"] {
        assert!(!is_version(tag), "{tag}");
    }
    for tag in ["1", "v20261120", "1.2-alpine", "2024.1", "V3"] {
        assert!(is_version(tag), "{tag}");
    }
    assert!(is_release("v1.2") && !is_release("v1.2-rc.1") && !is_release("latest"));
}

#[test]
fn dates_and_builds_have_a_place_of_their_own_below_the_versions() {
    for word in ["latest", "5d0c1fe", "pr-9", "v", "1..2", "1.x", "zzz", "_"] {
        assert_eq!(version_key(word), None, "{word}");
        assert!(sort_key(word) < sort_key("10000"), "{word}");
    }
    for (date, version) in [("20240131", "0.0.1"), ("99999999", "v1")] {
        assert!(version_key(date).is_some() && version_key(date) < version_key(version), "{date}");
    }
    for tag in ["20240131", "1.2.3.4", "v1"] {
        assert_eq!(version_key(tag), Some(sort_key(tag)), "{tag}: one order, whoever asks");
    }
}

#[test]
fn the_previous_date_is_a_date() {
    let tags = ["20240131", "20240130", "20231231", "1.0.0", "latest"];
    assert_eq!(previous("20240131", tags), Some("20240130"));
    assert_eq!(previous("20231231", tags), None);
    assert_eq!(previous("1.0.0", tags), None, "a date is no version to compare with");
}

#[test]
fn the_previous_tag_is_of_the_same_family() {
    let tags = ["latest", "v1.9.0", "v1.10.0", "v1.10.1-rc.1", "v1.10.1", "1.9.0-alpine", "1.10.0-alpine", "sha-1"];
    assert_eq!(previous("v1.10.1", tags), Some("v1.10.0"));
    assert_eq!(previous("v1.10.0", tags), Some("v1.9.0"));
    assert_eq!(previous("1.10.0-alpine", tags), Some("1.9.0-alpine"));
    assert_eq!(previous("v1.10.1-rc.1", tags), Some("v1.10.0"));
    assert_eq!(previous("0.1", tags), None);
    assert_eq!(previous("latest", tags), None);
}

fn version() -> impl Strategy<Value = semver::Version> {
    let number = prop_oneof![0_u64..3, 8_u64..12, any::<u64>()];
    let identifier = "(0|[1-9][0-9]{0,3}|[0-9]{0,2}[a-cA-C-][0-9a-c-]{0,2})";
    let list = proptest::collection::vec(identifier, 0..4);
    (number.clone(), number.clone(), number, list).prop_map(|(major, minor, patch, list)| {
        let mut version = semver::Version::new(major, minor, patch);
        version.pre = semver::Prerelease::new(&list.join(".")).expect("a prerelease");
        version
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn keys_order_as_the_specification_does(a in version(), b in version(), v in any::<bool>()) {
        let tag = |version: &semver::Version| format!("{}{version}", if v { "v" } else { "" });
        prop_assert_eq!(sort_key(&tag(&a)).cmp(&sort_key(&tag(&b))), a.cmp_precedence(&b), "{} {}", a, b);
    }

    #[test]
    fn four_numbers_and_dates_order_as_numbers(
        a in proptest::collection::vec(0_u32..30, 1..5),
        b in proptest::collection::vec(0_u32..30, 1..5),
    ) {
        let tag = |numbers: &[u32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        let filled = |numbers: &[u32]| (0..4).map(|at| numbers.get(at).copied().unwrap_or(0)).collect::<Vec<_>>();
        // A fourth number that is written counts, also as zero: 1.2.3 stands before 1.2.3.0.
        let expected = filled(&a).cmp(&filled(&b)).then((a.len() > 3).cmp(&(b.len() > 3)));
        prop_assert_eq!(version_key(&tag(&a)).cmp(&version_key(&tag(&b))), expected);
    }

    #[test]
    fn dates_order_as_days_do(a in 10_000_u64.., b in 10_000_u64..) {
        prop_assert_eq!(version_key(&a.to_string()).cmp(&version_key(&b.to_string())), a.cmp(&b));
    }

    #[test]
    fn numbers_in_other_tags_order_naturally(word in "[a-z]{1,5}-", a in any::<u32>(), b in any::<u32>()) {
        prop_assert_eq!(sort_key(&format!("{word}{a}")).cmp(&sort_key(&format!("{word}{b}"))), a.cmp(&b));
    }

    #[test]
    fn every_version_comes_after_everything_else(version in version(), other in "[a-z_][a-zA-Z0-9_.-]{0,127}") {
        prop_assume!(!is_version(&other));
        prop_assert!(sort_key(&other) < sort_key(&version.to_string()));
    }
}
