//! Lists of tags: filtered, sorted, in pages.

use super::{
    Count, Index, Listing, Page, TagFilter,
    paging::{Place, Sort, Step, Stretch, Value, Way},
    tag_filter::{Narrowed, among, labelled},
    tags::{TagRow, tag_row},
};
use crate::{Error, sql::statements};
use domain::{Id, Visible};
use sqlx::{
    Arguments as _,
    sqlite::{SqliteArguments, SqliteRow},
};

/// Rows in the list's order, with what only the few that are shown need.
macro_rules! shown {
    ($value:literal, $direction:literal, $rest:expr) => {
        shown!("tags t", $value, $direction, $rest)
    };
    ($from:literal, $value:literal, $direction:literal, $rest:expr) => {
        concat!(
            "SELECT p.name, p.checked_at, p.moved_at, p.is_referrer, p.kind, p.size, p.created, p.sort_value, ",
            "m.digest, m.media_type, m.artifact_type, m.subject, l.text AS platform_texts FROM (",
            among!(
                $from,
                concat!(
                    "t.name, t.manifest_id, t.checked_at, t.moved_at, t.is_referrer, t.kind, t.platforms, t.size, t.created, ",
                    $value,
                    " AS sort_value"
                ),
                concat!($rest, " LIMIT $30")
            ),
            ") p LEFT JOIN manifests m ON m.id = p.manifest_id LEFT JOIN platforms l ON l.id = p.platforms ",
            "ORDER BY p.sort_value ",
            $direction,
            ", p.name ",
            $direction
        )
    };
}
/// A page of those with a value, from ($27, $28) on, to $29.
macro_rules! page {
    ($value:literal, $after:literal, $to:literal, $direction:literal) => {
        shown!(
            $value,
            $direction,
            concat!(
                "AND ",
                $value,
                " IS NOT NULL AND (",
                $value,
                ", t.name) ",
                $after,
                " ($27, $28) AND ",
                $value,
                " ",
                $to,
                " $29 ORDER BY ",
                $value,
                " ",
                $direction,
                ", t.name ",
                $direction
            )
        )
    };
}
/// A page of those without a value, from $28 on.
macro_rules! missing {
    ($value:literal, $after:literal, $direction:literal) => {
        shown!(
            $value,
            $direction,
            concat!("AND ", $value, " IS NULL AND t.name ", $after, " $28 ORDER BY t.name ", $direction)
        )
    };
}
/// A page of those with one of few names ($31), sorted by what $32 says ([`TagSort::number`]); no index has that order.
macro_rules! named {
    ($direction:literal, $rest:literal) => {
        shown!(
            "json_each($31) n CROSS JOIN tags t ON t.name = n.value",
            "CASE $32 WHEN 0 THEN t.name WHEN 1 THEN t.version WHEN 2 THEN t.created WHEN 3 THEN t.size ELSE t.moved_at END",
            $direction,
            $rest
        )
    };
}
/// What the candidate after so many ($5) is sorted by.
macro_rules! after {
    ($value:literal, $after:literal, $to:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            $value,
            " AS sort_value FROM tags WHERE repository_id = $1 AND ",
            $value,
            " IS NOT NULL AND (",
            $value,
            ", name) ",
            $after,
            " ($2, $3) AND ",
            $value,
            " ",
            $to,
            " $4 ORDER BY ",
            $value,
            " ",
            $direction,
            ", name ",
            $direction,
            " LIMIT 1 OFFSET $5"
        )
    };
}

