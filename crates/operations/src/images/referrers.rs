//! What refers to an image: signatures, SBOMs, attestations, by the referrers API and by `sha256-…` tags.

use super::{
    Asking, EntryState, Trouble,
    asking::slow,
    lookup::{At, Beside},
};
use crate::{
    Kind, Operations, Result,
    reading::{self, PATIENCE, Subject, repository_topic},
};
use domain::{Digest, Id, Reference, RepositoryName, Tag, Timestamp, manifest::artifact_name};
use futures_util::{StreamExt as _, stream};
use registry::FoundBy as By;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// As many referrers are read to see what they are.
const MOST_READ: usize = 50;
/// So many at once.
const AT_ONCE: usize = 4;
/// A list this young is not asked for again, in seconds; one that could not be read whole, as soon as anything else.
const FRESH: i64 = 60;
/// As many lists are remembered.
const KEPT: usize = 2_000;
/// So long an image that is kept waits for referrers that nobody asked for yet. A registry that is near answers within it.
const MOMENT: Duration = Duration::from_millis(40);

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
    /// When they were asked for; never, if only what was read before is named.
    pub at: Option<Timestamp>,
    /// What stopped us from finding all, if something did.
    pub trouble: Option<Trouble>,
    /// Is the registry being asked for them just now?
    pub asking: bool,
}

impl Referrers {
    /// Is it not to be asked for again yet?
    fn is_fresh(&self, now: Timestamp) -> bool {
        let fresh = if self.trouble.is_none() { FRESH } else { reading::FRESH };
        self.at.is_some_and(|at| now < at.plus_seconds(fresh))
    }
}

/// Which list it is: the manifest, where it is.
type Key = (Id, RepositoryName, Digest);

/// Lists of referrers, remembered: they have no digest by which they could be kept.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<HashMap<Key, Arc<Referrers>>>);

impl Remembered {
    fn all(&self) -> MutexGuard<'_, HashMap<Key, Arc<Referrers>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// The list as it was read last, however long ago.
    fn get(&self, key: &Key) -> Option<Arc<Referrers>> {
        self.all().get(key).cloned()
    }
    fn put(&self, key: Key, list: Arc<Referrers>) {
        let mut lists = self.all();
        if lists.len() >= KEPT && !lists.contains_key(&key) {
            let mut times: Vec<_> = lists.values().map(|list| list.at).collect();
            times.sort_unstable();
            let middle = times.get(times.len() / 2).copied().flatten();
            lists.retain(|_, list| list.at > middle);
        }
        lists.insert(key, list);
    }
}

/// A referrer before its own manifest is read.
struct Claimed {
    digest: Digest,
    artifact_type: Option<String>,
    found_by: FoundBy,
}

impl Operations {
    /// What refers to the image. Beside an image that is kept, what was found last is named, and asked for anew behind the
    /// page once it is old; a registry that does not answer is not waited for.
    pub(super) async fn referrers_of(&self, at: &At) -> Referrers {
        let (beside, digest) = (&at.beside, &at.found().digest);
        let key = (beside.holder.target.record.id, beside.holder.repository.clone(), digest.clone());
        let now = self.now();
        let mut known = self.0.content.referrers.get(&key);
        if let Some(known) = known.as_ref().filter(|known| known.is_fresh(now)) {
            return Referrers::clone(known);
        }
        let own = at.freshness.trouble.clone().filter(|_| !at.freshness.asking);
        let rests = own.or_else(|| self.0.reading.registry_rests(key.0, now).as_ref().map(Trouble::from));
        let subject = Subject::Referrers(key.0, key.1.clone(), key.2.clone());
        if rests.is_none() && beside.asking != Asking::Nothing {
            self.ask_for_referrers(at, &subject, &key, known.is_some()).await;
            known = self.0.content.referrers.get(&key).or(known);
        }
        let asking = self.0.reading.flights.under_way(&subject).is_some();
        let fresh = known.as_ref().is_some_and(|known| known.is_fresh(now));
        let found = match known {
            Some(known) => Referrers::clone(&known),
            None => Referrers {
                rows: self.described(beside, self.read_before(beside, digest).await).await,
                ..Referrers::default()
            },
        };
        let trouble = if fresh { found.trouble } else { rests.or(found.trouble) };
        Referrers { trouble, asking, ..found }
    }

