//! Which repositories somebody sees who sees only some: few enough to name them, a question begins with them and finds all of
//! theirs, however much there is that is not theirs.

use super::{Index, paging::LAST, repository_filter::glob};
use crate::{Error, sql::statements};
use domain::{Id, Visible, patterns::Pattern, visible::Part};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

statements! {
    // Rows are numbered onwards and never again: the same last number means that none came.
    LAST_ROW = "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'repositories'), 0)";
    IN_ONE = "SELECT r.id, r.registry_id FROM json_each($1) part
              CROSS JOIN repositories r ON r.registry_id = part.value ->> 'r' AND r.name >= part.value ->> 'l' AND r.name < part.value ->> 'h'
              WHERE r.name GLOB (part.value ->> 'p') AND r.name GLOB (part.value ->> 'q') LIMIT $2";
    IN_ALL = "SELECT r.id, r.registry_id FROM json_each($1) part
              CROSS JOIN repositories r ON r.name >= part.value ->> 'l' AND r.name < part.value ->> 'h'
              WHERE r.name GLOB (part.value ->> 'p') AND r.name GLOB (part.value ->> 'q') LIMIT $2";
    TAGS = "SELECT COALESCE(SUM(r.tag_count), 0) FROM json_each($1) x CROSS JOIN repositories r ON r.id = x.value";
}

/// Whoever sees more repositories than this is not asked for one by one.
pub(super) const NARROW: usize = 20_000;
/// What so many people see is remembered.
const REMEMBERED: usize = 64;

/// The repositories that somebody sees, by row. It may name one that left; what is shown is still looked at by name.
#[derive(Debug)]
pub(super) struct Narrow {
    /// As many.
    pub(super) count: usize,
    /// As a JSON array, those that came last first: how a statement takes them.
    pub(super) ids: String,
    /// The same by registry.
    by_registry: HashMap<Id, String>,
}

impl Narrow {
    fn of(rows: BTreeSet<(Id, Id)>) -> Result<Self, Error> {
        let mut by_registry: HashMap<Id, Vec<Id>> = HashMap::new();
        for (id, registry) in rows.iter().rev() {
            by_registry.entry(*registry).or_default().push(*id);
        }
        let text = |(registry, ids): (Id, Vec<Id>)| Ok((registry, serde_json::to_string(&ids)?));
        let all: Vec<Id> = rows.iter().rev().map(|(id, _)| *id).collect();
        Ok(Self {
            count: rows.len(),
            ids: serde_json::to_string(&all)?,
            by_registry: by_registry.into_iter().map(text).collect::<Result<_, Error>>()?,
        })
    }
    /// Those of one registry.
    pub(super) fn of_registry(&self, registry: Id) -> &str {
        self.by_registry.get(&registry).map_or("[]", String::as_str)
    }
}

/// What was found last, and up to which row; nothing for those who see too much.
type Remembered = HashMap<String, (Id, Option<Arc<Narrow>>)>;

/// What some people see.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(Arc<Mutex<Remembered>>);

impl Seen {
    #[expect(clippy::option_option, reason = "whether it is remembered, and whether it is narrow, are two questions")]
    fn get(&self, key: &str, last: Id) -> Option<Option<Arc<Narrow>>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(key).filter(|(upto, _)| *upto == last).map(|(_, narrow)| narrow.clone())
    }
    fn keep(&self, key: String, last: Id, narrow: Option<Arc<Narrow>>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(key, (last, narrow));
    }
}

impl Index {
    /// The repositories that may be seen, where that is only some of them and few enough to name them.
    pub(super) async fn narrow(&self, visible: &Visible) -> Result<Option<Arc<Narrow>>, Error> {
        if visible.everything() {
            return Ok(None);
        }
        let last: Id = sqlx::query_scalar(LAST_ROW).fetch_one(&self.pools.readers).await?;
        let key = format!("{visible:?}");
        if let Some(known) = self.seen.get(&key, last) {
            return Ok(known);
        }
        let narrow = self.rows_seen(visible).await?.map(Narrow::of).transpose()?.map(Arc::new);
        self.seen.keep(key, last, narrow.clone());
        Ok(narrow)
    }

    async fn rows_seen(&self, visible: &Visible) -> Result<Option<BTreeSet<(Id, Id)>>, Error> {
        let (one, all): (Vec<&Part>, Vec<&Part>) = visible.parts().iter().partition(|part| part.registry().is_some());
        let mut rows = BTreeSet::new();
        let most = i64::try_from(NARROW).unwrap_or(i64::MAX).saturating_add(1);
        for (sql, parts) in [(IN_ONE, one), (IN_ALL, all)] {
            if parts.is_empty() {
                continue;
            }
            let parts: Vec<_> = parts.into_iter().map(stretch).collect();
            let query = sqlx::query_as(sql).bind(serde_json::to_string(&parts)?).bind(most);
            let found: Vec<(Id, Id)> = query.fetch_all(&self.pools.readers).await?;
            if found.len() > NARROW {
                return Ok(None);
            }
            rows.extend(found.into_iter().filter(|(_, registry)| visible.registry(*registry)));
        }
        Ok((rows.len() <= NARROW).then_some(rows))
    }

    /// How many tags these repositories have together, as far as they were listed.
    pub(super) async fn tags_of(&self, narrow: &Narrow) -> Result<usize, Error> {
        let tags: i64 = sqlx::query_scalar(TAGS).bind(&narrow.ids).fetch_one(&self.pools.readers).await?;
        Ok(usize::try_from(tags).unwrap_or(usize::MAX))
    }
}

/// A part, with the stretch of names in which all of it lies.
fn stretch(part: &Part) -> serde_json::Value {
    let matching = part.matching();
    let beginning = matching.iter().map(Pattern::prefix).max_by_key(|prefix| prefix.len()).unwrap_or_default();
    json!({
        "r": part.registry(), "p": glob(matching.first()), "q": glob(matching.get(1)),
        "l": beginning, "h": format!("{beginning}{LAST}"),
    })
}
