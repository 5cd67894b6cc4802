//! Two images beside each other, wherever they are.

use crate::{
    Error, Kind, Operations, Result,
    images::{Asking, At, EntryState, Freshness, Manifest, Trouble, View},
    reading::visit::Kept,
};
use domain::{
    Actor, Digest, Permission, Place, Reference, RegistryName, RepositoryName, Tag, Timestamp,
    compare::{self, Comparison},
    permission::allows,
    text,
};

/// What is to be compared, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The first image: `registry/repository:tag` or `registry/repository@digest`.
    pub a: String,
    /// The second.
    pub b: String,
    /// The platform to compare, of indexes.
    pub platform: String,
    /// Were they ticked in a list, in no order? Then the older one becomes A.
    pub ticked: bool,
}

/// An image by its full name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The registry.
    pub registry: RegistryName,
    /// The repository.
    pub repository: RepositoryName,
    /// The tag or digest.
    pub reference: Reference,
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let separator = if matches!(self.reference, Reference::Tag(_)) { ':' } else { '@' };
        write!(f, "{}/{}{separator}{}", self.registry, self.repository, self.reference)
    }
}

impl std::str::FromStr for Name {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "Write it as registry/repository:tag or registry/repository@sha256:…";
        let (registry, rest) = text.trim().split_once('/').ok_or(FORM)?;
        let (repository, reference) = match rest.split_once('@') {
            Some((repository, digest)) => {
                // `repository:tag@digest` means the digest.
                let repository = repository.rsplit_once(':').map_or(repository, |(name, _)| name);
                (repository, Reference::Digest(digest.parse::<Digest>().map_err(|error| error.0)?))
            }
            None => {
                let (repository, tag) = rest.rsplit_once(':').ok_or(FORM)?;
                (repository, Reference::Tag(tag.parse::<Tag>().map_err(|error| error.0)?))
            }
        };
        Ok(Self {
            registry: registry.parse().map_err(|error: domain::InvalidName| error.0)?,
            repository: repository.parse().map_err(|error: domain::InvalidName| error.0)?,
            reference,
        })
    }
}

/// One of the two images.
#[derive(Clone, Debug)]
pub struct Side {
    /// By its full name.
    pub name: Name,
    /// What it points to.
    pub digest: Digest,
    /// When it was built.
    pub created: Option<Timestamp>,
    /// The platforms it has, if it is an index.
    pub platforms: Vec<String>,
    /// The platform compared.
    pub platform: Option<String>,
    /// The manifest compared.
    pub manifest: Manifest,
    /// How fresh it is that its tag points there.
    pub freshness: Freshness,
    /// The tag to compare it with first.
    pub previous: Option<Tag>,
}

/// One of the two, as far as it goes.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What was typed.
    pub typed: String,
    /// The image.
    pub side: Option<Side>,
    /// Why there is none.
    pub trouble: Option<(Kind, Trouble)>,
}

/// Two images beside each other.
#[derive(Clone, Debug)]
pub struct Comparing {
    /// The first.
    pub a: Choice,
    /// The second.
    pub b: Choice,
    /// Platforms to choose from: those of both first.
    pub platforms: Vec<String>,
    /// How they differ, if both are there.
    pub comparison: Option<Comparison>,
    /// What is missing to see the configurations.
    pub needs: Option<Permission>,
    /// What to compare with, where only one is chosen: full names, the previous tag first.
    pub offers: Vec<Name>,
}

/// A side before its platform is chosen.
struct Half {
    name: Name,
    at: At,
    pull: bool,
    platforms: Vec<String>,
}

