//! A realistic set of repositories for the demo and for screenshots: a shop and the platform it runs on, two years of
//! pushes, and everything that is odd about real registries. The same `now` gives the same bytes.

mod artifacts;
mod image;
mod layers;
mod others;
mod web;

use super::Fake;
use domain::{Digest, Timestamp};
use image::{Flavour, Platform};
use layers::Layer;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The repository with 300 tags.
pub const MANY_TAGS: &str = "storefront/web";
/// How many tags it has.
pub const MANY: usize = 300;
/// The repository whose `1.9.2` has a signature tag, an attestation tag and a referrers tag with an SBOM.
pub const SIGNED: &str = "platform/gateway";
/// The repository without content.
pub const EMPTY: &str = "sandbox/empty";
/// The repository whose `latest` is an index with a child that is not there.
pub const BROKEN: &str = "sandbox/half-deleted";
/// A name in the catalogue that no client may use in a path.
pub const LAX_NAME: &str = "Legacy/Reports";

/// Fills a fake; well under a second.
pub fn fill(fake: &Fake, now: Timestamp) {
    let mut filler = Filler { fake, now, layers: HashMap::new() };
    web::fill(&mut filler);
    others::fill(&mut filler);
    artifacts::fill(&mut filler);
    fake.empty_repository(EMPTY);
    fake.empty_repository(LAX_NAME);
}

/// What is under way.
struct Filler<'a> {
    fake: &'a Fake,
    now: Timestamp,
    layers: HashMap<String, Layer>,
}

/// A manifest that was pushed, as a descriptor needs it.
#[derive(Clone)]
struct Stored {
    media_type: &'static str,
    digest: Digest,
    size: usize,
}

impl Filler<'_> {
    /// A time before now.
    fn ago(&self, days: i64, hours: i64) -> Timestamp {
        let midnight = self.now.seconds() - self.now.seconds().rem_euclid(3_600);
        Timestamp(midnight * 1_000_000).plus_seconds(-(days * 24 + hours) * 3_600 - 17 * 60 - 23)
    }
    fn blob(&self, repository: &str, media_type: &str, bytes: impl Into<bytes::Bytes>) -> Value {
        let bytes = bytes.into();
        let size = bytes.len();
        json!({"mediaType": media_type, "digest": self.fake.push_blob(repository, bytes), "size": size})
    }
    fn layer_blob(&self, repository: &str, media_type: &str, layer: &Layer) -> Value {
        self.fake.inner.state().put_known_blob(repository, layer.digest.clone(), layer.bytes.clone());
        json!({"mediaType": media_type, "digest": layer.digest, "size": layer.bytes.len()})
    }
    fn store(&self, repository: &str, media_type: &'static str, document: &Value) -> Stored {
        let bytes = serde_json::to_vec_pretty(document).expect("a value is JSON");
        let size = bytes.len();
        Stored { media_type, digest: self.fake.push_manifest(repository, media_type, bytes), size }
    }
    fn tag(&self, repository: &str, tags: &[&str], stored: &Stored) {
        for tag in tags {
            self.fake.tag(repository, tag, &stored.digest);
        }
    }
    /// A layer by its name: the same name is the same bytes, so that images share what they are built on.
    fn layer(&mut self, name: &str, size: usize) -> Layer {
        self.layers.entry(name.to_owned()).or_insert_with(|| layers::make(name, size)).clone()
    }
    /// An index over images for platforms, with BuildKit's attestations where it is OCI.
    fn index(
        &self,
        repository: &str,
        flavour: Flavour,
        children: &[(Platform, Stored)],
        annotations: &Value,
    ) -> Stored {
        let mut manifests: Vec<Value> = children
            .iter()
            .map(|(platform, stored)| json!({"mediaType": stored.media_type, "digest": stored.digest, "size": stored.size, "platform": platform.json()}))
            .collect();
        if flavour == Flavour::Oci {
            for (platform, stored) in children {
                manifests.push(self.attestation(repository, *platform, stored));
            }
            let document = json!({"schemaVersion": 2, "mediaType": flavour.index(), "manifests": manifests, "annotations": annotations});
            return self.store(repository, flavour.index(), &document);
        }
        self.store(
            repository,
            flavour.index(),
            &json!({"schemaVersion": 2, "mediaType": flavour.index(), "manifests": manifests}),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeOptions;
    use domain::{Kind, manifest::Document};
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn everything_that_is_named_is_there_except_what_is_meant_to_be_missing() {
        let fake = Fake::start(FakeOptions::default()).await.expect("the fake starts");
        fill(&fake, Timestamp(1_795_255_200_000_000));
        let state = fake.inner.state();
        let (mut kinds, mut missing) = (BTreeSet::new(), Vec::new());
        for (name, held) in &state.repositories {
            let mut named: BTreeSet<&Digest> = held.tags.values().collect();
            let documents: Vec<Document> = held
                .manifests
                .values()
                .map(|manifest| Document::parse(&manifest.bytes, &manifest.media_type))
                .collect();
            for document in &documents {
                kinds.insert(document.kind());
                named.extend(document.index().iter().flat_map(|index| &index.manifests).map(|child| &child.digest));
                let blobs = document.manifest().map(|m| m.layers.iter().chain(&m.config).collect::<Vec<_>>());
                for blob in blobs.unwrap_or_default() {
                    let bytes = state.blob(name, &blob.digest).expect("the blob is there");
                    assert_eq!(bytes.len() as u64, blob.size, "{name} {}", blob.digest);
                }
            }
            missing
                .extend(named.into_iter().filter(|digest| !held.manifests.contains_key(digest)).map(|_| name.as_str()));
        }
        assert_eq!(missing, [BROKEN]);
        let expected = [
            Kind::Image,
            Kind::Index,
            Kind::HelmChart,
            Kind::Signature,
            Kind::Sbom,
            Kind::Attestation,
            Kind::BuildCache,
            Kind::Artifact,
        ];
        for kind in expected {
            assert!(kinds.contains(&kind), "{kind:?} is missing in {kinds:?}");
        }
    }
}
