//! What a list of repositories is narrowed by, and the part of every statement that does it.

use super::{
    paging::{LAST, Stretch, Value},
    tag_filter::{checked_glob, small},
};
use crate::Error;
use domain::{Id, Timestamp, Visible, health::Check, patterns::Pattern, visible::Part};
use sqlx::{Arguments as _, sqlite::SqliteArguments};

/// Which repositories to show. Everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryFilter {
    /// Part of the name, in any case.
    pub text: Option<String>,
    /// A pattern for the whole name: `*`, `?`, `[a-z]`; at most 256 bytes and 8 `*`. `*` crosses `/` too.
    pub glob: Option<String>,
    /// Exactly this namespace; empty for those without one.
    pub namespace: Option<String>,
    /// With a newest build of this moment or later.
    pub newest_from: Option<Timestamp>,
    /// Whose newest build is from before this moment.
    pub newest_before: Option<Timestamp>,
    /// Of at least so many bytes, as far as they are known.
    pub bytes_least: Option<u64>,
    /// Of at most so many bytes, as far as they are known.
    pub bytes_most: Option<u64>,
    /// With at least so many tags; leaves out what was not listed yet.
    pub tags_least: Option<u64>,
    /// With at most so many tags; leaves out what was not listed yet.
    pub tags_most: Option<u64>,
    /// Only those whose list of tags was read and had none.
    pub empty: bool,
    /// Only those whose last refresh failed, or whose last list was not believed.
    pub trouble: bool,
    /// Only those at which this strikes.
    pub check: Option<Check>,
}

/// Is the repository `r` in one of the parts that may be seen? The parameter is null where all of it may ([`seen_parts`]).
macro_rules! sees {
    ($parts:literal) => {
        concat!(
            "(",
            $parts,
            " IS NULL OR EXISTS (SELECT 1 FROM json_each(",
            $parts,
            ") part ",
            "WHERE (part.value ->> 'r' IS NULL OR part.value ->> 'r' = r.registry_id) ",
            "AND r.name GLOB (part.value ->> 'p') AND r.name GLOB (part.value ->> 'q')))"
        )
    };
}

/// What every list of one registry's repositories has in common: what may be seen, of which registry, and the filter
/// ($1 to $15). No part of it names an index's column alone, so that the order of the list decides which index is walked.
macro_rules! among {
    ($columns:expr, $rest:expr) => {
        concat!("SELECT ", $columns, " FROM repositories r WHERE $1 AND r.registry_id = $2 ", among!(), $rest)
    };
    () => {
        concat!(
            "AND ",
            sees!("$3"),
            " ",
            "AND ($4 IS NULL OR instr(r.name, $4) > 0) AND ($5 IS NULL OR r.name GLOB $5) ",
            "AND ($6 IS NULL OR r.namespace = $6) ",
            "AND ($7 IS NULL OR r.newest >= $7) AND ($8 IS NULL OR r.newest <= $8) ",
            "AND ($9 IS NULL OR r.bytes >= $9) AND ($10 IS NULL OR r.bytes <= $10) ",
            "AND ($11 IS NULL OR r.tag_count >= $11) AND ($12 IS NULL OR r.tag_count <= $12) ",
            "AND ($13 OR r.tag_count = 0) AND ($14 OR r.trouble IS NOT NULL OR r.doubt IS NOT NULL) ",
            "AND ($15 IS NULL OR EXISTS (SELECT 1 FROM repository_findings f WHERE f.registry_id = r.registry_id ",
            "AND f.check_bit = $15 AND f.repository_id = r.id)) "
        )
    };
}
pub(super) use {among, sees};

