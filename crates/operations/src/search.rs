//! Finding a repository, a tag, an image or a layer by what one remembers of it, across all registries.

mod asked;
mod images;
mod suggestions;

pub use asked::{Asked, DIGITS, ImagesAsked, LONGEST, Named, TagsAsked};
pub use images::{Because, ImagesFound};
pub use store::index::{BaseHit, Hits, LabelHit, Rank, SHORTEST, Thing, Why};
pub use suggestions::Suggestion;

use crate::{Error, Operations, Result, whereabouts::Whereabouts};
use asked::Known;
use domain::{
    Actor, Digest, Id, Permission, Place, RegistryName, RepositoryName, Tag, Timestamp, Visible, permission::allows,
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use store::index::{Among, DigestHit, ImageHit, RepositoryHit, Totals};

/// As many hits of each kind are given beside each other, and of the one kind that was asked for.
const FEW: usize = 10;
const MANY: usize = 200;
/// A kind that takes longer is left out, and the answer says so.
const LATE: Duration = Duration::from_millis(900);

/// What somebody looks for, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// The text.
    pub text: String,
    /// Many of this [`Kind`]; empty or unknown for a few of each.
    pub kind: String,
    /// Only in the registry of this name; empty for all.
    pub registry: String,
}

/// A kind of thing that can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Repositories by name.
    Repositories,
    /// Tags by name.
    Tags,
    /// Manifests and blobs by digest.
    Digests,
    /// Labels and annotations.
    Labels,
    /// Base images by name.
    Bases,
    /// Images that have a layer or a label, or are built on something.
    Images,
}

impl Kind {
    /// All, in the order of the page.
    pub const ALL: &[Self] = &[Self::Repositories, Self::Tags, Self::Digests, Self::Images, Self::Labels, Self::Bases];
    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Repositories => "repositories",
            Self::Tags => "tags",
            Self::Digests => "digests",
            Self::Labels => "labels",
            Self::Bases => "bases",
            Self::Images => "images",
        }
    }
    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What the text was taken for.
    pub asked: Asked,
    /// The kind of which there are many.
    pub kind: Option<Kind>,
    /// The only registry that was searched, if one was chosen.
    pub only: Option<RegistryName>,
    /// All that can be chosen from.
    pub registries: Vec<RegistryName>,
    /// The one thing that it names, which is there: go there.
    pub exact: Option<Exact>,
    /// The one thing that it names, which is not known here: its registry may know it.
    pub unknown: Option<Exact>,
    /// Repositories, the closest first, then those with the newest image.
    pub repositories: Hits<RepositoryFound>,
    /// Tags, the closest first, then the newest.
    pub tags: Hits<ImageFound>,
    /// Manifests and blobs whose digest begins so.
    pub digests: Hits<DigestFound>,
    /// Labels and annotations.
    pub labels: Hits<LabelHit>,
    /// Base images that images name.
    pub bases: Hits<BaseHit>,
    /// Images that have what was asked for, if something was.
    pub images: Option<ImagesFound>,
    /// Where the only digest is that begins so.
    pub whereabouts: Option<Whereabouts>,
    /// Kinds that took too long and are not among this.
    pub late: Vec<Kind>,
    /// Is the text so short that only whole names and beginnings were looked for?
    pub short: bool,
    /// Registries that were not read to their end: what is missing there may still turn up. With the share that was read,
    /// in percent; none before the first catalogue.
    pub partly: Vec<(RegistryName, Option<u8>)>,
    /// How many tags are known in the registries that were searched.
    pub searched: u64,
    /// How long it took.
    pub took: Duration,
}

/// One thing that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exact {
    /// A repository.
    Repository(RegistryName, RepositoryName),
    /// A tag.
    Tag(RegistryName, RepositoryName, Tag),
    /// A manifest.
    Manifest(RegistryName, RepositoryName, Digest),
}

