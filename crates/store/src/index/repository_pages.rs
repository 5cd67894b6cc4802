//! Lists of repositories: filtered, sorted, in pages, and grouped by namespace.

use super::{
    Count, Index, Listing, Page, Repository, RepositoryFilter, array,
    paging::{Place, Sort, Step, Stretch, Value, Ways},
    repositories::repository,
    repository_filter::{Seeing, among, seen_registries, sees},
    seen::Sight,
};
use crate::{Error, sql::statements};
use domain::{Id, Visible};
use sqlx::{Arguments as _, Row as _};
use std::collections::HashMap;

/// A page of those with a value, from ($16, $17) on, to $18.
macro_rules! page {
    ($how:tt, $value:literal, $after:literal, $to:literal, $direction:literal) => {
        among!(
            $how,
            concat!("r.*, ", $value, " AS sort_value"),
            concat!(
                "AND (",
                $value,
                ", r.name) ",
                $after,
                " ($16, $17) AND ",
                $value,
                " ",
                $to,
                " $18 ORDER BY ",
                $value,
                " ",
                $direction,
                ", r.name ",
                $direction,
                " LIMIT $19"
            )
        )
    };
}
/// A page of those without a value, from $17 on.
macro_rules! missing {
    ($how:tt, $value:literal, $after:literal, $direction:literal) => {
        among!(
            $how,
            concat!("r.*, ", $value, " AS sort_value"),
            concat!("AND ", $value, " IS NULL AND r.name ", $after, " $17 ORDER BY r.name ", $direction, " LIMIT $19")
        )
    };
}

statements! {
    BY_NAME_UP = among!(walk, "r.*, r.name AS sort_value",
                 "AND r.name >= $16 AND r.name <> $17 AND r.name < $18 ORDER BY r.name ASC LIMIT $19");
    BY_NAME_DOWN = among!(walk, "r.*, r.name AS sort_value",
                   "AND r.name < $16 AND r.name <> $17 AND r.name >= $18 ORDER BY r.name DESC LIMIT $19");
    BY_TAGS_UP = page!(walk, "r.tag_count", ">", "<=", "ASC");
    BY_TAGS_DOWN = page!(walk, "r.tag_count", "<", ">=", "DESC");
    BY_TAGS_MISSING_UP = missing!(walk, "r.tag_count", ">", "ASC");
    BY_TAGS_MISSING_DOWN = missing!(walk, "r.tag_count", "<", "DESC");
    BY_NEWEST_UP = page!(walk, "r.newest", ">", "<=", "ASC");
    BY_NEWEST_DOWN = page!(walk, "r.newest", "<", ">=", "DESC");
    BY_NEWEST_MISSING_UP = missing!(walk, "r.newest", ">", "ASC");
    BY_NEWEST_MISSING_DOWN = missing!(walk, "r.newest", "<", "DESC");
    BY_BYTES_UP = page!(walk, "r.bytes", ">", "<=", "ASC");
    BY_BYTES_DOWN = page!(walk, "r.bytes", "<", ">=", "DESC");
    BY_EXCLUSIVE_UP = page!(walk, "r.exclusive", ">", "<=", "ASC");
    BY_EXCLUSIVE_DOWN = page!(walk, "r.exclusive", "<", ">=", "DESC");
    COUNT = concat!("SELECT COUNT(*) FROM (", among!(walk, "1", "LIMIT $16"), ")");
    NAMESPACES = among!(walk, "r.namespace, COUNT(*)",
                 "AND r.namespace >= $16 AND r.namespace IS NOT $17 GROUP BY r.namespace ORDER BY r.namespace LIMIT $18");
    KEPT = "SELECT repositories FROM catalogues WHERE $1 AND registry_id = $2";
    // By the beginning of names: `/` and the character after it.
    BELOW = concat!("SELECT j.value, (SELECT COUNT(*) FROM repositories r WHERE r.registry_id = $2 ",
             "AND r.name >= j.value || '/' AND r.name < j.value || '0' AND ", sees!("$3"),
             " AND ($4 IS NULL OR instr(r.name, $4) > 0)) FROM json_each($5) j WHERE $1");
    SEEN_BY_NAME_UP = among!(seen, "r.*, r.name AS sort_value",
                 "AND r.name >= $16 AND r.name <> $17 AND r.name < $18 ORDER BY r.name ASC LIMIT $19");
    SEEN_BY_NAME_DOWN = among!(seen, "r.*, r.name AS sort_value",
                   "AND r.name < $16 AND r.name <> $17 AND r.name >= $18 ORDER BY r.name DESC LIMIT $19");
    SEEN_BY_TAGS_UP = page!(seen, "r.tag_count", ">", "<=", "ASC");
    SEEN_BY_TAGS_DOWN = page!(seen, "r.tag_count", "<", ">=", "DESC");
    SEEN_BY_TAGS_MISSING_UP = missing!(seen, "r.tag_count", ">", "ASC");
    SEEN_BY_TAGS_MISSING_DOWN = missing!(seen, "r.tag_count", "<", "DESC");
    SEEN_BY_NEWEST_UP = page!(seen, "r.newest", ">", "<=", "ASC");
    SEEN_BY_NEWEST_DOWN = page!(seen, "r.newest", "<", ">=", "DESC");
    SEEN_BY_NEWEST_MISSING_UP = missing!(seen, "r.newest", ">", "ASC");
    SEEN_BY_NEWEST_MISSING_DOWN = missing!(seen, "r.newest", "<", "DESC");
    SEEN_BY_BYTES_UP = page!(seen, "r.bytes", ">", "<=", "ASC");
    SEEN_BY_BYTES_DOWN = page!(seen, "r.bytes", "<", ">=", "DESC");
    SEEN_BY_EXCLUSIVE_UP = page!(seen, "r.exclusive", ">", "<=", "ASC");
    SEEN_BY_EXCLUSIVE_DOWN = page!(seen, "r.exclusive", "<", ">=", "DESC");
    SEEN_COUNT = concat!("SELECT COUNT(*) FROM (", among!(seen, "1", "LIMIT $16"), ")");
    SEEN_NAMESPACES = among!(seen, "r.namespace, COUNT(*)",
                 "AND r.namespace >= $16 AND r.namespace IS NOT $17 GROUP BY r.namespace ORDER BY r.namespace LIMIT $18");
    SEEN_BELOW = "WITH own AS MATERIALIZED (SELECT r.name FROM json_each($3) s CROSS JOIN repositories r ON r.id = s.value
                  WHERE r.registry_id = $2 AND ($4 IS NULL OR instr(r.name, $4) > 0))
                  SELECT j.value, (SELECT COUNT(*) FROM own WHERE own.name >= j.value || '/' AND own.name < j.value || '0')
                  FROM json_each($5) j WHERE $1";
}

