//! What refers to an image: signatures, SBOMs, attestations, by the referrers API and by `sha256-…` tags.

use super::{EntryState, Trouble, lookup::At};
use crate::{
    Kind, Operations, Result,
    reading::{self, PATIENCE},
};
use domain::{Digest, Id, Reference, RepositoryName, Tag, Timestamp, manifest::artifact_name};
use futures_util::{StreamExt as _, stream};
use registry::FoundBy as By;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// As many referrers are read to see what they are.
const MOST_READ: usize = 50;
/// So many at once.
const AT_ONCE: usize = 4;
/// A list this young is not asked for again, in seconds; one that could not be read whole, as soon as anything else.
const FRESH: i64 = 60;
/// As many lists are remembered.
const KEPT: usize = 2_000;

/// How a referrer was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// By the referrers API.
    Api,
    /// In the index that this tag holds, or as what this tag holds.
    Tag(Tag),
    /// Among what was read before: the registry could not be asked.
    Kept,
}

/// Something that refers to an image.
#[derive(Clone, Debug)]
pub struct Referrer {
    /// Its digest.
    pub digest: Digest,
    /// Its artifact type, by its own manifest where that could be read, else by the list.
    pub artifact_type: String,
    /// A word for it: `cosign signature`.
    pub name: String,
    /// How it was found.
    pub found_by: FoundBy,
    /// What is known of it.
    pub state: EntryState,
}

/// What refers to an image.
#[derive(Clone, Debug, Default)]
pub struct Referrers {
    /// Each once.
    pub rows: Vec<Referrer>,
    /// When they were asked for.
    pub at: Timestamp,
    /// What stopped us from finding all, if something did.
    pub trouble: Option<Trouble>,
}

impl Referrers {
    /// Is it not to be asked for again yet?
    fn is_fresh(&self, now: Timestamp) -> bool {
        let fresh = if self.trouble.is_none() { FRESH } else { reading::FRESH };
        now < self.at.plus_seconds(fresh)
    }
}

/// Lists of referrers, remembered for a minute: they have no digest by which they could be kept.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<HashMap<(Id, RepositoryName, Digest), Arc<Referrers>>>);

impl Remembered {
    fn get(&self, key: &(Id, RepositoryName, Digest), now: Timestamp) -> Option<Arc<Referrers>> {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(key).filter(|list| list.is_fresh(now)).cloned()
    }
    fn put(&self, key: (Id, RepositoryName, Digest), list: Arc<Referrers>) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= KEPT {
            let now = list.at;
            lists.retain(|_, kept| kept.is_fresh(now));
        }
        if lists.len() < KEPT {
            lists.insert(key, list);
        }
    }
}

/// No answer in the time that a page has.
fn slow(at: &At) -> Trouble {
    let name = &at.holder.target.record.name;
    let request = at.holder.request("GET", "referrers", &at.found().digest);
    let message = format!("{name} did not answer within {} s.", PATIENCE.as_secs());
    Trouble { message, tried: vec![request, "No answer came.".to_owned()] }
}

/// A referrer before its own manifest is read.
struct Claimed {
    digest: Digest,
    artifact_type: Option<String>,
    found_by: FoundBy,
}

impl Operations {
    /// What refers to the image. A registry that does not answer is not waited for: what was read before is named then.
    pub(super) async fn referrers_of(&self, at: &At) -> Referrers {
        let digest = at.found().digest.clone();
        let key = (at.holder.target.record.id, at.holder.repository.clone(), digest.clone());
        let now = self.now();
        if let Some(kept) = self.0.content.referrers.get(&key, now) {
            return Referrers::clone(&kept);
        }
        let rests = self.0.reading.registry_rests(key.0, now);
        let rests = at.freshness.trouble.clone().or_else(|| rests.as_ref().map(Trouble::from));
        let asks = rests.is_none();
        let (mut claimed, trouble) = match rests {
            Some(trouble) => (Vec::new(), Some(trouble)),
            None => match tokio::time::timeout_at(at.until, self.asked_for(at, &digest)).await {
                Ok(found) => found,
                Err(_) => (Vec::new(), Some(slow(at))),
            },
        };
        if trouble.is_some() {
            claimed.extend(self.read_before(at, &digest).await);
        }
        let mut seen = std::collections::HashSet::new();
        claimed.retain(|one| seen.insert(one.digest.clone()));
        let reading: Vec<_> =
            claimed.into_iter().enumerate().map(|(n, one)| self.referrer(at, one, n < MOST_READ)).collect();
        let rows = stream::iter(reading).buffered(AT_ONCE).collect().await;
        let list = Arc::new(Referrers { rows, at: self.now(), trouble });
        if asks {
            self.0.content.referrers.put(key, Arc::clone(&list));
        }
        Referrers::clone(&list)
    }

