//! An image, chart or other artifact by tag or digest: what it is made of, what it says of itself, what refers to it.

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

use crate::{Error, Operations, Result};
use domain::{
    Actor, Digest, Permission, Place, Reference, RegistryName, RepositoryName, Summary, Tag, Timestamp,
    Address, Connection, SignIn, Trust, manifest::Document, permission::allows,
};

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
            signs_in: connection.sign_in != SignIn::Nobody,
        }
    }
}

/// How fresh what a page shows is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When the registry last said that it is so; a digest needs no asking.
    pub checked: Option<Timestamp>,
    /// What stopped us from asking again, if something did.
    pub trouble: Option<Trouble>,
}

/// What stopped a part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What happened and what to do.
    pub message: String,
    /// What was tried and what came back.
    pub tried: Vec<String>,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self { message: error.message, tried: error.tried }
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
}

impl Operations {
    /// The image behind a reference. Names, sizes and dates need `repository.view`; configuration, labels, history and
    /// the documents themselves need `repository.pull`, and say so where it is missing.
    pub async fn image(&self, actor: &Actor, registry: &str, repository: &RepositoryName, reference: &Reference, view: &View) -> Result<Image> {
        let target = self.target(actor, registry, repository, Permission::RepositoryView).await?;
        let at = self.locate(actor, &target, repository, reference).await?;
        let place = Place::Repository(target.record.id, repository.clone());
        let pull = allows(actor, Permission::RepositoryPull, place).is_ok();
        let (entries, referrers) =
            futures_util::join!(self.entries(&at, view), self.referrers_of(&at));
        let shown = self.shown(&at, &entries, view, pull).await;
        let summary = self.summary(&at, &entries, &shown).await?;
        let (siblings, previous) = self.neighbours(actor, &at).await?;
        let platform = entries.iter().find(|entry| entry.chosen).map(|entry| entry.child.name.clone());
        Ok(Image {
            registry: target.record.name.clone(),
            repository: repository.clone(),
            reference: reference.clone(),
            reach: Reach::of(&target.record.connection),
            digest: at.found.digest.clone(),
            document: at.found.document.clone(),
            summary,
            freshness: at.freshness.clone(),
            siblings,
            previous,
            raw: if pull { Part::Here(Raw::of(&at.found)) } else { Part::Needs(Permission::RepositoryPull) },
            entries,
            platform,
            shown,
            referrers,
        })
    }
}
