//! What some registries tell beyond the distribution specification: all tags of a repository with their digests in one
//! listing, so that nobody has to ask tag by tag. Asked of the registry's own host only, and never relied on: whatever goes
//! wrong here, the specification's own lists remain.

mod google;
mod harbor;
mod quay;
mod zot;

use crate::{
    Error, Listing, Registry, Result, facts,
    gathering::{Gathering, Stop},
    transport::Req,
    wire::Answer,
};
use domain::{Digest, RepositoryName, Timestamp};
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// The most bytes of one page of a vendor's listing.
const PAGE_CAP: u64 = 2 * 1024 * 1024;
/// The longest text that is kept of an entry, as in the specification's own lists.
const LONGEST: usize = 256;
/// After so many failures in a row a listing is left alone,
const FAILURES: u32 = 3;
/// for this long.
const LEFT_ALONE: Duration = Duration::from_mins(10);

/// A registry whose own way of listing is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Vendor {
    /// Google's Artifact Registry and Container Registry: their list of tags holds the manifests too.
    Google,
    /// Harbor: the artifacts of its REST API.
    Harbor,
    /// Quay: the tags of its REST API, of what is public.
    Quay,
    /// zot: its search extension.
    Zot,
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Google => "Google",
            Self::Harbor => "Harbor",
            Self::Quay => "Quay",
            Self::Zot => "zot",
        })
    }
}

impl Vendor {
    /// The vendor whose hosted service this is.
    fn of_host(host: &str) -> Option<Self> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let is = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        if is("gcr.io") || is("pkg.dev") {
            Some(Self::Google)
        } else if is("quay.io") {
            Some(Self::Quay)
        } else {
            None
        }
    }

    /// The vendor by the host's name and by how it wants to be signed in to. zot does not show this way:
    /// [`Registry::find_vendor`] asks it.
    pub fn recognise(host: &str, api: &facts::Api) -> Option<Self> {
        let by_sign_in = || {
            api.ways.iter().filter(|way| way.scheme == "bearer").find_map(|way| {
                let (realm, service) = (way.realm.as_deref()?, way.service.as_deref().unwrap_or_default());
                let path = realm.split('?').next().unwrap_or_default();
                if service == "harbor-registry" {
                    Some(Self::Harbor)
                } else if path.ends_with("/v2/auth") && !service.is_empty() && path.contains(service) {
                    Some(Self::Quay)
                } else {
                    Self::of_host(service)
                }
            })
        };
        Self::of_host(host).or_else(by_sign_in)
    }

    /// Does its listing hold every tag? Where it leaves some out, [`Listing::complete`] is never set.
    pub fn lists_every_tag(self) -> bool {
        match self {
            Self::Google | Self::Quay => true,
            // Tags of signatures are shown as belongings of what they sign.
            Self::Harbor | Self::Zot => false,
        }
    }
}

/// A tag as a vendor lists it. Nothing of it is verified: only bytes can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaggedDigest {
    /// The tag. It may be outside the grammar: parse it before it is used in a path.
    pub tag: String,
    /// What it points to.
    pub digest: Digest,
    /// When it was pushed, where that is told.
    pub pushed: Option<Timestamp>,
    /// The manifest's media type, where it is told.
    pub media_type: Option<String>,
}

/// What is known of a registry's vendor.
#[derive(Default)]
pub(crate) struct Known(Mutex<Memory>);

/// What was found when it was asked for.
#[derive(Clone, Copy, Default)]
enum Found {
    #[default]
    NotAsked,
    Nobody,
    Is(Vendor),
}

#[derive(Default)]
struct Memory {
    found: Found,
    failures: u32,
    last: Option<(Instant, String)>,
}

impl Known {
    pub(crate) fn at(host: &str) -> Self {
        let found = Vendor::of_host(host).map_or(Found::NotAsked, Found::Is);
        Self(Mutex::new(Memory { found, ..Memory::default() }))
    }
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn is_left_alone(&self) -> bool {
        let memory = self.memory();
        memory.failures >= FAILURES && memory.last.as_ref().is_some_and(|(at, _)| at.elapsed() < LEFT_ALONE)
    }
    fn note(&self, trouble: Option<String>) {
        let mut memory = self.memory();
        match trouble {
            Some(why) => {
                memory.failures += 1;
                memory.last = Some((Instant::now(), why));
            }
            None => (memory.failures, memory.last) = (0, None),
        }
    }
}

impl Registry {
    /// The vendor, as far as it is known: by the host's name, by [`Registry::set_vendor`], or by
    /// [`Registry::find_vendor`].
    pub fn vendor(&self) -> Option<Vendor> {
        match self.inner.vendor.memory().found {
            Found::Is(vendor) => Some(vendor),
            Found::NotAsked | Found::Nobody => None,
        }
    }

    /// Sets what is known of the vendor, for instance from an earlier probe; `None` is "none that is known here".
    pub fn set_vendor(&self, vendor: Option<Vendor>) {
        self.inner.vendor.memory().found = vendor.map_or(Found::Nobody, Found::Is);
    }

    /// Finds the vendor out, once for all clones: by the host, by how it wants to be signed in to, or by what it says of
    /// its extensions. A failure is not kept.
    pub async fn find_vendor(&self) -> Result<Option<Vendor>> {
        let found = self.inner.vendor.memory().found;
        match found {
            Found::Is(vendor) => return Ok(Some(vendor)),
            Found::Nobody => return Ok(None),
            Found::NotAsked => {}
        }
        let api = facts::api(self).await?;
        let found = match Vendor::recognise("", &api) {
            Some(vendor) => Some(vendor),
            None => zot::answers(self).await?.then_some(Vendor::Zot),
        };
        self.set_vendor(found);
        Ok(found)
    }