impl Operations {
    /// Compares two images. What can't be found stands beside what was typed; only a refusal stops the page.
    pub async fn compare(&self, actor: &Actor, wanted: &Wanted) -> Result<Comparing> {
        // Without the right to look at registries at all there is nothing to compare.
        allows(actor, Permission::RegistryView, Place::System)?;
        let (a, b) = futures_util::join!(Box::pin(self.half(actor, &wanted.a)), Box::pin(self.half(actor, &wanted.b)));
        let ((mut a, mut half_a), (mut b, mut half_b)) = (split(&wanted.a, a)?, split(&wanted.b, b)?);
        if wanted.ticked && is_younger(half_a.as_ref(), half_b.as_ref()) {
            std::mem::swap(&mut a, &mut b);
            std::mem::swap(&mut half_a, &mut half_b);
        }
        let platforms = platforms(half_a.as_ref(), half_b.as_ref());
        // Beside a single image, an index is compared by the one for the same platform.
        let own =
            |half: &Half| half.at.learned.summary.platforms.first().filter(|_| half.platforms.is_empty()).cloned();
        let own = [&half_a, &half_b].into_iter().flatten().find_map(own).unwrap_or_default();
        // Forms name a platform as pages show it.
        let named = |wanted: &str| platforms.iter().find(|name| *name == wanted || text::visible(name, 60) == wanted);
        let platform = named(&wanted.platform).or_else(|| named(&own)).or(platforms.first()).cloned();
        let needs =
            [&half_a, &half_b].into_iter().flatten().any(|half| !half.pull).then_some(Permission::RepositoryPull);
        // With one image alone the page offers the tag before: worth a short wait for the list of tags.
        let kept = if half_a.is_some() && half_b.is_some() { Kept::Rows } else { Kept::List };
        let (side_a, side_b) = futures_util::join!(
            Box::pin(self.side(half_a, platform.as_deref(), kept)),
            Box::pin(self.side(half_b, platform.as_deref(), kept))
        );
        put(&mut a, side_a);
        put(&mut b, side_b);
        let comparison = a.side.as_ref().zip(b.side.as_ref()).map(|(a, b)| compare::compare(half_of(a), half_of(b)));
        let offers = match (&a.side, &b.side) {
            (Some(one), None) | (None, Some(one)) => offers(one),
            _ => Vec::new(),
        };
        Ok(Comparing { a, b, platforms, comparison, needs, offers })
    }

    /// Finds what was typed; nothing typed is nothing found.
    async fn half(&self, actor: &Actor, typed: &str) -> Option<Result<Half>> {
        if typed.trim().is_empty() {
            return None;
        }
        Some(self.find_half(actor, typed).await)
    }

    async fn find_half(&self, actor: &Actor, typed: &str) -> Result<Half> {
        let name: Name = typed.parse().map_err(|why: String| Error::new(Kind::Invalid, why))?;
        let target = self.target(actor, name.registry.as_str(), &name.repository, Permission::RepositoryView).await?;
        let place = Place::Repository(target.record.id, name.repository.clone());
        let pull = allows(actor, Permission::RepositoryPull, place).is_ok();
        let at = self.locate(actor, &target, &name.repository, &name.reference, Asking::First).await?;
        let index = at.found().document.index();
        let children = index.map(domain::manifest::IndexManifest::children).unwrap_or_default();
        let images = children.into_iter().filter(|child| matches!(child.role, domain::manifest::Role::Platform(_)));
        let platforms = images.map(|child| child.name).collect();
        Ok(Half { name, at, pull, platforms })
    }

    /// One side in full: of an index the image for the platform, or its first.
    async fn side(&self, half: Option<Half>, platform: Option<&str>, kept: Kept) -> Option<Result<Side>> {
        let half = half?;
        Some(Box::pin(self.whole_side(half, platform, kept)).await)
    }

