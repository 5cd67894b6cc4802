//! What images are built on: by what they say of themselves, and by the layers that they share.

use super::{
    Among, Hits, ImageHit, Rank,
    images::{limit, newest_first},
};
use crate::{
    Error,
    index::{
        Index,
        digests::{packed, packed_hex, unpacked},
    },
    sql::statements,
};
use domain::{Digest, Id};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

statements! {
    // Names of base images stand among the annotations and labels, each once.
    NAMES = "SELECT id, value FROM (SELECT id, value FROM labels WHERE key = 'org.opencontainers.image.base.name' LIMIT $1)
             WHERE instr(lower(value), $2) > 0";
    BY_NAME = "SELECT manifest_id FROM bases WHERE name = $1 ORDER BY manifest_id DESC LIMIT $2";
    BY_DIGEST = "SELECT manifest_id FROM bases WHERE digest = $1 ORDER BY manifest_id DESC LIMIT $2";
    // The image itself, and what it is an index of.
    PARTS = "SELECT m.id, m.registry_id, m.digest FROM manifests m WHERE m.digest = $1
             UNION SELECT k.id, k.registry_id, k.digest FROM manifests m CROSS JOIN children c ON c.parent_id = m.id
             CROSS JOIN manifests k ON k.id = c.child_id WHERE m.digest = $1 LIMIT $2";
    LAYERS = "SELECT b.digest, x.position FROM manifest_blobs x CROSS JOIN blobs b ON b.id = x.blob_id
              WHERE x.manifest_id = $1 AND x.position >= 0 ORDER BY x.position";
    // The same layers in every registry: digest and position, as a JSON array of arrays.
    SAME_LAYERS = "SELECT b.registry_id, b.id, x.value ->> 1 FROM json_each($1) x CROSS JOIN blobs b ON b.digest = unhex(x.value ->> 0)";
    // Who has the last layer at the same place, and all before it too.
    ABOVE = "SELECT x.manifest_id FROM
             (SELECT manifest_id FROM manifest_blobs WHERE blob_id = $1 AND position = $2 ORDER BY manifest_id DESC LIMIT $5) x
             WHERE (SELECT COUNT(*) FROM json_each($3) c CROSS JOIN manifest_blobs o ON o.manifest_id = x.manifest_id
                    AND o.blob_id = c.value ->> 0 AND o.position = c.value ->> 1) = $4";
}

/// So many names of base images are looked at.
const NAMES_LOOKED: usize = 5_000;
/// So many platforms of an index are looked at.
const PARTS_LOOKED: usize = 64;
/// So many images are compared layer by layer.
const COMPARED: usize = 400;

/// A base image that images name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseHit {
    /// How closely it fits.
    pub rank: Rank,
    /// Its name, as the images write it.
    pub name: String,
    /// How many tags lead to an image that names it; counted to a hundred.
    pub images: usize,
    /// Are there more?
    pub more: bool,
}

/// An image that is built on another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltOn {
    /// The image.
    pub image: ImageHit,
    /// How that is known.
    pub why: Why,
}

/// How it is known on what an image is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It begins with all layers of the other.
    Layers,
    /// It says so (`org.opencontainers.image.base.*`).
    Said,
}

/// The layers of an image, from the lowest on: digest and position.
type Chain = Vec<(Vec<u8>, i64)>;

impl Index {
    /// Base images that images name, whose name is `text`, begins with it or holds it.
    pub async fn find_bases(&self, among: &Among, text: &str) -> Result<Hits<BaseHit>, Error> {
        let small = text.to_lowercase();
        if small.is_empty() || among.is_empty() {
            return Ok(Hits::default());
        }
        let query = sqlx::query_as(NAMES).bind(limit(NAMES_LOOKED)).bind(&small);
        let rows: Vec<(i64, String)> = query.fetch_all(&self.pools.readers).await?;
        let mut names: BTreeMap<(Rank, String), i64> = BTreeMap::new();
        for (label, name) in rows {
            // People leave the tag out: `debian` is the last component of `docker.io/library/debian:12`.
            let whole = name.to_lowercase();
            let bare = whole.rsplit_once(':').map_or(whole.as_str(), |(bare, _)| bare);
            let rank = [&whole, bare].into_iter().filter_map(|name| Rank::of(name, &small)).min();
            if let Some(rank) = rank {
                names.insert((rank, name), label);
            }
        }
        let mut hits = Vec::new();
        let mut names = names.into_iter().peekable();
        while hits.len() < among.given && names.peek().is_some() {
            let some: Vec<((Rank, String), i64)> = names.by_ref().take(among.given).collect();
            let labels: Vec<i64> = some.iter().map(|(_, label)| *label).collect();
            let counts = self.count_images(among, &labels).await?;
            for ((rank, name), label) in some {
                if let Some(&(images, more)) = counts.get(&label).filter(|(images, _)| *images > 0) {
                    hits.push(BaseHit { rank, name, images, more });
                }
            }
        }
        let cut = names.peek().is_some() || hits.len() > among.given;
        hits.truncate(among.given);
        Ok(Hits { found: hits.len(), rows: hits, cut })
    }

