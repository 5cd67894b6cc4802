//! Lists of tags: filtered, sorted, in pages.

use super::{
    Count, Index, Listing, Page,
    paging::{Sort, Value},
    tags::{TagRow, tag_row},
};
use crate::{Error, sql::statements};
use domain::{Id, Kind, Visible};
use sqlx::{Row as _, sqlite::SqliteRow};

/// What every list has in common: what may be seen, of which repository, and the filter ($1 to $7).
macro_rules! among {
    ($columns:expr, $rest:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM tags t LEFT JOIN manifests m ON m.digest = t.digest ",
            "AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $2) ",
            "WHERE $1 AND t.repository_id = $2 AND ($3 IS NULL OR instr(lower(t.name), $3) > 0) ",
            "AND ($4 IS NULL OR t.name GLOB $4) AND ($5 IS NULL OR m.kind = $5) ",
            "AND ($6 IS NULL OR instr(m.platforms, $6) > 0) AND ($7 OR t.is_referrer = 0) ",
            $rest
        )
    };
}
macro_rules! columns {
    ($value:literal) => {
        concat!(
            "t.name, t.digest, t.checked_at, t.is_referrer, m.media_type, m.kind, m.artifact_type, m.platforms, m.size, ",
            "m.created, m.subject, ", $value, " AS sort_value"
        )
    };
}
/// A page from ($8, $9) on.
macro_rules! page {
    ($value:literal, $after:literal, $direction:literal) => {
        among!(
            columns!($value),
            concat!(
                "AND (",
                $value,
                ", t.name) ",
                $after,
                " ($8, $9) ORDER BY ",
                $value,
                " ",
                $direction,
                ", t.name ",
                $direction,
                " LIMIT $10"
            )
        )
    };
}
/// A page of those without a value, from $9 on.
macro_rules! missing {
    ($value:literal, $after:literal, $direction:literal) => {
        among!(
            columns!($value),
            concat!("AND ", $value, " IS NULL AND t.name ", $after, " $9 ORDER BY t.name ", $direction, " LIMIT $10")
        )
    };
}

statements! {
    BY_NAME_UP = among!(columns!("t.name"), "AND t.name > $9 ORDER BY t.name ASC LIMIT $10");
    BY_NAME_DOWN = among!(columns!("t.name"), "AND t.name < $9 ORDER BY t.name DESC LIMIT $10");
    BY_VERSION_UP = page!("t.version", ">", "ASC");
    BY_VERSION_DOWN = page!("t.version", "<", "DESC");
    BY_VERSION_MISSING_UP = missing!("t.version", ">", "ASC");
    BY_VERSION_MISSING_DOWN = missing!("t.version", "<", "DESC");
    BY_CREATED_UP = page!("m.created", ">", "ASC");
    BY_CREATED_DOWN = page!("m.created", "<", "DESC");
    BY_CREATED_MISSING_UP = missing!("m.created", ">", "ASC");
    BY_CREATED_MISSING_DOWN = missing!("m.created", "<", "DESC");
    BY_SIZE_UP = page!("m.size", ">", "ASC");
    BY_SIZE_DOWN = page!("m.size", "<", "DESC");
    BY_SIZE_MISSING_UP = missing!("m.size", ">", "ASC");
    BY_SIZE_MISSING_DOWN = missing!("m.size", "<", "DESC");
    COUNT = concat!("SELECT COUNT(*) FROM (", among!("1", "LIMIT $8"), ")");
}

/// What tags are sorted by. Created and size tell the truth only once all is read ([`super::Progress`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagSort {
    /// Their name.
    #[default]
    Name,
    /// The semantic version they read as; others after, by name.
    Version,
    /// When the image was built.
    Created,
    /// How much a pull moves.
    Size,
}

/// Which tags to show. Everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFilter {
    /// Part of the name, in any case.
    pub text: Option<String>,
    /// A pattern for the whole name: `*`, `?`, `[a-z]`; at most 256 bytes and 8 `*`.
    pub glob: Option<String>,
    /// Of this kind; leaves out what was not read yet.
    pub kind: Option<Kind>,
    /// Runs on this platform, such as `linux/amd64`; leaves out what was not read yet.
    pub platform: Option<String>,
    /// With referrers tags (`sha256-…`)?
    pub referrers: bool,
}

