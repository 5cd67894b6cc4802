//! Google's lists of tags: beside `tags` they hold `manifest`, which maps each digest to its tags, type and times.

use super::{TaggedDigest, ended, entry};
use crate::{
    Listing, Registry, Result,
    error::Missing,
    gathering::Gathering,
    transport::{JSON, Req, Scope},
};
use domain::{RepositoryName, Timestamp};
use http::{Method, header};
use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use std::{collections::HashSet, fmt};
use tokio::sync::Semaphore;

/// The most bytes of the whole list: some 100,000 manifests.
const CAP: u64 = 32 * 1024 * 1024;
/// Such lists are read one at a time.
static ALONE: Semaphore = Semaphore::const_new(1);

pub(super) async fn tags(registry: &Registry, repository: &RepositoryName) -> Result<Listing<TaggedDigest>> {
    let url = registry.transport().url(&format!("v2/{repository}/tags/list"));
    let scope = Scope::Pull(repository.clone());
    let req = Req::new(Method::GET, url, scope, Missing::Repository).accept(JSON).reading("list", CAP);
    // Never closed: there is nothing to do about a failure but to read on.
    let _alone = ALONE.acquire().await;
    let answer = registry.transport().ask(req).await?;
    let list: List =
        serde_json::from_slice(&answer.body).map_err(|_| super::malformed("it is no list of tags and manifests"))?;
    let Some(manifests) = list.manifest else { return Err(super::malformed("there is no \"manifest\" in it")) };
    let mut gathering = Gathering::new();
    gathering.listing.dropped = manifests.dropped;
    let known: HashSet<String> = manifests.entries.iter().map(|entry| entry.tag.clone()).collect();
    if let Err(why) = gathering.page(manifests.entries, |entry| &entry.tag) {
        return Ok(gathering.cut(why));
    }
    let without = list.tags.unwrap_or_default().iter().filter(|tag| !known.contains(*tag)).count();
    Ok(if without > 0 {
        gathering.cut(format!("{without} of its tags have no manifest"))
    } else if answer.headers.contains_key(header::LINK) {
        gathering.cut("it has more pages")
    } else {
        ended(gathering)
    })
}

#[derive(Deserialize)]
struct List {
    manifest: Option<Manifests>,
    tags: Option<Vec<String>>,
}

/// The manifests, turned into entries as they are read.
#[derive(Default)]
struct Manifests {
    entries: Vec<TaggedDigest>,
    dropped: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    #[serde(default)]
    tag: Vec<String>,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    time_uploaded_ms: Option<String>,
}

impl<'de> Deserialize<'de> for Manifests {
    fn deserialize<D: Deserializer<'de>>(json: D) -> std::result::Result<Self, D::Error> {
        json.deserialize_map(Map)
    }
}

struct Map;

impl<'de> Visitor<'de> for Map {
    type Value = Manifests;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("manifests by their digests")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Manifests, A::Error> {
        let mut found = Manifests::default();
        while let Some((digest, manifest)) = map.next_entry::<String, Manifest>()? {
            // Milliseconds, in a text. Manifests without a tag are no business of a list of tags.
            let ms = manifest.time_uploaded_ms.and_then(|ms| ms.parse::<i64>().ok());
            let pushed = ms.filter(|ms| *ms > 0).map(|ms| Timestamp(ms.saturating_mul(1_000)));
            for tag in manifest.tag {
                match entry(tag, &digest, pushed, manifest.media_type.clone()) {
                    Some(entry) => found.entries.push(entry),
                    None => found.dropped += 1,
                }
            }
        }
        Ok(found)
    }
}
