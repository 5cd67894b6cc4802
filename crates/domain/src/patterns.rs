//! Patterns of names, as filters and grants use them: `*` stands for any run of characters, `?` for one.

use crate::InvalidName;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A glob. `*` crosses `/` too, so `payments/*` holds all below it, and `**` means the same. Nothing else is special.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

/// The longest pattern, in bytes.
pub const MOST_BYTES: usize = 256;
/// The most wildcards in a pattern; a run of `*` counts as one.
pub const MOST_WILDCARDS: usize = 8;

impl FromStr for Pattern {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bad = |why: &str| Err(InvalidName(why.to_owned()));
        let mut pattern = String::with_capacity(text.len());
        for c in text.trim().chars() {
            // A run of stars means no more than one.
            if c != '*' || !pattern.ends_with('*') {
                pattern.push(c);
            }
        }
        match pattern.as_str() {
            "" => bad("Enter a pattern."),
            p if p.len() > MOST_BYTES => bad("A pattern has at most 256 bytes."),
            p if p.chars().filter(|c| is_wildcard(*c)).count() > MOST_WILDCARDS => {
                bad("A pattern has at most 8 wildcards (* and ?).")
            }
            p if p.chars().any(crate::text::is_hidden) => bad("A pattern has no control characters."),
            _ => Ok(Self(pattern)),
        }
    }
}

fn is_wildcard(c: char) -> bool {
    matches!(c, '*' | '?')
}

impl Pattern {
    /// The pattern as it is written, runs of `*` made one.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Has it no wildcards, so that it names one thing only?
    pub fn is_literal(&self) -> bool {
        !self.0.contains(is_wildcard)
    }
    /// What every match begins with.
    pub fn prefix(&self) -> &str {
        self.0.split(is_wildcard).next().unwrap_or_default()
    }
    /// Does the whole of `name` match? Takes time in proportion to both lengths multiplied at worst, and no memory of note.
    pub fn matches(&self, name: &str) -> bool {
        // Most names are told apart by what they begin with, and most patterns end where their first `*` stands.
        let same =
            self.0.bytes().zip(name.bytes()).take_while(|(own, other)| own == other && !matches!(own, b'*' | b'?'));
        let same = same.count();
        match self.0.as_bytes().get(same) {
            None => return name.len() == same,
            Some(b'*') if self.0.len() == same + 1 => return true,
            Some(b'*' | b'?') => {}
            Some(_) => return false,
        }
        let (mut pattern, mut rest) = (self.0[same..].chars(), name[same..].chars());
        // Where to go on when a character does not fit: after the last `*`, which then swallows one more.
        let mut last_star: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
        loop {
            let (before, here) = (pattern.clone(), rest.clone());
            match (pattern.next(), rest.next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    rest = here;
                    last_star = Some((pattern.clone(), rest.clone()));
                }
                (Some('?'), Some(_)) => {}
                (Some(expected), Some(found)) if expected == found => {}
                _ => {
                    drop((before, here));
                    let Some((after_star, swallowed)) = &mut last_star else { return false };
                    if swallowed.next().is_none() {
                        return false;
                    }
                    pattern = after_star.clone();
                    rest = swallowed.clone();
                }
            }
        }
    }
    /// Does it match whatever `other` matches? A "yes" is always right; a "no" may be too careful where `other` has wildcards.
    pub fn contains(&self, other: &Self) -> bool {
        // Most pairs differ in what they begin with.
        if !other.0.starts_with(self.prefix()) || self.is_literal() {
            return self == other;
        }
        let (own, other): (Vec<char>, Vec<char>) = (self.0.chars().collect(), other.0.chars().collect());
        // The other's wildcards are letters that only our wildcards can swallow.
        table(&own, &other, |own, other| match own {
            '?' => other != '*',
            _ => own == other && !is_wildcard(other),
        })
    }
    /// Is there a name that both match?
    pub fn meets(&self, other: &Self) -> bool {
        // Most pairs differ in what they begin with.
        let (own, others) = (self.prefix(), other.prefix());
        if !own.starts_with(others) && !others.starts_with(own) {
            return false;
        }
        let (a, b): (Vec<char>, Vec<char>) = (self.0.chars().collect(), other.0.chars().collect());
        // reach[j]: can what was read of `a` and the first `j` of `b` match the same text?
        let mut reach = vec![false; b.len() + 1];
        reach[0] = true;
        for j in 0..b.len() {
            reach[j + 1] = reach[j] && b[j] == '*';
        }
        for &one in &a {
            let mut next = vec![false; b.len() + 1];
            next[0] = reach[0] && one == '*';
            for (j, &two) in b.iter().enumerate() {
                next[j + 1] = match (one, two) {
                    ('*', _) => reach[j + 1] || next[j] || reach[j],
                    (_, '*') => next[j] || reach[j + 1] || reach[j],
                    ('?', _) | (_, '?') => reach[j],
                    _ => reach[j] && one == two,
                };
            }
            reach = next;
        }
        reach[b.len()]
    }
}

/// Can `pattern`, whose `*` swallow anything, be laid over the whole of `text`, where single characters `fit`?
fn table(pattern: &[char], text: &[char], fit: impl Fn(char, char) -> bool) -> bool {
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for &own in pattern {
        let mut next = vec![false; text.len() + 1];
        next[0] = reach[0] && own == '*';
        for (j, &other) in text.iter().enumerate() {
            next[j + 1] = if own == '*' { reach[j + 1] || next[j] } else { reach[j] && fit(own, other) };
        }
        reach = next;
    }
    reach[text.len()]
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
impl TryFrom<String> for Pattern {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}
impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.0
    }
}

/// What a filter field means: a pattern if it has wildcards, else any part of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The field is empty.
    All,
    /// The name holds this text, capitals or not.
    Part(String),
    /// The whole name matches.
    Glob(Pattern),
}

impl Filter {
    /// Reads a filter field.
    ///
    /// # Errors
    /// A pattern that is too long or has too many wildcards.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        if text.is_empty() {
            Ok(Self::All)
        } else if text.contains(is_wildcard) {
            Ok(Self::Glob(text.parse()?))
        } else if text.len() > MOST_BYTES {
            Err(InvalidName("A filter has at most 256 bytes.".to_owned()))
        } else {
            Ok(Self::Part(text.to_ascii_lowercase()))
        }
    }
    /// Does `name` pass?
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Part(part) => name.to_ascii_lowercase().contains(part.as_str()),
            Self::Glob(pattern) => pattern.matches(name),
        }
    }
}

#[cfg(test)]
mod tests;
