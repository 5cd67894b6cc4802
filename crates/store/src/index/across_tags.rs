//! Tags of all registries at once: by name, and the newest builds. A request looks at a bounded number of them, says so,
//! and the next one goes on from there.

use super::{
    Index, Listing, Page, TagFilter,
    paging::{LAST, Place, Sort, Step, Stretch, Value},
    repository_filter::{seen_registries, sees},
    seen::{Narrow, Sight},
    tag_filter::{Narrowed, among, labelled},
    tags::{TagRow, tag_row},
};
use crate::{Error, sql::statements};
use domain::{Id, RepositoryName, Visible};
use sqlx::{
    Arguments as _, Row as _,
    sqlite::{SqliteArguments, SqliteRow},
};
use std::sync::Arc;

/// What is shown of a tag, and in which repository it is.
macro_rules! shown {
    ($from:literal, $sort:literal, $rest:expr, $order:expr) => {
        concat!(
            "SELECT p.*, m.digest, m.media_type, m.artifact_type, m.subject, l.text AS platform_texts FROM (",
            "SELECT t.name, t.repository_id, t.manifest_id, t.checked_at, t.moved_at, t.is_referrer, t.kind, t.platforms, ",
            "t.size, t.created, r.registry_id, r.name AS repository, ", $sort, " AS sort_value FROM ", $from,
            " CROSS JOIN repositories r ON r.id = t.repository_id WHERE $1 AND ", sees!("$27"), " ",
            among!("r.registry_id"),
            $rest,
            " LIMIT $34) p LEFT JOIN manifests m ON m.id = p.manifest_id LEFT JOIN platforms l ON l.id = p.platforms ORDER BY ",
            $order
        )
    };
}
/// By name, from ($28, $29) on, to ($31, $32) included.
macro_rules! by_name {
    ($from:literal, $after:literal, $to:literal, $direction:literal) => {
        shown!(
            $from,
            "t.name",
            concat!(
                "AND r.registry_id IN (SELECT value FROM json_each($2)) AND (t.name, t.repository_id) ",
                $after,
                " ($28, $29) AND (t.name, t.repository_id) ",
                $to,
                " ($31, $32) ORDER BY t.name ",
                $direction,
                ", t.repository_id ",
                $direction
            ),
            concat!("p.name ", $direction, ", p.repository_id ", $direction)
        )
    };
}
/// The builds of registry $2 by their time, from ($28, $29) on and the tags of that one after ($30, $33), to ($31, $32)
/// included.
macro_rules! by_created {
    ($from:literal, $after:literal, $to:literal, $direction:literal) => {
        shown!(
            $from,
            "n.created",
            concat!(
                "AND n.registry_id = $2 AND n.created IS NOT NULL AND (n.created, n.id) ",
                $after,
                "= ($28, $29) ",
                "AND (n.created, n.id) ",
                $to,
                " ($31, $32) ",
                "AND (n.id <> $29 OR (t.repository_id, t.name) ",
                $after,
                " ($30, $33)) ",
                "ORDER BY n.created ",
                $direction,
                ", n.id ",
                $direction,
                ", t.repository_id ",
                $direction,
                ", t.name ",
                $direction
            ),
            concat!(
                "p.sort_value ",
                $direction,
                ", p.manifest_id ",
                $direction,
                ", p.repository_id ",
                $direction,
                ", p.name ",
                $direction
            )
        )
    };
}

