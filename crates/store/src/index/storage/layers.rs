//! The largest layers, and who shares them.

use super::{digest, number};
use crate::{
    Error,
    index::{
        Index, Listing, Page,
        paging::{Place, Value, Way},
    },
    sql::statements,
};
use domain::{Digest, Id, RepositoryName, Visible};
use sqlx::Row as _;

statements! {
    // Large enough to be worth a look, and held by somebody still; configurations are no layers.
    LARGEST = "SELECT b.id, b.digest, b.size, b.repositories FROM blobs b WHERE b.registry_id = $1 AND b.size >= 1048576
               AND (b.size, b.id) < ($2, $3) AND b.repositories > 0
               AND EXISTS (SELECT 1 FROM manifest_blobs m WHERE m.blob_id = b.id AND m.position >= 0)
               ORDER BY b.size DESC, b.id DESC LIMIT $4";
    SMALLEST = "SELECT b.id, b.digest, b.size, b.repositories FROM blobs b WHERE b.registry_id = $1 AND b.size >= 1048576
                AND (b.size, b.id) > ($2, $3) AND b.repositories > 0
                AND EXISTS (SELECT 1 FROM manifest_blobs m WHERE m.blob_id = b.id AND m.position >= 0)
                ORDER BY b.size, b.id LIMIT $4";
    HOLDERS = "SELECT r.name FROM repository_blobs x JOIN repositories r ON r.id = x.repository_id
               WHERE x.blob_id = $1 ORDER BY x.repository_id LIMIT $2";
    // Among repositories that are named, those that came last first.
    SEEN_HOLDERS = "SELECT r.name FROM json_each($2) s CROSS JOIN repository_blobs x ON x.repository_id = s.value AND x.blob_id = $1
                    CROSS JOIN repositories r ON r.id = x.repository_id LIMIT $3";
    SEEN_COUNT = "SELECT COUNT(*) FROM json_each($2) s CROSS JOIN repository_blobs x ON x.repository_id = s.value AND x.blob_id = $1";
    // Each of a repository's blobs is looked at, to a bound; then from the largest on, until enough of them are layers.
    OF_REPOSITORY = "SELECT x.id, x.digest, x.size, x.repositories, x.manifests FROM
                     (SELECT b.id, b.digest, b.size, b.repositories, y.manifests FROM
                      (SELECT blob_id, manifests FROM repository_blobs WHERE repository_id = $1 LIMIT $2) y
                      CROSS JOIN blobs b ON b.id = y.blob_id ORDER BY b.size DESC, b.id DESC LIMIT $2) x
                     WHERE EXISTS (SELECT 1 FROM manifest_blobs m WHERE m.blob_id = x.id AND m.position >= 0) LIMIT $3";
    HELD = "SELECT COUNT(*) FROM (SELECT 1 FROM repository_blobs WHERE repository_id = $1 LIMIT $2)";
}

/// Layers of less than this are in no list of a registry's largest: 1 MiB.
pub const LARGE: u64 = 1 << 20;
/// As many blobs of one repository are looked at for its largest.
const LOOKED_AT: i64 = 60_000;
/// As many of those that share a layer are named.
const NAMED: i64 = 6;
/// Where many of them may not be seen, as many are looked at.
const LOOKED_FOR: i64 = 1_000;

/// A layer and who shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerBytes {
    /// Which.
    pub digest: Digest,
    /// Its size, as manifests tell it.
    pub size: u64,
    /// How many repositories of the registry hold it, of those that may be seen.
    pub repositories: u64,
    /// Some of them: those that may be seen.
    pub some: Vec<RepositoryName>,
    /// In how many manifests of the repository that was asked for; 0 where a whole registry was.
    pub manifests: u64,
}

/// The largest layers of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LargestLayers {
    /// The largest first.
    pub layers: Vec<LayerBytes>,
    /// Does the repository have so many that only some were looked at?
    pub cut: bool,
}

