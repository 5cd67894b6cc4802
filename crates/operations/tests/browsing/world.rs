//! What every story begins with: one registry, one person, one memory.

use domain::{
    Actor, ActorKind, Connection, Digest, Id, Permission, Place, RepositoryName, Timestamp,
    audit::Act,
    manifest::{OCI_INDEX, OCI_MANIFEST},
    permission::allows,
};
use operations::{
    Clock, Operations, Settings,
    repositories::{Repositories, RepositoriesQuery},
    tags::{Tags, TagsQuery},
};
use registry::fake::{Fake, FakeOptions};
use std::time::Duration;
use store::{AddRegistry, SecretsEdit, Store, StoreOptions};

/// As long as nothing in these stories ever takes.
const LONGEST: Duration = Duration::from_secs(30);

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
            ..Actor::anonymous("192.0.2.1", "test", "r1")
        };
        let world = Self { fake, operations, clock, ada, _directory: directory };
        world.connect("lab", world.fake.connection()).await;
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

    /// Looks at tags, as somebody who comes to the page.
    pub async fn tags(&self, repository: &str, query: &TagsQuery) -> operations::Result<Tags> {
        self.operations.tags(&self.ada, "lab", &name(repository), query, false).await
    }

    /// Looks at tags, waits until nothing is read any more, and looks again as the page does that follows.
    pub async fn settled(&self, repository: &str, query: &TagsQuery) -> Tags {
        self.tags(repository, query).await.expect("a page");
        self.quiet().await;
        self.operations.tags(&self.ada, "lab", &name(repository), query, true).await.expect("a page")
    }

    /// Looks at the repositories, as somebody who comes to the page.
    pub async fn repositories(&self, query: &RepositoriesQuery) -> operations::Result<Repositories> {
        self.operations.repositories(&self.ada, "lab", query, false).await
    }

    /// Waits until nothing is being read.
    pub async fn quiet(&self) {
        assert!(self.operations.reading_settled(LONGEST).await, "something is still being read");
    }

    /// Waits until open pages hear this. They are told after the reading, so that they find it ended.
    pub async fn hears(&self, topic: &str) {
        let heard = async {
            while !self
                .operations
                .store()
                .outbox()
                .after(0, 1_000)
                .await
                .expect("news")
                .iter()
                .any(|one| one.topic == topic)
            {
                tokio::task::yield_now().await;
            }
        };
        assert!(tokio::time::timeout(LONGEST, heard).await.is_ok(), "nobody is told of {topic}");
    }

    /// The names of the repositories that are known, after a look at them and all that it started.
    pub async fn known_names(&self) -> Vec<String> {
        let query = RepositoriesQuery { view: "flat".into(), ..RepositoriesQuery::default() };
        // A look may fail here; what is kept is shown all the same.
        drop(self.repositories(&query).await);
        self.quiet().await;
        let shown = self.operations.repositories(&self.ada, "lab", &query, true).await.expect("a page");
        shown.groups.into_iter().flat_map(|group| group.rows).map(|row| row.name.to_string()).collect()
    }

    /// How many requests there were for this method and these parts of the address.
    pub fn asked(&self, method: &str, part: &str) -> usize {
        self.fake.count(method, part)
    }

    /// Moves the clock on, beyond what counts as read a moment ago.
    pub fn later(&self) {
        self.clock.advance(60);
    }
}

pub fn name(repository: &str) -> RepositoryName {
    repository.parse().expect("a repository's name")
}

/// Pushes an image of its own, built on this day of 2026, with a layer of `size` bytes, and tags it.
pub fn image(fake: &Fake, repository: &str, tag: &str, day: u32, size: usize) -> Digest {
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "created": format!("2026-{:02}-{:02}T08:00:00Z", 1 + day / 28, 1 + day % 28),
        "config": { "Labels": { "tag": tag } }, "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let config = config.to_string();
    let layer = vec![b'x'; size];
    let manifest = serde_json::json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "size": config.len(),
                    "digest": fake.push_blob(repository, config) },
        "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "size": size, "digest": fake.push_blob(repository, layer) }],
    });
    let digest = fake.push_manifest(repository, OCI_MANIFEST, manifest.to_string());
    fake.tag(repository, tag, &digest);
    digest
}

/// Pushes an index of these images, and tags it.
pub fn index(fake: &Fake, repository: &str, tag: &str, children: &[(&Digest, &str)]) -> Digest {
    let entries: Vec<_> = children
        .iter()
        .map(|(digest, architecture)| {
            serde_json::json!({ "mediaType": OCI_MANIFEST, "size": 400, "digest": digest,
                                "platform": { "os": "linux", "architecture": architecture } })
        })
        .collect();
    let index = serde_json::json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries });
    let digest = fake.push_manifest(repository, OCI_INDEX, index.to_string());
    fake.tag(repository, tag, &digest);
    digest
}

pub fn query(sort: &str) -> TagsQuery {
    TagsQuery { sort: sort.into(), ..TagsQuery::default() }
}

pub fn tags_of(shown: &Tags) -> Vec<&str> {
    shown.rows.iter().map(|row| row.tag.as_str()).collect()
}
