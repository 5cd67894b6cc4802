use super::*;
use proptest::prelude::*;
use semver::{Version, VersionReq};

fn range(text: &str) -> Range {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

const TAGS: &[&str] = &[
    "latest",
    "main-5d0c1fe",
    "20261121",
    "0.0.3",
    "0.2.9",
    "v1.1.9",
    "1.2",
    "v1.2.0-rc.1",
    "1.2.0-rc.2",
    "1.2.3",
    "1.3.0-rc.1",
    "v1.3.0",
    "1.4",
    "1.5.7",
    "1.6.0",
    "2.0.0-rc.1",
    "v2",
    "2.1.0_build.5",
    "3.12-slim",
    "3.12.1.4",
];

fn in_range(text: &str) -> Vec<&'static str> {
    let range = range(text);
    TAGS.iter().copied().filter(|tag| range.matches(tag)).collect()
}

#[test]
fn ranges_hold_what_people_mean_by_them() {
    let table: &[(&str, &[&str])] = &[
        (">=1.2 <1.4", &["1.2", "1.2.3", "v1.3.0"]),
        (">= 1.2, < 1.4", &["1.2", "1.2.3", "v1.3.0"]),
        (">=1.2<1.4", &["1.2", "1.2.3", "v1.3.0"]),
        ("^1.3", &["v1.3.0", "1.4", "1.5.7", "1.6.0"]),
        ("^0.2.1", &["0.2.9"]),
        ("^0.0.3", &["0.0.3"]),
        ("~1.2", &["1.2", "1.2.3"]),
        ("~>1.2", &["1.2", "1.2.3"]),
        ("~1.2.1", &["1.2.3"]),
        ("1.x", &["v1.1.9", "1.2", "1.2.3", "v1.3.0", "1.4", "1.5.7", "1.6.0"]),
        ("1.2.*", &["1.2", "1.2.3"]),
        ("1.2", &["1.2", "1.2.3"]),
        ("=v1.2.0", &["1.2"]),
        ("1.4 - 1.5", &["1.4", "1.5.7"]),
        ("1.4 - 1.5.6", &["1.4"]),
        (">1.5", &["1.6.0", "v2", "2.1.0_build.5", "3.12.1.4"]),
        (">3.12.1", &["3.12.1.4"]),
        ("<=1.2", &["0.0.3", "0.2.9", "v1.1.9", "1.2", "1.2.3"]),
        ("~1.2 || >=2 <3", &["1.2", "1.2.3", "v2", "2.1.0_build.5"]),
        (">=2 <1", &[]),
        ("V2.X", &["v2", "2.1.0_build.5"]),
    ];
    for (text, expected) in table {
        assert_eq!(in_range(text), *expected, "{text}");
    }
}

#[test]
fn prereleases_are_in_it_only_if_asked_for() {
    assert_eq!(in_range(">=1.2.0-rc.1 <1.4"), ["1.2", "v1.2.0-rc.1", "1.2.0-rc.2", "1.2.3", "v1.3.0"]);
    assert_eq!(in_range(">1.2-rc.1 <1.2.3"), ["1.2", "1.2.0-rc.2"]);
    assert_eq!(in_range("=3.12-slim"), ["3.12-slim"]);
    assert_eq!(in_range("<2.0.0-rc.9 >1.6"), ["2.0.0-rc.1"]);
    assert_eq!(in_range(">=2.0.0-a <2"), [] as [&str; 0], "before 2 means before its pre-releases");
    let everything = in_range("*");
    assert!(!everything.iter().any(|tag| tag.contains("rc") || tag.contains("slim")), "{everything:?}");
    assert_eq!(everything.len(), 12, "{everything:?}");
}

#[test]
fn what_is_no_range_is_refused_in_a_sentence() {
    for text in [
        "",
        "  ",
        "latest",
        "1.2.3.4",
        "1..2",
        ">=",
        ">= <2",
        "1 ||",
        "|| 1",
        "!=1",
        ">*",
        "<x",
        "1.x.3",
        "1.2-",
        "1.2.3-a..b",
        "1.2.3-ä",
        "v",
        "1 - ",
        "- 2",
        "1.x-rc",
        "9999999999999999999",
        ">=1 - 2",
    ] {
        let error = text.parse::<Range>().expect_err(text);
        assert!(error.0.ends_with('.') && error.0.len() > 15, "{text}: {error}");
    }
    assert!("1||".repeat(8).parse::<Range>().is_err());
    assert!(">0 ".repeat(9).parse::<Range>().is_err());
    assert!(format!("1{}", " ||1".repeat(100)).parse::<Range>().is_err());
}

