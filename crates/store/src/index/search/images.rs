//! From manifests to the images that people know: the tags that lead to them, also through an index.

use super::{Among, Hits};
use crate::{
    Error,
    index::{
        Index,
        digests::{kind_of, unpacked},
    },
    sql::statements,
};
use domain::{Digest, Id, Kind, RepositoryName, Tag, Timestamp};
use std::{cmp::Reverse, collections::HashSet};

statements! {
    PARENTS = "SELECT c.parent_id FROM json_each($1) x CROSS JOIN children c ON c.child_id = x.value LIMIT $2";
    TAGGED = "SELECT r.id, r.registry_id, r.name, t.name, m.digest, m.kind, m.created FROM json_each($1) x
              CROSS JOIN manifests m ON m.id = x.value CROSS JOIN tags t ON t.manifest_id = m.id
              CROSS JOIN repositories r ON r.id = t.repository_id LIMIT $2";
    // Nothing in their repository leads to them but their digest.
    UNTAGGED = "SELECT r.id, r.registry_id, r.name, NULL, m.digest, m.kind, m.created FROM json_each($1) x
                CROSS JOIN manifests m ON m.id = x.value CROSS JOIN holds h ON h.manifest_id = m.id
                CROSS JOIN repositories r ON r.id = h.repository_id
                WHERE NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = m.id AND t.repository_id = h.repository_id)
                AND NOT EXISTS (SELECT 1 FROM children c CROSS JOIN holds p ON p.manifest_id = c.parent_id
                                AND p.repository_id = h.repository_id WHERE c.child_id = m.id) LIMIT $2";
    // The same among some repositories ($3), each of which is looked at for each manifest.
    SEEN_TAGGED = "SELECT r.id, r.registry_id, r.name, t.name, m.digest, m.kind, m.created FROM json_each($1) x
                   CROSS JOIN manifests m ON m.id = x.value CROSS JOIN json_each($3) s
                   CROSS JOIN tags t ON t.manifest_id = m.id AND t.repository_id = s.value
                   CROSS JOIN repositories r ON r.id = t.repository_id LIMIT $2";
    SEEN_UNTAGGED = "SELECT r.id, r.registry_id, r.name, NULL, m.digest, m.kind, m.created FROM json_each($1) x
                CROSS JOIN manifests m ON m.id = x.value CROSS JOIN json_each($3) s
                CROSS JOIN holds h ON h.manifest_id = m.id AND h.repository_id = s.value
                CROSS JOIN repositories r ON r.id = h.repository_id
                WHERE NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = m.id AND t.repository_id = h.repository_id)
                AND NOT EXISTS (SELECT 1 FROM children c CROSS JOIN holds p ON p.manifest_id = c.parent_id
                                AND p.repository_id = h.repository_id WHERE c.child_id = m.id) LIMIT $2";
    // Or each manifest's places, so many of them ($4).
    SOME_TAGGED = "SELECT r.id, r.registry_id, r.name, xt.name, m.digest, m.kind, m.created FROM
                   (SELECT y.manifest_id, y.repository_id, y.name FROM json_each($1) x CROSS JOIN tags y ON y.manifest_id = x.value LIMIT $4) xt
                   CROSS JOIN manifests m ON m.id = xt.manifest_id CROSS JOIN repositories r ON r.id = xt.repository_id
                   WHERE xt.repository_id IN (SELECT value FROM json_each($3)) LIMIT $2";
    SOME_UNTAGGED = "SELECT r.id, r.registry_id, r.name, NULL, m.digest, m.kind, m.created FROM
                (SELECT y.manifest_id, y.repository_id FROM json_each($1) x CROSS JOIN holds y ON y.manifest_id = x.value LIMIT $4) xh
                CROSS JOIN manifests m ON m.id = xh.manifest_id CROSS JOIN repositories r ON r.id = xh.repository_id
                WHERE xh.repository_id IN (SELECT value FROM json_each($3))
                AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = m.id AND t.repository_id = xh.repository_id)
                AND NOT EXISTS (SELECT 1 FROM children c CROSS JOIN holds p ON p.manifest_id = c.parent_id
                                AND p.repository_id = xh.repository_id WHERE c.child_id = m.id) LIMIT $2";
}

/// So many pairs of a manifest and a repository are tried one by one; beyond, so many places of the manifests are looked at.
const TRIED: usize = 200_000;
const PLACES: usize = 100_000;

/// A question about places, and the two ways to ask it for some repositories.
#[derive(Clone, Copy)]
struct Asked {
    all: &'static str,
    each: &'static str,
    some: &'static str,
}

const BY_TAG: Asked = Asked { all: TAGGED, each: SEEN_TAGGED, some: SOME_TAGGED };
const BY_DIGEST: Asked = Asked { all: UNTAGGED, each: SEEN_UNTAGGED, some: SOME_UNTAGGED };

