//! The tags at which a check strikes: of each repository in which it does, those of which it is true now.

use super::{CANDIDATES, Strike, StrikesListing};
use crate::{
    Error,
    index::{
        Index, Page,
        digests::{kind_of, unpacked},
        paging::{Place, Value, Way},
    },
    sql::statements,
};
use domain::{
    Digest, Id, Kind, RepositoryName, Tag, Timestamp, Visible,
    health::{Check, Finding, OLD_TAG_SECONDS, TagFacts, checks_of_tag},
};
use sqlx::{Row as _, sqlite::SqliteRow};

macro_rules! struck {
    ($from:literal, $way:literal, $direction:literal) => {
        concat!(
            "SELECT r.id, r.name FROM ",
            $from,
            " WHERE f.repository_id ",
            $way,
            " $3 ORDER BY f.repository_id ",
            $direction,
            " LIMIT $4"
        )
    };
}
macro_rules! whole {
    ($way:literal, $direction:literal) => {
        struck!(
            "(SELECT repository_id FROM repository_findings WHERE registry_id = $1 AND check_bit = $2) f \
             CROSS JOIN repositories r ON r.id = f.repository_id",
            $way,
            $direction
        )
    };
}
macro_rules! seen {
    ($way:literal, $direction:literal) => {
        struck!(
            "json_each($5) x CROSS JOIN repository_findings f ON f.registry_id = $1 AND f.check_bit = $2 \
             AND f.repository_id = x.value CROSS JOIN repositories r ON r.id = f.repository_id",
            $way,
            $direction
        )
    };
}
macro_rules! tags {
    ($rest:literal) => {
        concat!(
            "SELECT t.name, t.created, t.moved_at, t.kind, m.digest FROM tags t LEFT JOIN manifests m ON m.id = t.manifest_id ",
            "WHERE t.repository_id = $1 ",
            $rest
        )
    };
}

