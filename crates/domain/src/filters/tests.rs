use super::*;
use crate::{FieldErrors, Kind, Timestamp, health::Check, patterns::Filter};
use proptest::prelude::*;

fn read(list: List, query: &[(&str, &str)]) -> (Filters, FieldErrors) {
    Filters::read(list, query.iter().copied())
}

#[test]
fn everything_that_is_asked_for_is_read() {
    let (filters, errors) = read(
        List::Tags,
        &[
            ("q", " v1.* "),
            ("version", ">=1.2 <2"),
            ("kind", "Helm Chart"),
            ("platform", "Linux/aarch64/v8"),
            ("older", "30d"),
            ("newer", "2 years"),
            ("larger", "> 100 MB"),
            ("smaller", "1.5GB"),
            ("label", "team=web"),
            ("label", "org.example.x"),
            ("label", "team=web"),
            ("referrers", "shown"),
            ("check", "runs-as-root"),
            ("sort", "created"),
            ("kind", ""),
        ],
    );
    assert!(errors.is_empty(), "{errors}");
    assert_eq!(filters.name, Filter::Glob("v1.*".parse().expect("a pattern")));
    assert!(filters.version.as_ref().is_some_and(|range| range.matches("v1.4")));
    assert_eq!(filters.kind, Some(Kind::HelmChart));
    assert_eq!(filters.platform.as_deref(), Some("linux/arm64"));
    assert_eq!(filters.older.map(Age::seconds), Some(30 * 86_400));
    assert_eq!(filters.larger.map(Size::bytes), Some(100_000_000));
    assert_eq!(filters.smaller.map(Size::bytes), Some(1_500_000_000));
    assert_eq!(filters.labels.len(), 2);
    assert_eq!(filters.labels[0].value.as_deref(), Some("web"));
    assert_eq!(filters.labels[1].value, None);
    assert_eq!((filters.referrers, filters.check), (Referrers::Shown, Some(Check::RunsAsRoot)));
    assert!(filters.needs_pull() && !filters.is_empty());
}

#[test]
fn nothing_asked_for_filters_nothing() {
    let (filters, errors) = read(List::Repositories, &[("q", " "), ("label", ""), ("after", "x"), ("older", "")]);
    assert!(errors.is_empty() && filters.is_empty() && !filters.needs_pull());
    assert_eq!(filters.pairs(), []);
}

#[test]
fn all_errors_come_back_at_once_and_the_rest_is_kept() {
    let wrong = [
        ("q", "*?*?*?*?*?"),
        ("version", "latest"),
        ("kind", "picture"),
        ("platform", "linux"),
        ("older", "30"),
        ("newer", "5m"),
        ("larger", "much"),
        ("smaller", "1,5GB"),
        ("label", "=web"),
        ("referrers", "maybe"),
        ("check", "all"),
    ];
    let (filters, errors) = read(List::Tags, &wrong);
    assert!(filters.is_empty());
    let fields: Vec<_> = errors.0.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, wrong.map(|(field, _)| field));
    assert!(errors.0.iter().all(|error| error.message.ends_with('.')), "{errors:?}");
    assert!(errors.get("newer").is_some_and(|message| message.contains("min or mo")));
    let (filters, errors) = read(List::Tags, &[("kind", "picture"), ("q", "api")]);
    assert_eq!((filters.name, errors.0.len()), (Filter::Part("api".to_owned()), 1));
}

#[test]
fn a_field_that_a_list_does_not_offer_is_an_error_and_no_wider_list() {
    for (list, field, value) in [
        (List::Tags, "tagged", "yes"),
        (List::Repositories, "version", "1.x"),
        (List::Repositories, "label", "team=web"),
        (List::Repositories, "referrers", "only"),
        (List::Manifests, "version", "1.x"),
    ] {
        let (filters, errors) = read(list, &[(field, value)]);
        assert!(filters.is_empty() && errors.get(field).is_some_and(|message| message.contains("can't")), "{field}");
    }
    assert_eq!(read(List::Manifests, &[("tagged", "no")]).0.tagged, Some(false));
}

#[test]
fn a_check_filters_the_list_in_which_it_finds_something() {
    for (list, check, fits) in [
        (List::Tags, "runs-as-root", true),
        (List::Tags, "missing-children", true),
        (List::Tags, "latest-alone", false),
        (List::Repositories, "latest-alone", true),
        (List::Repositories, "old-tag", true),
        (List::Repositories, "runs-as-root", false),
    ] {
        let (filters, errors) = read(list, &[("check", check)]);
        assert_eq!((filters.check.is_some(), errors.is_empty()), (fits, fits), "{list:?} {check}");
    }
}

#[test]
fn limits_that_leave_nothing_between_them_are_told() {
    let (_, errors) = read(List::Tags, &[("older", "30d"), ("newer", "10d"), ("larger", "1GB"), ("smaller", "1000MB")]);
    assert_eq!(errors.get("newer"), Some("Nothing is older than 30 days and newer than 10 days."));
    assert_eq!(errors.get("smaller"), Some("Nothing is larger than 1 GB and smaller than 1 GB."));
    assert!(read(List::Tags, &[("older", "10d"), ("newer", "30d")]).1.is_empty());
}

