//! Manifests and blobs by the beginning of their digest.

use super::{Among, Hits, images::limit};
use crate::{
    Error,
    index::{
        Index,
        digests::{kind_of, ranges, unpacked},
    },
    sql::statements,
};
use domain::{Digest, Id, Kind, RepositoryName, Tag, Timestamp};

statements! {
    MANIFESTS = "SELECT id, registry_id, digest, kind, size, created FROM manifests WHERE digest BETWEEN $1 AND $2
                 ORDER BY digest, registry_id LIMIT $3";
    BLOBS = "SELECT id, registry_id, digest, NULL, size, NULL FROM blobs WHERE digest BETWEEN $1 AND $2
             ORDER BY digest, registry_id LIMIT $3";
    // By tag first; held without a tag after.
    TAGGED = "SELECT r.registry_id, r.name, t.name FROM tags t CROSS JOIN repositories r ON r.id = t.repository_id
              WHERE t.manifest_id = $1 LIMIT $2";
    HELD = "SELECT r.registry_id, r.name, NULL FROM holds h CROSS JOIN repositories r ON r.id = h.repository_id
            WHERE h.manifest_id = $1 LIMIT $2";
    BLOB_HELD = "SELECT r.registry_id, r.name, NULL FROM repository_blobs x CROSS JOIN repositories r ON r.id = x.repository_id
                 WHERE x.blob_id = $1 LIMIT $2";
    // The same among some repositories ($3).
    SEEN_TAGGED = "SELECT r.registry_id, r.name, t.name FROM json_each($3) s
                   CROSS JOIN tags t ON t.manifest_id = $1 AND t.repository_id = s.value
                   CROSS JOIN repositories r ON r.id = t.repository_id LIMIT $2";
    SEEN_HELD = "SELECT r.registry_id, r.name, NULL FROM json_each($3) s
                 CROSS JOIN holds h ON h.manifest_id = $1 AND h.repository_id = s.value
                 CROSS JOIN repositories r ON r.id = h.repository_id LIMIT $2";
    SEEN_BLOB_HELD = "SELECT r.registry_id, r.name, NULL FROM json_each($3) s
                 CROSS JOIN repository_blobs x ON x.blob_id = $1 AND x.repository_id = s.value
                 CROSS JOIN repositories r ON r.id = x.repository_id LIMIT $2";
}

/// So many digests are looked at, and so many places of each.
const DIGESTS: usize = 200;
const PLACES: usize = 100;

/// A digest that was found in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestHit {
    /// In which registry.
    pub registry: Id,
    /// The whole digest.
    pub digest: Digest,
    /// What it is the digest of.
    pub thing: Thing,
    /// Bytes: what a pull of the manifest moves, or the blob itself. Unknown before it was read.
    pub size: Option<u64>,
    /// When the image was built, as far as that is known.
    pub created: Option<Timestamp>,
    /// A repository that holds it, and a tag that leads there if there is one.
    pub place: (RepositoryName, Option<Tag>),
    /// In how many tags (or repositories, where no tag has it) it was seen besides.
    pub others: usize,
}

/// What a digest is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A manifest, and its kind once it was read.
    Manifest(Option<Kind>),
    /// A layer or a configuration.
    Blob,
}

type Row = (i64, Id, Vec<u8>, Option<i64>, Option<i64>, Option<i64>);
type PlaceRow = (Id, String, Option<String>);

impl Index {
    /// Manifests and blobs whose digest begins with these hexadecimal digits (SHA-256 and SHA-512): manifests first.
    pub async fn find_digests(&self, among: &Among, beginning: &str) -> Result<Hits<DigestHit>, Error> {
        let Some(ranges) = ranges(beginning).filter(|_| !among.is_empty()) else { return Ok(Hits::default()) };
        let mut hits = Vec::new();
        let mut cut = false;
        for (sql, blobs) in [(MANIFESTS, false), (BLOBS, true)] {
            for (from, to) in ranges.iter().filter(|(from, to)| from <= to) {
                let query = sqlx::query_as(sql).bind(from).bind(to).bind(limit(DIGESTS));
                let rows: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
                cut |= rows.len() == DIGESTS;
                for row in rows.into_iter().filter(|row| among.asks(row.1)) {
                    hits.extend(self.digest_hit(among, row, blobs).await?);
                }
            }
        }
        Ok(Hits::of(hits, cut, among))
    }

    /// A digest is shown only if a repository that may be seen holds it.
    async fn digest_hit(&self, among: &Among, row: Row, blob: bool) -> Result<Option<DigestHit>, Error> {
        let (id, registry, digest, kind, size, created) = row;
        let narrow = self.narrow(among.visible()).await?;
        let statements: &[&'static str] = match (blob, narrow.is_some()) {
            (true, false) => &[BLOB_HELD],
            (false, false) => &[TAGGED, HELD],
            (true, true) => &[SEEN_BLOB_HELD],
            (false, true) => &[SEEN_TAGGED, SEEN_HELD],
        };
        for sql in statements {
            let places =
                self.seen_places(among, sql, id, narrow.as_deref().map(|seen| seen.of_registry(registry))).await?;
            let others = places.len().saturating_sub(1);
            let Some(place) = places.into_iter().next() else { continue };
            return Ok(Some(DigestHit {
                registry,
                digest: unpacked(&digest)?,
                thing: if blob { Thing::Blob } else { Thing::Manifest(kind.map(kind_of)) },
                size: size.map(i64::unsigned_abs),
                created: created.map(Timestamp),
                place,
                others,
            }));
        }
        Ok(None)
    }

    async fn seen_places(
        &self,
        among: &Among,
        sql: &'static str,
        id: i64,
        seen: Option<&str>,
    ) -> Result<Vec<(RepositoryName, Option<Tag>)>, Error> {
        let most = PLACES * (among.at_once() / among.looked);
        let query = sqlx::query_as(sql).bind(id).bind(limit(most));
        let query = match seen {
            Some(seen) => query.bind(seen.to_owned()),
            None => query,
        };
        let rows: Vec<PlaceRow> = query.fetch_all(&self.pools.readers).await?;
        let mut places = Vec::new();
        for (registry, repository, tag) in rows {
            let repository: RepositoryName = repository.parse()?;
            if among.sees(registry, &repository) {
                places.push((repository, tag.map(|tag| tag.parse()).transpose()?));
            }
        }
        Ok(places)
    }
}