impl TagSort {
    fn statements(self) -> Sort {
        let sort = |key, numbers, up, down, missing| Sort { key, numbers, up, down, missing };
        match self {
            Self::Name => sort("name", false, BY_NAME_UP, BY_NAME_DOWN, None),
            Self::Version => sort(
                "version",
                false,
                BY_VERSION_UP,
                BY_VERSION_DOWN,
                Some((BY_VERSION_MISSING_UP, BY_VERSION_MISSING_DOWN)),
            ),
            Self::Created => sort(
                "created",
                true,
                BY_CREATED_UP,
                BY_CREATED_DOWN,
                Some((BY_CREATED_MISSING_UP, BY_CREATED_MISSING_DOWN)),
            ),
            Self::Size => {
                sort("size", true, BY_SIZE_UP, BY_SIZE_DOWN, Some((BY_SIZE_MISSING_UP, BY_SIZE_MISSING_DOWN)))
            }
        }
    }
}

/// A filter in the form in which statements take it.
struct Bound {
    text: Option<String>,
    glob: Option<String>,
    kind: Option<&'static str>,
    platform: Option<String>,
    referrers: bool,
}

impl TagFilter {
    fn bound(&self) -> Result<Bound, Error> {
        let set = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let glob = set(&self.glob);
        // Each star may try every rest of a name: a few are enough for people, many are an attack.
        if glob.as_ref().is_some_and(|glob| glob.len() > 256 || glob.matches('*').count() > 8) {
            return Err(Error::Filter("a pattern has at most 256 characters and 8 stars"));
        }
        Ok(Bound {
            text: set(&self.text).map(|text| text.to_lowercase()),
            glob,
            kind: self.kind.map(Kind::as_str),
            platform: set(&self.platform).map(|platform| format!(",{platform},")),
            referrers: self.referrers,
        })
    }
}

impl Index {
    /// A page of a repository's tags.
    pub async fn tags(
        &self,
        visible: &Visible,
        repository: Id,
        filter: &TagFilter,
        listing: &Listing<TagSort>,
    ) -> Result<Page<TagRow>, Error> {
        let may = self.may_see(visible, repository).await?;
        let filter = filter.bound()?;
        let Listing { sort, descending, seek, limit } = listing;
        let plan = sort.statements().plan(*descending, seek)?;
        let mut found = Vec::new();
        for step in &plan.steps {
            let wanted = i64::from(*limit) + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if wanted <= 0 {
                break;
            }
            let query = sqlx::query(step.sql)
                .bind(may)
                .bind(repository)
                .bind(&filter.text)
                .bind(&filter.glob)
                .bind(filter.kind)
                .bind(&filter.platform)
                .bind(filter.referrers);
            let query = match &step.value {
                Value::Missing => query.bind(None::<i64>),
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
            };
            for row in query.bind(&step.name).bind(wanted).fetch_all(&self.pools.readers).await? {
                let tag = tag_row(&row)?;
                found.push((value(&row, *sort)?, tag.tag.to_string(), tag));
            }
        }
        Ok(plan.page(found, *limit))
    }

    /// How many of a repository's tags the filter lets through, counted to `cap`.
    pub async fn count_tags(
        &self,
        visible: &Visible,
        repository: Id,
        filter: &TagFilter,
        cap: u32,
    ) -> Result<Count, Error> {
        let may = self.may_see(visible, repository).await?;
        let filter = filter.bound()?;
        let query = sqlx::query_scalar(COUNT)
            .bind(may)
            .bind(repository)
            .bind(&filter.text)
            .bind(&filter.glob)
            .bind(filter.kind)
            .bind(&filter.platform)
            .bind(filter.referrers)
            .bind(i64::from(cap) + 1);
        Ok(Count::upto(cap, query.fetch_one(&self.pools.readers).await?))
    }
}

fn value(row: &SqliteRow, sort: TagSort) -> Result<Value, Error> {
    match sort {
        TagSort::Name | TagSort::Version => {
            let text: Option<String> = row.try_get("sort_value")?;
            Ok(text.map_or(Value::Missing, Value::Text))
        }
        TagSort::Created | TagSort::Size => {
            let number: Option<i64> = row.try_get("sort_value")?;
            Ok(number.map_or(Value::Missing, Value::Number))
        }
    }
}