#[test]
fn too_many_labels_are_told_once() {
    let labels: Vec<String> = (0..12).map(|n| format!("label-{n}")).collect();
    let (filters, errors) = Filters::read(List::Tags, labels.iter().map(|label| ("label", label.as_str())));
    assert_eq!((filters.labels.len(), errors.0.len()), (3, 1));
    for label in ["\u{202e}x".to_owned(), format!("{}=x", "k".repeat(257)), format!("k={}", "v".repeat(1_025))] {
        assert!(label.parse::<LabelFilter>().is_err(), "{label}");
    }
    let label: LabelFilter = "a = b=c ".parse().expect("a label");
    assert_eq!((label.key.as_str(), label.value.as_deref()), ("a", Some("b=c")));
}

#[test]
fn ages_are_read_with_their_units() {
    for (text, seconds, written, words) in [
        ("30d", 2_592_000, "30d", "30 days"),
        ("12 h", 43_200, "12h", "12 hours"),
        (" 90 Days ", 7_776_000, "90d", "90 days"),
        ("1 month", 2_592_000, "1mo", "1 month"),
        ("1.5d", 129_600, "36h", "36 hours"),
        ("10d", 864_000, "10d", "10 days"),
        ("2y", 63_072_000, "2y", "2 years"),
        ("90min", 5_400, "90min", "90 minutes"),
        ("1s", 1, "1s", "1 second"),
    ] {
        let age: Age = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (age.seconds(), age.to_string().as_str(), age.words().as_str()),
            (seconds, written, words),
            "{text}"
        );
    }
    for text in
        ["", "d", "30", "30m", "0d", "-1d", "1..5d", "1.d", ".5d", "5 fortnights", "1001y", "99999999999999999999d"]
    {
        assert!(text.parse::<Age>().is_err(), "{text}");
    }
    let now = Timestamp(1_000_000_000_000_000);
    assert_eq!("1d".parse::<Age>().expect("an age").before(now), now.plus_seconds(-86_400));
}

#[test]
fn sizes_are_read_with_their_units() {
    for (text, bytes, written) in [
        ("100MB", 100_000_000, "100MB"),
        ("1.5 GB", 1_500_000_000, "1.5GB"),
        ("100m", 100_000_000, "100MB"),
        ("512KiB", 524_288, "524.288kB"),
        ("1Gi", 1_073_741_824, "1073741.824kB"),
        ("42", 42, "42B"),
        ("0 b", 0, "0B"),
        ("1.0005kB", 1_000, "1kB"),
        ("2 TB", 2_000_000_000_000, "2TB"),
        ("9223372036854775807", 9_223_372_036_854_775_807, "9223372036854775.807kB"),
    ] {
        let size: Size = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, written), "{text}");
        assert_eq!(written.parse::<Size>(), Ok(size));
    }
    for text in
        ["", "MB", "1,5GB", "1.5.2GB", "-1", "ten", "10 PB MB", "9223372036854775808", "99999999TB", "1e3", "i", "5i"]
    {
        assert!(text.parse::<Size>().is_err(), "{text}");
    }
    assert_eq!("1500MB".parse::<Size>().expect("a size").words(), "1.5 GB");
}

#[test]
fn a_chip_takes_itself_away_and_nothing_else() {
    let (filters, _) = read(List::Tags, &[("label", "a"), ("label", "b=c"), ("older", "10d"), ("larger", "1MB")]);
    let chips = filters.chips();
    let words: Vec<_> = chips.iter().map(|chip| chip.words.as_str()).collect();
    assert_eq!(words, ["older than 10 days", "larger than 1 MB", "label a", "label b=c"]);
    let rest = filters.pairs_without(&chips[2]);
    assert_eq!(rest.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(), ["10d", "1MB", "b=c"]);
}

fn optional(values: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), proptest::sample::select(values)]
}

proptest! {
    #[test]
    fn filters_read_back_as_they_were(
        name in "[a-zA-Z0-9 *?%=&]{0,12}",
        version in optional(&["1.x", ">=1.2 <2", "^1 || 3"]),
        kind in optional(&["image", "SBOM", "schema 1"]),
        platform in optional(&["linux/amd64", "linux/arm/v7", "windows/amd64"]),
        seconds in 1_i64..100_000_000_000,
        bytes in 0_u64..=i64::MAX.unsigned_abs(),
        labels in proptest::collection::vec("[a-z.]{1,8}(=[a-zA-Z0-9 =&]{0,8})?", 0..10),
        referrers in optional(&["shown", "only", "hidden"]),
        check in optional(&["orphan", "secret-names"]),
    ) {
        let (age, size) = (format!("{seconds}s"), bytes.to_string());
        let mut query = vec![("q", name.as_str()), ("version", version), ("kind", kind), ("platform", platform),
            ("older", &age), ("smaller", &size), ("referrers", referrers), ("check", check)];
        query.extend(labels.iter().map(|label| ("label", label.as_str())));
        let (filters, _) = read(List::Tags, &query);
        let pairs = filters.pairs();
        let (again, errors) = Filters::read(List::Tags, pairs.iter().map(|(field, value)| (*field, value.as_str())));
        prop_assert!(errors.is_empty(), "{:?}", errors);
        prop_assert_eq!(filters, again);
    }

    #[test]
    fn no_query_makes_reading_it_panic(
        query in proptest::collection::vec((proptest::sample::select(field::ALL), ".{0,30}"), 0..10),
    ) {
        for list in [List::Tags, List::Manifests, List::Repositories] {
            let (filters, _) = Filters::read(list, query.iter().map(|(field, value)| (*field, value.as_str())));
            let _ = filters.chips();
        }
    }
}