#[test]
fn alternatives_that_overlap_become_one_span() {
    assert_eq!(range("1.x || >=1.5 <3 || 7").spans().len(), 2);
    assert_eq!(range(">=2 <1").spans(), []);
    let spans = range(">=1.2.0-rc.1").spans().to_vec();
    assert_eq!(spans.iter().map(|span| span.releases_only).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_pre_release_that_one_condition_lets_in_is_judged_by_the_others_as_if_they_were_whole() {
    let range = range(">=11, ~11.3.9-0");
    assert!(range.matches("11.3.9-a") && range.matches("11.3.10"));
    assert!(!range.matches("11.3.10-a") && !range.matches("11.4.0"));
}

#[test]
fn what_was_written_is_kept_and_read_back() {
    let one = range("  >=1.2   <2 ");
    assert_eq!(one.as_str(), ">=1.2 <2");
    assert_eq!(range(&one.to_string()), one);
    let json = serde_json::to_string(&one).expect("json");
    assert_eq!(serde_json::from_str::<Range>(&json).expect("a range"), one);
    assert!(serde_json::from_str::<Range>("\"latest\"").is_err());
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..4, 8_u64..12]
}

fn prerelease() -> impl Strategy<Value = String> {
    prop_oneof![2 => Just(String::new()), 1 => "-(a|rc|0|2|10)(\\.(0|1|11|b))?"]
}

fn version() -> impl Strategy<Value = String> {
    (number(), number(), number(), prerelease()).prop_map(|(a, b, c, pre)| format!("{a}.{b}.{c}{pre}"))
}

fn condition() -> impl Strategy<Value = String> {
    let operator = prop_oneof![Just(">="), Just("<="), Just(">"), Just("<"), Just("="), Just("~"), Just("^")];
    let partial = prop_oneof![
        version(),
        (number(), number()).prop_map(|(a, b)| format!("{a}.{b}")),
        number().prop_map(|a| a.to_string()),
    ];
    prop_oneof![
        9 => (operator, partial).prop_map(|(operator, version)| format!("{operator}{version}")),
        1 => (number(), number()).prop_map(|(a, b)| format!("{a}.{b}.*")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn where_the_grammars_agree_so_do_the_answers(
        conditions in proptest::collection::vec(condition(), 1..4),
        versions in proptest::collection::vec(version(), 20),
    ) {
        let text = conditions.join(", ");
        let (ours, theirs) = (range(&text), VersionReq::parse(&text).expect("a requirement"));
        // There a version that is not whole (`>=11`, `1.2.*`) matches no pre-release, also where another condition lets it in.
        let whole = |condition: &String| condition.matches('.').count() >= 2 && !condition.contains('*');
        let all_whole = conditions.iter().all(whole);
        for tag in versions {
            let version = Version::parse(&tag).expect("a version");
            if !version.pre.is_empty() && !all_whole {
                continue;
            }
            prop_assert_eq!(ours.matches(&tag), theirs.matches(&version), "{} in {}", tag, text);
        }
    }

    #[test]
    fn no_tag_is_in_two_spans(
        sets in proptest::collection::vec(proptest::collection::vec(condition(), 1..3), 1..5), tag in version(),
    ) {
        let text = sets.iter().map(|set| set.join(" ")).collect::<Vec<_>>().join(" || ");
        let range = range(&text);
        let key = version_key(&tag).expect("a version");
        let holding = range.spans().iter().filter(|span| {
            span.from <= key && key < span.before && (is_release(&tag) || !span.releases_only)
        });
        let one = sets.iter().any(|set| self::range(&set.join(" ")).matches(&tag));
        prop_assert_eq!(holding.count(), usize::from(one), "{} in {}", tag, text);
    }

    #[test]
    fn the_end_of_a_key_tells_releases_from_the_rest(
        tag in "v?[0-9]{1,3}(\\.[0-9]{1,3}){0,4}(-[a-z0-9.-]{0,6}2?)?(_2)?",
    ) {
        if let Some(key) = version_key(&tag) {
            prop_assert_eq!(key.ends_with(RELEASE_KEY_END), is_release(&tag), "{}: {}", tag, key);
        }
    }

    #[test]
    fn no_text_makes_reading_it_panic(text in "[-0-9xv.*|<>=~^, a+_]{0,40}|.{0,40}", tag in ".{0,40}") {
        if let Ok(range) = text.parse::<Range>() {
            range.matches(&tag);
            prop_assert_eq!(range.as_str().parse::<Range>(), Ok(range.clone()));
        }
    }
}