    async fn whole_side(&self, half: Half, platform: Option<&str>, kept: Kept) -> Result<Side> {
        let view = platform.map_or(View::Image, |name| View::Platform(name.to_owned()));
        let entries = self.entries(&half.at, &view).await;
        let chosen = entries.iter().find(|entry| entry.chosen);
        let manifest = match chosen {
            Some(entry) if matches!(entry.state, EntryState::Gone) => {
                let message = format!(
                    "{} of {} is gone: the index names it, and the registry no longer has it.",
                    entry.child.name, half.name
                );
                return Err(Error::new(Kind::NotFound, message));
            }
            Some(entry) => {
                let learned = self.learn(half.at.holder(), &entry.child.descriptor.digest).await?;
                self.manifest_in_full(&half.at, learned.found, half.pull).await
            }
            None => self.manifest_in_full(&half.at, half.at.found().clone(), half.pull).await,
        };
        let created = match chosen.map(|entry| &entry.state) {
            Some(EntryState::Read(summary)) => summary.created,
            _ => half.at.learned.summary.created,
        };
        let (_, previous) = self.neighbours(&half.at, kept).await?;
        Ok(Side {
            digest: half.at.found().digest.clone(),
            created,
            platform: chosen.map(|entry| entry.child.name.clone()),
            platforms: half.platforms,
            manifest,
            previous,
            freshness: half.at.freshness,
            name: half.name,
        })
    }
}

/// What was found, or why not. Refusals and our own faults stop the whole page.
fn split(typed: &str, found: Option<Result<Half>>) -> Result<(Choice, Option<Half>)> {
    let mut choice = Choice { typed: typed.trim().to_owned(), ..Choice::default() };
    match found {
        None => Ok((choice, None)),
        Some(Ok(half)) => Ok((choice, Some(half))),
        Some(Err(error)) if matches!(error.kind, Kind::SignInNeeded | Kind::Forbidden | Kind::Internal) => Err(error),
        Some(Err(error)) => {
            choice.trouble = Some((error.kind, error.into()));
            Ok((choice, None))
        }
    }
}

fn put(choice: &mut Choice, side: Option<Result<Side>>) {
    match side {
        Some(Ok(side)) => choice.side = Some(side),
        Some(Err(error)) => choice.trouble = Some((error.kind, error.into())),
        None => {}
    }
}

fn is_younger(a: Option<&Half>, b: Option<&Half>) -> bool {
    let created = |half: Option<&Half>| half.and_then(|half| half.at.learned.summary.created);
    created(a).zip(created(b)).is_some_and(|(a, b)| a > b)
}

/// Those of both first, then the rest.
fn platforms(a: Option<&Half>, b: Option<&Half>) -> Vec<String> {
    let of = |half: Option<&Half>| half.map(|half| half.platforms.clone()).unwrap_or_default();
    let (a, b) = (of(a), of(b));
    let (both, rest): (Vec<_>, Vec<_>) = a.iter().cloned().partition(|name| b.is_empty() || b.contains(name));
    let only_b = b.into_iter().filter(|name| !a.contains(name));
    both.into_iter().chain(rest).chain(only_b).collect()
}

fn half_of(side: &Side) -> compare::Side<'_> {
    compare::Side {
        layers: side.manifest.document.layers(),
        config: side.manifest.config.here(),
        annotations: side.manifest.document.annotations(),
    }
}

fn offers(side: &Side) -> Vec<Name> {
    let tag = side.previous.clone().into_iter();
    tag.map(|tag| Name { reference: Reference::Tag(tag), ..side.name.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_name_is_read_and_written_the_same() {
        let digest = Digest::of(b"x");
        for text in ["production/storefront/web:v1".to_owned(), format!("lab/a@{digest}")] {
            assert_eq!(text.parse::<Name>().expect("a name").to_string(), text);
        }
        let both = format!("lab/a:v1@{digest}").parse::<Name>().expect("a name");
        assert_eq!(both.to_string(), format!("lab/a@{digest}"));
    }

    #[test]
    fn what_is_no_full_name_says_how_one_looks() {
        for text in [
            "web",
            "production/web",
            "production/",
            "/web:v1",
            "production/web:",
            "production/WEB:v1",
            "production/web@sha256:1",
        ] {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
    }
}
