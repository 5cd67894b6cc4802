//! What a repository holds and no tag of it names: what stands behind no name, and is often forgotten.

use super::{
    Count, Index, Listing, Page,
    digests::unpacked,
    paging::{Place, Sort, Step, Value},
    tags::summary,
};
use crate::{Error, sql::statements};
use domain::{Digest, Id, Summary, Timestamp, Visible};
use sqlx::{
    Arguments as _, Row as _,
    sqlite::{SqliteArguments, SqliteRow},
};

/// No tag of the repository names it, and no index that the repository holds. What `$from` names first is looked at one by
/// one: what the repository holds, or what its registry has in the order of the list.
macro_rules! untagged {
    ($columns:expr, $from:expr, $rest:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $from,
            " AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = h.manifest_id AND t.repository_id = $2) ",
            "AND NOT EXISTS (SELECT 1 FROM children c CROSS JOIN holds p ON p.repository_id = $2 AND p.manifest_id = c.parent_id ",
            "WHERE c.child_id = h.manifest_id) AND ($3 OR m.subject IS NULL) ",
            $rest
        )
    };
}
macro_rules! held {
    () => {
        "holds h CROSS JOIN manifests m ON m.id = h.manifest_id WHERE $1 AND h.repository_id = $2"
    };
}
macro_rules! near {
    () => {
        "manifests m CROSS JOIN holds h ON h.repository_id = $2 AND h.manifest_id = m.id \
         WHERE $1 AND m.registry_id = (SELECT registry_id FROM repositories WHERE id = $2)"
    };
}
macro_rules! shown {
    ($from:expr, $value:literal, $direction:literal, $rest:expr) => {
        concat!(
            "SELECT p.*, l.text AS platform_texts FROM (",
            untagged!(
                concat!(
                    "m.digest, m.kind, m.media_type, m.artifact_type, m.platforms, m.size, m.created, m.subject, ",
                    "h.untagged_at, h.inferred, ",
                    $value,
                    " AS sort_value"
                ),
                $from,
                $rest
            ),
            " LIMIT $7) p LEFT JOIN platforms l ON l.id = p.platforms ORDER BY p.sort_value ",
            $direction,
            ", p.digest ",
            $direction
        )
    };
}
macro_rules! page {
    ($from:expr, $value:literal, $after:literal, $to:literal, $direction:literal) => {
        shown!(
            $from,
            $value,
            $direction,
            concat!(
                "AND (",
                $value,
                ", m.digest) ",
                $after,
                " ($4, unhex($5)) AND ",
                $value,
                " ",
                $to,
                " $6 ORDER BY ",
                $value,
                " ",
                $direction,
                ", m.digest ",
                $direction
            )
        )
    };
}
macro_rules! missing {
    ($value:literal, $after:literal, $direction:literal) => {
        shown!(
            held!(),
            $value,
            $direction,
            concat!("AND ", $value, " IS NULL AND m.digest ", $after, " unhex($5) ORDER BY m.digest ", $direction)
        )
    };
}
macro_rules! after {
    ($value:literal, $after:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            $value,
            " FROM manifests WHERE registry_id = (SELECT registry_id FROM repositories WHERE id = $1) AND ",
            $value,
            " IS NOT NULL AND ",
            $value,
            " ",
            $after,
            " $2 ORDER BY ",
            $value,
            " ",
            $direction,
            " LIMIT 1 OFFSET $3"
        )
    };
}