statements! {
    BY_NAME_UP = shown!("t.name", "ASC", "AND t.name >= $27 AND t.name <> $28 AND t.name < $29 ORDER BY t.name ASC");
    BY_NAME_DOWN = shown!("t.name", "DESC", "AND t.name < $27 AND t.name <> $28 AND t.name >= $29 ORDER BY t.name DESC");
    BY_VERSION_UP = page!("t.version", ">", "<", "ASC");
    BY_VERSION_DOWN = page!("t.version", "<", ">=", "DESC");
    BY_VERSION_MISSING_UP = missing!("t.version", ">", "ASC");
    BY_VERSION_MISSING_DOWN = missing!("t.version", "<", "DESC");
    BY_CREATED_UP = page!("t.created", ">", "<=", "ASC");
    BY_CREATED_DOWN = page!("t.created", "<", ">=", "DESC");
    BY_SIZE_UP = page!("t.size", ">", "<=", "ASC");
    BY_SIZE_DOWN = page!("t.size", "<", ">=", "DESC");
    BY_MOVED_UP = page!("t.moved_at", ">", "<=", "ASC");
    BY_MOVED_DOWN = page!("t.moved_at", "<", ">=", "DESC");
    BY_CREATED_MISSING_UP = missing!("t.created", ">", "ASC");
    BY_CREATED_MISSING_DOWN = missing!("t.created", "<", "DESC");
    BY_SIZE_MISSING_UP = missing!("t.size", ">", "ASC");
    BY_SIZE_MISSING_DOWN = missing!("t.size", "<", "DESC");
    BY_MOVED_MISSING_UP = missing!("t.moved_at", ">", "ASC");
    BY_MOVED_MISSING_DOWN = missing!("t.moved_at", "<", "DESC");
    // The same without their index (the plus): row by row, and sorted. A filter that lets few through is served better so.
    BY_VERSION_FAR_UP = page!("+t.version", ">", "<", "ASC");
    BY_VERSION_FAR_DOWN = page!("+t.version", "<", ">=", "DESC");
    BY_CREATED_FAR_UP = page!("+t.created", ">", "<=", "ASC");
    BY_CREATED_FAR_DOWN = page!("+t.created", "<", ">=", "DESC");
    BY_SIZE_FAR_UP = page!("+t.size", ">", "<=", "ASC");
    BY_SIZE_FAR_DOWN = page!("+t.size", "<", ">=", "DESC");
    BY_MOVED_FAR_UP = page!("+t.moved_at", ">", "<=", "ASC");
    BY_MOVED_FAR_DOWN = page!("+t.moved_at", "<", ">=", "DESC");
    VERSION_AFTER_UP = after!("version", ">", "<", "ASC");
    VERSION_AFTER_DOWN = after!("version", "<", ">=", "DESC");
    CREATED_AFTER_UP = after!("created", ">", "<=", "ASC");
    CREATED_AFTER_DOWN = after!("created", "<", ">=", "DESC");
    SIZE_AFTER_UP = after!("size", ">", "<=", "ASC");
    SIZE_AFTER_DOWN = after!("size", "<", ">=", "DESC");
    MOVED_AFTER_UP = after!("moved_at", ">", "<=", "ASC");
    MOVED_AFTER_DOWN = after!("moved_at", "<", ">=", "DESC");
    NAMED_UP = named!("ASC", "AND sort_value IS NOT NULL AND (sort_value, t.name) > ($27, $28) AND sort_value <= $29
                      ORDER BY sort_value ASC, t.name ASC");
    NAMED_DOWN = named!("DESC", "AND sort_value IS NOT NULL AND (sort_value, t.name) < ($27, $28) AND sort_value >= $29
                        ORDER BY sort_value DESC, t.name DESC");
    NAMED_MISSING_UP = named!("ASC", "AND sort_value IS NULL AND t.name > $28 ORDER BY t.name ASC");
    NAMED_MISSING_DOWN = named!("DESC", "AND sort_value IS NULL AND t.name < $28 ORDER BY t.name DESC");
    COUNT = concat!("SELECT COUNT(*) FROM (", among!("1", "LIMIT $27"), ")");
    COUNT_NAMES = concat!("SELECT COUNT(*) FROM (", among!("1", "AND t.name >= $27 AND t.name < $28 LIMIT $29"), ")");
    COUNT_VERSIONS = concat!("SELECT COUNT(*) FROM (", among!("1",
                     "AND t.version IS NOT NULL AND t.version >= $27 AND t.version < $28 LIMIT $29"), ")");
    COUNT_NAMED = concat!("SELECT COUNT(*) FROM (", among!("json_each($28) n CROSS JOIN tags t ON t.name = n.value", "1", "LIMIT $27"), ")");
    // Along the versions alone, without a look at a row.
    COUNT_ONLY_VERSIONS = "SELECT COUNT(*) FROM (SELECT 1 FROM tags t WHERE t.repository_id = $1
                           AND t.version IS NOT NULL AND t.version >= $2 AND t.version < $3 AND ($4 OR substr(t.version, -1) = '2')
                           AND ($5 IS NULL OR EXISTS (SELECT 1 FROM json_each($5) s WHERE t.version >= s.value ->> 0
                           AND t.version < s.value ->> 1 AND (s.value ->> 2 = 0 OR substr(t.version, -1) = '2'))) LIMIT $6)";
    // Not more than these begin as referrers tags do.
    COUNT_REFERRERS = "SELECT COUNT(*) FROM (SELECT 1 FROM tags WHERE $1 AND repository_id = $2 AND name >= 'sha256-' AND name < 'sha512.'
                       AND is_referrer LIMIT $3)";
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
    /// When they were last seen to point elsewhere, or to come; those that never were after, by name.
    Moved,
}

