//! Lists of repositories: filtered, sorted, in pages, and grouped by namespace.

use super::{
    Count, Index, Listing, Page, Repository,
    paging::{Sort, Value},
    repositories::repository,
};
use crate::{Error, sql::statements};
use domain::{Id, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};

/// What every list has in common: what may be seen, of which registry, and the filter ($1 to $4).
macro_rules! among {
    ($columns:expr, $rest:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM repositories WHERE $1 AND registry_id = $2 ",
            "AND ($3 IS NULL OR instr(name, $3) > 0) AND ($4 IS NULL OR namespace = $4) ",
            $rest
        )
    };
}
/// A page from ($5, $6) on.
macro_rules! page {
    ($value:literal, $after:literal, $direction:literal) => {
        among!(
            concat!("*, ", $value, " AS sort_value"),
            concat!(
                "AND (",
                $value,
                ", name) ",
                $after,
                " ($5, $6) ORDER BY ",
                $value,
                " ",
                $direction,
                ", name ",
                $direction,
                " LIMIT $7"
            )
        )
    };
}
/// A page of those without a value, from $6 on.
macro_rules! missing {
    ($value:literal, $after:literal, $direction:literal) => {
        among!(
            concat!("*, ", $value, " AS sort_value"),
            concat!("AND ", $value, " IS NULL AND name ", $after, " $6 ORDER BY name ", $direction, " LIMIT $7")
        )
    };
}

statements! {
    BY_NAME_UP = among!("*, name AS sort_value", "AND name > $6 ORDER BY name ASC LIMIT $7");
    BY_NAME_DOWN = among!("*, name AS sort_value", "AND name < $6 ORDER BY name DESC LIMIT $7");
    BY_TAGS_UP = page!("tag_count", ">", "ASC");
    BY_TAGS_DOWN = page!("tag_count", "<", "DESC");
    BY_TAGS_MISSING_UP = missing!("tag_count", ">", "ASC");
    BY_TAGS_MISSING_DOWN = missing!("tag_count", "<", "DESC");
    BY_NEWEST_UP = page!("newest", ">", "ASC");
    BY_NEWEST_DOWN = page!("newest", "<", "DESC");
    BY_NEWEST_MISSING_UP = missing!("newest", ">", "ASC");
    BY_NEWEST_MISSING_DOWN = missing!("newest", "<", "DESC");
    COUNT = concat!("SELECT COUNT(*) FROM (", among!("1", "LIMIT $5"), ")");
    NAMESPACES = among!("namespace, COUNT(*)", "GROUP BY namespace ORDER BY namespace");
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
}

/// Which repositories to show. Everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryFilter {
    /// Part of the name, in any case.
    pub text: Option<String>,
    /// Exactly this namespace; empty for those without one.
    pub namespace: Option<String>,
}

impl RepositorySort {
    fn statements(self) -> Sort {
        match self {
            Self::Name => Sort { key: "name", numbers: false, up: BY_NAME_UP, down: BY_NAME_DOWN, missing: None },
            Self::Tags => Sort {
                key: "tags",
                numbers: true,
                up: BY_TAGS_UP,
                down: BY_TAGS_DOWN,
                missing: Some((BY_TAGS_MISSING_UP, BY_TAGS_MISSING_DOWN)),
            },
            Self::Newest => Sort {
                key: "newest",
                numbers: true,
                up: BY_NEWEST_UP,
                down: BY_NEWEST_DOWN,
                missing: Some((BY_NEWEST_MISSING_UP, BY_NEWEST_MISSING_DOWN)),
            },
        }
    }
}

impl RepositoryFilter {
    fn text(&self) -> Option<String> {
        self.text.as_ref().filter(|text| !text.is_empty()).map(|text| text.to_lowercase())
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
        let plan = sort.statements().plan(*descending, seek)?;
        let mut found = Vec::new();
        for step in &plan.steps {
            let wanted = i64::from(*limit) + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if wanted <= 0 {
                break;
            }
            let query = sqlx::query(step.sql)
                .bind(visible.everything())
                .bind(registry)
                .bind(filter.text())
                .bind(&filter.namespace);
            let query = match &step.value {
                Value::Missing => query.bind(None::<i64>),
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
            };
            for row in query.bind(&step.name).bind(wanted).fetch_all(&self.pools.readers).await? {
                let repository = repository(&row)?;
                found.push((value(&row, *sort)?, repository.name.to_string(), repository));
            }
        }
        Ok(plan.page(found, *limit))
    }

    /// How many of a registry's repositories the filter lets through, counted to `cap`.
    pub async fn count_repositories(
        &self,
        visible: &Visible,
        registry: Id,
        filter: &RepositoryFilter,
        cap: u32,
    ) -> Result<Count, Error> {
        let query = sqlx::query_scalar(COUNT)
            .bind(visible.everything())
            .bind(registry)
            .bind(filter.text())
            .bind(&filter.namespace)
            .bind(i64::from(cap) + 1);
        Ok(Count::upto(cap, query.fetch_one(&self.pools.readers).await?))
    }

    /// The namespaces among what the filter lets through, each with its number of repositories; empty for none.
    pub async fn namespaces(
        &self,
        visible: &Visible,
        registry: Id,
        filter: &RepositoryFilter,
    ) -> Result<Vec<(String, u64)>, Error> {
        let query = sqlx::query_as(NAMESPACES)
            .bind(visible.everything())
            .bind(registry)
            .bind(filter.text())
            .bind(&filter.namespace);
        let rows: Vec<(String, i64)> = query.fetch_all(&self.pools.readers).await?;
        Ok(rows.into_iter().map(|(namespace, count)| (namespace, count.unsigned_abs())).collect())
    }
}

fn value(row: &SqliteRow, sort: RepositorySort) -> Result<Value, Error> {
    if sort == RepositorySort::Name {
        return Ok(Value::Text(row.try_get("sort_value")?));
    }
    let number: Option<i64> = row.try_get("sort_value")?;
    Ok(number.map_or(Value::Missing, Value::Number))
}
