//! Filters back into the pairs of a query, and into the words of the chips that show them.

use super::{Filters, Referrers, field};
use crate::patterns::Filter;

/// A filter in force, as a chip shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The field, one of [`field`].
    pub field: &'static str,
    /// Its value in the query: the link that takes the chip away has all pairs but this one.
    pub value: String,
    /// What it says: `older than 30 days`.
    pub words: String,
}

impl Filters {
    /// What is asked for, each with its words, in the order of [`field::ALL`].
    pub fn chips(&self) -> Vec<Chip> {
        let mut chips = Vec::new();
        let mut add = |field, value: String, words: String| chips.push(Chip { field, value, words });
        match &self.name {
            Filter::All => {}
            Filter::Part(part) => add(field::NAME, part.clone(), format!("name has “{part}”")),
            Filter::Glob(pattern) => add(field::NAME, pattern.to_string(), format!("name is {pattern}")),
        }
        if let Some(range) = &self.version {
            add(field::VERSION, range.to_string(), format!("version {range}"));
        }
        if let Some(kind) = self.kind {
            add(field::KIND, kind.as_str().to_owned(), kind.as_str().to_owned());
        }
        if let Some(platform) = &self.platform {
            add(field::PLATFORM, platform.clone(), platform.clone());
        }
        for (field, age) in [(field::OLDER, self.older), (field::NEWER, self.newer)] {
            if let Some(age) = age {
                add(field, age.to_string(), format!("{field} than {}", age.words()));
            }
        }
        for (field, size) in [(field::LARGER, self.larger), (field::SMALLER, self.smaller)] {
            if let Some(size) = size {
                add(field, size.to_string(), format!("{field} than {}", size.words()));
            }
        }
        for label in &self.labels {
            add(field::LABEL, label.to_string(), format!("label {label}"));
        }
        if let Some(tagged) = self.tagged {
            let (value, words) = if tagged { ("yes", "tagged") } else { ("no", "without tags") };
            add(field::TAGGED, value.to_owned(), words.to_owned());
        }
        match self.referrers {
            Referrers::Hidden => {}
            Referrers::Shown => add(field::REFERRERS, "shown".to_owned(), "with referrers".to_owned()),
            Referrers::Only => add(field::REFERRERS, "only".to_owned(), "referrers only".to_owned()),
        }
        if let Some(check) = self.check {
            add(field::CHECK, check.as_str().to_owned(), format!("found: {}", check.title()));
        }
        chips
    }
    /// What is asked for, as the pairs of a query; [`Filters::read`] gives the same filters back.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        self.chips().into_iter().map(|chip| (chip.field, chip.value)).collect()
    }
    /// The pairs of a query without one of these chips.
    pub fn pairs_without(&self, chip: &Chip) -> Vec<(&'static str, String)> {
        let stays = |(field, value): &(&str, String)| *field != chip.field || *value != chip.value;
        self.pairs().into_iter().filter(stays).collect()
    }
}
