//! Quay's REST API: `GET /api/v1/repository/{repository}/tag/?onlyActiveTags=true`. It takes OAuth tokens of its own and not
//! the registry's credentials, so that only public repositories are listed this way.

use super::{By, Read, TaggedDigest, entry, pages, sift};
use crate::{
    Listing, Registry, Result,
    error::Missing,
    transport::{JSON, Req, Scope},
    wire::Answer,
};
use domain::{RepositoryName, Timestamp};
use http::Method;
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Tags {
    tags: Vec<Tag>,
    #[serde(default)]
    has_additional: bool,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    manifest_digest: String,
    /// Seconds of Unix time.
    #[serde(default)]
    start_ts: Option<i64>,
}

pub(super) async fn tags(registry: &Registry, repository: &RepositoryName) -> Result<Listing<TaggedDigest>> {
    let first = page(registry.transport().url(&format!("api/v1/repository/{repository}/tag/")), 1);
    let request = |url| Req::new(Method::GET, url, Scope::Nothing, Missing::Repository).accept(JSON);
    pages(registry, first, request, By::Nothing, |answer, url, _| read(answer, url)).await
}

fn page(mut url: Url, n: u64) -> Url {
    url.set_query(Some(&format!("onlyActiveTags=true&limit=100&page={n}")));
    url
}

fn read(answer: &Answer, url: &Url) -> Result<Read> {
    let list: Tags = serde_json::from_slice(&answer.body).map_err(|_| super::malformed("it is no list of tags"))?;
    let (entries, dropped) = sift(list.tags.into_iter().map(|tag| {
        let pushed = tag.start_ts.filter(|s| *s > 0).map(|s| Timestamp(s.saturating_mul(1_000_000)));
        entry(tag.name, &tag.manifest_digest, pushed, None)
    }));
    let at = url.query_pairs().find_map(|(name, value)| (name == "page").then(|| value.parse::<u64>().ok())?);
    let next = list.has_additional.then(|| page(url.clone(), at.unwrap_or(1) + 1));
    Ok(Read { entries, dropped, next })
}
