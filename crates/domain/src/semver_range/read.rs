//! From text to conditions, with a sentence for what can't be read.

use super::comparator::{Comparator, Operator, Partial, Set};
use super::{InvalidRange, MOST_BYTES, MOST_PARTS};

type Result<T> = std::result::Result<T, InvalidRange>;

fn invalid<T>(why: impl Into<String>) -> Result<T> {
    Err(InvalidRange(why.into()))
}

/// The longest first: `>=` begins with `>`.
const OPERATORS: &[(&str, Operator)] = &[
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("~>", Operator::Tilde),
    (">", Operator::More),
    ("<", Operator::Less),
    ("=", Operator::Exact),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

/// Reads a whole range, whose spaces are single.
pub(super) fn range(text: &str) -> Result<Vec<Set>> {
    if text.is_empty() {
        return invalid("Enter a range of versions, such as >=1.2 <2.");
    }
    if text.len() > MOST_BYTES {
        return invalid("A range has at most 256 bytes.");
    }
    let alternatives: Vec<&str> = text.split("||").map(str::trim).collect();
    if alternatives.len() > MOST_PARTS {
        return invalid("A range has at most 8 alternatives.");
    }
    alternatives.into_iter().map(set).collect()
}

fn set(text: &str) -> Result<Set> {
    if text.is_empty() {
        return invalid("Write a version on both sides of ||.");
    }
    if let Some((low, high)) = text.split_once(" - ") {
        let side = |operator, text: &str| Ok(Comparator { operator, version: version(text.trim())? });
        return Ok(Set(vec![side(Operator::AtLeast, low)?, side(Operator::AtMost, high)?]));
    }
    let mut comparators = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (comparator, after) = comparator(rest)?;
        comparators.push(comparator);
        rest = after.trim_start_matches([' ', ',']);
    }
    if comparators.len() > MOST_PARTS {
        return invalid("An alternative has at most 8 conditions.");
    }
    Ok(Set(comparators))
}

/// The first condition, and the rest. A space may stand after the operator.
fn comparator(text: &str) -> Result<(Comparator, &str)> {
    let found = OPERATORS.iter().find_map(|(sign, operator)| Some((*sign, *operator, text.strip_prefix(sign)?)));
    let (sign, operator, rest) = found.unwrap_or(("", Operator::Exact, text));
    let rest = rest.trim_start();
    let end = rest.find([' ', ',', '<', '>', '=', '~', '^']).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    if word.is_empty() {
        return invalid(format!("A version is missing after “{}”.", if sign.is_empty() { "," } else { sign }));
    }
    let version = version(word)?;
    if version.numbers.is_empty() && matches!(operator, Operator::Less | Operator::More) {
        return invalid(format!("Nothing is {sign}{word}. Write a version after {sign}."));
    }
    Ok((Comparator { operator, version }, after))
}

/// `v1.2.3-rc.1`, `1.2`, `1.x`, `*`. Build metadata, after `+` or, as tags write it, `_`, does not count.
fn version(text: &str) -> Result<Partial> {
    let bad = || {
        invalid(format!("“{}” is no version. Write one such as 1.4, 1.x or v1.4.2.", crate::text::visible(text, 40)))
    };
    let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let bare = bare.split(['+', '_']).next().unwrap_or_default();
    let (core, prerelease) = match bare.split_once('-') {
        Some((_, "")) => return bad(),
        Some((core, prerelease)) => (core, prerelease),
        None => (bare, ""),
    };
    let mut numbers = Vec::new();
    let mut open = false;
    for part in core.split('.') {
        let wild = matches!(part, "x" | "X" | "*");
        if !wild && (part.is_empty() || !part.bytes().all(|c| c.is_ascii_digit())) {
            return bad();
        }
        if open && !wild {
            return invalid(format!("No number can follow x, as in “{}”.", crate::text::visible(text, 40)));
        }
        open |= wild;
        if !open {
            numbers.push(number(part)?);
        }
    }
    if core.split('.').count() > 3 {
        return invalid("A version in a range has at most three numbers.");
    }
    if prerelease.is_empty() {
        return Ok(Partial { numbers, prerelease: String::new() });
    }
    let identifier = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    if open || !prerelease.split('.').all(identifier) {
        return bad();
    }
    // A pre-release is of one version: 1.2-rc.1 is 1.2.0-rc.1.
    numbers.resize(3, 0);
    Ok(Partial { numbers, prerelease: prerelease.to_owned() })
}

fn number(digits: &str) -> Result<u64> {
    let digits = digits.trim_start_matches('0');
    if digits.len() > 18 {
        return invalid("A number in a version has at most 18 digits.");
    }
    Ok(digits.parse().unwrap_or(0))
}
