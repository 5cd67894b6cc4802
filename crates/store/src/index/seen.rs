//! Which repositories somebody sees who sees only some: few enough to name them, a question begins with them and finds all of
//! theirs, however much there is that is not theirs.

use super::{Index, paging::LAST, repository_filter::glob};
use crate::{Error, sql::statements};
use domain::{Id, Visible, patterns::Pattern, visible::Part};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
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
    BETWEEN = "SELECT id, registry_id, name FROM repositories WHERE id > $1 AND id <= $2";
    TAGS = "SELECT COALESCE(SUM(r.tag_count), 0) FROM json_each($1) x CROSS JOIN repositories r ON r.id = x.value";
}

/// Whoever sees more repositories than this is not asked for one by one.
pub(super) const NARROW: usize = 20_000;
/// Who sees more than this has one of theirs so often on the way that nothing has to be sorted: of 200,000 repositories a
/// page walks past some 3,000.
const SHORT: usize = 3_000;
/// What so many people see is remembered, up to so many bytes of marks.
const REMEMBERED: usize = 64;
const MARKS: usize = 64 << 20;
/// As many new repositories are looked at one by one; of more, all are looked for again.
const FEW_NEW: Id = 5_000;
/// As many rows are read at once.
const AT_ONCE: Id = 10_000;

/// Which repositories somebody sees.
#[derive(Clone, Debug)]
pub(super) enum Sight {
    /// All there are and will be.
    All,
    /// Few enough to name them.
    Few(Arc<Narrow>),
    /// Too many to name: a byte for each row's number, 1 where it may be seen.
    Many(Arc<[u8]>),
}

impl Sight {
    /// Those that are seen, if they are few.
    pub(super) fn few(&self) -> Option<&Arc<Narrow>> {
        match self {
            Self::Few(narrow) => Some(narrow),
            Self::All | Self::Many(_) => None,
        }
    }
    /// Those that are seen, if they are so few that a page of them is made by sorting them all.
    pub(super) fn short(&self) -> Option<&Arc<Narrow>> {
        self.few().filter(|narrow| narrow.count <= SHORT)
    }
    /// As a statement that walks past what may not be seen takes it (`sees!`); nothing where there is no such thing.
    pub(super) fn marks(&self) -> Option<Arc<[u8]>> {
        match self {
            Self::All => None,
            Self::Few(narrow) => Some(Arc::clone(narrow.marks.get_or_init(|| marks(&narrow.rows)))),
            Self::Many(marks) => Some(Arc::clone(marks)),
        }
    }
}

/// A byte for each row up to the last one that is seen.
fn marks(rows: &BTreeSet<(Id, Id)>) -> Arc<[u8]> {
    let places = || rows.iter().filter_map(|(id, _)| usize::try_from(*id).ok());
    let mut marks = vec![0; places().next_back().map_or(0, |last| last + 1)];
    places().for_each(|place| marks[place] = 1);
    marks.into()
}

/// The repositories that somebody sees, by row. It may name one that left; what is shown is still looked at by name.
#[derive(Debug)]
pub(super) struct Narrow {
    /// As many.
    pub(super) count: usize,
    /// As a JSON array, those that came last first: how a statement takes them.
    pub(super) ids: String,
    /// The same by registry.
    by_registry: HashMap<Id, String>,
    rows: BTreeSet<(Id, Id)>,
    marks: OnceLock<Arc<[u8]>>,
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
            rows,
            marks: OnceLock::new(),
        })
    }
    /// Those of one registry.
    pub(super) fn of_registry(&self, registry: Id) -> &str {
        self.by_registry.get(&registry).map_or("[]", String::as_str)
    }
}

/// What somebody was found to see, up to which row.
#[derive(Clone, Debug)]
struct Known {
    visible: Visible,
    upto: Id,
    sight: Sight,
}

/// What some people see.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(Arc<Mutex<Vec<Known>>>);

impl Seen {
    fn get(&self, visible: &Visible) -> Option<Known> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|known| known.visible == *visible).cloned()
    }
    fn keep(&self, known: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| other.visible != known.visible);
        let marks = |known: &Known| if let Sight::Many(marks) = &known.sight { marks.len() } else { 0 };
        if all.len() >= REMEMBERED || all.iter().chain([&known]).map(marks).sum::<usize>() > MARKS {
            all.clear();
        }
        all.push(known);
    }
}

impl Index {
    /// The repositories that may be seen, where that is only some of them and few enough to name them.
    pub(super) async fn narrow(&self, visible: &Visible) -> Result<Option<Arc<Narrow>>, Error> {
        Ok(self.sight(visible).await?.few().cloned())
    }

    /// Which repositories may be seen: found once, and then kept up with those that come.
    pub(super) async fn sight(&self, visible: &Visible) -> Result<Sight, Error> {
        if visible.everything() {
            return Ok(Sight::All);
        }
        let last: Id = sqlx::query_scalar(LAST_ROW).fetch_one(&self.pools.readers).await?;
        let known = self.seen.get(visible);
        let sight = match known {
            Some(known) if known.upto == last => return Ok(known.sight),
            Some(known) if known.upto < last && last - known.upto <= FEW_NEW => {
                self.grown(visible, known.sight, known.upto, last).await?
            }
            _ => self.sight_of_all(visible, last).await?,
        };
        self.seen.keep(Known { visible: visible.clone(), upto: last, sight: sight.clone() });
        Ok(sight)
    }

    async fn sight_of_all(&self, visible: &Visible, last: Id) -> Result<Sight, Error> {
        match self.rows_seen(visible).await? {
            Some(rows) => Ok(Sight::Few(Arc::new(Narrow::of(rows)?))),
            None => self.grown(visible, Sight::Many(Arc::new([])), 0, last).await,
        }
    }

    /// What was seen up to a row, with what of the rows after it may be seen.
    async fn grown(&self, visible: &Visible, sight: Sight, upto: Id, last: Id) -> Result<Sight, Error> {
        let mut new = BTreeSet::new();
        let mut from = upto;
        while from < last {
            let to = last.min(from.saturating_add(AT_ONCE));
            let query = sqlx::query_as(BETWEEN).bind(from).bind(to);
            let rows: Vec<(Id, Id, String)> = query.fetch_all(&self.pools.readers).await?;
            let seen = |(_, registry, name): &(Id, Id, String)| {
                visible.registry(*registry) && visible.recorded(*registry, Some(name))
            };
            new.extend(rows.into_iter().filter(seen).map(|(id, registry, _)| (id, registry)));
            from = to;
        }
        if new.is_empty() {
            return Ok(sight);
        }
        Ok(match sight {
            Sight::All => Sight::All,
            Sight::Few(narrow) if narrow.count + new.len() <= NARROW => {
                new.extend(&narrow.rows);
                Sight::Few(Arc::new(Narrow::of(new)?))
            }
            Sight::Few(narrow) => {
                new.extend(&narrow.rows);
                Sight::Many(marks(&new))
            }
            Sight::Many(old) => {
                let mut all = marks(&new).to_vec();
                all.resize(all.len().max(old.len()), 0);
                all.iter_mut().zip(&*old).for_each(|(mark, old)| *mark |= old);
                Sight::Many(all.into())
            }
        })
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
    // One name is all of its stretch: what only begins with it is not walked past.
    let end = if matching.iter().any(Pattern::is_literal) { "\u{1}" } else { LAST };
    json!({
        "r": part.registry(), "p": glob(matching.first()), "q": glob(matching.get(1)),
        "l": beginning, "h": format!("{beginning}{end}"),
    })
}
