//! What every story begins with: a registry full of images, one person, one memory, and a reader in the background.

use domain::{
    Actor, ActorKind, Connection, Digest, Id, Permission, Place, RepositoryName, Tag, Timestamp, Visible, audit::Act,
    manifest::OCI_MANIFEST, permission::allows,
};
use operations::{
    Clock, Operations, Settings,
    sync::{Sync, SyncState},
};
use registry::fake::Fake;
use std::{path::Path, time::Duration};
use store::{
    AddRegistry, SecretsEdit, Store, StoreOptions,
    index::{Listing, RepositoryFilter, RepositorySort, Seek, TagFilter, TagSort},
};

/// As long as nothing in these stories ever takes.
pub const LONGEST: Duration = Duration::from_mins(1);
/// Between two looks at a condition.
const LOOK: Duration = Duration::from_millis(5);

/// One memory with a reader over it.
pub struct World {
    pub operations: Operations,
    pub clock: Clock,
    pub ada: Actor,
}

/// When these stories begin.
pub fn noon() -> Timestamp {
    Timestamp::parse("2026-11-21T12:00:00Z").expect("a time")
}

pub fn ada() -> Actor {
    Actor {
        kind: ActorKind::Person,
        id: 1,
        name: "ada".into(),
        rights: domain::access::Rights::administrator(),
        ..Actor::anonymous("192.0.2.1", "test", "r1")
    }
}

impl World {
    /// Opens the memory in this directory; nothing reads yet.
    pub async fn open(directory: &Path, clock: Clock) -> Self {
        let options = StoreOptions { data_dir: directory.join("data"), now: clock.now() };
        let store = Store::open(&options).await.expect("a store");
        // As the program does that serves: whoever held a lease before is gone.
        store.leases().free_all().await.expect("free leases");
        Self::over(store, clock)
    }

    pub fn over(store: Store, clock: Clock) -> Self {
        let operations = Operations::new(store, clock.clone(), Settings::default()).expect("operations");
        Self { operations, clock, ada: ada() }
    }

    /// A new memory with the registry `lab`, and a reader over it.
    pub async fn reading(directory: &Path, fake: &Fake) -> Self {
        let world = Self::open(directory, Clock::standing(noon())).await;
        world.connect("lab", fake.connection()).await;
        world.operations.start_sync();
        world
    }

    /// Connects a registry.
    pub async fn connect(&self, name: &str, connection: Connection) -> Id {
        let act = Act::new("registry.add", format!("registry {name}"));
        let permit = allows(&self.ada, Permission::RegistryManage, Place::System).expect("ada may");
        let store = self.operations.store();
        let opened = store.open_act(permit, &act, self.clock.now()).await.expect("an opened entry");
        let name = name.parse().expect("a name");
        let add = AddRegistry { name, description: String::new(), connection, secrets: SecretsEdit::default() };
        store.write(opened, add, self.clock.now()).await.expect("a registry")
    }

    /// How the reading of `lab` is.
    pub async fn sync(&self) -> Sync {
        self.operations.sync(&self.ada, "lab").await.expect("its state")
    }

