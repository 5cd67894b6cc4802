//! Filters from the pairs of a query.

use super::{Age, LabelFilter, List, Referrers, Size, field};
use crate::health::Check;
use crate::manifest::Platform;
use crate::patterns::Filter;
use crate::semver_range::Range;
use crate::{FieldErrors, Kind};

/// As many labels may be asked for at once.
const MOST_LABELS: usize = 3;

/// What a list is filtered by. Everything that is set must hold; content that was not read yet is in no list that asks
/// for what only its document tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filters {
    /// The name of the tag or the repository.
    pub name: Filter,
    /// The tag is a version in this range.
    pub version: Option<Range>,
    /// What it is.
    pub kind: Option<Kind>,
    /// What it runs on, as summaries name it: `linux/amd64`, `linux/arm/v7`.
    pub platform: Option<String>,
    /// Built before the time that was this long ago.
    pub older: Option<Age>,
    /// Built since the time that was this long ago.
    pub newer: Option<Age>,
    /// A pull moves more than so many bytes.
    pub larger: Option<Size>,
    /// A pull moves less than so many bytes.
    pub smaller: Option<Size>,
    /// The labels it must all have.
    pub labels: Vec<LabelFilter>,
    /// Has it tags?
    pub tagged: Option<bool>,
    /// Are referrers in the list?
    pub referrers: Referrers,
    /// The check that found something.
    pub check: Option<Check>,
}

impl Default for Filters {
    fn default() -> Self {
        Self {
            name: Filter::All,
            version: None,
            kind: None,
            platform: None,
            older: None,
            newer: None,
            larger: None,
            smaller: None,
            labels: Vec::new(),
            tagged: None,
            referrers: Referrers::default(),
            check: None,
        }
    }
}

impl Filters {
    /// Reads the pairs of a query. What can't be read is left out and noted, so that a page can show the rest and say
    /// so; the API answers with the errors (`errors.or(filters)`). Empty values set nothing; of a field other than
    /// `label` the last counts; pairs that are no filter's (sort, place) are passed over.
    pub fn read<'a>(list: List, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, FieldErrors) {
        let (mut filters, mut errors) = (Self::default(), FieldErrors::new());
        for (name, value) in pairs {
            let value = value.trim();
            if value.is_empty() || !field::ALL.contains(&name) {
                continue;
            }
            if list.offers(name) {
                filters.set(name, value, &mut errors);
            } else {
                errors.push(name, format!("{} can't be filtered by “{name}”.", list.noun()));
            }
        }
        if let Some(check) = filters.check.filter(|check| !list.finds(*check)) {
            filters.check = None;
            errors.push(field::CHECK, format!("“{}” is found elsewhere: not in {}.", check.title(), list.plural()));
        }
        filters.contradictions(&mut errors);
        (filters, errors)
    }

    fn set(&mut self, name: &str, value: &str, errors: &mut FieldErrors) {
        match name {
            field::NAME => self.name = errors.take(name, Filter::parse(value)).unwrap_or(Filter::All),
            field::VERSION => self.version = errors.take(name, value.parse()),
            field::KIND => self.kind = errors.take(name, kind(value)),
            field::PLATFORM => self.platform = errors.take(name, platform(value)),
            field::OLDER => self.older = errors.take(name, more(value).parse()),
            field::NEWER => self.newer = errors.take(name, less(value).parse()),
            field::LARGER => self.larger = errors.take(name, more(value).parse()),
            field::SMALLER => self.smaller = errors.take(name, less(value).parse()),
            field::LABEL => self.label(value, errors),
            field::TAGGED => self.tagged = errors.take(name, yes_or_no(value)),
            field::REFERRERS => self.referrers = errors.take(name, referrers(value)).unwrap_or_default(),
            field::CHECK => self.check = errors.take(name, check(value)),
            _ => {}
        }
    }

    fn label(&mut self, value: &str, errors: &mut FieldErrors) {
        let Some(label) = errors.take::<LabelFilter, _>(field::LABEL, value.parse()) else { return };
        if self.labels.contains(&label) {
            return;
        }
        if self.labels.len() < MOST_LABELS {
            self.labels.push(label);
        } else if errors.get(field::LABEL).is_none() {
            errors.push(field::LABEL, "At most 8 labels can be asked for at once.");
        }
    }

    /// Two limits between which there is nothing are a slip, and an empty list would not say so.
    fn contradictions(&self, errors: &mut FieldErrors) {
        if let (Some(older), Some(newer)) = (self.older, self.newer)
            && older.seconds() >= newer.seconds()
        {
            let (older, newer) = (older.words(), newer.words());
            errors.push(field::NEWER, format!("Nothing is older than {older} and newer than {newer}."));
        }
        if let (Some(larger), Some(smaller)) = (self.larger, self.smaller)
            && larger >= smaller
        {
            let (larger, smaller) = (larger.words(), smaller.words());
            errors.push(field::SMALLER, format!("Nothing is larger than {larger} and smaller than {smaller}."));
        }
    }

    /// Is nothing asked for?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
    /// Does it ask for what the configuration tells, so that only repositories with `repository.pull` may answer?
    pub fn needs_pull(&self) -> bool {
        !self.labels.is_empty() || self.check.is_some_and(Check::needs_pull)
    }
}

fn kind(value: &str) -> Result<Kind, String> {
    let same = |kind: &&Kind| kind.as_str().eq_ignore_ascii_case(value);
    let all = || Kind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect::<Vec<_>>();
    let known = Kind::ALL.iter().find(same).copied();
    known.ok_or_else(|| format!("There is no such kind. Kinds are {}.", crate::text::listed(&all())))
}

/// As summaries name it; some call the architectures by other names.
fn platform(value: &str) -> Result<String, &'static str> {
    let word = |part: &&str| {
        let sign = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
        !part.is_empty() && part.len() <= 40 && part.bytes().all(sign)
    };
    let value = value.to_ascii_lowercase();
    let parts: Vec<&str> = value.split('/').collect();
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(word) {
        return Err("A platform looks like linux/amd64 or linux/arm/v7.");
    }
    let architecture = match parts[1] {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let variant = parts.get(2).map(|variant| (*variant).to_owned());
    Ok(Platform::new(parts[0], architecture, variant, None).to_string())
}

fn yes_or_no(value: &str) -> Result<bool, &'static str> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err("Say yes or no."),
    }
}

fn referrers(value: &str) -> Result<Referrers, &'static str> {
    match value.to_ascii_lowercase().as_str() {
        "hidden" => Ok(Referrers::Hidden),
        "shown" => Ok(Referrers::Shown),
        "only" => Ok(Referrers::Only),
        _ => Err("Referrers are hidden, shown, or only."),
    }
}

fn check(value: &str) -> Result<Check, &'static str> {
    Check::parse(value).ok_or("There is no such check.")
}

/// People write the sign that the field's name stands for once more: `> 100MB`.
fn more(value: &str) -> &str {
    value.trim_start_matches(['>', ' '])
}

fn less(value: &str) -> &str {
    value.trim_start_matches(['<', ' '])
}