statements! {
    BY_CREATED_UP = page!(held!(), "m.created", ">", "<=", "ASC");
    BY_CREATED_DOWN = page!(held!(), "m.created", "<", ">=", "DESC");
    BY_CREATED_MISSING_UP = missing!("m.created", ">", "ASC");
    BY_CREATED_MISSING_DOWN = missing!("m.created", "<", "DESC");
    BY_SIZE_UP = page!(held!(), "m.size", ">", "<=", "ASC");
    BY_SIZE_DOWN = page!(held!(), "m.size", "<", ">=", "DESC");
    BY_SIZE_MISSING_UP = missing!("m.size", ">", "ASC");
    BY_SIZE_MISSING_DOWN = missing!("m.size", "<", "DESC");
    // The same, but from the registry's manifests in their order.
    NEAR_CREATED_UP = page!(near!(), "m.created", ">", "<=", "ASC");
    NEAR_CREATED_DOWN = page!(near!(), "m.created", "<", ">=", "DESC");
    NEAR_SIZE_UP = page!(near!(), "m.size", ">", "<=", "ASC");
    NEAR_SIZE_DOWN = page!(near!(), "m.size", "<", ">=", "DESC");
    // So many manifests further on the way.
    CREATED_AFTER_UP = after!("created", ">=", "ASC");
    CREATED_AFTER_DOWN = after!("created", "<=", "DESC");
    SIZE_AFTER_UP = after!("size", ">=", "ASC");
    SIZE_AFTER_DOWN = after!("size", "<=", "DESC");
    HOLDS_MORE = "SELECT EXISTS (SELECT 1 FROM holds WHERE repository_id = $1 LIMIT 1 OFFSET $2)";
    COUNT = concat!("SELECT COUNT(*) FROM (", untagged!("1", held!(), "LIMIT $4"), ")");
}

/// A repository that holds no more is looked at whole for each page.
const FEW: i64 = 10_000;
/// So many manifests of the registry are looked at in their order before one that holds more is looked at whole.
const NEAR: i64 = 4_000;

/// What untagged manifests are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UntaggedSort {
    /// When they were built.
    #[default]
    Created,
    /// How much a pull moves.
    Size,
}

/// A manifest without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untagged {
    /// Which.
    pub digest: Digest,
    /// Since when it was seen to have lost its last tag; unknown where it was never seen to have one.
    pub since: Option<Timestamp>,
    /// Do we know of it only through an index that was here and left?
    pub inferred: bool,
    /// What it is, once it was read.
    pub summary: Option<Summary>,
}

impl UntaggedSort {
    fn statements(self) -> Sort {
        let sort = |key, up, down, missing| Sort { key, numbers: true, up, down, missing: Some(missing) };
        match self {
            Self::Created => sort(
                "untagged-created",
                BY_CREATED_UP,
                BY_CREATED_DOWN,
                (BY_CREATED_MISSING_UP, BY_CREATED_MISSING_DOWN),
            ),
            Self::Size => sort("untagged-size", BY_SIZE_UP, BY_SIZE_DOWN, (BY_SIZE_MISSING_UP, BY_SIZE_MISSING_DOWN)),
        }
    }

    /// Instead of `sql`: what looks at the registry's manifests in this order, what says where the first of them end, and
    /// whether that is upwards.
    fn near(self, sql: &str) -> (&'static str, &'static str, bool) {
        match self {
            Self::Created if sql == BY_CREATED_UP => (NEAR_CREATED_UP, CREATED_AFTER_UP, true),
            Self::Created => (NEAR_CREATED_DOWN, CREATED_AFTER_DOWN, false),
            Self::Size if sql == BY_SIZE_UP => (NEAR_SIZE_UP, SIZE_AFTER_UP, true),
            Self::Size => (NEAR_SIZE_DOWN, SIZE_AFTER_DOWN, false),
        }
    }
}

impl Index {
    /// A page of what a repository holds and no tag of it names, nor an index that it holds. With `referrers` also what
    /// refers to another manifest, such as signatures: these need no tag.
    pub async fn untagged_manifests(
        &self,
        visible: &Visible,
        repository: Id,
        referrers: bool,
        listing: &Listing<UntaggedSort>,
    ) -> Result<Page<Untagged>, Error> {
        let may = self.may_see(visible, repository).await?;
        let Listing { sort, descending, seek, limit } = listing;
        let plan = sort.statements().plan(*descending, seek, None)?;
        let mut found = Vec::new();
        for step in &plan.steps {
            let wanted = i64::from(*limit) + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if wanted <= 0 {
                break;
            }
            found.extend(match self.untagged_near(may, repository, referrers, (*sort, step), wanted).await? {
                Some(rows) => rows,
                None => self.untagged_step(may, repository, referrers, step, wanted).await?,
            });
        }
        Ok(plan.way.page(found, *limit, None))
    }