/// An image that was found: where, and by which tag one gets there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageHit {
    /// In which registry.
    pub registry: Id,
    /// In which repository.
    pub repository: RepositoryName,
    /// Under which tag; none, if only its digest leads there.
    pub tag: Option<Tag>,
    /// Its digest, as far as that is known.
    pub digest: Option<Digest>,
    /// What it is, once it was read.
    pub kind: Option<Kind>,
    /// When it was built, as far as that is known.
    pub created: Option<Timestamp>,
}

pub(super) type Row = (Id, String, Option<String>, Option<Vec<u8>>, Option<i64>, Option<i64>);

/// With the repository's row before it.
type PlaceRow = (i64, Id, String, Option<String>, Option<Vec<u8>>, Option<i64>, Option<i64>);

impl ImageHit {
    pub(super) fn read((registry, repository, tag, digest, kind, created): Row) -> Result<Self, Error> {
        Ok(Self {
            registry,
            repository: repository.parse()?,
            tag: tag.map(|tag| tag.parse()).transpose()?,
            digest: digest.map(|digest| unpacked(&digest)).transpose()?,
            kind: kind.map(kind_of),
            created: created.map(Timestamp),
        })
    }
}

/// Ids as one JSON array: how a statement takes a list.
pub(super) fn ids(ids: &[i64]) -> Result<String, Error> {
    Ok(serde_json::to_string(ids)?)
}

/// A number of rows as a statement takes it.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl Index {
    /// The images that these manifests are, or are a part of, each once, the newest first. `cut` if the manifests are not all.
    pub(super) async fn images_of(
        &self,
        among: &Among,
        manifests: Vec<i64>,
        mut cut: bool,
    ) -> Result<Hits<ImageHit>, Error> {
        let parents = self.parents(among, &manifests, &mut cut).await?;
        let untagged = self.places(among, BY_DIGEST, &manifests, &mut cut).await?;
        let mut known = HashSet::new();
        let all: Vec<i64> = manifests.into_iter().chain(parents).filter(|id| known.insert(*id)).collect();
        let tagged = self.places(among, BY_TAG, &all, &mut cut).await?;
        let mut hits: Vec<ImageHit> = tagged.into_iter().chain(untagged).map(|(_, hit)| hit).collect();
        newest_first(&mut hits);
        hits.dedup();
        Ok(Hits::of(hits, cut, among))
    }

    /// The indexes that name these manifests.
    pub(super) async fn parents(&self, among: &Among, manifests: &[i64], cut: &mut bool) -> Result<Vec<i64>, Error> {
        let most = among.at_once();
        let query = sqlx::query_scalar(PARENTS).bind(ids(manifests)?).bind(limit(most));
        let parents: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
        *cut |= parents.len() == most;
        Ok(parents)
    }

    /// The tags that point to these manifests, with the row of their repository.
    pub(super) async fn tagged(
        &self,
        among: &Among,
        manifests: &[i64],
        cut: &mut bool,
    ) -> Result<Vec<(i64, ImageHit)>, Error> {
        self.places(among, BY_TAG, manifests, cut).await
    }

    /// The repositories that hold these manifests although nothing there names them, with their row.
    pub(super) async fn untagged(
        &self,
        among: &Among,
        manifests: &[i64],
        cut: &mut bool,
    ) -> Result<Vec<(i64, ImageHit)>, Error> {
        self.places(among, BY_DIGEST, manifests, cut).await
    }

    async fn places(
        &self,
        among: &Among,
        asked: Asked,
        manifests: &[i64],
        cut: &mut bool,
    ) -> Result<Vec<(i64, ImageHit)>, Error> {
        let most = among.at_once();
        let narrow = self.narrow(among.visible()).await?;
        let rows: Vec<PlaceRow> = match &narrow {
            None => sqlx::query_as(asked.all).bind(ids(manifests)?).bind(limit(most)),
            Some(narrow) if narrow.count.saturating_mul(manifests.len()) <= TRIED => {
                sqlx::query_as(asked.each).bind(ids(manifests)?).bind(limit(most)).bind(&narrow.ids)
            }
            Some(narrow) => {
                let query = sqlx::query_as(asked.some).bind(ids(manifests)?).bind(limit(most));
                query.bind(&narrow.ids).bind(limit(PLACES))
            }
        }
        .fetch_all(&self.pools.readers)
        .await?;
        *cut |= rows.len() == most;
        let mut hits = Vec::new();
        for (id, registry, repository, tag, digest, kind, created) in rows {
            let hit = ImageHit::read((registry, repository, tag, digest, kind, created))?;
            if among.sees(hit.registry, &hit.repository) {
                hits.push((id, hit));
            }
        }
        Ok(hits)
    }
}

/// The newest first; what has no time stands at the end.
pub(super) fn newest_first(hits: &mut [ImageHit]) {
    hits.sort_by(|a, b| {
        let order = Reverse(a.created).cmp(&Reverse(b.created));
        order.then_with(|| (&a.repository, &a.tag, a.registry).cmp(&(&b.repository, &b.tag, b.registry)))
    });
}