statements! {
    STRUCK = whole!(">=", "ASC");
    STRUCK_BACK = whole!("<=", "DESC");
    SEEN_STRUCK = seen!(">=", "ASC");
    SEEN_STRUCK_BACK = seen!("<=", "DESC");
    // The oldest builds that can be real ones; each a candidate.
    BUILT_BEFORE = tags!("AND t.created >= 1363737600000000 AND t.created < $2 AND (t.created, t.name) > ($3, $4)
                          ORDER BY t.created, t.name LIMIT $5");
    BUILT_BEFORE_BACK = tags!("AND t.created >= 1363737600000000 AND t.created < $2 AND (t.created, t.name) < ($3, $4)
                               ORDER BY t.created DESC, t.name DESC LIMIT $5");
    LATEST = tags!("AND t.name = 'latest'");
}

/// Up to where the tags of a repository were read: by build time and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    created: i64,
    name: String,
}

/// A tag of which a check may be true.
pub(super) struct Candidate {
    tag: Tag,
    created: Option<i64>,
    moved_at: Option<i64>,
    manifest: Option<(Digest, Kind)>,
}

impl Candidate {
    fn of(row: &SqliteRow) -> Result<Self, Error> {
        let digest: Option<Vec<u8>> = row.try_get("digest")?;
        let kind = row.try_get::<Option<i64>, _>("kind")?.map_or(Kind::Unknown, kind_of);
        Ok(Self {
            tag: row.try_get::<String, _>("name")?.parse()?,
            created: row.try_get("created")?,
            moved_at: row.try_get("moved_at")?,
            manifest: digest.map(|digest| Ok::<_, Error>((unpacked(&digest)?, kind))).transpose()?,
        })
    }
    /// Where it stands among its repository's tags.
    pub(super) fn place(&self) -> Reached {
        Reached { created: self.created.unwrap_or_default(), name: self.tag.to_string() }
    }
    /// What the check finds, if it is true of this tag.
    pub(super) fn finding(&self, check: Check, repository: &RepositoryName, now: Timestamp) -> Option<Finding> {
        let (created, moved_at) = (self.created.map(Timestamp), self.moved_at.map(Timestamp));
        let facts = TagFacts { repository, tag: &self.tag, created, moved_at };
        // That it is alone, its repository knows.
        if check == Check::LatestAlone {
            return Some(Finding { check, detail: None });
        }
        checks_of_tag(&facts, now).into_iter().find(|finding| finding.check == check)
    }
    fn strike(self, repository: RepositoryName, detail: Option<String>) -> Strike {
        Strike { repository, manifest: self.manifest, tags: vec![self.tag], detail }
    }
}

/// Is it about tags, so that these are listed?
pub(super) fn is_of_tags(check: Check) -> bool {
    matches!(check, Check::OldTag | Check::LatestAlone | Check::LatestInProduction)
}

impl Index {
    /// Tags of a repository whose images were built long ago, the oldest first, or back from there.
    pub(super) async fn built_long_ago(
        &self,
        repository: Id,
        from: &Reached,
        backwards: bool,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Candidate>, Error> {
        let before = now.plus_seconds(-OLD_TAG_SECONDS).0;
        let query = sqlx::query(if backwards { BUILT_BEFORE_BACK } else { BUILT_BEFORE });
        let query = query.bind(repository).bind(before).bind(from.created).bind(&from.name).bind(limit);
        query.fetch_all(&self.pools.readers).await?.iter().map(Candidate::of).collect()
    }

    /// A page of the tags at which a check strikes, repository by repository; in one the longest built first. As few tags
    /// are looked at as in [`Index::strikes`].
    pub(super) async fn tags_struck(
        &self,
        visible: &Visible,
        registry: Id,
        check: Check,
        listing: &StrikesListing,
        way: &Way,
    ) -> Result<Page<Strike>, Error> {
        let end = if way.backwards { i64::MAX } else { i64::MIN };
        let (mut at, mut from) = match &way.place {
            None => (end, None),
            Some(Place { value: Value::Number(created), name, ids }) => {
                let repository = *ids.first().ok_or(Error::Cursor)?;
                (repository, Some((repository, Reached { created: *created, name: name.clone() })))
            }
            Some(_) => return Err(Error::Cursor),
        };
        let wanted = listing.limit as usize + 1;
        let (mut found, mut left) = (Vec::new(), CANDIDATES);
        loop {
            let repositories = self.repositories_struck(visible, registry, check, at, way.backwards).await?;
            let all = repositories.len() < SOME;
            for (id, name) in repositories {
                let mut reached = from.take().filter(|(own, _)| *own == id).map(|(_, reached)| reached);
                at = if way.backwards { id.saturating_sub(1) } else { id.saturating_add(1) };
                left -= 1;
                while visible.repository(registry, &name) && found.len() < wanted {
                    let rows = self.candidates(id, check, reached.as_ref(), way.backwards, listing.now, left).await?;
                    let Some(last) = rows.last().map(Candidate::place) else { break };
                    left -= i64::try_from(rows.len()).unwrap_or(i64::MAX);
                    for row in rows {
                        if let Some(finding) = row.finding(check, &name, listing.now) {
                            found.push((place(id, &row.place()), row.strike(name.clone(), finding.detail)));
                        }
                    }
                    reached = Some(last);
                    if left <= 0 {
                        break;
                    }
                }
                if found.len() >= wanted || left <= 0 {
                    let reached = reached.unwrap_or_else(|| beyond(way.backwards));
                    let stopped = (found.len() < wanted).then(|| place(id, &reached));
                    return Ok(way.page(found, listing.limit, stopped));
                }
            }
            if all {
                return Ok(way.page(found, listing.limit, None));
            }
        }
    }

    /// Repositories in which a check strikes, from one on.
    async fn repositories_struck(
        &self,
        visible: &Visible,
        registry: Id,
        check: Check,
        at: Id,
        backwards: bool,
    ) -> Result<Vec<(Id, RepositoryName)>, Error> {
        let everything = visible.in_registry(registry).everything();
        let narrow = if everything { None } else { self.narrow(visible).await? };
        let sql = match (backwards, narrow.is_some()) {
            (false, false) => STRUCK,
            (true, false) => STRUCK_BACK,
            (false, true) => SEEN_STRUCK,
            (true, true) => SEEN_STRUCK_BACK,
        };
        let query = sqlx::query_as(sql).bind(registry).bind(check.bit()).bind(at);
        let query = query.bind(i64::try_from(SOME).unwrap_or(i64::MAX));
        let query = match &narrow {
            Some(narrow) => query.bind(narrow.of_registry(registry).to_owned()),
            None => query,
        };
        let rows: Vec<(Id, String)> = query.fetch_all(&self.pools.readers).await?;
        rows.into_iter().map(|(id, name)| Ok((id, name.parse()?))).collect()
    }

    /// Some tags of a repository of which a check may be true, from where one has come to.
    async fn candidates(
        &self,
        repository: Id,
        check: Check,
        from: Option<&Reached>,
        backwards: bool,
        now: Timestamp,
        left: i64,
    ) -> Result<Vec<Candidate>, Error> {
        if check == Check::OldTag {
            let from = from.cloned().unwrap_or_else(|| end(backwards));
            return self.built_long_ago(repository, &from, backwards, now, left.clamp(1, 500)).await;
        }
        // There is one of that name.
        if from.is_some() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(LATEST).bind(repository).fetch_all(&self.pools.readers).await?;
        rows.iter().map(Candidate::of).collect()
    }
}

/// As many repositories are read at once.
const SOME: usize = 60;

/// Before all tags of a repository, or after them on the way back.
fn end(backwards: bool) -> Reached {
    if backwards { Reached { created: i64::MAX, name: String::new() } } else { Reached::default() }
}

/// After all of them, or before them on the way back.
fn beyond(backwards: bool) -> Reached {
    end(!backwards)
}

fn place(repository: Id, reached: &Reached) -> Place {
    Place { value: Value::Number(reached.created), name: reached.name.clone(), ids: vec![repository] }
}