    async fn untagged_step(
        &self,
        may: bool,
        repository: Id,
        referrers: bool,
        step: &Step,
        wanted: i64,
    ) -> Result<Vec<(Place, Untagged)>, Error> {
        let rows = sqlx::query_with(step.sql, arguments(may, repository, referrers, step, wanted)?);
        rows.fetch_all(&self.pools.readers).await?.iter().map(untagged).collect()
    }

    /// All rows of a page, if they stand near its beginning: of a repository with very much without a tag that is so. Else
    /// nothing is known, and little was looked at.
    async fn untagged_near(
        &self,
        may: bool,
        repository: Id,
        referrers: bool,
        (sort, step): (UntaggedSort, &Step),
        wanted: i64,
    ) -> Result<Option<Vec<(Place, Untagged)>>, Error> {
        let (Value::Number(from), Value::Number(to)) = (&step.from.value, &step.to) else { return Ok(None) };
        let more: bool =
            sqlx::query_scalar(HOLDS_MORE).bind(repository).bind(FEW).fetch_one(&self.pools.readers).await?;
        if !more {
            return Ok(None);
        }
        let (sql, end, upwards) = sort.near(step.sql);
        let query = sqlx::query_scalar(end).bind(repository).bind(from).bind(NEAR);
        let end: Option<i64> = query.fetch_optional(&self.pools.readers).await?;
        // Of those that are as old or as large as the end some may lie beyond it.
        let to = match end {
            Some(end) if upwards => *to.min(&end.saturating_sub(1)),
            Some(end) => *to.max(&end.saturating_add(1)),
            None => *to,
        };
        let near = Step { sql, from: step.from.clone(), to: Value::Number(to) };
        let rows = self.untagged_step(may, repository, referrers, &near, wanted).await?;
        let whole = end.is_none() || i64::try_from(rows.len()).is_ok_and(|rows| rows >= wanted);
        Ok(whole.then_some(rows))
    }

    /// How many there are of these, counted to `cap`.
    pub async fn count_untagged(
        &self,
        visible: &Visible,
        repository: Id,
        referrers: bool,
        cap: u32,
    ) -> Result<Count, Error> {
        let may = self.may_see(visible, repository).await?;
        let query = sqlx::query_scalar(COUNT).bind(may).bind(repository).bind(referrers).bind(i64::from(cap) + 1);
        Ok(Count::upto(cap, query.fetch_one(&self.pools.readers).await?))
    }
}

fn arguments(may: bool, repository: Id, referrers: bool, step: &Step, wanted: i64) -> Result<SqliteArguments, Error> {
    let mut arguments = SqliteArguments::default();
    // Digests are compared as bytes: none begins so high.
    let name = if step.from.name == super::paging::LAST { "FF" } else { &step.from.name };
    let mut add = || {
        arguments.add(may)?;
        arguments.add(repository)?;
        arguments.add(referrers)?;
        step.from.value.add_to(&mut arguments)?;
        arguments.add(name)?;
        step.to.add_to(&mut arguments)?;
        arguments.add(wanted)
    };
    add().map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}

fn untagged(row: &SqliteRow) -> Result<(Place, Untagged), Error> {
    let digest: Vec<u8> = row.try_get("digest")?;
    let place = Place::new(Value::of(row, true)?, hex::encode(&digest));
    let untagged = Untagged {
        digest: unpacked(&digest)?,
        since: row.try_get::<Option<i64>, _>("untagged_at")?.map(Timestamp),
        inferred: row.try_get("inferred")?,
        summary: summary(row)?,
    };
    Ok((place, untagged))
}