impl TagSort {
    fn statements(self) -> Sort {
        let sort = |key, numbers, up, down, missing| Sort { key, numbers, up, down, missing };
        match self {
            Self::Name => sort("name", false, BY_NAME_UP, BY_NAME_DOWN, None),
            Self::Version => {
                let missing = Some((BY_VERSION_MISSING_UP, BY_VERSION_MISSING_DOWN));
                sort("version", false, BY_VERSION_UP, BY_VERSION_DOWN, missing)
            }
            Self::Created => {
                let missing = Some((BY_CREATED_MISSING_UP, BY_CREATED_MISSING_DOWN));
                sort("created", true, BY_CREATED_UP, BY_CREATED_DOWN, missing)
            }
            Self::Size => {
                sort("size", true, BY_SIZE_UP, BY_SIZE_DOWN, Some((BY_SIZE_MISSING_UP, BY_SIZE_MISSING_DOWN)))
            }
            Self::Moved => {
                sort("moved", true, BY_MOVED_UP, BY_MOVED_DOWN, Some((BY_MOVED_MISSING_UP, BY_MOVED_MISSING_DOWN)))
            }
        }
    }

    /// How a statement that knows all sorts is told of this one.
    fn number(self) -> i64 {
        match self {
            Self::Name => 0,
            Self::Version => 1,
            Self::Created => 2,
            Self::Size => 3,
            Self::Moved => 4,
        }
    }

    /// How many of the first candidates are looked at along the index, and the statement for where that is not enough.
    fn far(self, upwards: bool) -> Option<Far> {
        let (near, sql) = match (self, upwards) {
            (Self::Version, true) => (VERSION_AFTER_UP, BY_VERSION_FAR_UP),
            (Self::Version, false) => (VERSION_AFTER_DOWN, BY_VERSION_FAR_DOWN),
            (Self::Created, true) => (CREATED_AFTER_UP, BY_CREATED_FAR_UP),
            (Self::Created, false) => (CREATED_AFTER_DOWN, BY_CREATED_FAR_DOWN),
            (Self::Size, true) => (SIZE_AFTER_UP, BY_SIZE_FAR_UP),
            (Self::Size, false) => (SIZE_AFTER_DOWN, BY_SIZE_FAR_DOWN),
            (Self::Moved, true) => (MOVED_AFTER_UP, BY_MOVED_FAR_UP),
            (Self::Moved, false) => (MOVED_AFTER_DOWN, BY_MOVED_FAR_DOWN),
            (Self::Name, _) => return None,
        };
        Some(Far { near, sql })
    }

