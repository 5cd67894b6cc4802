//! An image, chart or other artifact by tag or digest: what it is made of, what it says of itself, what refers to it.

mod asking;
mod chart;
mod entries;
mod lookup;
mod raw;
mod referrers;
mod shown;

pub use chart::Chart;
pub use entries::{Entry, EntryState};
pub use raw::Raw;
pub use referrers::{FoundBy, Referrer, Referrers};
pub use shown::{Manifest, Part};
pub(crate) use {asking::Asking, lookup::At, referrers::Remembered};

use crate::{
    Error, Kind, Operations, Result,
    content::{Holder, Learned, made_from},
    reading::{
        catalogue::is_stale,
        repository_topic,
        visit::{self, Kept},
    },
};
use domain::{
    Actor, Address, Connection, Digest, Permission, Place, Reference, RegistryName, RepositoryName, SignIn, Summary,
    Tag, Timestamp, Trust, manifest::Document, permission::allows, summary::summarize,
};
use store::index::{Listing, TagFilter, TagSort};

/// As many tags on the same digest are named on an image's page.
const MOST_SIBLINGS: u32 = 2_000;

/// Which part of an image its page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The image itself; of an index the one for this platform, or the first.
    #[default]
    Image,
    /// The one for the platform of this name.
    Platform(String),
    /// The attestations an index holds.
    Attestations,
    /// The document itself.
    Raw,
}

/// How a client reaches the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Its address.
    pub address: Address,
    /// Whom we trust there; clients have to be told the same.
    pub trust: Trust,
    /// Do we sign in there? Then others will have to, too.
    pub signs_in: bool,
}

impl Reach {
    fn of(connection: &Connection) -> Self {
        Self {
            address: connection.address.clone(),
            trust: connection.trust.clone(),
            signs_in: connection.sign_in != SignIn::None,
        }
    }
}

/// How fresh what a page shows is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// When the registry last said that it is so; a digest needs no asking.
    pub checked: Option<Timestamp>,
    /// What stopped us from asking again, if something did; it may be tried once more just now.
    pub trouble: Option<Trouble>,
    /// When that was.
    pub tried: Option<Timestamp>,
    /// Is the registry being asked again just now? What it says shows at the next look.
    pub asking: bool,
}

impl Freshness {
    /// Is it not to be asked for again yet: that was done a moment ago, or it failed then?
    fn rests(&self, now: Timestamp) -> bool {
        [self.checked, self.tried].into_iter().flatten().any(|at| !is_stale(at, now))
    }
}

/// What became of a tag since an open page was made that shows what it pointed to then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Became {
    /// It still points there, or nobody followed it.
    #[default]
    Same,
    /// It points to this digest now.
    Moved(Digest),
    /// The registry has it no longer.
    Gone,
}

/// What stopped a part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The kind.
    pub kind: Kind,
    /// What happened and what to do.
    pub message: String,
    /// What was tried and what came back.
    pub tried: Vec<String>,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self { kind: error.kind, message: error.message, tried: error.tried }
    }
}

impl From<&crate::reading::Trouble> for Trouble {
    fn from(trouble: &crate::reading::Trouble) -> Self {
        Self { kind: trouble.kind, message: trouble.message.clone(), tried: trouble.tried.clone() }
    }
}

/// What the page of an image shows.
#[derive(Clone, Debug)]
pub struct Image {
    /// The registry.
    pub registry: RegistryName,
    /// The repository.
    pub repository: RepositoryName,
    /// What was asked for.
    pub reference: Reference,
    /// How a client reaches the registry.
    pub reach: Reach,
    /// What it points to.
    pub digest: Digest,
    /// The document behind the digest.
    pub document: Document,
    /// Its kind, size and dates.
    pub summary: Summary,
    /// How fresh that is.
    pub freshness: Freshness,
    /// What became of the tag since an open page was made that follows it.
    pub became: Became,
    /// Other tags known to be on the same digest.
    pub siblings: Vec<Tag>,
    /// The tag to compare with first: the version before.
    pub previous: Option<Tag>,
    /// What an index holds.
    pub entries: Vec<Entry>,
    /// The name of the platform shown.
    pub platform: Option<String>,
    /// The manifest shown: the image itself, or one of an index.
    pub shown: Part<Box<Manifest>>,
    /// The document itself, for those who may pull it.
    pub raw: Part<Raw>,
    /// What refers to it.
    pub referrers: Referrers,
    /// Under which topic news of this page come.
    pub topic: String,
}

impl Operations {
    /// The image behind a reference. Names, sizes and dates need `repository.view`; configuration, labels, history and
    /// the documents themselves need `repository.pull`, and say so where it is missing.
    ///
    /// What is kept is given at once, with how fresh it is; what of it is old is asked for behind the page. Only what is
    /// not kept is waited for.
    pub async fn image(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
        reference: &Reference,
        view: &View,
    ) -> Result<Image> {
        let target = self.target(actor, registry, repository, Permission::RepositoryView).await?;
        let at = self.locate(actor, &target, repository, reference, Asking::Behind).await?;
        let pull = may_pull(actor, &at);
        let used = if pull { Permission::RepositoryPull } else { Permission::RepositoryView };
        self.note_use_of(actor, target.record.id, repository, used);
        Box::pin(self.image_at(at, reference, view, pull)).await
    }