    /// The images that say that they are built on `name`, written just so; the newest first.
    pub async fn built_on_name(&self, among: &Among, name: &str) -> Result<Hits<BuiltOn>, Error> {
        let query = sqlx::query_scalar(BY_NAME).bind(name).bind(limit(among.looked));
        let manifests: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
        let cut = manifests.len() == among.looked;
        Ok(self.images_of(among, manifests, cut).await?.map(|image| BuiltOn { image, why: Why::Said }))
    }

    /// The images that are built on this one: they begin with all its layers (or those of one of its platforms), or say so.
    /// The newest first.
    pub async fn built_on(&self, among: &Among, image: &Digest) -> Result<Hits<BuiltOn>, Error> {
        let wide = among.giving(usize::MAX);
        let query = sqlx::query_as(PARTS).bind(packed(image)).bind(limit(PARTS_LOOKED));
        let parts: Vec<(i64, Id, Vec<u8>)> = query.fetch_all(&self.pools.readers).await?;
        let own: HashSet<Digest> = parts.iter().map(|(_, _, digest)| unpacked(digest)).collect::<Result<_, _>>()?;
        let (above, mut cut) = self.above(among, &parts).await?;
        let by_layers = self.images_of(&wide, above, false).await?;
        let mut said = Vec::new();
        for digest in own.iter().chain([image]) {
            let query = sqlx::query_scalar(BY_DIGEST).bind(packed(digest)).bind(limit(among.looked));
            let rows: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
            cut |= rows.len() == among.looked;
            said.extend(rows);
        }
        let said = self.images_of(&wide, said, cut).await?;
        cut = by_layers.cut || said.cut;
        let mut all = by_layers.rows.clone();
        all.extend(said.rows.into_iter().filter(|hit| !by_layers.rows.contains(hit)));
        all.retain(|hit| hit.digest.as_ref().is_none_or(|digest| digest != image && !own.contains(digest)));
        newest_first(&mut all);
        let why = |hit: &ImageHit| if by_layers.rows.contains(hit) { Why::Layers } else { Why::Said };
        let all = all.into_iter().map(|image| BuiltOn { why: why(&image), image }).collect();
        Ok(Hits::of(all, cut, among))
    }

    /// Manifests that begin with all layers of one of these, in any registry asked for.
    async fn above(&self, among: &Among, parts: &[(i64, Id, Vec<u8>)]) -> Result<(Vec<i64>, bool), Error> {
        let mut chains: Vec<Chain> = Vec::new();
        for (part, _, _) in parts.iter().filter(|(_, registry, _)| among.asks(*registry)) {
            let chain: Chain = sqlx::query_as(LAYERS).bind(part).fetch_all(&self.pools.readers).await?;
            if !chain.is_empty() && !chains.contains(&chain) {
                chains.push(chain);
            }
        }
        let mine: HashSet<i64> = parts.iter().map(|(id, _, _)| *id).collect();
        let (mut above, mut cut) = (Vec::new(), parts.len() == PARTS_LOOKED);
        for chain in chains {
            let rows = chain.iter().map(|(digest, place)| Ok(json!([packed_hex(&unpacked(digest)?), place])));
            let rows = serde_json::to_string(&rows.collect::<Result<Vec<_>, Error>>()?)?;
            let same: Vec<(Id, i64, i64)> =
                sqlx::query_as(SAME_LAYERS).bind(rows).fetch_all(&self.pools.readers).await?;
            let mut there: BTreeMap<Id, Vec<(i64, i64)>> = BTreeMap::new();
            for (registry, blob, place) in same {
                there.entry(registry).or_default().push((blob, place));
            }
            there.retain(|registry, blobs| among.asks(*registry) && blobs.len() == chain.len());
            for blobs in there.into_values() {
                let Some((last, place)) = blobs.iter().copied().max_by_key(|(_, place)| *place) else { continue };
                let query = sqlx::query_scalar(ABOVE).bind(last).bind(place).bind(serde_json::to_string(&blobs)?);
                let query = query.bind(limit(blobs.len())).bind(limit(COMPARED));
                let found: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
                cut |= found.len() == COMPARED;
                above.extend(found.into_iter().filter(|id| !mine.contains(id)));
            }
        }
        Ok((above, cut))
    }
}