/// What repositories are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RepositorySort {
    /// Their name.
    #[default]
    Name,
    /// How many tags they have.
    Tags,
    /// Their newest build known.
    Newest,
    /// Bytes they hold.
    Bytes,
    /// Bytes that no other repository holds.
    Exclusive,
}

/// Repositories with the same namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// What stands before the last `/` of their names; empty for those without one.
    pub name: String,
    /// How many the filter lets through.
    pub repositories: u64,
}

impl RepositorySort {
    /// How this list is read; those who see few have statements that begin with what they see.
    fn statements(self, few: bool) -> Sort {
        let of = |all: Ways, seen: Ways| if few { seen } else { all };
        match self {
            Self::Name => {
                Sort::by("name", false, of([BY_NAME_UP, BY_NAME_DOWN], [SEEN_BY_NAME_UP, SEEN_BY_NAME_DOWN]), None)
            }
            Self::Tags => {
                let ways = of([BY_TAGS_UP, BY_TAGS_DOWN], [SEEN_BY_TAGS_UP, SEEN_BY_TAGS_DOWN]);
                let all = [BY_TAGS_MISSING_UP, BY_TAGS_MISSING_DOWN];
                Sort::by("tags", true, ways, Some(of(all, [SEEN_BY_TAGS_MISSING_UP, SEEN_BY_TAGS_MISSING_DOWN])))
            }
            Self::Newest => {
                let ways = of([BY_NEWEST_UP, BY_NEWEST_DOWN], [SEEN_BY_NEWEST_UP, SEEN_BY_NEWEST_DOWN]);
                let all = [BY_NEWEST_MISSING_UP, BY_NEWEST_MISSING_DOWN];
                Sort::by("newest", true, ways, Some(of(all, [SEEN_BY_NEWEST_MISSING_UP, SEEN_BY_NEWEST_MISSING_DOWN])))
            }
            Self::Bytes => {
                Sort::by("bytes", true, of([BY_BYTES_UP, BY_BYTES_DOWN], [SEEN_BY_BYTES_UP, SEEN_BY_BYTES_DOWN]), None)
            }
            Self::Exclusive => {
                let ways = of([BY_EXCLUSIVE_UP, BY_EXCLUSIVE_DOWN], [SEEN_BY_EXCLUSIVE_UP, SEEN_BY_EXCLUSIVE_DOWN]);
                Sort::by("exclusive", true, ways, None)
            }
        }
    }

    /// To which values the filter narrows what the list is sorted by.
    fn within(self, filter: &RepositoryFilter, visible: &Visible) -> Option<Vec<Stretch>> {
        match self {
            Self::Name => filter.names(visible),
            Self::Tags => filter.tags(),
            Self::Newest => filter.newest(),
            Self::Bytes => filter.bytes(),
            Self::Exclusive => None,
        }
    }
}