    /// Why the vendor's listing could not be used the last time, in half a sentence for administrators.
    pub fn vendor_trouble(&self) -> Option<String> {
        self.inner.vendor.memory().last.as_ref().map(|(_, why)| why.clone())
    }

    /// All tags with what they point to, in a vendor's own listing. `None` where there is no such listing, or where it could
    /// not be used ([`Registry::vendor_trouble`] says why): then [`Registry::tags`] and a look at each tag tell the same. An
    /// error is one that would stop these too: no connection, no answer, too many requests.
    ///
    /// A listing whose `complete` is false lacks tags, or may: it is no reason to doubt those that it lacks.
    pub async fn tags_with_digests(&self, repository: &RepositoryName) -> Result<Option<Listing<TaggedDigest>>> {
        let Some(vendor) = self.find_vendor().await? else { return Ok(None) };
        if self.inner.vendor.is_left_alone() {
            return Ok(None);
        }
        let listed = match vendor {
            Vendor::Google => google::tags(self, repository).await,
            Vendor::Harbor => harbor::tags(self, repository).await,
            Vendor::Quay => quay::tags(self, repository).await,
            Vendor::Zot => zot::tags(self, repository).await,
        };
        match listed {
            Ok(mut listing) => {
                self.inner.vendor.note(None);
                if listing.complete && !vendor.lists_every_tag() {
                    listing.complete = false;
                    listing.why_incomplete = Some(format!("{vendor} leaves the tags of signatures out of this list"));
                }
                Ok(Some(listing))
            }
            Err(error) if stops_everything(&error) => Err(error),
            Err(error) => {
                let why = format!("{vendor}'s own list of tags can't be used: {error}");
                tracing::debug!(registry.name = self.name(), %repository, why, "A vendor's listing is not used");
                self.inner.vendor.note(Some(why));
                Ok(None)
            }
        }
    }
}

/// Is this trouble with the registry as a whole, and not with one of its lists?
fn stops_everything(error: &Error) -> bool {
    matches!(
        error,
        Error::RateLimited { .. }
            | Error::Timeout { .. }
            | Error::ConnectTimeout { .. }
            | Error::Refused { .. }
            | Error::Unreachable { .. }
            | Error::Dns { .. }
            | Error::Tls { .. }
    )
}

fn malformed(what: &str) -> Error {
    Error::Malformed { what: what.to_owned() }
}

/// How a vendor's list is asked for.
#[derive(Clone, Copy)]
enum By {
    /// As the distribution API is.
    SignIn,
    /// With user and password, where these belong to the registry's own host.
    Password,
    /// Without any credentials.
    Nothing,
}

/// One page of a vendor's list, read.
struct Read {
    entries: Vec<TaggedDigest>,
    /// Entries that can't be used: a text longer than any name, or a digest that is none.
    dropped: u64,
    /// The next page's address, if there is one. It was made here, not taken from the answer.
    next: Option<Url>,
}

/// Reads a vendor's pages to their end. `read` makes sense of one, knowing how many entries came before.
async fn pages(
    registry: &Registry,
    first: Url,
    request: impl Fn(Url) -> Req,
    door: By,
    read: impl Fn(&Answer, &Url, u64) -> Result<Read>,
) -> Result<Listing<TaggedDigest>> {
    let mut gathering = Gathering::new();
    let (mut url, mut before) = (first, 0);
    loop {
        let req = request(url.clone()).reading("list", PAGE_CAP);
        let transport = registry.transport();
        let answer = match door {
            By::SignIn => transport.ask(req).await,
            By::Password => transport.ask_beside(req, true).await,
            By::Nothing => transport.ask_beside(req, false).await,
        };
        let page = match answer.and_then(|answer| read(&answer, &url, before)) {
            Ok(page) => page,
            Err(error) if gathering.listing.pages == 0 => return Err(error),
            Err(error) => return Ok(gathering.broken(error)),
        };
        before += page.entries.len() as u64 + page.dropped;
        gathering.listing.dropped += page.dropped;
        if let Err(why) = gathering.page(page.entries, |entry| &entry.tag) {
            return Ok(gathering.cut(why));
        }
        let Some(next) = page.next else { return Ok(ended(gathering)) };
        match gathering.may_go_on(&next) {
            Ok(()) => url = next,
            Err(Stop::Circle) => return Ok(gathering.cut("its pages hold nothing new")),
            Err(Stop::Bounds(why)) => return Ok(gathering.cut(why)),
        }
    }
}

/// The end: complete, unless there were entries that can't be used, behind which a tag may hide.
fn ended(gathering: Gathering<TaggedDigest>) -> Listing<TaggedDigest> {
    match gathering.listing.dropped {
        0 => gathering.complete(),
        n => gathering.cut(format!("{n} of its entries can't be read")),
    }
}

/// An entry, if tag and digest can be used.
fn entry(tag: String, digest: &str, pushed: Option<Timestamp>, media_type: Option<String>) -> Option<TaggedDigest> {
    if tag.is_empty() || tag.len() > LONGEST {
        return None;
    }
    let media_type = media_type.filter(|kind| !kind.is_empty() && kind.len() <= LONGEST);
    Some(TaggedDigest {
        tag,
        digest: digest.parse().ok()?,
        pushed,
        media_type: media_type.map(|k| crate::said::clean(&k, LONGEST)),
    })
}

/// Counts what could not be made an entry.
fn sift(all: impl Iterator<Item = Option<TaggedDigest>>) -> (Vec<TaggedDigest>, u64) {
    let mut dropped = 0;
    let entries = all.filter_map(|one| {
        dropped += u64::from(one.is_none());
        one
    });
    (entries.collect(), dropped)
}