    async fn asked_for(&self, at: &At, digest: &Digest) -> (Vec<Claimed>, Option<Trouble>) {
        let (listed, tagged) = futures_util::join!(self.listed(at, digest), self.tagged(at, digest));
        let (mut claimed, mut trouble) = (Vec::new(), None);
        for found in [listed, tagged] {
            match found {
                Ok(more) => claimed.extend(more),
                Err(error) => {
                    self.0.reading.registry_failed(at.holder.target.record.id, &error, self.now());
                    trouble = Some(Trouble::from(error));
                }
            }
        }
        (claimed, trouble)
    }

    /// Manifests kept here that name it as their subject.
    async fn read_before(&self, at: &At, digest: &Digest) -> Vec<Claimed> {
        let Ok(Some(row)) = self.row(&at.holder).await else { return Vec::new() };
        let kept = self.0.store.index().referrers(&at.holder.visible, row, digest).await.unwrap_or_default();
        let claim = |(digest, summary): (Digest, domain::Summary)| Claimed {
            digest,
            artifact_type: summary.artifact_type,
            found_by: FoundBy::Kept,
        };
        kept.into_iter().map(claim).collect()
    }

    /// By the API, or by the index that clients keep in its place.
    async fn listed(&self, at: &At, digest: &Digest) -> Result<Vec<Claimed>> {
        let found = at.holder.target.client.referrers(&at.holder.repository, digest).await?;
        let tag = registry::fallback_tag(digest);
        let by = match (found.by, tag) {
            (By::Tag, Some(tag)) => FoundBy::Tag(tag),
            _ => FoundBy::Api,
        };
        let claim = |entry: domain::manifest::Descriptor| Claimed {
            digest: entry.digest,
            artifact_type: entry.artifact_type,
            found_by: by.clone(),
        };
        Ok(found.descriptors.into_iter().map(claim).collect())
    }

    /// By cosign's tags: `sha256-….sig`, `.att`, `.sbom`.
    async fn tagged(&self, at: &At, digest: &Digest) -> Result<Vec<Claimed>> {
        let Some(base) = registry::fallback_tag(digest) else { return Ok(Vec::new()) };
        let tags = [".sig", ".att", ".sbom"].into_iter().filter_map(|end| format!("{base}{end}").parse::<Tag>().ok());
        let asked: Vec<_> = tags
            .map(|tag| async move {
                let head = at
                    .holder
                    .target
                    .client
                    .head_manifest(&at.holder.repository, &Reference::Tag(tag.clone()), None)
                    .await;
                (tag, head)
            })
            .collect();
        let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
        let mut found = Vec::new();
        for (tag, answer) in answers {
            match answer {
                Ok(registry::Head::Found { digest: Some(digest), .. }) => {
                    found.push(Claimed { digest, artifact_type: None, found_by: FoundBy::Tag(tag) });
                }
                Ok(_) => {
                    let fetched =
                        at.holder.target.client.manifest(&at.holder.repository, &Reference::Tag(tag.clone())).await?;
                    found.push(Claimed { digest: fetched.digest, artifact_type: None, found_by: FoundBy::Tag(tag) });
                }
                Err(registry::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    /// Reads the manifest itself: some lists name the wrong artifact type (cosign 3 on registries without the API).
    async fn referrer(&self, at: &At, claimed: Claimed, read: bool) -> Referrer {
        let learned = if read { Some(self.learn_beside(at, &claimed.digest).await) } else { None };
        let claimed_type =
            claimed.artifact_type.filter(|kind| !domain::manifest::is_empty_type(kind)).unwrap_or_default();
        let (state, artifact_type, kind) = match learned {
            Some(Ok(learned)) => {
                let own = learned.summary.artifact_type.clone().filter(|kind| !domain::manifest::is_empty_type(kind));
                let layer = || learned.found.document.layers().first().map(|layer| layer.media_type.clone());
                let kind = learned.summary.kind;
                // An image's clothes around a signature: only the layer tells what it is.
                let named = own.filter(|own| artifact_name(own) != Some("image")).or_else(layer);
                (EntryState::Read(learned.summary), named.unwrap_or(claimed_type), kind)
            }
            Some(Err(error)) if error.kind == Kind::NotFound => {
                (EntryState::Gone, claimed_type, domain::Kind::Artifact)
            }
            Some(Err(error)) => (EntryState::Unread(Some(error.message)), claimed_type, domain::Kind::Artifact),
            None => (EntryState::Unread(None), claimed_type, domain::Kind::Artifact),
        };
        let name = artifact_name(&artifact_type).filter(|name| *name != "image").unwrap_or(kind.as_str());
        Referrer { digest: claimed.digest, name: name.to_owned(), artifact_type, found_by: claimed.found_by, state }
    }
}
