//! Harbor's REST API 2.0: `GET /projects/{project}/repositories/{repository}/artifacts`, with `q=tags=*` for what is tagged.

use super::{By, Read, TaggedDigest, entry, pages, sift};
use crate::{
    Listing, Registry, Result,
    error::Missing,
    transport::{JSON, Req, Scope},
    wire::Answer,
};
use domain::{RepositoryName, Timestamp};
use http::{Method, header};
use serde::Deserialize;
use url::Url;

/// The most that Harbor gives at once.
const PAGE: usize = 100;

#[derive(Deserialize)]
struct Artifact {
    digest: String,
    #[serde(default)]
    manifest_media_type: Option<String>,
    #[serde(default)]
    push_time: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    #[serde(default)]
    push_time: Option<String>,
}

pub(super) async fn tags(registry: &Registry, repository: &RepositoryName) -> Result<Listing<TaggedDigest>> {
    // The first part is the project; slashes in the rest are escaped twice, as Harbor wants it.
    let Some((project, rest)) = repository.as_str().split_once('/') else {
        return Err(super::malformed("the repository has no project"));
    };
    let path = format!("api/v2.0/projects/{project}/repositories/{}/artifacts", rest.replace('/', "%252F"));
    let first = page(registry.transport().url(&path), 1);
    let request = |url| Req::new(Method::GET, url, Scope::Nothing, Missing::Repository).accept(JSON);
    pages(registry, first, request, By::Password, |answer, url, _| read(answer, url)).await
}

fn page(mut url: Url, n: u64) -> Url {
    // Only what has tags.
    url.set_query(Some(&format!("page={n}&page_size={PAGE}&q=tags%3D*&with_tag=true&with_label=false")));
    url
}

fn read(answer: &Answer, url: &Url) -> Result<Read> {
    let artifacts: Vec<Artifact> =
        serde_json::from_slice(&answer.body).map_err(|_| super::malformed("it is no list of artifacts"))?;
    let goes_on = artifacts.len() >= PAGE
        || answer.headers.get_all(header::LINK).iter().any(|link| link.to_str().is_ok_and(|l| l.contains("next")));
    let time = |text: Option<&str>| text.and_then(Timestamp::parse);
    let (entries, dropped) = sift(artifacts.into_iter().flat_map(|artifact| {
        let Artifact { digest, manifest_media_type, push_time, tags } = artifact;
        tags.unwrap_or_default().into_iter().map(move |tag| {
            let pushed = time(tag.push_time.as_deref()).or_else(|| time(push_time.as_deref()));
            entry(tag.name, &digest, pushed, manifest_media_type.clone())
        })
    }));
    let at = url.query_pairs().find_map(|(name, value)| (name == "page").then(|| value.parse::<u64>().ok())?);
    let next = goes_on.then(|| page(url.clone(), at.unwrap_or(1) + 1));
    Ok(Read { entries, dropped, next })
}
