//! What a list of repositories is narrowed by, and the part of every statement that does it.

use super::{
    paging::{LAST, Stretch, Value},
    seen::{Narrow, Sight},
    tag_filter::{checked_glob, small},
};
use crate::Error;
use domain::{Id, Timestamp, Visible, health::Check, patterns::Pattern};
use sqlx::{Arguments as _, sqlite::SqliteArguments};
use std::sync::Arc;

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

/// May the repository `r` be seen? The parameter is null where all may, else it has a mark for each row
/// ([`Sight::marks`]): looked at in one step, however much somebody was granted.
macro_rules! sees {
    ($marks:literal) => {
        concat!("(", $marks, " IS NULL OR substr(", $marks, ", r.id + 1, 1) = x'01')")
    };
}

/// What every list of one registry's repositories has in common: what may be seen, of which registry, and the filter
/// ($1 to $15). No part of it names an index's column alone, so that the order of the list decides which index is walked.
/// For those who see few (`seen`) it begins with theirs, and none that is not theirs is walked past.
macro_rules! among {
    (walk, $columns:expr, $rest:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM repositories r WHERE $1 AND r.registry_id = $2 AND ",
            sees!("$3"),
            " ",
            among!(),
            $rest
        )
    };
    (seen, $columns:expr, $rest:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM json_each($3) s CROSS JOIN repositories r ON r.id = s.value ",
            "WHERE $1 AND r.registry_id = $2 ",
            among!(),
            $rest
        )
    };
    () => {
        concat!(
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

/// What may be seen, as one of these statements takes it.
pub(super) enum Seeing {
    /// For those that walk.
    Marks(Option<Arc<[u8]>>),
    /// For those that begin with what is seen.
    Rows(String),
}

impl Seeing {
    /// For a page of one registry, or of all.
    pub(super) fn page(sight: &Sight, registry: Option<Id>) -> Self {
        Self::of(sight.short(), sight, registry)
    }
    /// For what looks at all that is seen of one registry.
    pub(super) fn whole(sight: &Sight, registry: Id) -> Self {
        Self::of(sight.few(), sight, Some(registry))
    }
    fn of(named: Option<&Arc<Narrow>>, sight: &Sight, registry: Option<Id>) -> Self {
        match named {
            Some(few) => Self::Rows(registry.map_or(few.ids.as_str(), |id| few.of_registry(id)).to_owned()),
            None => Self::Marks(sight.marks()),
        }
    }
    fn add_to(self, arguments: &mut SqliteArguments) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Marks(marks) => arguments.add(marks),
            Self::Rows(rows) => arguments.add(rows),
        }
    }
}

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
        seeing: Seeing,
    ) -> Result<SqliteArguments, Error> {
        let glob = checked_glob(self.glob.as_ref())?;
        let mut arguments = SqliteArguments::default();
        let before = |at: Option<Timestamp>| at.map(|at| at.0.saturating_sub(1));
        let add = || {
            arguments.add(may)?;
            arguments.add(registry)?;
            seeing.add_to(&mut arguments)?;
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

/// What all names that may be seen begin with; empty if that is nothing in particular.
pub(crate) fn common_beginning(visible: &Visible) -> String {
    let mut beginnings = visible.parts().iter().map(|part| part.matching().first().map_or("", Pattern::prefix));
    let mut shared = beginnings.next().unwrap_or_default();
    for other in beginnings {
        let same = shared.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        shared = &shared[..same];
    }
    shared.to_owned()
}

/// Those of these registries whose repositories may be seen.
pub(super) fn seen_registries(visible: &Visible, registries: &[Id]) -> Vec<Id> {
    let any = visible.repositories_at_all();
    registries.iter().copied().filter(|id| any && visible.registry(*id)).collect()
}
