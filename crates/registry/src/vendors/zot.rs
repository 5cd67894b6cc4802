//! zot's search extension, a GraphQL service beside the distribution API: `/v2/_zot/ext/search`.

use super::{By, Read, TaggedDigest, entry, pages, sift};
use crate::{
    Listing, Registry, Result,
    error::Missing,
    transport::{JSON, Req, Scope},
    wire::Answer,
};
use domain::RepositoryName;
use http::{Method, StatusCode};
use serde::Deserialize;
use url::Url;

/// As many images are asked for at once.
const PAGE: u64 = 500;
const SEARCH: &str = "v2/_zot/ext/search";

#[derive(Deserialize)]
struct Document {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "ImageList")]
    list: Option<Images>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    page: Option<Total>,
    results: Vec<Image>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Total {
    total_count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    tag: String,
    digest: String,
    media_type: Option<String>,
}

/// Does the registry say that it has the search extension (OCI distribution specification, "Extensions")?
pub(super) async fn answers(registry: &Registry) -> Result<bool> {
    let url = registry.transport().url("v2/_oci/ext/discover");
    let req = Req::new(Method::GET, url, Scope::Nothing, Missing::Api).accept(JSON);
    let answer = registry.transport().exchange(req).await?;
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let names = body["extensions"].as_array().into_iter().flatten();
    let mut endpoints = names.filter_map(|one| one["endpoints"].as_array()).flatten();
    Ok(answer.status == StatusCode::OK && endpoints.any(|one| one.as_str().is_some_and(|path| path.contains(SEARCH))))
}

pub(super) async fn tags(registry: &Registry, repository: &RepositoryName) -> Result<Listing<TaggedDigest>> {
    let base = registry.transport().url(SEARCH);
    let first = page(base, repository, 0);
    let request = |url| Req::new(Method::GET, url, Scope::Pull(repository.clone()), Missing::Repository).accept(JSON);
    pages(registry, first, request, By::SignIn, |answer, url, before| read(answer, url, repository, before)).await
}

/// A repository's name holds nothing that would have to be escaped in the query's text.
fn page(mut url: Url, repository: &RepositoryName, offset: u64) -> Url {
    let query = format!(
        "{{ImageList(repo:\"{repository}\",requestedPage:{{limit:{PAGE},offset:{offset},sortBy:ALPHABETIC_ASC}})\
         {{Page{{TotalCount}} Results{{Tag Digest MediaType}}}}}}"
    );
    url.query_pairs_mut().clear().append_pair("query", &query);
    url
}

fn read(answer: &Answer, url: &Url, repository: &RepositoryName, before: u64) -> Result<Read> {
    let document: Document =
        serde_json::from_slice(&answer.body).map_err(|_| super::malformed("it is no list of images"))?;
    // With errors there is no data, or only a part of it.
    let list =
        document.data.and_then(|data| data.list).ok_or_else(|| super::malformed("it holds no list of images"))?;
    let came = list.results.len() as u64;
    let (entries, dropped) =
        sift(list.results.into_iter().map(|image| entry(image.tag, &image.digest, None, image.media_type)));
    let so_far = before + came;
    let goes_on = came > 0 && list.page.is_some_and(|page| page.total_count > so_far);
    Ok(Read { entries, dropped, next: goes_on.then(|| page(url.clone(), repository, so_far)) })
}