    /// To which values the filter narrows what the list is sorted by.
    fn within(self, filter: &TagFilter) -> Option<Vec<Stretch>> {
        match self {
            Self::Name => filter.names(),
            Self::Version => filter.versions(),
            Self::Created => filter.created(),
            Self::Size => filter.sizes(),
            Self::Moved => None,
        }
    }
}

/// The statement that looks at few names, for rows with a value or without one: these rise whichever way the list is sorted.
fn by_names(way: &Way, missing: bool) -> &'static str {
    match (missing, way.upwards, way.backwards) {
        (false, true, _) => NAMED_UP,
        (false, false, _) => NAMED_DOWN,
        (true, _, false) => NAMED_MISSING_UP,
        (true, _, true) => NAMED_MISSING_DOWN,
    }
}

/// What a list does when the filter lets few of the first candidates through: along the index each of them costs a look
/// at its row, in no order.
struct Far {
    /// Where the first candidates end.
    near: &'static str,
    /// Reads all rows in their own order.
    sql: &'static str,
}

/// So many candidates are the first.
const NEAR: i64 = 2_000;

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
        let Listing { sort, descending, seek, limit } = listing;
        let plan = sort.statements().plan(*descending, seek, sort.within(filter).as_deref())?;
        let mut found = Vec::new();
        let Some(narrowed) = self.narrowed(filter).await? else { return Ok(plan.way.page(found, *limit, None)) };
        let names = self.few_names(repository, &narrowed).await?;
        for step in &plan.steps {
            let wanted = i64::from(*limit) + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if wanted <= 0 {
                break;
            }
            let far = sort.far(plan.way.upwards).filter(|_| !filter.is_plain() && step.to != Value::Missing);
            let rows = match (&names, far) {
                (Some(names), _) => {
                    let sql = by_names(&plan.way, step.to == Value::Missing);
                    let step = Step { sql, ..step.clone() };
                    let among = Some((names.as_str(), *sort));
                    self.step(may, repository, &narrowed, &step, (wanted, among)).await?
                }
                (None, Some(far)) => self.near_then_far(may, repository, &narrowed, (step, far), wanted).await?,
                (None, None) => self.step(may, repository, &narrowed, step, (wanted, None)).await?,
            };
            found.extend(rows);
        }
        Ok(plan.way.page(found, *limit, None))
    }

    async fn near_then_far(
        &self,
        may: bool,
        repository: Id,
        narrowed: &Narrowed,
        (step, far): (&Step, Far),
        wanted: i64,
    ) -> Result<Vec<(Place, TagRow)>, Error> {
        let mut arguments = SqliteArguments::default();
        let mut add = || {
            arguments.add(repository)?;
            step.from.value.add_to(&mut arguments)?;
            arguments.add(&step.from.name)?;
            step.to.add_to(&mut arguments)?;
            arguments.add(NEAR)
        };
        add().map_err(sqlx::Error::Encode)?;
        let end = sqlx::query_with(far.near, arguments).fetch_optional(&self.pools.readers).await?;
        let Some(end) = end else { return self.step(may, repository, narrowed, step, (wanted, None)).await };
        let near = Step { to: Value::of(&end, matches!(step.to, Value::Number(_)))?, ..step.clone() };
        let rows = self.step(may, repository, narrowed, &near, (wanted, None)).await?;
        if i64::try_from(rows.len()).is_ok_and(|rows| rows >= wanted) {
            return Ok(rows);
        }
        self.step(may, repository, narrowed, &Step { sql: far.sql, ..step.clone() }, (wanted, None)).await
    }

    async fn step(
        &self,
        may: bool,
        repository: Id,
        narrowed: &Narrowed,
        step: &Step,
        (wanted, among): (i64, Option<(&str, TagSort)>),
    ) -> Result<Vec<(Place, TagRow)>, Error> {
        let mut arguments = narrowed.arguments(may, repository)?;
        let mut add = || {
            step.from.value.add_to(&mut arguments)?;
            arguments.add(&step.from.name)?;
            step.to.add_to(&mut arguments)?;
            arguments.add(wanted)?;
            let Some((names, sort)) = among else { return Ok(()) };
            arguments.add(names)?;
            arguments.add(sort.number())
        };
        add().map_err(sqlx::Error::Encode)?;
        let rows = sqlx::query_with(step.sql, arguments).fetch_all(&self.pools.readers).await?;
        let number = matches!(step.to, Value::Number(_));
        let place = |row: &SqliteRow| {
            let tag = tag_row(row)?;
            let value = if step.to == Value::Missing { Value::Missing } else { Value::of(row, number)? };
            Ok((Place::new(value, tag.tag.as_str()), tag))
        };
        rows.iter().map(place).collect()
    }

    /// How many of a repository's tags the filter lets through: counted to `cap`, or exactly where the number is kept.
    pub async fn count_tags(
        &self,
        visible: &Visible,
        repository: Id,
        filter: &TagFilter,
        cap: u32,
    ) -> Result<Count, Error> {
        let Some(known) = self.by_id(visible, repository).await? else { return Ok(Count::kept(0)) };
        if filter.is_plain()
            && let Some(tags) = known.tag_count
        {
            let referrers =
                if filter.referrers { 0 } else { self.referrer_tags(repository, REFERRERS_COUNTED).await? };
            if referrers < REFERRERS_COUNTED {
                return Ok(Count::kept(tags.saturating_sub(referrers.unsigned_abs())));
            }
        }
        let Some(narrowed) = self.narrowed(filter).await? else { return Ok(Count::kept(0)) };
        if filter.only_versions()
            && let Some(bound) = narrowed.versions()
        {
            return self.count_versions(repository, bound, cap).await;
        }
        let names = self.few_names(repository, &narrowed).await?;
        let mut arguments = narrowed.arguments(true, repository)?;
        let stretch = |within: Option<Vec<Stretch>>| {
            within.and_then(|all| Some((all.first()?.low.clone()?, all.last()?.high.clone()?)))
        };
        let (sql, ends) = match (&names, stretch(filter.names()), stretch(filter.versions())) {
            (Some(_), _, _) => (COUNT_NAMED, None),
            (None, Some(ends), _) => (COUNT_NAMES, Some(ends)),
            (None, None, Some(ends)) => (COUNT_VERSIONS, Some(ends)),
            (None, None, None) => (COUNT, None),
        };
        let mut add = || {
            if let Some((low, high)) = &ends {
                low.add_to(&mut arguments)?;
                high.add_to(&mut arguments)?;
            }
            arguments.add(i64::from(cap) + 1)?;
            names.as_ref().map_or(Ok(()), |names| arguments.add(names))
        };
        add().map_err(sqlx::Error::Encode)?;
        let counted = sqlx::query_scalar_with(sql, arguments).fetch_one(&self.pools.readers).await?;
        Ok(Count::upto(cap, counted))
    }

    async fn count_versions(
        &self,
        repository: Id,
        (from, before, pre_releases, spans): (&str, &str, bool, Option<&str>),
        cap: u32,
    ) -> Result<Count, Error> {
        let query = sqlx::query_scalar(COUNT_ONLY_VERSIONS).bind(repository).bind(from).bind(before);
        let query = query.bind(pre_releases).bind(spans).bind(i64::from(cap) + 1);
        Ok(Count::upto(cap, query.fetch_one(&self.pools.readers).await?))
    }

    async fn referrer_tags(&self, repository: Id, cap: i64) -> Result<i64, Error> {
        let query = sqlx::query_scalar(COUNT_REFERRERS).bind(true).bind(repository).bind(cap);
        Ok(query.fetch_one(&self.pools.readers).await?)
    }
}

/// Where a repository has this many referrers tags, the others are counted themselves.
const REFERRERS_COUNTED: i64 = 20_000;