statements! {
    BY_NAME_UP = by_name!("tags t", ">", "<=", "ASC");
    BY_NAME_DOWN = by_name!("tags t", "<", ">=", "DESC");
    BY_CREATED_UP = by_created!("manifests n CROSS JOIN tags t ON t.manifest_id = n.id", ">", "<=", "ASC");
    BY_CREATED_DOWN = by_created!("manifests n CROSS JOIN tags t ON t.manifest_id = n.id", "<", ">=", "DESC");
    // All tags of some repositories ($35), sorted.
    SEEN_BY_NAME_UP = by_name!("json_each($35) s CROSS JOIN tags t ON t.repository_id = s.value", ">", "<=", "ASC");
    SEEN_BY_NAME_DOWN = by_name!("json_each($35) s CROSS JOIN tags t ON t.repository_id = s.value", "<", ">=", "DESC");
    SEEN_BY_CREATED_UP = by_created!("json_each($35) s CROSS JOIN tags t ON t.repository_id = s.value
                         CROSS JOIN manifests n ON n.id = t.manifest_id", ">", "<=", "ASC");
    SEEN_BY_CREATED_DOWN = by_created!("json_each($35) s CROSS JOIN tags t ON t.repository_id = s.value
                           CROSS JOIN manifests n ON n.id = t.manifest_id", "<", ">=", "DESC");
    // The candidate after so many others ($4): how far one look goes.
    NAME_AFTER_UP = "SELECT name, repository_id FROM tags WHERE (name, repository_id) > ($1, $2) AND name < $3
                     ORDER BY name, repository_id LIMIT 1 OFFSET $4";
    NAME_AFTER_DOWN = "SELECT name, repository_id FROM tags WHERE (name, repository_id) < ($1, $2) AND name >= $3
                       ORDER BY name DESC, repository_id DESC LIMIT 1 OFFSET $4";
    CREATED_AFTER_UP = "SELECT created, id FROM manifests WHERE registry_id = $5 AND created IS NOT NULL
                        AND (created, id) > ($1, $2) AND created <= $3 ORDER BY created, id LIMIT 1 OFFSET $4";
    CREATED_AFTER_DOWN = "SELECT created, id FROM manifests WHERE registry_id = $5 AND created IS NOT NULL
                          AND (created, id) < ($1, $2) AND created >= $3 ORDER BY created DESC, id DESC LIMIT 1 OFFSET $4";
}

/// Where somebody sees no more tags than this, all of them are sorted: among others theirs would be few and far between.
const SORTED: usize = 50_000;
/// As many candidates are looked at first: mostly enough. Then as many more, and no further.
const LOOKS: [i64; 2] = [500, 10_000];

/// What tags of several repositories are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcrossSort {
    /// Their name.
    #[default]
    Name,
    /// When the image was built; those whose time is not known are left out.
    Created,
}

/// A tag, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagAcross {
    /// In which registry.
    pub registry: Id,
    /// In which repository.
    pub repository: RepositoryName,
    /// The tag.
    pub row: TagRow,
}

type Found = (Place, TagAcross);

/// What one look found, and where it stopped if there may be more.
#[derive(Default)]
struct Look {
    found: Vec<Found>,
    stopped: Option<Place>,
}

impl AcrossSort {
    fn statements(self) -> Sort {
        let sort = |key, numbers, up, down| Sort { key, numbers, up, down, missing: None };
        match self {
            Self::Name => sort("across-name", false, BY_NAME_UP, BY_NAME_DOWN),
            Self::Created => sort("across-created", true, BY_CREATED_UP, BY_CREATED_DOWN),
        }
    }
}

impl Index {
    /// A page of the tags of these registries. Where many candidates don't pass the filter, the page is cut. By name,
    /// referrers tags are passed over as a whole: what only begins like one (`sha256-` and a digit) is, too.
    pub async fn tags_across(
        &self,
        visible: &Visible,
        registries: &[Id],
        filter: &TagFilter,
        listing: &Listing<AcrossSort>,
    ) -> Result<Page<TagAcross>, Error> {
        let Listing { sort, descending, seek, limit } = listing;
        let within = match sort {
            AcrossSort::Name => Some(filter.names().unwrap_or_else(|| names_of(filter))),
            AcrossSort::Created => Some(filter.created().unwrap_or_else(|| vec![Stretch::default()])),
        };
        let plan = sort.statements().plan(*descending, seek, within.as_deref())?;
        let registries = seen_registries(visible, registries);
        let Some(narrowed) = self.narrowed(filter).await? else { return Ok(plan.way.page(Vec::new(), *limit, None)) };
        let sight = self.sight(visible).await?;
        let narrow = self.few_tags(&sight).await?;
        // Where what is seen is begun with, nothing else is walked past.
        let marks = if narrow.is_some() { None } else { sight.marks() };
        let wanted = *limit as usize + 1;
        let walk = Walk { index: self, visible, narrow, marks, narrowed, upwards: plan.way.upwards, wanted };
        let mut all = Look::default();
        for step in &plan.steps {
            if all.stopped.is_some() || all.found.len() >= walk.wanted {
                break;
            }
            match sort {
                AcrossSort::Name => {
                    let registries = serde_json::to_string(&registries)?;
                    all.stopped = walk.names(step, &registries, &mut all.found).await?;
                }
                AcrossSort::Created => all = walk.newest(step, &registries).await?,
            }
        }
        Ok(plan.way.page(all.found, *limit, all.stopped))
    }

