//! What the fake holds.

use bytes::Bytes;
use domain::Digest;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Everything.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) repositories: BTreeMap<String, Repository>,
    blobs: HashMap<Digest, Bytes>,
    pub(super) uploads: HashMap<String, Upload>,
    pub(super) next_upload: u64,
}

/// One repository.
#[derive(Debug, Default)]
pub(super) struct Repository {
    pub(super) manifests: HashMap<Digest, Manifest>,
    pub(super) tags: BTreeMap<String, Digest>,
    pub(super) blobs: BTreeSet<Digest>,
    /// A repository that ever held a manifest stays, with `tags: null` once it is empty.
    pub(super) had_manifests: bool,
}

/// A manifest's bytes and the type it was pushed with.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
}

/// An upload under way.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) repository: String,
    pub(super) bytes: Vec<u8>,
}

impl State {
    pub(super) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }
    pub(super) fn put_blob(&mut self, repository: &str, bytes: Bytes) -> Digest {
        let digest = Digest::of(&bytes);
        self.put_known_blob(repository, digest.clone(), bytes);
        digest
    }
    /// Without computing the digest again.
    pub(super) fn put_known_blob(&mut self, repository: &str, digest: Digest, bytes: Bytes) {
        self.blobs.entry(digest.clone()).or_insert(bytes);
        self.repository(repository).blobs.insert(digest);
    }
    pub(super) fn put_manifest(&mut self, repository: &str, media_type: &str, bytes: Bytes) -> Digest {
        let digest = Digest::of(&bytes);
        let held = self.repository(repository);
        held.had_manifests = true;
        held.manifests.insert(digest.clone(), Manifest { media_type: media_type.to_owned(), bytes });
        digest
    }
    /// A blob, if this repository holds it.
    pub(super) fn blob(&self, repository: &str, digest: &Digest) -> Option<Bytes> {
        let held = self.repositories.get(repository)?.blobs.contains(digest);
        if held { self.blobs.get(digest).cloned() } else { None }
    }
    pub(super) fn mount(&mut self, from: &str, to: &str, digest: &Digest) -> bool {
        let there = self.blob(from, digest).is_some();
        if there {
            self.repository(to).blobs.insert(digest.clone());
        }
        there
    }
}

impl Repository {
    /// The manifest behind a tag or a digest.
    pub(super) fn find(&self, reference: &str) -> Option<(Digest, Manifest)> {
        let digest = if reference.contains(':') { reference.parse().ok()? } else { self.tags.get(reference)?.clone() };
        self.manifests.get(&digest).map(|manifest| (digest, manifest.clone()))
    }
}