    /// Asks for the referrers behind the page, unless somebody does already; waits for them where there is nothing to show.
    async fn ask_for_referrers(&self, at: &At, subject: &Subject, key: &Key, is_known: bool) {
        let until = Instant::now() + PATIENCE;
        let under_way = match self.0.reading.flights.take(subject) {
            Err(under_way) => under_way,
            Ok((turn, under_way)) => {
                // Somebody else's look may have ended between ours at what is remembered and this one.
                if self.0.content.referrers.get(key).is_some_and(|known| known.is_fresh(self.now())) {
                    return;
                }
                let look = self.look_behind(key.0);
                if look.is_none() && at.kept {
                    return;
                }
                let (operations, key) = (self.clone(), key.clone());
                let until = if at.kept { until } else { at.beside.until };
                let beside = Beside { until, ..at.beside.clone() };
                tokio::spawn(async move {
                    let list = operations.read_referrers(&beside, &key.2).await;
                    let topic = repository_topic(key.0, &key.1);
                    operations.0.content.referrers.put(key, Arc::new(list));
                    // Told after the reading, so that they find it ended.
                    drop((turn, look));
                    operations.tell(&topic).await;
                });
                under_way
            }
        };
        let patience = match (at.kept, is_known) {
            (false, _) => PATIENCE,
            (true, false) => MOMENT,
            (true, true) => Duration::ZERO,
        };
        under_way.within(patience).await;
    }

    /// All that refers to a manifest, as the registry says; where it can't say all, also what was read before.
    async fn read_referrers(&self, beside: &Beside, digest: &Digest) -> Referrers {
        let asked = tokio::time::timeout_at(beside.until, self.asked_for(beside, digest)).await;
        let (mut claimed, trouble) = asked.unwrap_or_else(|_| {
            let error = slow(&beside.holder, beside.holder.request("GET", "referrers", digest));
            self.0.reading.registry_failed(beside.holder.target.record.id, &error, self.now());
            (Vec::new(), Some(Trouble::from(error)))
        });
        if trouble.is_some() {
            claimed.extend(self.read_before(beside, digest).await);
        }
        Referrers { rows: self.described(beside, claimed).await, at: Some(self.now()), trouble, asking: false }
    }

    /// What each of them is, and each once.
    async fn described(&self, beside: &Beside, mut claimed: Vec<Claimed>) -> Vec<Referrer> {
        let mut seen = std::collections::HashSet::new();
        claimed.retain(|one| seen.insert(one.digest.clone()));
        let reading: Vec<_> =
            claimed.into_iter().enumerate().map(|(n, one)| self.referrer(beside, one, n < MOST_READ)).collect();
        stream::iter(reading).buffered(AT_ONCE).collect().await
    }

    async fn asked_for(&self, beside: &Beside, digest: &Digest) -> (Vec<Claimed>, Option<Trouble>) {
        let (listed, tagged) = futures_util::join!(self.listed(beside, digest), self.tagged(beside, digest));
        let (mut claimed, mut trouble) = (Vec::new(), None);
        for found in [listed, tagged] {
            match found {
                Ok(more) => claimed.extend(more),
                Err(error) => {
                    self.0.reading.registry_failed(beside.holder.target.record.id, &error, self.now());
                    trouble = Some(Trouble::from(error));
                }
            }
        }
        (claimed, trouble)
    }

    /// Manifests kept here that name it as their subject.
    async fn read_before(&self, beside: &Beside, digest: &Digest) -> Vec<Claimed> {
        let Ok(Some(row)) = self.row(&beside.holder).await else { return Vec::new() };
        let kept = self.0.store.index().referrers(&beside.holder.visible, row, digest).await.unwrap_or_default();
        let claim = |(digest, summary): (Digest, domain::Summary)| Claimed {
            digest,
            artifact_type: summary.artifact_type,
            found_by: FoundBy::Kept,
        };
        kept.into_iter().map(claim).collect()
    }

    /// By the API, or by the index that clients keep in its place.
    async fn listed(&self, beside: &Beside, digest: &Digest) -> Result<Vec<Claimed>> {
        let holder = &beside.holder;
        let found = holder.target.client.referrers(&holder.repository, digest).await?;
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
    async fn tagged(&self, beside: &Beside, digest: &Digest) -> Result<Vec<Claimed>> {
        let (client, repository) = (&beside.holder.target.client, &beside.holder.repository);
        let Some(base) = registry::fallback_tag(digest) else { return Ok(Vec::new()) };
        let tags = [".sig", ".att", ".sbom"].into_iter().filter_map(|end| format!("{base}{end}").parse::<Tag>().ok());
        let asked: Vec<_> = tags
            .map(|tag| async move {
                let head = client.head_manifest(repository, &Reference::Tag(tag.clone()), None).await;
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
                    let fetched = client.manifest(repository, &Reference::Tag(tag.clone())).await?;
                    found.push(Claimed { digest: fetched.digest, artifact_type: None, found_by: FoundBy::Tag(tag) });
                }
                Err(registry::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    /// Reads the manifest itself: some lists name the wrong artifact type (cosign 3 on registries without the API).
    async fn referrer(&self, beside: &Beside, claimed: Claimed, read: bool) -> Referrer {
        let learned = if read { Some(self.learn_beside(beside, &claimed.digest).await) } else { None };
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
