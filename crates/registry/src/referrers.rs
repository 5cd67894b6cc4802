//! What refers to an image: by the referrers API, else by the tag `sha256-<hex>` that clients keep in its place (OCI
//! distribution specification 1.1, "Listing Referrers"), and by cosign's tags.

use crate::{
    Error, Registry, Result,
    error::Missing,
    paging::{List, NextPage},
    transport::{Req, Scope},
};
use bytes::Bytes;
use domain::{
    Digest, Reference, RepositoryName, Tag,
    manifest::{Descriptor, Document, OCI_INDEX},
};
use http::Method;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most bytes of a list of referrers: an index is a manifest.
const CAP: u64 = 4 * 1024 * 1024;
/// The most pages of them.
const PAGES: u32 = 50;

/// How the referrers were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// By the referrers API.
    Api,
    /// By the fallback tag.
    Tag,
    /// The registry has no API, and there is no fallback tag.
    None,
}

/// What refers to a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrers {
    /// Each once, in the order they came. Their artifact types are what the list says, which is wrong in some fallback
    /// lists (cosign 3 on distribution 2.8): the manifest itself decides.
    pub descriptors: Vec<Descriptor>,
    /// How they were found.
    pub by: FoundBy,
}

/// What is known of a registry's referrers API.
#[derive(Default)]
pub(crate) struct Api {
    /// It answered as one without.
    missing: AtomicBool,
}

impl Registry {
    /// What refers to `subject`, by the API or by the fallback tag. Cosign's tags are not asked for: see
    /// [`referrer_tags`].
    pub async fn referrers(&self, repository: &RepositoryName, subject: &Digest) -> Result<Referrers> {
        let api = &self.inner.referrers;
        if !api.missing.load(Ordering::Relaxed) {
            if let Some(descriptors) = self.referrers_by_api(repository, subject).await? {
                return Ok(Referrers { descriptors, by: FoundBy::Api });
            }
            api.missing.store(true, Ordering::Relaxed);
        }
        let Some(tag) = fallback_tag(subject) else {
            return Ok(Referrers { descriptors: Vec::new(), by: FoundBy::None });
        };
        match self.manifest(repository, &Reference::Tag(tag)).await {
            Ok(fetched) => match Document::parse(&fetched.bytes, &fetched.media_type) {
                Document::Index(index) => Ok(Referrers { descriptors: once(index.manifests), by: FoundBy::Tag }),
                _ => Err(Error::Malformed { what: "the referrers tag holds no index".into() }),
            },
            Err(Error::NotFound { .. }) => Ok(Referrers { descriptors: Vec::new(), by: FoundBy::None }),
            Err(error) => Err(error),
        }
    }

    /// By the API; `None` where the registry has none (404, or an answer that is no index).
    pub(crate) async fn referrers_by_api(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
    ) -> Result<Option<Vec<Descriptor>>> {
        let scope = Scope::Pull(repository.clone());
        let path = format!("v2/{repository}/referrers/{subject}");
        let list = List { path, scope: scope.clone(), what: Missing::Referrers, field: "manifests" };
        let mut url = self.transport().url(&list.path);
        let mut all = Vec::new();
        for page in 0..PAGES {
            let req = Req::new(Method::GET, url.clone(), scope.clone(), Missing::Referrers)
                .accept("application/vnd.oci.image.index.v1+json, application/json;q=0.5")
                .reading("list of referrers", CAP);
            let answer = match self.transport().ask(req).await {
                Ok(answer) => answer,
                Err(error) if page == 0 && matches!(error.status(), Some(400 | 404 | 405 | 406 | 501)) => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            let Some(found) = index(&answer.content_type(), &answer.body) else {
                return if page == 0 {
                    Ok(None)
                } else {
                    Err(Error::Malformed { what: "a page of referrers is no index".into() })
                };
            };
            all.extend(found);
            match self.next(&answer, &url, &list)? {
                Some(NextPage(next)) => url = next,
                None => return Ok(Some(once(all))),
            }
        }
        Err(Error::BadLink { why: format!("it has more than {PAGES} pages") })
    }
}

/// The entries, if this is an index: some registries answer every path with a page and 200.
fn index(content_type: &str, body: &Bytes) -> Option<Vec<Descriptor>> {
    if !matches!(content_type, OCI_INDEX | "application/json" | "text/plain" | "") {
        return None;
    }
    let document: serde_json::Value = serde_json::from_slice(body).ok()?;
    match document.get("manifests")? {
        serde_json::Value::Null => Some(Vec::new()),
        _ => match Document::parse(body, OCI_INDEX) {
            Document::Index(index) => Some(index.manifests),
            _ => None,
        },
    }
}

fn once(all: Vec<Descriptor>) -> Vec<Descriptor> {
    let mut seen = std::collections::HashSet::new();
    all.into_iter().filter(|d| seen.insert(d.digest.clone())).collect()
}

/// The tag under which clients keep the list of referrers where there is no API: `sha256-<hex>`, cut as the
/// specification says (algorithm 32, encoded 64 characters).
pub fn fallback_tag(subject: &Digest) -> Option<Tag> {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    format!("{}-{}", cut(subject.algorithm(), 32), cut(subject.encoded(), 64)).parse().ok()
}

/// Those of a repository's `tags` that hold referrers of `subject`: the fallback tag and cosign's `.sig`, `.att`, `.sbom`.
pub fn referrer_tags<'a>(subject: &Digest, tags: impl IntoIterator<Item = &'a str>) -> Vec<Tag> {
    let Some(base) = fallback_tag(subject) else { return Vec::new() };
    let belongs =
        |tag: &str| tag.strip_prefix(base.as_str()).is_some_and(|rest| matches!(rest, "" | ".sig" | ".att" | ".sbom"));
    let mut found: Vec<Tag> = tags.into_iter().filter(|tag| belongs(tag)).filter_map(|tag| tag.parse().ok()).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_of_a_subject_are_found_among_others() {
        let subject = Digest::of(b"x");
        let base = format!("sha256-{}", subject.encoded());
        let other = format!("sha256-{}.sig", Digest::of(b"y").encoded());
        let tags = [format!("{base}.sig"), base.clone(), format!("{base}.other"), other, "latest".into()];
        let found = referrer_tags(&subject, tags.iter().map(String::as_str));
        assert_eq!(found.iter().map(Tag::as_str).collect::<Vec<_>>(), [base.as_str(), &format!("{base}.sig")]);
    }

    #[test]
    fn only_an_index_is_a_list_of_referrers() {
        let read = |kind: &str, body: &str| index(kind, &Bytes::from(body.to_owned()));
        assert_eq!(read(OCI_INDEX, r#"{"schemaVersion":2,"manifests":null}"#), Some(Vec::new()));
        assert_eq!(read(OCI_INDEX, r#"{"schemaVersion":2,"manifests":[]}"#), Some(Vec::new()));
        assert_eq!(read("text/html", r#"{"manifests":[]}"#), None);
        assert_eq!(read("application/json", r#"{"errors":[]}"#), None);
        assert_eq!(read("", "404 page not found"), None);
    }
}