impl RepositoryFilter {
    /// Does it let everything through?
    pub(super) fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The values of a sort that it leaves, if it leaves out any; and of names those that may be seen.
    pub(super) fn names(&self, visible: &Visible) -> Option<Vec<Stretch>> {
        let seen = Some(common_beginning(visible)).filter(|beginning| !beginning.is_empty());
        let namespace = self.namespace.as_ref().filter(|namespace| !namespace.is_empty());
        let glob = self.glob.as_ref().and_then(|glob| glob.split(['*', '?', '[']).next());
        let beginning = [seen, namespace.map(|namespace| format!("{namespace}/"))].into_iter().flatten();
        let beginning = beginning.chain(glob.filter(|glob| !glob.is_empty()).map(str::to_owned));
        let beginning = beginning.max_by_key(String::len)?;
        let high = format!("{beginning}{LAST}");
        Some(vec![Stretch { low: Some(Value::Text(beginning)), high: Some(Value::Text(high)) }])
    }
    pub(super) fn newest(&self) -> Option<Vec<Stretch>> {
        stretch(self.newest_from.map(|at| at.0), self.newest_before.map(|at| at.0.saturating_sub(1)))
    }
    pub(super) fn bytes(&self) -> Option<Vec<Stretch>> {
        stretch(self.bytes_least.map(kept), self.bytes_most.map(kept))
    }
    pub(super) fn tags(&self) -> Option<Vec<Stretch>> {
        let most = if self.empty { Some(0) } else { self.tags_most.map(kept) };
        stretch(self.tags_least.map(kept), most)
    }

    /// The arguments $1 to $15, in their order. `registry` is one, or several as a JSON array.
    pub(super) fn arguments<'a>(
        &self,
        may: bool,
        registry: impl sqlx::Encode<'a, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
        visible: &Visible,
    ) -> Result<SqliteArguments, Error> {
        let glob = checked_glob(self.glob.as_ref())?;
        let mut arguments = SqliteArguments::default();
        let before = |at: Option<Timestamp>| at.map(|at| at.0.saturating_sub(1));
        let add = || {
            arguments.add(may)?;
            arguments.add(registry)?;
            arguments.add(seen_parts(visible))?;
            arguments.add(small(self.text.as_ref()))?;
            arguments.add(glob)?;
            arguments.add(&self.namespace)?;
            arguments.add(self.newest_from.map(|at| at.0))?;
            arguments.add(before(self.newest_before))?;
            arguments.add(self.bytes_least.map(kept))?;
            arguments.add(self.bytes_most.map(kept))?;
            arguments.add(self.tags_least.map(kept))?;
            arguments.add(self.tags_most.map(kept))?;
            arguments.add(!self.empty)?;
            arguments.add(!self.trouble)?;
            arguments.add(self.check.map(|check| i64::from(check.bit())))
        };
        add().map_err(sqlx::Error::Encode)?;
        Ok(arguments)
    }
}

fn stretch(low: Option<i64>, high: Option<i64>) -> Option<Vec<Stretch>> {
    (low.is_some() || high.is_some())
        .then(|| vec![Stretch { low: low.map(Value::Number), high: high.map(Value::Number) }])
}

fn kept(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A pattern as SQLite's `GLOB` takes it, in which a bracket begins a set; all names without one.
pub(super) fn glob(pattern: Option<&Pattern>) -> String {
    pattern.map_or("*".to_owned(), |pattern| pattern.as_str().replace('[', "[[]"))
}

/// The parts of what may be seen, as [`sees`] takes them: null for everything.
pub(super) fn seen_parts(visible: &Visible) -> Option<String> {
    let part = |part: &Part| {
        let matching = part.matching();
        serde_json::json!({ "r": part.registry(), "p": glob(matching.first()), "q": glob(matching.get(1)) })
    };
    let all = || serde_json::Value::Array(visible.parts().iter().map(part).collect()).to_string();
    (!visible.everything()).then(all)
}

/// What all names that may be seen begin with; empty if that is nothing in particular.
pub(crate) fn common_beginning(visible: &Visible) -> String {
    let beginning = |part: &Part| part.matching().first().map_or("", Pattern::prefix).to_owned();
    let shared = |a: String, b: String| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    visible.parts().iter().map(beginning).reduce(shared).unwrap_or_default()
}

/// Those of these registries whose repositories may be seen.
pub(super) fn seen_registries(visible: &Visible, registries: &[Id]) -> Vec<Id> {
    let any = visible.repositories_at_all();
    registries.iter().copied().filter(|id| any && visible.registry(*id)).collect()
}
