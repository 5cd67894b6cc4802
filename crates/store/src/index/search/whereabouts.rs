//! Where a digest is: every registry, repository and tag that holds it, and which tags of the same name lag behind.

use super::{
    Among, Hits, ImageHit,
    images::{limit, newest_first},
};
use crate::{
    Error,
    index::{Index, digests::packed},
    sql::statements,
};
use domain::{Digest, Id, RepositoryName, Tag};
use serde_json::json;
use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

statements! {
    MANIFESTS = "SELECT id, registry_id FROM manifests WHERE digest = $1 ORDER BY registry_id";
    // Tags of the same name in repositories of the same name elsewhere: repository and tag, as a JSON array of arrays.
    NAMESAKES = "SELECT x.value ->> 0, o.registry_id, o.name, t.name, m.digest, t.kind, t.created FROM json_each($1) x
                 CROSS JOIN repositories r ON r.id = x.value ->> 0
                 CROSS JOIN repositories o ON o.name = r.name AND o.registry_id <> r.registry_id
                 CROSS JOIN tags t ON t.repository_id = o.id AND t.name = x.value ->> 1
                 CROSS JOIN manifests m ON m.id = t.manifest_id LIMIT $2";
}

/// So many tags that hold it are compared with their namesakes.
const COMPARED: usize = 200;

/// Where a digest is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// Every place that may be seen: tags first, the newest first.
    pub places: Hits<Held>,
    /// Tags of the same name in repositories of the same name of other registries that point elsewhere.
    pub lags: Vec<Lag>,
    /// Bytes of the blob, if it is one.
    pub blob: Option<u64>,
}

/// One place that holds a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The image through which it is held.
    pub image: ImageHit,
    /// How it holds it.
    pub how: How,
}

/// How an image holds a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is its digest.
    Itself,
    /// It is an index that names it.
    Index,
    /// It is one of its layers, or its configuration.
    Blob,
}

/// A tag that points elsewhere than its namesake, which holds the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The registry of the tag that holds the digest.
    pub registry: Id,
    /// The tag that points elsewhere.
    pub image: ImageHit,
    /// What it points to, compared with the digest.
    pub standing: Standing,
}

/// How a build stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was built before: the tag lags behind.
    Older,
    /// It was built after: the tags that hold the digest lag behind.
    Newer,
    /// It is another one, and it is not known when both were built.
    Other,
}

type NamesakeRow = (i64, Id, String, Option<String>, Option<Vec<u8>>, Option<i64>, Option<i64>);

impl Index {
    /// Where this digest is: as a tag's own, through an index, as a layer or configuration, or held without a tag.
    pub async fn where_is(&self, among: &Among, digest: &Digest) -> Result<Whereabouts, Error> {
        let rows: Vec<(i64, Id)> =
            sqlx::query_as(MANIFESTS).bind(packed(digest)).fetch_all(&self.pools.readers).await?;
        let own: Vec<i64> = rows.into_iter().filter(|(_, registry)| among.asks(*registry)).map(|(id, _)| id).collect();
        let mut cut = false;
        let parents = self.parents(among, &own, &mut cut).await?;
        let tagged = self.tagged(among, &own, &mut cut).await?;
        let through = self.tagged(among, &parents, &mut cut).await?;
        let untagged = self.untagged(among, &own, &mut cut).await?;
        let (lags, more) = self.lags(among, digest, tagged.iter().chain(&through)).await?;
        cut |= more;
        let mut places: Vec<Held> = held(tagged.into_iter().map(|(_, hit)| hit).collect(), How::Itself);
        places.extend(held(through.into_iter().map(|(_, hit)| hit).collect(), How::Index));
        places.extend(held(untagged.into_iter().map(|(_, hit)| hit).collect(), How::Itself));
        let wide = among.giving(usize::MAX);
        let images = self.images_with_layer(&wide, digest).await?;
        let blob = if images.rows.is_empty() { None } else { self.blobs(among, digest).await?.first().copied() };
        cut |= images.cut;
        places.extend(held(images.rows, How::Blob));
        let blob = blob.map(|(_, _, size)| size.unsigned_abs());
        Ok(Whereabouts { places: Hits::of(places, cut, among), lags, blob })
    }

    async fn lags<'h>(
        &self,
        among: &Among,
        digest: &Digest,
        holders: impl Iterator<Item = &'h (i64, ImageHit)>,
    ) -> Result<(Vec<Lag>, bool), Error> {
        let holders: Vec<&(i64, ImageHit)> = holders.filter(|(_, hit)| hit.tag.is_some()).collect();
        let holding: HashSet<(Id, &RepositoryName, Option<&Tag>)> =
            holders.iter().map(|(_, hit)| (hit.registry, &hit.repository, hit.tag.as_ref())).collect();
        let compared = &holders[..holders.len().min(COMPARED)];
        let by_tag: HashMap<(i64, &str), &ImageHit> =
            compared.iter().filter_map(|(id, hit)| Some(((*id, hit.tag.as_ref()?.as_str()), hit))).collect();
        let asked: Vec<_> = by_tag.keys().map(|(repository, tag)| json!([repository, tag])).collect();
        let query = sqlx::query_as(NAMESAKES).bind(serde_json::to_string(&asked)?).bind(limit(among.looked));
        let rows: Vec<NamesakeRow> = query.fetch_all(&self.pools.readers).await?;
        let cut = rows.len() == among.looked || compared.len() < holders.len();
        let mut lags = Vec::new();
        for (repository, registry, name, tag, own, kind, created) in rows {
            let image = ImageHit::read((registry, name, tag, own, kind, created))?;
            let Some(here) = image.tag.as_ref().and_then(|tag| by_tag.get(&(repository, tag.as_str()))) else {
                continue;
            };
            let holds = image.digest.as_ref() == Some(digest)
                || holding.contains(&(image.registry, &image.repository, image.tag.as_ref()));
            if !holds && among.sees(image.registry, &image.repository) {
                let standing = match image.created.zip(here.created).map(|(there, here)| there.cmp(&here)) {
                    Some(Ordering::Less) => Standing::Older,
                    Some(Ordering::Greater) => Standing::Newer,
                    Some(Ordering::Equal) | None => Standing::Other,
                };
                lags.push(Lag { registry: here.registry, image, standing });
            }
        }
        lags.sort_by(|a, b| {
            let place =
                |lag: &Lag| (lag.image.repository.clone(), lag.image.tag.clone(), lag.image.registry, lag.registry);
            place(a).cmp(&place(b))
        });
        Ok((lags, cut))
    }
}

fn held(mut images: Vec<ImageHit>, how: How) -> Vec<Held> {
    newest_first(&mut images);
    images.dedup();
    images.into_iter().map(|image| Held { image, how }).collect()
}