/// A repository that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFound {
    /// In which registry.
    pub registry: RegistryName,
    /// Its name.
    pub name: RepositoryName,
    /// How closely it fits.
    pub rank: Rank,
    /// How many tags it has, once they were listed.
    pub tags: Option<u64>,
    /// When its newest image was built, as far as that is known.
    pub newest: Option<Timestamp>,
}

/// An image that was found, and the tag that leads there if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFound {
    /// In which registry.
    pub registry: RegistryName,
    /// In which repository.
    pub repository: RepositoryName,
    /// Under which tag.
    pub tag: Option<Tag>,
    /// Its digest, as far as that is known.
    pub digest: Option<Digest>,
    /// When it was built, as far as that is known.
    pub created: Option<Timestamp>,
}

/// A manifest or a blob that was found in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestFound {
    /// In which registry.
    pub registry: RegistryName,
    /// The whole digest.
    pub digest: Digest,
    /// What it is the digest of.
    pub thing: Thing,
    /// Bytes, once they are known.
    pub size: Option<u64>,
    /// When the image was built, as far as that is known.
    pub created: Option<Timestamp>,
    /// A repository that holds it.
    pub repository: RepositoryName,
    /// A tag of that repository that leads there.
    pub tag: Option<Tag>,
    /// How many other places were seen.
    pub others: usize,
}

/// The registries that are searched, by id.
pub(crate) struct Searched {
    pub(crate) names: HashMap<Id, RegistryName>,
    records: Vec<store::Registry>,
}

impl Searched {
    /// Reads a text that may begin with one of them.
    fn asked(&self, text: &str) -> Asked {
        let records = self.records.iter();
        let known: Vec<Known<'_>> = records
            .map(|record| Known { name: &record.name, authority: record.connection.address.authority() })
            .collect();
        Asked::read(text, &known)
    }
    fn ids(&self, only: Option<&RegistryName>) -> Vec<Id> {
        let wanted = self.names.iter().filter(|(_, name)| only.is_none_or(|only| only == *name));
        wanted.map(|(id, _)| *id).collect()
    }
    /// A registry that was removed meanwhile has no name.
    pub(crate) fn name(&self, id: Id) -> RegistryName {
        self.names.get(&id).cloned().unwrap_or_else(|| "unknown".parse().expect("a name"))
    }
    pub(crate) fn image(&self, hit: ImageHit) -> ImageFound {
        let ImageHit { registry, repository, tag, digest, created, .. } = hit;
        ImageFound { registry: self.name(registry), repository, tag, digest, created }
    }
    fn repository(&self, hit: RepositoryHit) -> RepositoryFound {
        let RepositoryHit { rank, registry, name, tags, newest, .. } = hit;
        RepositoryFound { registry: self.name(registry), name, rank, tags, newest }
    }
    fn digest(&self, hit: DigestHit) -> DigestFound {
        let DigestHit { registry, digest, thing, size, created, place: (repository, tag), others } = hit;
        DigestFound { registry: self.name(registry), digest, thing, size, created, repository, tag, others }
    }
}