impl Index {
    /// A page of the registry's layers of [`LARGE`] or more, the largest first, if all of the registry may be seen.
    pub async fn largest_layers(
        &self,
        visible: &Visible,
        registry: Id,
        listing: &Listing<()>,
    ) -> Result<Page<LayerBytes>, Error> {
        let way = Way::new("layers", true, &listing.seek, |value| matches!(value, Value::Number(_)))?;
        // Whoever sees some repositories only would learn of layers that none of them holds.
        if !visible.in_registry(registry).everything() {
            return Ok(way.page(Vec::new(), listing.limit, None));
        }
        let (size, id) = match &way.place {
            Some(Place { value: Value::Number(size), ids, .. }) => (*size, ids.first().copied().ok_or(Error::Cursor)?),
            _ => (i64::MAX, i64::MAX),
        };
        let sql = if way.backwards { SMALLEST } else { LARGEST };
        let query = sqlx::query(sql).bind(registry).bind(size).bind(id).bind(i64::from(listing.limit) + 1);
        let mut found = Vec::new();
        for row in query.fetch_all(&self.pools.readers).await? {
            let (id, size): (Id, i64) = (row.try_get("id")?, row.try_get("size")?);
            let (repositories, some) = self.holders(visible, registry, id, number(&row, "repositories")?).await?;
            let layer = LayerBytes {
                digest: digest(&row)?,
                size: size.max(0).unsigned_abs(),
                repositories,
                some,
                manifests: 0,
            };
            found.push((Place { value: Value::Number(size), name: String::new(), ids: vec![id] }, layer));
        }
        Ok(way.page(found, listing.limit, None))
    }

    /// The largest layers of a repository, if it may be seen.
    pub async fn largest_layers_of(
        &self,
        visible: &Visible,
        registry: Id,
        repository: Id,
        limit: u32,
    ) -> Result<LargestLayers, Error> {
        if !self.may_see(visible, repository).await? {
            return Ok(LargestLayers::default());
        }
        let held: i64 =
            sqlx::query_scalar(HELD).bind(repository).bind(LOOKED_AT + 1).fetch_one(&self.pools.readers).await?;
        let query = sqlx::query(OF_REPOSITORY).bind(repository).bind(LOOKED_AT).bind(limit);
        let mut layers = Vec::new();
        for row in query.fetch_all(&self.pools.readers).await? {
            let all = number(&row, "repositories")?;
            let (repositories, some) = self.holders(visible, registry, row.try_get("id")?, all).await?;
            layers.push(LayerBytes {
                digest: digest(&row)?,
                size: number(&row, "size")?,
                repositories,
                some,
                manifests: number(&row, "manifests")?,
            });
        }
        Ok(LargestLayers { layers, cut: held > LOOKED_AT })
    }

    /// How many of the registry's repositories hold a blob, as far as they may be seen, and the names of some.
    async fn holders(
        &self,
        visible: &Visible,
        registry: Id,
        blob: Id,
        all: u64,
    ) -> Result<(u64, Vec<RepositoryName>), Error> {
        let (count, names): (Option<i64>, Vec<String>) = match self.narrow(visible).await? {
            Some(narrow) => {
                let ids = narrow.of_registry(registry);
                let count = sqlx::query_scalar(SEEN_COUNT).bind(blob).bind(ids).fetch_one(&self.pools.readers).await?;
                let names = sqlx::query_scalar(SEEN_HOLDERS).bind(blob).bind(ids).bind(NAMED);
                (Some(count), names.fetch_all(&self.pools.readers).await?)
            }
            None => {
                // Some of the first may not be seen.
                let some = if visible.everything() { NAMED } else { LOOKED_FOR };
                let names = sqlx::query_scalar(HOLDERS).bind(blob).bind(some);
                (None, names.fetch_all(&self.pools.readers).await?)
            }
        };
        let names: Vec<RepositoryName> = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
        let mut seen: Vec<_> = names.into_iter().filter(|name| visible.repository(registry, name)).collect();
        let whole = visible.in_registry(registry).everything();
        let count = match count {
            _ if whole => all,
            Some(count) => count.max(0).unsigned_abs(),
            None => seen.len() as u64,
        };
        seen.truncate(usize::try_from(NAMED).unwrap_or(6));
        Ok((count, seen))
    }
}
