use super::*;
use proptest::prelude::*;

fn pattern(text: &str) -> Pattern {
    text.parse().expect("a pattern")
}

#[test]
fn stars_and_question_marks_match_what_they_should() {
    let cases = [
        ("*", "", true),
        ("*", "a/b", true),
        ("payments/**", "payments/api/v2", true),
        ("payments/*", "payment/api", false),
        ("*-api", "payments/x-api", true),
        ("*-api", "x-apis", false),
        ("v?.*", "v1.2", true),
        ("v?.*", "v12.3", false),
        ("a*b*c", "aXbXbXc", true),
        ("a*b*c", "aXbX", false),
        ("a", "a", true),
        ("a", "A", false),
        ("?", "ü", true),
        ("??", "ü", false),
        ("[a-z]", "[a-z]", true),
        ("[a-z]", "a", false),
        ("*.*", ".", true),
        ("a*", "ba", false),
        ("*a", "ab", false),
    ];
    for (glob, name, expected) in cases {
        assert_eq!(pattern(glob).matches(name), expected, "{glob} on {name}");
    }
}

#[test]
fn patterns_are_bounded() {
    assert!("".parse::<Pattern>().is_err());
    assert!("a".repeat(257).parse::<Pattern>().is_err());
    assert!("a".repeat(256).parse::<Pattern>().is_ok());
    assert!("*a".repeat(8).parse::<Pattern>().is_ok());
    assert!("*a".repeat(9).parse::<Pattern>().is_err());
    assert!("a\u{202e}b".parse::<Pattern>().is_err());
    assert_eq!(pattern("a***b").as_str(), "a*b", "a run of stars is one");
}

#[test]
fn the_hardest_pattern_is_decided_quickly() {
    let hard = pattern(&format!("{}b", "*a".repeat(8)));
    // Trying every way to share the letters out would take longer than anybody waits.
    assert!(!hard.matches(&"a".repeat(100_000)));
}

#[test]
fn a_prefix_and_a_literal_are_known() {
    assert_eq!(pattern("team/*-api").prefix(), "team/");
    assert!(pattern("team/api").is_literal() && !pattern("team/?").is_literal());
}

#[test]
fn a_filter_without_wildcards_is_any_part() {
    assert!(Filter::parse("  ").expect("a filter").matches("x"));
    let part = Filter::parse("API").expect("a filter");
    assert!(part.matches("team/api-gateway") && !part.matches("team/web"));
    assert!(!Filter::parse("v1*").expect("a filter").matches("xv1"));
    assert!(Filter::parse(&"*x".repeat(9)).is_err());
}

/// The obvious matcher, too slow to use.
fn slow(pattern: &[char], name: &[char]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => slow(rest, name) || name.split_first().is_some_and(|(_, after)| slow(pattern, after)),
        (Some(('?', rest)), Some((_, after))) => slow(rest, after),
        (Some((a, rest)), Some((b, after))) => a == b && slow(rest, after),
        _ => false,
    }
}

proptest! {
    #[test]
    fn the_matcher_agrees_with_the_obvious_one(glob in "[ab*?]{1,8}", name in "[ab]{0,10}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(pattern(&glob).matches(&name), slow(&chars(&glob), &chars(&name)));
    }

    #[test]
    fn a_match_begins_with_the_prefix(glob in "[ab*]{1,8}", name in "[ab]{0,10}") {
        let pattern = pattern(&glob);
        prop_assert!(!pattern.matches(&name) || name.starts_with(pattern.prefix()));
    }
}