impl Operations {
    /// Looks for a text among everything that is known and may be seen.
    pub async fn search(&self, actor: &Actor, query: &SearchQuery) -> Result<Found> {
        allows(actor, Permission::RegistryView, Place::System)?;
        let began = Instant::now();
        let text = checked(&query.text)?;
        let visible = Visible::to(actor);
        let searched = self.searched(&visible).await?;
        let asked = searched.asked(&text);
        let kind = Kind::parse(&query.kind).or(asked.kind);
        let only = searched.names.values().find(|name| name.as_str() == query.registry).cloned();
        let ids = searched.ids(only.as_ref().or(asked.registry.as_ref()));
        let inside = Visible::inside(actor);
        let among = |own: Kind| {
            let chosen = kind == Some(own) || (own == Kind::Images && kind.is_some() && kind == asked.kind);
            // Labels and what images are built on stand in configurations.
            let within =
                if matches!(own, Kind::Repositories | Kind::Tags | Kind::Digests) { &visible } else { &inside };
            Among::new(within, &ids, if chosen { MANY } else { FEW })
        };
        let [for_repositories, for_tags, for_digests, for_images, for_labels, for_bases] =
            [Kind::Repositories, Kind::Tags, Kind::Digests, Kind::Images, Kind::Labels, Kind::Bases].map(among);
        // Each on the heap: together they would make every future around them large.
        let (repositories, tags, digests, images, labels, bases) = tokio::join!(
            Box::pin(in_time(
                Kind::Repositories,
                self.repositories_like(&for_repositories, asked.repositories.as_deref())
            )),
            Box::pin(in_time(Kind::Tags, self.tags_like(&for_tags, asked.tags.as_ref()))),
            Box::pin(in_time(Kind::Digests, self.digests_like(&for_digests, asked.digests.as_deref()))),
            Box::pin(in_time(Kind::Images, self.images_asked(&for_images, &searched, asked.images.as_ref()))),
            Box::pin(in_time(Kind::Labels, self.labels_like(&for_labels, asked.labels.as_deref()))),
            Box::pin(in_time(Kind::Bases, self.bases_like(&for_bases, asked.bases.as_deref()))),
        );
        let mut late = Vec::new();
        let mut found = Found {
            repositories: taken(repositories?, &mut late).map(|hit| searched.repository(hit)),
            tags: taken(tags?, &mut late).map(|hit| searched.image(hit)),
            digests: taken(digests?, &mut late).map(|hit| searched.digest(hit)),
            labels: taken(labels?, &mut late),
            bases: taken(bases?, &mut late),
            images: taken(images?, &mut late),
            short: text.chars().count() < SHORTEST,
            late,
            ..Found::default()
        };
        if asked.registry.is_some() && found.repositories.found == 0 {
            // A group of repositories may be called as a registry is.
            let everywhere = Among::new(&visible, &searched.ids(only.as_ref()), FEW);
            let hits = self.repositories_like(&everywhere, Some(&text)).await?;
            found.repositories = hits.map(|hit| searched.repository(hit));
        }
        self.name_exactly(&visible, &searched, &asked, &mut found).await?;
        if let Some(digest) = only_digest(&found.digests).filter(|_| found.exact.is_none()) {
            found.whereabouts = Some(self.whereabouts_of(&visible, &searched, &digest).await?);
        }
        self.cover(&visible, &searched, &ids, &mut found).await?;
        let registries = searched.records.iter().map(|record| record.name.clone()).collect();
        Ok(Found { asked, kind, only, registries, took: began.elapsed(), ..found })
    }

    /// The registries that are switched on and may be seen.
    pub(crate) async fn searched(&self, visible: &Visible) -> Result<Searched> {
        let mut records = self.0.store.registries().list(visible).await?;
        records.retain(|record| record.enabled);
        let names = records.iter().map(|record| (record.id, record.name.clone())).collect();
        Ok(Searched { names, records })
    }

    async fn repositories_like(&self, among: &Among, text: Option<&str>) -> Result<Hits<RepositoryHit>> {
        let Some(text) = text else { return Ok(Hits::default()) };
        Ok(self.0.store.index().find_repositories(among, text).await?)
    }

    async fn tags_like(&self, among: &Among, asked: Option<&TagsAsked>) -> Result<Hits<ImageHit>> {
        let index = self.0.store.index();
        Ok(match asked {
            Some(TagsAsked::Anywhere(text)) => index.find_tags(among, text).await?,
            Some(TagsAsked::Within(repository, tag)) => index.find_tags_within(among, repository, tag).await?,
            None => Hits::default(),
        })
    }

    async fn digests_like(&self, among: &Among, digits: Option<&str>) -> Result<Hits<DigestHit>> {
        let Some(digits) = digits.filter(|digits| digits.len() >= DIGITS) else { return Ok(Hits::default()) };
        Ok(self.0.store.index().find_digests(among, digits).await?)
    }

    async fn labels_like(&self, among: &Among, text: Option<&str>) -> Result<Hits<LabelHit>> {
        let Some(text) = text else { return Ok(Hits::default()) };
        Ok(self.0.store.index().find_labels(among, text).await?)
    }