    /// The repositories that may be seen, if these are few and have few tags.
    async fn few_tags(&self, sight: &Sight) -> Result<Option<Arc<Narrow>>, Error> {
        let Some(narrow) = sight.few() else { return Ok(None) };
        Ok((self.tags_of(narrow).await? <= SORTED).then(|| Arc::clone(narrow)))
    }
}

/// The names between which no referrers tag is; or those between which all are.
fn names_of(filter: &TagFilter) -> Vec<Stretch> {
    let stretch = |low: &str, high: &str| Stretch {
        low: Some(Value::Text(low.to_owned())),
        high: Some(Value::Text(high.to_owned())),
    };
    match (filter.only_referrers, filter.referrers) {
        (true, _) => vec![stretch("sha256-0", "sha256-g"), stretch("sha512-0", "sha512-g")],
        (false, true) => vec![Stretch::default()],
        (false, false) => {
            vec![stretch("", "sha256-0"), stretch("sha256-g", "sha512-0"), stretch("sha512-g", LAST)]
        }
    }
}

/// A list being read.
struct Walk<'w> {
    index: &'w Index,
    visible: &'w Visible,
    /// All that may be seen, if it is little.
    narrow: Option<Arc<Narrow>>,
    /// What may be seen, for a list that is walked.
    marks: Option<Arc<[u8]>>,
    narrowed: Narrowed,
    upwards: bool,
    wanted: usize,
}

