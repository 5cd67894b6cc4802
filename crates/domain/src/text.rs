//! How figures, times and foreign text are shown: the same on every page and in every list.

use crate::Timestamp;
use std::fmt::Write as _;

/// Is it a character that one can't see, or that moves others about? Line breaks and tabs count too.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B | 0x200E | 0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Foreign text for one line: hidden characters become visible ones (`␛`, `⟨U+202E⟩`), and what is longer than `limit`
/// characters ends in `…`.
pub fn visible(text: &str, limit: usize) -> String {
    show(text, limit, |_| false)
}

/// Like [`visible`], but line breaks and tabs stay: for documents shown as they are.
pub fn visible_lines(text: &str, limit: usize) -> String {
    show(text, limit, |c| matches!(c, '\n' | '\t'))
}

fn show(text: &str, limit: usize, keep: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    for (at, c) in text.chars().enumerate() {
        if at == limit {
            out.push('…');
            break;
        }
        match u32::from(c) {
            _ if keep(c) || !is_hidden(c) => out.push(c),
            code @ 0..=0x1F => out.extend(char::from_u32(0x2400 + code)),
            0x7F => out.push('␡'),
            code => {
                // Writing to a String does not fail.
                let _ = write!(out, "⟨U+{code:04X}⟩");
            }
        }
    }
    out
}

/// A size in decimal units with three significant digits: `("187", "MB")`, `("29.1", "MB")`, `("142", "B")`.
pub fn bytes(size: u64) -> (String, &'static str) {
    const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut unit = 0;
    let mut scale: u128 = 1;
    let size = u128::from(size);
    // 999.5 kB would round to 1000 kB: it is shown as 1.00 MB.
    while unit < 6 && (unit == 0 && size >= 1_000 || unit > 0 && size * 2 >= scale * 1_999) {
        unit += 1;
        scale *= 1_000;
    }
    if unit == 0 {
        return (size.to_string(), UNITS[0]);
    }
    let rounded = |digits: u128| (size * digits * 2 + scale) / (scale * 2);
    let figure = match () {
        () if rounded(100) < 1_000 => format!("{}.{:02}", rounded(100) / 100, rounded(100) % 100),
        () if rounded(10) < 1_000 => format!("{}.{}", rounded(10) / 10, rounded(10) % 10),
        () => rounded(1).to_string(),
    };
    (figure, UNITS[unit])
}

/// [`bytes`] in one text: `187 MB`.
pub fn bytes_text(size: u64) -> String {
    let (figure, unit) = bytes(size);
    format!("{figure} {unit}")
}

/// A number with separators between thousands: `10,412`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number that was counted no further than `cap`: `1,000+` from there on.
pub fn capped(number: u64, cap: u64) -> String {
    if number >= cap { format!("{}+", count(cap)) } else { count(number) }
}

/// A number with its noun: `1 layer`, `3 layers`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Items as a sentence lists them: `a, b and c`.
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How long something took or lasts, given in microseconds: `3 ms`, `1.2 s`, `40 s`, `9 min`, `2 h`, `3 days`.
pub fn duration(microseconds: i64) -> String {
    let us = microseconds.max(0);
    let seconds = us / 1_000_000;
    match seconds {
        0 if us < 1_000 => "under 1 ms".to_owned(),
        0 => format!("{} ms", us / 1_000),
        1..=9 => format!("{seconds}.{} s", us % 1_000_000 / 100_000),
        10..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=86_399 => format!("{} h", seconds / 3_600),
        _ => counted((seconds / 86_400).unsigned_abs(), "day", "days"),
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// When something was, as seen from `now`: `40 s ago`, `9 min ago`, `2 h ago`, `yesterday`, `3 days ago`; after a month
/// the date ([`date`]). What lies ahead is `in 9 days`; up to a minute ahead counts as the clocks' disagreement.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.seconds().saturating_sub(at.seconds());
    match seconds {
        ..-60 => ahead(-seconds, at, now),
        -60..=4 => "just now".to_owned(),
        5..MINUTE => format!("{seconds} s ago"),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY => format!("{} h ago", seconds / HOUR),
        DAY..172_800 => "yesterday".to_owned(),
        172_800..2_678_400 => format!("{} days ago", seconds / DAY),
        _ => date(at, now),
    }
}

/// When something is to be, as seen from `now`: `now` (also where it should have been), `in under a minute`, and on as [`ago`]
/// says what lies ahead. The time is one of this program's own: no other clock can disagree.
pub fn due(at: Timestamp, now: Timestamp) -> String {
    match at.seconds().saturating_sub(now.seconds()) {
        ..=1 => "now".to_owned(),
        2..MINUTE => "in under a minute".to_owned(),
        seconds => ahead(seconds, at, now),
    }
}

fn ahead(seconds: i64, at: Timestamp, now: Timestamp) -> String {
    match seconds {
        ..HOUR => format!("in {} min", seconds / MINUTE),
        HOUR..DAY => format!("in {} h", seconds / HOUR),
        DAY..172_800 => "tomorrow".to_owned(),
        172_800..2_678_400 => format!("in {} days", seconds / DAY),
        _ => date(at, now),
    }
}

/// A day, short: `12 Nov` in the year of `now`, else `Mar 2024`. UTC.
pub fn date(at: Timestamp, now: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.rfc3339();
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return text };
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    let Some(month) = month else { return text };
    let day = rest.get(..2).unwrap_or_default().trim_start_matches('0');
    if now.rfc3339().starts_with(year) { format!("{day} {month}") } else { format!("{month} {year}") }
}

#[cfg(test)]
mod tests;
