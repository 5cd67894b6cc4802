//! What every story begins with: one registry, one person, one memory; and images to push.

use domain::{
    Actor, ActorKind, Connection, Digest, Id, Permission, Place, Reference, RepositoryName, Timestamp,
    audit::Act,
    manifest::{OCI_INDEX, OCI_MANIFEST},
    permission::allows,
};
use operations::{
    Clock, Operations, Result, Settings,
    comparisons::{Comparing, Wanted},
    images::{Image, Manifest, View},
};
use registry::fake::{Fake, FakeOptions};
use serde_json::{Value, json};
use std::time::Duration;
use store::{AddRegistry, SecretsEdit, Store, StoreOptions};

pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

pub struct World {
    pub fake: Fake,
    pub operations: Operations,
    pub clock: Clock,
    pub ada: Actor,
    _directory: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        Self::with(FakeOptions::default()).await
    }

    pub async fn with(options: FakeOptions) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let now = Timestamp::parse("2026-11-21T12:00:00Z").expect("a time");
        let clock = Clock::standing(now);
        let options_of_store = StoreOptions { data_dir: directory.path().join("data"), now };
        let store = Store::open(&options_of_store).await.expect("a store");
        let operations = Operations::new(store, clock.clone(), Settings::default()).expect("operations");
        let fake = Fake::start(options).await.expect("a registry");
        let ada = Actor {
            kind: ActorKind::Person,
            id: 1,
            name: "ada".into(),
            rights: domain::access::Rights::administrator(),
            ..stranger()
        };
        let world = Self { fake, operations, clock, ada, _directory: directory };
        // A page waits less long than this.
        let connection = Connection { request_timeout: 5, ..world.fake.connection() };
        world.connect("lab", connection).await;
        world
    }

    /// Connects one more registry.
    pub async fn connect(&self, name: &str, connection: Connection) -> Id {
        let act = Act::new("registry.add", format!("registry {name}"));
        let permit = allows(&self.ada, Permission::RegistryManage, Place::System).expect("ada may");
        let store = self.operations.store();
        let opened = store.open_act(permit, &act, self.clock.now()).await.expect("an opened entry");
        let name = name.parse().expect("a name");
        let add = AddRegistry { name, description: String::new(), connection, secrets: SecretsEdit::default() };
        store.write(opened, add, self.clock.now()).await.expect("a registry")
    }

    /// Looks at an image, and waits until nothing is read in the background any more.
    pub async fn look(&self, repository: &str, reference: &str, view: View) -> Result<Image> {
        self.look_in("lab", repository, reference, view).await
    }

    pub async fn look_in(&self, registry: &str, repository: &str, reference: &str, view: View) -> Result<Image> {
        let reference: Reference = reference.parse().expect("a reference");
        let image = self.operations.image(&self.ada, registry, &name(repository), &reference, &view).await;
        self.quiet().await;
        image
    }

    /// Looks, and looks again when the registry was asked: the second look shows what it said.
    pub async fn look_twice(&self, repository: &str, reference: &str) -> Result<Image> {
        drop(self.look(repository, reference, View::Image).await);
        self.look(repository, reference, View::Image).await
    }

    /// The same as an open page shows it that showed this digest.
    pub async fn follow(&self, repository: &str, reference: &str, shows: &Digest) -> Result<Image> {
        let (reference, repository) = (reference.parse::<Reference>().expect("a reference"), name(repository));
        self.operations.follow_image(&self.ada, "lab", &repository, &reference, &View::Image, Some(shows)).await
    }

    /// Waits until nothing is being read.
    pub async fn quiet(&self) {
        assert!(self.operations.reading_settled(Duration::from_secs(30)).await, "something is still being read");
    }

    /// Is nothing being read just now?
    pub async fn is_quiet(&self) -> bool {
        self.operations.reading_settled(Duration::ZERO).await
    }

    pub async fn compare(&self, a: &str, b: &str) -> Comparing {
        let wanted = Wanted { a: a.into(), b: b.into(), ..Wanted::default() };
        self.operations.compare(&self.ada, &wanted).await.expect("a page")
    }

    /// GETs of manifests, blobs and referrers so far.
    pub fn gets(&self) -> usize {
        ["/manifests/", "/blobs/", "/referrers/"].iter().map(|part| self.fake.count("GET", part)).sum()
    }
}

pub fn stranger() -> Actor {
    Actor::anonymous("192.0.2.1", "test", "r1")
}

pub fn name(repository: &str) -> RepositoryName {
    repository.parse().expect("a repository's name")
}

/// The manifest that a page shows.
pub fn shown(image: &Image) -> &Manifest {
    image.shown.here().expect("a manifest is shown")
}

/// A descriptor of something pushed.
pub fn descriptor(media_type: &str, digest: &Digest, size: usize) -> Value {
    json!({ "mediaType": media_type, "digest": digest, "size": size })
}

/// Pushes a manifest with this configuration and these layers, and whatever else it has.
pub fn manifest(fake: &Fake, repository: &str, config: (&str, &str), layers: &[(&str, &str)], more: &Value) -> Digest {
    let layers: Vec<Value> = layers
        .iter()
        .map(|(kind, bytes)| descriptor(kind, &fake.push_blob(repository, (*bytes).to_owned()), bytes.len()))
        .collect();
    let config = descriptor(config.0, &fake.push_blob(repository, config.1.to_owned()), config.1.len());
    let mut manifest = json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers });
    if let (Some(manifest), Some(more)) = (manifest.as_object_mut(), more.as_object()) {
        manifest.extend(more.clone());
    }
    fake.push_manifest(repository, OCI_MANIFEST, manifest.to_string())
}

/// Pushes a container image of two layers: a base that all share, and one of its own.
pub fn image(fake: &Fake, repository: &str, own: &str, run: &Value) -> Digest {
    let config = json!({
        "os": "linux", "architecture": "amd64", "created": "2026-11-01T08:00:00Z", "config": run,
        "rootfs": { "type": "layers", "diff_ids": [] },
        "history": [
            { "created_by": "/bin/sh -c #(nop) ADD file:base in / " },
            { "created_by": "ENV A=1", "empty_layer": true },
            { "created_by": format!("RUN /bin/sh -c make {own} # buildkit") },
        ],
    });
    manifest(fake, repository, (CONFIG, &config.to_string()), &[(LAYER, "the base of all"), (LAYER, own)], &json!({}))
}

/// Pushes an index of these entries.
pub fn index(fake: &Fake, repository: &str, entries: Vec<Value>) -> Digest {
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries });
    fake.push_manifest(repository, OCI_INDEX, index.to_string())
}

pub fn entry(digest: &Digest, architecture: &str) -> Value {
    let mut entry = descriptor(OCI_MANIFEST, digest, 500);
    entry["platform"] = json!({ "os": "linux", "architecture": architecture });
    entry
}