impl Walk<'_> {
    /// Before everything (or after it) that has the same value.
    fn end(&self) -> i64 {
        if self.upwards { i64::MIN } else { i64::MAX }
    }

    /// The statement for those who see little, and what they see.
    fn seen(&self, up: &'static str, down: &'static str) -> Option<(&'static str, &Narrow)> {
        self.narrow.as_ref().map(|narrow| (if self.upwards { up } else { down }, narrow.as_ref()))
    }

    /// Looks along the names of a stretch; says where it stopped, if it did before the end.
    async fn names(&self, step: &Step, registries: &str, found: &mut Vec<Found>) -> Result<Option<Place>, Error> {
        let after = if self.upwards { NAME_AFTER_UP } else { NAME_AFTER_DOWN };
        let Value::Text(mut name) = step.from.value.clone() else { return Ok(None) };
        // A stretch does not hold its higher end, so that either way it begins before all repositories with that name.
        let mut repository = step.from.ids.first().copied().unwrap_or(i64::MIN);
        let Value::Text(end) = &step.to else { return Ok(None) };
        let seen = self.seen(SEEN_BY_NAME_UP, SEEN_BY_NAME_DOWN);
        for look in LOOKS {
            let query = sqlx::query_as(after).bind(&name).bind(repository).bind(end).bind(look);
            let last: Option<(String, i64)> = match &seen {
                Some(_) => None,
                None => query.fetch_optional(&self.index.pools.readers).await?,
            };
            let to = match &last {
                Some(last) => last.clone(),
                // All that is left: the higher end does not belong to it, the lower one does.
                None => (end.clone(), i64::MIN),
            };
            let mut arguments = self.narrowed.arguments(true, registries)?;
            let wanted = i64::try_from(self.wanted - found.len()).unwrap_or(i64::MAX);
            let mut add = || {
                arguments.add(self.marks.clone())?;
                arguments.add(&name)?;
                arguments.add(repository)?;
                arguments.add(None::<i64>)?;
                arguments.add(&to.0)?;
                arguments.add(to.1)?;
                arguments.add(None::<i64>)?;
                arguments.add(wanted)?;
                seen.as_ref().map_or(Ok(()), |(_, narrow)| arguments.add(narrow.ids.clone()))
            };
            add().map_err(sqlx::Error::Encode)?;
            let sql = seen.as_ref().map_or(step.sql, |(sql, _)| *sql);
            let place = |row: &SqliteRow, tag: &TagAcross| {
                let name = tag.row.tag.to_string();
                let ids = vec![row.try_get("repository_id")?];
                Ok(Place { value: Value::Text(name.clone()), name, ids })
            };
            found.extend(self.rows(sql, arguments, place).await?);
            if found.len() >= self.wanted {
                return Ok(None);
            }
            let Some(last) = last else { return Ok(None) };
            (name, repository) = last;
        }
        Ok(Some(Place { value: Value::Text(name.clone()), name, ids: vec![repository] }))
    }

    /// Looks along the builds of each registry, and brings what is found into one order.
    async fn newest(&self, step: &Step, registries: &[Id]) -> Result<Look, Error> {
        let mut all = Look::default();
        for registry in registries {
            let look = self.newest_of(step, *registry).await?;
            all.found.extend(look.found);
            all.stopped = match (all.stopped, look.stopped) {
                (Some(a), Some(b)) => Some(if self.is_before(&a, &b) { a } else { b }),
                (a, b) => a.or(b),
            };
        }
        // What lies beyond the place where a registry was given up may have others of that one before it.
        if let Some(stopped) = &all.stopped {
            all.found.retain(|(place, _)| !self.is_before(stopped, place));
        }
        all.found.sort_by(|(a, _), (b, _)| {
            let order = key(a).cmp(&key(b));
            if self.upwards { order } else { order.reverse() }
        });
        if all.found.len() >= self.wanted {
            all.stopped = None;
        }
        Ok(all)
    }

    fn is_before(&self, a: &Place, b: &Place) -> bool {
        if self.upwards { key(a) < key(b) } else { key(a) > key(b) }
    }

    async fn newest_of(&self, step: &Step, registry: Id) -> Result<Look, Error> {
        let after = if self.upwards { CREATED_AFTER_UP } else { CREATED_AFTER_DOWN };
        let (&Value::Number(mut created), &Value::Number(end)) = (&step.from.value, &step.to) else {
            return Ok(Look::default());
        };
        let mut manifest = step.from.ids.first().copied().unwrap_or(self.end());
        let mut repository = step.from.ids.get(1).copied().unwrap_or(self.end());
        let mut name = step.from.name.clone();
        let mut found: Vec<Found> = Vec::new();
        let seen = self.seen(SEEN_BY_CREATED_UP, SEEN_BY_CREATED_DOWN);
        for look in LOOKS {
            let query = sqlx::query_as(after).bind(created).bind(manifest).bind(end).bind(look).bind(registry);
            let last: Option<(i64, i64)> = match &seen {
                Some(_) => None,
                None => query.fetch_optional(&self.index.pools.readers).await?,
            };
            let to = last.unwrap_or((end, if self.upwards { i64::MAX } else { i64::MIN }));
            let mut arguments = self.narrowed.arguments(true, registry)?;
            let wanted = i64::try_from(self.wanted - found.len()).unwrap_or(i64::MAX);
            let mut add = || {
                arguments.add(self.marks.clone())?;
                arguments.add(created)?;
                arguments.add(manifest)?;
                arguments.add(repository)?;
                arguments.add(to.0)?;
                arguments.add(to.1)?;
                arguments.add(&name)?;
                arguments.add(wanted)?;
                seen.as_ref().map_or(Ok(()), |(_, narrow)| arguments.add(narrow.of_registry(registry).to_owned()))
            };
            add().map_err(sqlx::Error::Encode)?;
            let sql = seen.as_ref().map_or(step.sql, |(sql, _)| *sql);
            let place = |row: &SqliteRow, tag: &TagAcross| {
                let ids = vec![row.try_get("manifest_id")?, row.try_get("repository_id")?];
                Ok(Place { value: Value::of(row, true)?, name: tag.row.tag.to_string(), ids })
            };
            found.extend(self.rows(sql, arguments, place).await?);
            let Some(last) = last.filter(|_| found.len() < self.wanted) else {
                return Ok(Look { found, stopped: None });
            };
            // That one was looked at to its last tag.
            (created, manifest) = last;
            (repository, name) = if self.upwards { (i64::MAX, LAST.to_owned()) } else { (i64::MIN, String::new()) };
        }
        let stopped = Place { value: Value::Number(created), name, ids: vec![manifest, repository] };
        Ok(Look { found, stopped: Some(stopped) })
    }

    async fn rows(
        &self,
        sql: &'static str,
        arguments: SqliteArguments,
        place: impl Fn(&SqliteRow, &TagAcross) -> Result<Place, Error>,
    ) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        for row in sqlx::query_with(sql, arguments).fetch_all(&self.index.pools.readers).await? {
            let repository: String = row.try_get("repository")?;
            let tag = TagAcross {
                registry: row.try_get("registry_id")?,
                repository: repository.parse()?,
                row: tag_row(&row)?,
            };
            if self.visible.repository(tag.registry, &tag.repository) {
                found.push((place(&row, &tag)?, tag));
            }
        }
        Ok(found)
    }
}

/// The order of builds: their time, their row, then the tags that name them.
fn key(place: &Place) -> (&Value, &[i64], &str) {
    (&place.value, &place.ids, &place.name)
}