    /// Waits until the reading of `lab` is so.
    pub async fn until(&self, what: &str, is: impl Fn(&Sync) -> bool) -> Sync {
        let wait = async {
            loop {
                let sync = self.sync().await;
                if is(&sync) {
                    return sync;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        match tokio::time::timeout(LONGEST, wait).await {
            Ok(sync) => sync,
            Err(tokio::time::error::Elapsed { .. }) => panic!("{what} never came: {:?}", self.sync().await),
        }
    }

    /// Waits until everything was read once.
    pub async fn filled(&self) -> Sync {
        self.until("the end of the first reading", |sync| {
            let filled = sync.catalogue.as_ref().is_some_and(|catalogue| catalogue.filled_at.is_some());
            filled && sync.state.as_str() == "resting"
        })
        .await
    }

    /// The number of `lab`.
    async fn registry(&self) -> Id {
        let all = Visible::to(&self.ada);
        let record = self.operations.store().registries().by_name(&all, &"lab".parse().expect("a name")).await;
        record.expect("a look").expect("a registry").id
    }

    /// Waits until the registry was probed for the first time: that goes on beside the reading, and a pause does not end it.
    pub async fn probed(&self) {
        let (all, id, probes) = (Visible::to(&self.ada), self.registry().await, self.operations.store().probes());
        let wait = async {
            while probes.latest(&all, id).await.expect("a look").is_none() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(LONGEST, wait).await.expect("the first probe");
    }

    /// Moves the clock on, and waits until all that is due then was asked for.
    pub async fn later(&self, seconds: i64) -> Sync {
        self.clock.advance(seconds);
        self.rested().await
    }

    /// Waits until nothing is due.
    pub async fn rested(&self) -> Sync {
        let wait = async {
            loop {
                self.operations.look_again();
                tokio::time::sleep(LOOK).await;
                let (sync, now) = (self.sync().await, self.clock.now());
                let catalogue = sync.catalogue.as_ref().is_some_and(|read| read.listed_at.plus_seconds(900) > now);
                let at_rest = matches!(sync.state.as_str(), "resting" | "stopped");
                if catalogue && at_rest && sync.next.is_none_or(|next| next > now) {
                    return sync;
                }
            }
        };
        match tokio::time::timeout(LONGEST, wait).await {
            Ok(sync) => sync,
            Err(tokio::time::error::Elapsed { .. }) => panic!("it never rests: {:?}", self.sync().await),
        }
    }

    pub async fn stop(self) {
        assert!(self.operations.stop_sync(LONGEST).await, "the reader does not end");
        self.operations.store().close().await;
    }

    /// The same, once every tag is read.
    pub async fn dump_if_whole(&self) -> Option<Vec<String>> {
        let totals = self.sync().await.totals;
        let whole = totals.unread == 0 && totals.repositories == totals.listed && totals.repositories > 0;
        if whole { Some(self.dump().await) } else { None }
    }

    /// Everything that the index knows of `lab`, line by line, without times.
    pub async fn dump(&self) -> Vec<String> {
        let all = Visible::to(&self.ada);
        let index = self.operations.store().index();
        let id = self.registry().await;
        let totals = index.totals(&all, id).await.expect("sums");
        let mut lines = vec![format!(
            "{} repositories, {} listed, {} tags, {} unread, {} bytes",
            totals.repositories,
            totals.listed,
            totals.tags,
            totals.unread,
            totals.bytes.unwrap_or_default()
        )];
        let mut listing = Listing { sort: RepositorySort::Name, limit: 500, ..Listing::default() };
        loop {
            let filter = RepositoryFilter::default();
            let page = index.repositories(&all, id, &filter, &listing).await.expect("repositories");
            for row in &page.rows {
                lines.push(format!(
                    "{} {:?} unread {} newest {:?} bytes {} exclusive {}",
                    row.name, row.tag_count, row.unread, row.newest, row.bytes, row.exclusive
                ));
                lines.extend(self.dump_tags(&all, row.id).await);
            }
            match page.next {
                Some(next) => listing.seek = Seek::After(next),
                None => return lines,
            }
        }
    }

    async fn dump_tags(&self, all: &Visible, repository: Id) -> Vec<String> {
        let index = self.operations.store().index();
        let filter = TagFilter { referrers: true, ..TagFilter::default() };
        let mut listing = Listing { sort: TagSort::Name, limit: 500, ..Listing::default() };
        let mut lines = Vec::new();
        loop {
            let page = index.tags(all, repository, &filter, &listing).await.expect("tags");
            for row in &page.rows {
                let digest = row.digest.clone().expect("a digest");
                let document = index.manifest(all, repository, &digest).await.expect("a look").expect("a manifest");
                let sum = Digest::of(&document.bytes);
                let summary = row.summary.as_ref().map(|s| (s.kind, s.size, s.created, s.platforms.clone()));
                lines.push(format!("  {} {digest} {sum} {summary:?}", row.tag));
            }
            match page.next {
                Some(next) => listing.seek = Seek::After(next),
                None => return lines,
            }
        }
    }

    /// The tags of a repository that the index knows.
    pub async fn tags(&self, repository: &str) -> Vec<String> {
        let all = Visible::to(&self.ada);
        let index = self.operations.store().index();
        let id = self.registry().await;
        let Some(known) = index.repository(&all, id, &name(repository)).await.expect("a look") else {
            return Vec::new();
        };
        let tags = index.known_tags(known.id, None, 10_000).await.expect("tags");
        tags.into_iter().map(|(tag, _): (Tag, _)| tag.to_string()).collect()
    }
}

/// Is it so, in the words for programs?
pub fn is(sync: &Sync, word: &str) -> bool {
    sync.state.as_str() == word
}

/// What stopped it, in a sentence.
pub fn why(sync: &Sync) -> String {
    match &sync.state {
        SyncState::Running(operations::sync::Phase::Stopped { trouble, .. }) => trouble.message.clone(),
        other => format!("{other:?}"),
    }
}

pub fn name(repository: &str) -> RepositoryName {
    repository.parse().expect("a repository's name")
}

/// Pushes an image with a layer of its own and one that all share, and tags it.
pub fn image(fake: &Fake, repository: &str, tag: &str, n: usize) -> Digest {
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "created": format!("2026-{:02}-{:02}T08:00:00Z", 1 + n % 12, 1 + n % 28),
        "config": { "Labels": { "repository": repository, "n": n.to_string() } }, "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let config = config.to_string();
    let own = format!("{repository} {n}").into_bytes();
    let manifest = serde_json::json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "size": config.len(),
                    "digest": fake.push_blob(repository, config) },
        "layers": [
            { "mediaType": "application/vnd.oci.image.layer.v1.tar", "size": 100, "digest": fake.push_blob(repository, vec![b's'; 100]) },
            { "mediaType": "application/vnd.oci.image.layer.v1.tar", "size": own.len(), "digest": fake.push_blob(repository, own) },
        ],
    });
    let digest = fake.push_manifest(repository, OCI_MANIFEST, manifest.to_string());
    fake.tag(repository, tag, &digest);
    digest
}

/// Fills a registry: so many repositories with so many tags, every third tag of an image that another has too.
pub fn fill(fake: &Fake, repositories: usize, tags: usize) {
    for r in 0..repositories {
        let repository = format!("team{}/app{r:02}", r % 3);
        for t in 0..tags {
            image(fake, &repository, &format!("v{t:03}"), t - t % 3 / 2);
        }
    }
}