impl Index {
    /// A page of a registry's repositories.
    pub async fn repositories(
        &self,
        visible: &Visible,
        registry: Id,
        filter: &RepositoryFilter,
        listing: &Listing<RepositorySort>,
    ) -> Result<Page<Repository>, Error> {
        let Listing { sort, descending, seek, limit } = listing;
        let sight = self.sight(visible).await?;
        let statements = sort.statements(sight.short().is_some());
        let plan = statements.plan(*descending, seek, sort.within(filter, visible).as_deref())?;
        let mut found = Vec::new();
        for step in &plan.steps {
            let wanted = i64::from(*limit) + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if wanted <= 0 {
                break;
            }
            found.extend(
                self.repository_step(may_list(visible, registry), &sight, registry, filter, step, wanted).await?,
            );
        }
        Ok(plan.way.page(found, *limit, None))
    }

    async fn repository_step(
        &self,
        may: bool,
        sight: &Sight,
        registry: Id,
        filter: &RepositoryFilter,
        step: &Step,
        wanted: i64,
    ) -> Result<Vec<(Place, Repository)>, Error> {
        let mut arguments = filter.arguments(may, registry, Seeing::page(sight, Some(registry)))?;
        let mut add = || {
            step.from.value.add_to(&mut arguments)?;
            arguments.add(&step.from.name)?;
            step.to.add_to(&mut arguments)?;
            arguments.add(wanted)
        };
        add().map_err(sqlx::Error::Encode)?;
        let number = matches!(step.to, Value::Number(_));
        let mut found = Vec::new();
        for row in sqlx::query_with(step.sql, arguments).fetch_all(&self.pools.readers).await? {
            let repository = repository(&row)?;
            let value = if step.to == Value::Missing { Value::Missing } else { Value::of(&row, number)? };
            found.push((Place::new(value, repository.name.as_str()), repository));
        }
        Ok(found)
    }

    /// How many of a registry's repositories the filter lets through: counted to `cap`, or exactly where the number is kept.
    pub async fn count_repositories(
        &self,
        visible: &Visible,
        registry: Id,
        filter: &RepositoryFilter,
        cap: u32,
    ) -> Result<Count, Error> {
        if filter.is_plain() && visible.in_registry(registry).everything() {
            let kept = sqlx::query_scalar(KEPT).bind(may_list(visible, registry)).bind(registry);
            let kept: Option<i64> = kept.fetch_optional(&self.pools.readers).await?;
            return Ok(Count::kept(kept.unwrap_or_default().unsigned_abs()));
        }
        let sight = self.sight(visible).await?;
        let sql = if sight.few().is_some() { SEEN_COUNT } else { COUNT };
        let seeing = Seeing::whole(&sight, registry);
        let mut arguments = filter.arguments(may_list(visible, registry), registry, seeing)?;
        arguments.add(i64::from(cap) + 1).map_err(sqlx::Error::Encode)?;
        let counted = sqlx::query_scalar_with(sql, arguments).fetch_one(&self.pools.readers).await?;
        Ok(Count::upto(cap, counted))
    }

    /// The namespaces among what the filter lets through, by name, after `after`: at most `limit` of them.
    pub async fn namespaces(
        &self,
        visible: &Visible,
        registry: Id,
        filter: &RepositoryFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Namespace>, Error> {
        let sight = self.sight(visible).await?;
        let sql = if sight.few().is_some() { SEEN_NAMESPACES } else { NAMESPACES };
        let seeing = Seeing::whole(&sight, registry);
        let mut arguments = filter.arguments(may_list(visible, registry), registry, seeing)?;
        let mut add = || {
            arguments.add(after.unwrap_or_default())?;
            arguments.add(after)?;
            arguments.add(limit)
        };
        add().map_err(sqlx::Error::Encode)?;
        let rows = sqlx::query_with(sql, arguments).fetch_all(&self.pools.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Namespace { name: row.try_get(0)?, repositories: row.try_get::<i64, _>(1)?.unsigned_abs() })
        };
        rows.iter().map(read).collect()
    }

    /// How many repositories with `text` (in small letters) in their name there are below each of these beginnings of
    /// names, such as `team` for `team/app` and `team/deep/app`: the headings of a page that is grouped.
    pub async fn count_below(
        &self,
        visible: &Visible,
        registry: Id,
        text: Option<&str>,
        beginnings: &[&str],
    ) -> Result<HashMap<String, u64>, Error> {
        let sight = self.sight(visible).await?;
        let query = match Seeing::whole(&sight, registry) {
            Seeing::Rows(rows) => {
                sqlx::query_as(SEEN_BELOW).bind(may_list(visible, registry)).bind(registry).bind(rows)
            }
            Seeing::Marks(marks) => sqlx::query_as(BELOW).bind(may_list(visible, registry)).bind(registry).bind(marks),
        };
        let query = query.bind(text).bind(array(beginnings));
        let rows: Vec<(String, i64)> = query.fetch_all(&self.pools.readers).await?;
        Ok(rows.into_iter().map(|(beginning, count)| (beginning, count.unsigned_abs())).collect())
    }
}

fn may_list(visible: &Visible, registry: Id) -> bool {
    !seen_registries(visible, &[registry]).is_empty()
}