    async fn bases_like(&self, among: &Among, text: Option<&str>) -> Result<Hits<BaseHit>> {
        let Some(text) = text else { return Ok(Hits::default()) };
        Ok(self.0.store.index().find_bases(among, text).await?)
    }

    /// Notes the one thing that was named, and whether it is known.
    async fn name_exactly(
        &self,
        visible: &Visible,
        searched: &Searched,
        asked: &Asked,
        found: &mut Found,
    ) -> Result<()> {
        let (Some(registry), Some(named)) = (&asked.registry, &asked.exact) else { return Ok(()) };
        let Some(id) = searched.ids(Some(registry)).into_iter().next() else { return Ok(()) };
        let (Named::Repository(name) | Named::Tag(name, _) | Named::Manifest(name, _)) = named;
        let index = self.0.store.index();
        let seen = visible.repository(id, name);
        let repository = if seen { index.repository(visible, id, name).await? } else { None };
        let known = match (named, &repository) {
            (_, None) => false,
            (Named::Repository(_), Some(_)) => true,
            (Named::Tag(_, tag), Some(repository)) => index.tag(visible, repository.id, tag).await?.is_some(),
            (Named::Manifest(_, digest), Some(repository)) => {
                index.manifest(visible, repository.id, digest).await?.is_some()
            }
        };
        let registry = registry.clone();
        let exact = match named.clone() {
            Named::Repository(name) => Exact::Repository(registry, name),
            Named::Tag(name, tag) => Exact::Tag(registry, name, tag),
            Named::Manifest(name, digest) => Exact::Manifest(registry, name, digest),
        };
        // Whoever may not see it is not led to it either.
        match (known, seen) {
            (true, _) => found.exact = Some(exact),
            (false, true) => found.unknown = Some(exact),
            (false, false) => {}
        }
        Ok(())
    }

    /// Notes how much of what was searched has been read.
    async fn cover(&self, visible: &Visible, searched: &Searched, ids: &[Id], found: &mut Found) -> Result<()> {
        let totals = self.0.store.index().all_totals(visible).await?;
        for record in searched.records.iter().filter(|record| ids.contains(&record.id)) {
            let own = totals.get(&record.id).copied().unwrap_or_default();
            found.searched += own.tags;
            if own.repositories == 0 || own.listed < own.repositories || own.unread > 0 {
                found.partly.push((record.name.clone(), (own.repositories > 0).then(|| percent_read(&own))));
            }
        }
        Ok(())
    }
}

/// How much of a registry was read, in percent. Repositories whose tags were not listed count as having as many tags as
/// the others have.
fn percent_read(own: &Totals) -> u8 {
    let read = u128::from(own.tags.saturating_sub(own.unread)) * u128::from(own.listed) * 100;
    let all = u128::from(own.tags.max(1)) * u128::from(own.repositories.max(1));
    u8::try_from(read / all).unwrap_or(100).min(99)
}

/// The text as it can be looked for.
fn checked(text: &str) -> Result<String> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
    if text.len() > LONGEST {
        return Err(Error::field("q", format!("A search has at most {LONGEST} characters.")));
    }
    Ok(text)
}

/// The digest that all of these are, if there is but one.
fn only_digest(digests: &Hits<DigestFound>) -> Option<Digest> {
    let first = &digests.rows.first()?.digest;
    (!digests.cut && digests.rows.iter().all(|row| row.digest == *first)).then(|| first.clone())
}

/// What one kind found, unless it took too long.
async fn in_time<T>(kind: Kind, work: impl Future<Output = Result<T>>) -> Result<std::result::Result<T, Kind>> {
    match tokio::time::timeout(LATE, work).await {
        Ok(done) => Ok(Ok(done?)),
        Err(_) => {
            tracing::warn!(kind = kind.as_str(), "a search took too long");
            Ok(Err(kind))
        }
    }
}

fn taken<T: Default>(found: std::result::Result<T, Kind>, late: &mut Vec<Kind>) -> T {
    found.unwrap_or_else(|kind| {
        late.push(kind);
        T::default()
    })
}