    /// The same for a page that is open and follows what happens: the image it shows (`shows`), how fresh that is by now,
    /// and what became of the tag since. Nothing is asked for.
    pub async fn follow_image(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
        reference: &Reference,
        view: &View,
        shows: Option<&Digest>,
    ) -> Result<Image> {
        let target = self.target(actor, registry, repository, Permission::RepositoryView).await?;
        let at = self.locate_shown(actor, &target, repository, reference, shows).await?;
        let pull = may_pull(actor, &at);
        Box::pin(self.image_at(at, reference, view, pull)).await
    }

    async fn image_at(&self, at: At, reference: &Reference, view: &View, pull: bool) -> Result<Image> {
        let (entries, referrers) = futures_util::join!(self.entries(&at, view), self.referrers_of(&at));
        let shown = self.shown(&at, &entries, view, pull).await;
        let summary = self.summary(&at, &entries).await?;
        let (siblings, previous) = self.neighbours(&at, Kept::Rows).await?;
        let (found, holder) = (at.found(), at.holder());
        let record = &holder.target.record;
        Ok(Image {
            registry: record.name.clone(),
            repository: holder.repository.clone(),
            reference: reference.clone(),
            reach: Reach::of(&record.connection),
            digest: found.digest.clone(),
            document: found.document.clone(),
            summary,
            freshness: at.freshness.clone(),
            became: at.became.clone(),
            siblings,
            previous,
            platform: entries.iter().find(|entry| entry.chosen).map(|entry| entry.child.name.clone()),
            raw: if pull { Part::Here(Raw::of(found)) } else { Part::Needs(Permission::RepositoryPull) },
            entries,
            shown,
            referrers,
            topic: repository_topic(record.id, &holder.repository),
        })
    }

    /// What lists show of it. That of an index is made anew once its entries were read, and kept.
    async fn summary(&self, at: &At, entries: &[Entry]) -> Result<Summary> {
        let read = |entry: &Entry| match &entry.state {
            EntryState::Read(summary) if !entry.is_attestation() => Some(summary.clone()),
            _ => None,
        };
        let children: Vec<Summary> = entries.iter().filter_map(read).collect();
        if children.is_empty() {
            return Ok(at.learned.summary.clone());
        }
        let summary = summarize(&at.found().document, None, &children);
        let all = entries.iter().all(|entry| entry.is_attestation() || !matches!(entry.state, EntryState::Unread(_)));
        if all && summary != at.learned.summary {
            let learned = Learned { found: at.found().clone(), summary: summary.clone() };
            self.keep(at.holder(), &learned, None, made_from(false, children.len())).await?;
        }
        Ok(summary)
    }

    /// Other tags on the same digest, and the tag to compare with first, as far as the repository's tags are known. A list
    /// that was never read is read now; `kept` says how long to wait for it.
    pub(crate) async fn neighbours(&self, at: &At, kept: Kept) -> Result<(Vec<Tag>, Option<Tag>)> {
        let (index, holder) = (self.0.store.index(), at.holder());
        let record = &holder.target.record;
        let known = index.repository(&holder.visible, record.id, &holder.repository).await?;
        let unlisted = known.as_ref().is_none_or(|known| known.tags_listed_at.is_none());
        if unlisted && at.freshness.trouble.is_none() && at.beside.asking != Asking::Nothing {
            let listing = Listing { sort: TagSort::Version, descending: true, limit: 1, ..Listing::default() };
            let view = visit::View { filter: TagFilter::default(), listing };
            self.visit_tags(record, &holder.repository, &view, kept).await;
        }
        let Some(known) = known else { return Ok((Vec::new(), None)) };
        if at.beside.asking != Asking::Nothing {
            self.was_viewed(&known);
        }
        let digest = &at.found().digest;
        let mut siblings =
            index.siblings(&holder.visible, known.id, std::slice::from_ref(digest), MOST_SIBLINGS).await?;
        let mut siblings = siblings.remove(digest).unwrap_or_default();
        let tag = at.tag.clone().or_else(|| siblings.first().cloned());
        siblings.retain(|sibling| Some(sibling) != at.tag.as_ref() && sibling.subject().is_none());
        let previous = match tag {
            Some(tag) => index.tag_before(&holder.visible, known.id, &tag, digest).await?,
            None => None,
        };
        Ok((siblings, previous))
    }

    /// A document byte by byte, for whoever may pull it: a manifest or a configuration by its digest, from a repository
    /// that holds it.
    pub async fn raw_document(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Vec<u8>> {
        let target = self.target(actor, registry, repository, Permission::RepositoryPull).await?;
        let holder = Holder::of(actor, &target, repository);
        if let Some(kept) = self.kept_document(&holder, digest).await? {
            return Ok(kept.to_vec());
        }
        let at =
            self.locate(actor, &holder.target, repository, &Reference::Digest(digest.clone()), Asking::First).await?;
        Ok(at.found().bytes.to_vec())
    }
}

/// May they see all of it that a pull moves?
fn may_pull(actor: &Actor, at: &At) -> bool {
    let place = Place::Repository(at.holder().target.record.id, at.holder().repository.clone());
    allows(actor, Permission::RepositoryPull, place).is_ok()
}
