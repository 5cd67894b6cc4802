use super::*;
use proptest::prelude::*;

#[test]
fn hidden_characters_become_visible() {
    assert_eq!(visible("a\u{1b}[31mb\n", 99), "a␛[31mb␊");
    assert_eq!(visible("abc\u{202e}fed", 99), "abc⟨U+202E⟩fed");
    assert_eq!(visible("\u{7f}\u{85}\u{feff}\u{e0041}", 99), "␡⟨U+0085⟩⟨U+FEFF⟩⟨U+E0041⟩");
    assert_eq!(visible("Zoë 漢字 👍", 99), "Zoë 漢字 👍");
    assert_eq!(visible_lines("a\n\tb\r", 99), "a\n\tb␍");
}

#[test]
fn long_text_is_cut() {
    assert_eq!(visible("abcdef", 6), "abcdef");
    assert_eq!(visible("abcdefg", 6), "abcdef…");
    assert_eq!(visible("üüü", 2), "üü…");
    assert_eq!(visible("", 0), "");
}

#[test]
fn sizes_have_three_significant_digits() {
    let cases = [
        (0, "0 B"),
        (142, "142 B"),
        (999, "999 B"),
        (1_000, "1.00 kB"),
        (1_105, "1.11 kB"),
        (16_420, "16.4 kB"),
        (96_449, "96.4 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (29_126_000, "29.1 MB"),
        (187_200_000, "187 MB"),
        (1_120_000_000, "1.12 GB"),
        (3_820_000_000_000, "3.82 TB"),
        (u64::MAX, "18.4 EB"),
    ];
    for (size, text) in cases {
        assert_eq!(bytes_text(size), text, "{size}");
    }
}

#[test]
fn numbers_are_grouped_counted_and_listed() {
    let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (10_412, "10,412"), (1_234_567, "1,234,567")];
    for (number, text) in cases {
        assert_eq!(count(number), text);
    }
    assert_eq!(
        (capped(999, 1_000), capped(1_000, 1_000), capped(5_000, 1_000)),
        ("999".into(), "1,000+".into(), "1,000+".into())
    );
    assert_eq!((counted(1, "tag", "tags"), counted(1_200, "tag", "tags")), ("1 tag".into(), "1,200 tags".into()));
    let items = ["a", "b", "c"].map(str::to_owned);
    assert_eq!(
        (listed(&items[..0]), listed(&items[..1]), listed(&items)),
        (String::new(), "a".into(), "a, b and c".into())
    );
}

#[test]
fn durations_are_rounded_down_to_what_one_reads() {
    let cases = [
        (-5, "under 1 ms"),
        (3_000, "3 ms"),
        (999_999, "999 ms"),
        (1_250_000, "1.2 s"),
        (40_000_000, "40 s"),
        (540_000_000, "9 min"),
        (7_200_000_000, "2 h"),
        (86_400_000_000, "1 day"),
        (259_200_000_000, "3 days"),
    ];
    for (microseconds, text) in cases {
        assert_eq!(duration(microseconds), text);
    }
}

#[test]
fn times_are_relative_up_to_a_month_and_dates_after() {
    let now = Timestamp::parse("2026-11-21T09:40:00Z").expect("a time");
    let cases = [
        ("2026-11-21T09:40:30Z", "just now"),
        ("2026-11-21T09:39:58Z", "just now"),
        ("2026-11-21T09:39:20Z", "40 s ago"),
        ("2026-11-21T09:31:00Z", "9 min ago"),
        ("2026-11-21T07:00:00Z", "2 h ago"),
        ("2026-11-20T08:00:00Z", "yesterday"),
        ("2026-11-18T08:00:00Z", "3 days ago"),
        ("2026-10-22T09:40:00Z", "30 days ago"),
        ("2026-10-12T00:00:00Z", "12 Oct"),
        ("2026-01-02T00:00:00Z", "2 Jan"),
        ("2024-03-31T23:59:59Z", "Mar 2024"),
        ("2026-11-21T09:45:00Z", "in 5 min"),
        ("2026-11-21T12:41:00Z", "in 3 h"),
        ("2026-11-22T10:00:00Z", "tomorrow"),
        ("2026-11-30T10:00:00Z", "in 9 days"),
        ("2027-11-30T10:00:00Z", "Nov 2027"),
    ];
    for (at, text) in cases {
        assert_eq!(ago(Timestamp::parse(at).expect("a time"), now), text, "{at}");
    }
}

#[test]
fn what_is_to_be_is_never_told_as_past() {
    let now = Timestamp::parse("2026-11-21T09:40:00Z").expect("a time");
    let cases = [
        ("2026-11-21T08:00:00Z", "now"),
        ("2026-11-21T09:40:01Z", "now"),
        ("2026-11-21T09:40:02Z", "in under a minute"),
        ("2026-11-21T09:40:59Z", "in under a minute"),
        ("2026-11-21T09:41:00Z", "in 1 min"),
        ("2026-11-30T10:00:00Z", "in 9 days"),
    ];
    for (at, text) in cases {
        assert_eq!(due(Timestamp::parse(at).expect("a time"), now), text, "{at}");
    }
}

proptest! {
    #[test]
    fn what_is_shown_hides_nothing(text in any::<String>(), limit in 0_usize..50) {
        let shown = visible(&text, limit);
        prop_assert!(!shown.chars().any(is_hidden));
        if text.chars().count() <= limit && !text.chars().any(is_hidden) {
            prop_assert_eq!(shown, text);
        }
    }

    #[test]
    fn a_size_is_within_half_a_percent_of_what_is_shown(size in any::<u64>()) {
        let (figure, unit) = bytes(size);
        let power = ["B", "kB", "MB", "GB", "TB", "PB", "EB"].iter().position(|u| *u == unit).expect("a unit");
        let scale = 1_000_f64.powi(i32::try_from(power).expect("small"));
        #[expect(clippy::cast_precision_loss, reason = "half a percent is allowed")]
        let exact = size as f64;
        prop_assert!((figure.parse::<f64>()? * scale - exact).abs() <= exact * 0.005 + 0.5);
        prop_assert!(figure.chars().filter(char::is_ascii_digit).count() <= 3);
    }

    #[test]
    fn no_time_makes_showing_it_panic(at in any::<i64>(), now in any::<i64>()) {
        prop_assert!(ago(Timestamp(at), Timestamp(now)).is_ascii());
    }
}
