//! The order of tags by version: keys whose byte order is the versions' order. The one place of this rule.
//!
//! What people mean by an order of versions goes beyond Semantic Versioning 2.0.0, section 11, which is kept for what it
//! covers. A leading `v` does not count. There may be one number or more: missing ones are zero, and a fourth and further
//! ones compare as numbers (`1.2.3.4 < 1.2.3.10`). So do the parts of a date with dots (`2024.01.31`, which is a version).
//! A bare number of five digits and more is a date or a build (`20240131`): those compare as numbers too, among themselves
//! and below every version, so that no build is taken for a major version of twenty million. `_` and `+` begin build
//! metadata, which does not count.

use std::fmt::Write as _;

/// A key for `tag`; comparing keys byte by byte orders tags: first what is no version, in natural order (`pr-9` before
/// `pr-10`), then what has a [`version_key`], in its order. Different tags may have the same key: sort by key, then by tag.
pub fn sort_key(tag: &str) -> String {
    version_key(tag).unwrap_or_else(|| {
        let mut key = String::with_capacity(tag.len() + 8);
        key.push('0');
        natural(&mut key, tag);
        key
    })
}

/// A key for a tag that is a version, a date or a build; comparing keys byte by byte orders them:
/// `20240131 < v1.9.0 < v1.10.0-rc.1 < v1.10.0 < 1.10.0.1 < 2024.01.31`. `None` for words, whose place is before them.
pub fn version_key(tag: &str) -> Option<String> {
    let mut key = String::with_capacity(tag.len() * 2 + 8);
    if let Some(version) = Parsed::read(tag) {
        key.push('1');
        version.write(&mut key);
    } else if is_number(tag) {
        // Above every word: no tag has a character above this one.
        key.push_str("0~");
        number(&mut key, tag);
    } else {
        return None;
    }
    Some(key)
}

/// Is `tag` taken for a version? A bare number of five digits and more is a build or a date, not one.
pub fn is_version(tag: &str) -> bool {
    Parsed::read(tag).is_some()
}

/// Is `tag` a version without anything after its numbers?
pub fn is_release(tag: &str) -> bool {
    Parsed::read(tag).is_some_and(|version| version.prerelease.is_empty())
}

/// Which of `tags` came before `tag`: the next lower version, of the same family (`1.2-alpine` after `1.1-alpine`) if
/// there is one, else of any; of a date or a build, the next lower one. `None` if `tag` is neither, or the lowest.
pub fn previous<'a>(tag: &str, tags: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (own, family, version) = (version_key(tag)?, family(tag), is_version(tag));
    let alike = tags.into_iter().filter(|other| is_version(other) == version);
    let lower = alike.filter_map(|other| Some((version_key(other)?, other))).filter(|(key, _)| *key < own);
    lower.max_by_key(|(key, other)| (self::family(other) == family, key.clone(), *other)).map(|(_, other)| other)
}

/// A tag with its numbers taken out: `v#.#.#-rc.#`.
fn family(tag: &str) -> String {
    let mut family = String::new();
    for c in tag.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if c != '#' || !family.ends_with('#') {
            family.push(c);
        }
    }
    family
}

struct Parsed<'a> {
    numbers: Vec<&'a str>,
    prerelease: &'a str,
}

impl<'a> Parsed<'a> {
    fn read(tag: &'a str) -> Option<Self> {
        let bare = tag.strip_prefix(['v', 'V']);
        let text = bare.unwrap_or(tag);
        let text = text.split(['+', '_']).next().unwrap_or_default();
        let (core, prerelease) = text.split_once('-').unwrap_or((text, ""));
        let numbers: Vec<&str> = core.split('.').collect();
        let lonely = numbers.len() == 1 && bare.is_none() && core.len() > 4;
        (numbers.iter().all(|part| is_number(part)) && !lonely).then_some(Self { numbers, prerelease })
    }

    /// Three numbers; then `3` before each further number, `1` before a prerelease, or `2` for a release.
    fn write(&self, key: &mut String) {
        for at in 0..self.numbers.len().max(3) {
            if at >= 3 {
                key.push('3');
            }
            number(key, self.numbers.get(at).copied().unwrap_or("0"));
        }
        if self.prerelease.is_empty() {
            key.push('2');
            return;
        }
        key.push('1');
        for identifier in self.prerelease.split('.') {
            // Numbers come before words, and fewer identifiers before more: "0" ends the list.
            if is_number(identifier) {
                key.push('1');
                number(key, identifier);
            } else {
                key.push('2');
                key.push_str(identifier);
                // Lower than every character an identifier can have, so that a word comes before its continuations.
                key.push('!');
            }
        }
        key.push('0');
    }
}

/// Digits, and nothing else.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

/// A number whose text sorts by value: first how many digits, then the digits.
fn number(key: &mut String, digits: &str) {
    let digits = digits.trim_start_matches('0');
    // Writing to a String does not fail. Three hexadecimal digits hold the length of anything that fits into a tag.
    let _ = write!(key, "{:03x}{digits}", digits.len().min(0xfff));
}

/// Text as it is, runs of digits by their value.
fn natural(key: &mut String, text: &str) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if digits {
            number(key, run);
        } else {
            key.push_str(run);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests;
