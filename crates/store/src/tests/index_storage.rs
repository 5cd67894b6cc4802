//! Sums of bytes: what triggers keep equals what is counted anew, whatever came, moved and went before.

use super::{Fresh, NOW, ada, fresh, meddle_index};
use crate::index::{Bytes, Content, Index, Listing, RepositoryFilter, RepositorySort, Seek};
use domain::{
    Digest, Id, Kind, Permission, RepositoryName, Restriction, Summary, Tag, Timestamp, Via, Visible,
    content_facts::{BlobFact, BlobRole, ChildFact, ChildRole, Facts},
};
use std::collections::{BTreeMap, BTreeSet};

const MIB: u64 = 1 << 20;

fn visible() -> Visible {
    Visible::to(&ada())
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

/// An image of layers (name and size), or an index of children.
fn content(name: &str, layers: &[(&str, u64)], children: &[&Digest]) -> Content {
    let bytes = format!("manifest {name} of {layers:?} and {children:?}").into_bytes();
    let blob = |(position, (name, size)): (usize, &(&str, u64))| BlobFact {
        digest: Digest::of(name.as_bytes()),
        size: *size,
        media_type: String::new(),
        role: if name.starts_with("config") { BlobRole::Config } else { BlobRole::Layer },
        position: u32::try_from(position).expect("few layers"),
    };
    let child = |digest: &&Digest| ChildFact {
        digest: (*digest).clone(),
        size: 100,
        platform: None,
        role: ChildRole::Platform,
    };
    Content {
        digest: Digest::of(&bytes),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        bytes,
        summary: Summary {
            kind: if children.is_empty() { Kind::Image } else { Kind::Index },
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: None,
            platforms: Vec::new(),
            size: layers.iter().map(|(_, size)| size).sum(),
            created: Some(Timestamp(5)),
            subject: None,
        },
        config: None,
        config_bytes: None,
        made_from: 1,
        facts: Facts {
            blobs: layers.iter().enumerate().map(blob).collect(),
            children: children.iter().map(child).collect(),
            ..Facts::default()
        },
        findings: Vec::new(),
    }
}

async fn repository(index: &Index, registry: Id, name: &str) -> Id {
    index.ensure_repository(registry, &name.parse().expect("a name"), NOW).await.expect("made")
}

async fn push(index: &Index, repository: Id, name: &str, content: &Content) {
    let digests = [(tag(name), content.digest.clone())];
    index.set_tag_digests(repository, &digests, NOW).await.expect("set");
    index.save_content(repository, std::slice::from_ref(content), NOW).await.expect("saved");
}

async fn rows<T>(fresh: &Fresh, sql: &'static str) -> Vec<T>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    sqlx::query_as(sql).fetch_all(&fresh.store.index().pools.readers).await.expect("asked")
}

/// Every number that a trigger keeps, beside the same counted anew: a row for each that differs.
async fn differences(fresh: &Fresh) -> Vec<(String, i64, i64, i64)> {
    rows(
        fresh,
        "WITH held AS (SELECT h.repository_id AS r, m.blob_id AS b, COUNT(*) AS n FROM holds h
                       JOIN manifest_blobs m ON m.manifest_id = h.manifest_id GROUP BY 1, 2),
              holders AS (SELECT b, COUNT(*) AS n FROM held GROUP BY b),
              of_repository AS (SELECT r, SUM(size) AS bytes, SUM(iif(holders.n = 1, size, 0)) AS exclusive
                                FROM held JOIN blobs ON blobs.id = held.b JOIN holders ON holders.b = held.b GROUP BY r),
              counted AS (
                SELECT 'manifests of a blob' AS what, x.repository_id * 1000 + x.blob_id AS id, x.manifests AS kept, COALESCE(h.n, 0) AS anew
                FROM repository_blobs x LEFT JOIN held h ON h.r = x.repository_id AND h.b = x.blob_id
                UNION ALL SELECT 'missing blobs of a repository', h.r * 1000 + h.b, 0, h.n FROM held h
                WHERE NOT EXISTS (SELECT 1 FROM repository_blobs x WHERE x.repository_id = h.r AND x.blob_id = h.b)
                UNION ALL SELECT 'repositories of a blob', b.id, b.repositories, COALESCE(h.n, 0) FROM blobs b LEFT JOIN holders h ON h.b = b.id
                UNION ALL SELECT 'bytes', r.id, r.bytes, COALESCE(o.bytes, 0) FROM repositories r LEFT JOIN of_repository o ON o.r = r.id
                UNION ALL SELECT 'exclusive', r.id, r.exclusive, COALESCE(o.exclusive, 0) FROM repositories r LEFT JOIN of_repository o ON o.r = r.id
                UNION ALL SELECT 'bytes of a registry', c.registry_id, c.bytes,
                  (SELECT COALESCE(SUM(size), 0) FROM blobs b WHERE b.registry_id = c.registry_id AND b.id IN (SELECT b FROM held)) FROM catalogues c
                UNION ALL SELECT 'repositories of a registry', c.registry_id, c.repositories,
                  (SELECT COUNT(*) FROM repositories r WHERE r.registry_id = c.registry_id) FROM catalogues c
                UNION ALL SELECT 'tags of a registry', c.registry_id, c.tags,
                  (SELECT COUNT(*) FROM tags t JOIN repositories r ON r.id = t.repository_id
                   WHERE r.registry_id = c.registry_id AND r.tag_count IS NOT NULL) FROM catalogues c
                UNION ALL SELECT 'unread of a repository', r.id, r.unread,
                  (SELECT COUNT(*) FROM tags t WHERE t.repository_id = r.id AND t.kind IS NULL) FROM repositories r
                UNION ALL SELECT 'unread of a registry', c.registry_id, c.unread,
                  (SELECT COUNT(*) FROM tags t JOIN repositories r ON r.id = t.repository_id
                   WHERE r.registry_id = c.registry_id AND t.kind IS NULL) FROM catalogues c)
         SELECT what, id, kept, anew FROM counted WHERE kept <> anew",
    )
    .await
}

/// What the tables say, for counting without SQL.
struct Tables {
    tags: Vec<(Id, String, Id)>,
    holds: BTreeSet<(Id, Id)>,
    children: Vec<(Id, Id)>,
    blobs: Vec<(Id, Id, i64)>,
}

impl Tables {
    async fn read(fresh: &Fresh) -> Self {
        Self {
            tags: rows(fresh, "SELECT repository_id, name, manifest_id FROM tags WHERE kind IS NOT NULL").await,
            holds: rows(fresh, "SELECT repository_id, manifest_id FROM holds").await.into_iter().collect(),
            children: rows(fresh, "SELECT parent_id, child_id FROM children").await,
            blobs: rows(
                fresh,
                "SELECT m.manifest_id, b.id, b.size FROM manifest_blobs m JOIN blobs b ON b.id = m.blob_id",
            )
            .await,
        }
    }

    /// What would be freed if the tag went, by the words of the rule.
    fn of_tag(&self, repository: Id, name: &str, manifest: Id) -> Bytes {
        let other_tag = |of: Id| self.tags.iter().any(|(r, n, m)| *r == repository && *m == of && n != name);
        let holds = |m: Id| self.holds.contains(&(repository, m));
        let mut freed: BTreeSet<Id> = BTreeSet::new();
        if !other_tag(manifest) && !self.children.iter().any(|(parent, child)| *child == manifest && holds(*parent)) {
            freed.insert(manifest);
        }
        let children = || self.children.iter().filter(|(parent, _)| *parent == manifest).map(|(_, child)| *child);
        for child in children().filter(|_| freed.contains(&manifest)).collect::<Vec<_>>() {
            let parents = self.children.iter().filter(|(parent, of)| *of == child && *parent != manifest);
            if !other_tag(child) && !parents.clone().any(|(parent, _)| holds(*parent)) {
                freed.insert(child);
            }
        }
        let members: BTreeSet<Id> = children().chain([manifest]).collect();
        let all: BTreeMap<Id, i64> =
            self.blobs.iter().filter(|(m, ..)| members.contains(m)).map(|(_, b, size)| (*b, *size)).collect();
        let stays = |blob: &Id| {
            let mut naming = self.blobs.iter().filter(|(_, b, _)| b == blob).map(|(m, ..)| *m);
            naming.any(|m| self.holds.iter().any(|(r, held)| *held == m && !(*r == repository && freed.contains(&m))))
        };
        let total: i64 = all.values().sum();
        let exclusive: i64 = all.iter().filter(|(blob, _)| !stays(blob)).map(|(_, size)| size).sum();
        Bytes { total: total.unsigned_abs(), exclusive: exclusive.unsigned_abs() }
    }
}

/// A small generator of numbers: the same seed gives the same story.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
    fn name(&mut self, of: &[&'static str]) -> &'static str {
        let name: &&'static str = self.one(of);
        name
    }
    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let at = self.below(of.len() as u64);
        &of[usize::try_from(at).expect("small")]
    }
}

const NAMES: [&str; 5] = ["team/api", "team/web", "team/deep/er", "zoo", "other/api"];
const TAGS: [&str; 6] = ["1", "2", "3", "latest", "dev", "old"];
const BLOBS: [(&str, u64); 9] = [
    ("base", 3 * MIB),
    ("libc", 2 * MIB),
    ("python", 11 * MIB),
    ("app one", 70),
    ("app two", 0),
    ("app three", 900),
    ("config one", 5),
    ("config two", 6),
    ("empty", 32),
];

/// Does something that happens to registries.
async fn step(fresh: &Fresh, chance: &mut Chance, made: &mut Vec<Content>, at: u64) {
    let index = fresh.store.index();
    let registry = if chance.below(5) == 0 { 2 } else { 1 };
    let name = chance.name(&NAMES);
    let id = repository(index, registry, name).await;
    match chance.below(12) {
        0..=3 => {
            let layers: BTreeSet<usize> =
                (0..=chance.below(4)).map(|_| usize::try_from(chance.below(9)).expect("small")).collect();
            let layers: Vec<(&str, u64)> = layers.into_iter().map(|n| BLOBS[n]).collect();
            let image = content(&format!("image {at}"), &layers, &[]);
            push(index, id, chance.name(&TAGS), &image).await;
            made.push(image);
        }
        4 | 5 => {
            let children: Vec<Content> =
                (0..chance.below(4).min(made.len() as u64 * 4)).map(|_| chance.one(made).clone()).collect();
            let images: Vec<&Digest> =
                children.iter().filter(|c| c.facts.children.is_empty()).map(|c| &c.digest).collect();
            let listed = content(&format!("index {at}"), &[], &images);
            // Sometimes the children's content comes with it, sometimes only their names.
            if chance.below(2) == 0 {
                index.save_content(id, &children, NOW).await.expect("saved");
            }
            push(index, id, chance.name(&TAGS), &listed).await;
            made.push(listed);
        }
        6 | 7 if !made.is_empty() => {
            let old = chance.one(made).clone();
            let digests = [(tag(chance.name(&TAGS)), old.digest.clone())];
            index.set_tag_digests(id, &digests, NOW).await.expect("set");
            if chance.below(2) == 0 {
                index.save_content(id, &[old], NOW).await.expect("saved");
            }
        }
        8 => index.forget_tags(id, &[tag(chance.name(&TAGS))], NOW).await.expect("forgotten"),
        9 => meddle_index(&fresh.store, "DELETE FROM holds WHERE untagged_at IS NOT NULL").await.expect("swept"),
        10 if !made.is_empty() => {
            let digest = chance.one(made).digest.clone();
            index.hold(id, std::slice::from_ref(&digest)).await.expect("held");
            index.found_there(id, &digest).await.expect("noted");
        }
        11 if chance.below(3) == 0 => {
            index.forget_repository(registry, &name.parse().expect("a name")).await.expect("forgotten");
        }
        _ => {
            let tags: Vec<Tag> =
                TAGS.iter().take(usize::try_from(chance.below(6)).expect("small")).map(|name| tag(name)).collect();
            let list = crate::index::TagList { tags: &tags, complete: true, doubt: None };
            index.save_tag_list(id, list, NOW).await.expect("listed");
        }
    }
}

async fn tags_agree(fresh: &Fresh) -> usize {
    let tables = Tables::read(fresh).await;
    let mut compared = 0;
    for (repository, name, manifest) in &tables.tags {
        let told = fresh.store.index().tag_bytes(&visible(), *repository, &[tag(name)]).await.expect("counted");
        let expected = tables.of_tag(*repository, name, *manifest);
        assert_eq!(told.get(&tag(name)), Some(&expected), "{name} of {repository}");
        compared += usize::from(expected.exclusive > 0);
    }
    compared
}

async fn namespaces_agree(fresh: &Fresh) {
    let tables = Tables::read(fresh).await;
    let repositories: Vec<(Id, Id, String)> = rows(fresh, "SELECT id, registry_id, namespace FROM repositories").await;
    for (registry, name) in repositories.iter().map(|(_, registry, name)| (*registry, name)).collect::<BTreeSet<_>>() {
        let inside: BTreeSet<Id> =
            repositories.iter().filter(|(_, r, n)| *r == registry && n == name).map(|(id, ..)| *id).collect();
        let holders = |blob: Id| -> BTreeSet<Id> {
            let naming: BTreeSet<Id> = tables.blobs.iter().filter(|(_, b, _)| *b == blob).map(|(m, ..)| *m).collect();
            tables.holds.iter().filter(|(_, m)| naming.contains(m)).map(|(r, _)| *r).collect()
        };
        let sizes: BTreeMap<Id, i64> = tables.blobs.iter().map(|(_, b, size)| (*b, *size)).collect();
        let (mut total, mut exclusive) = (0, 0);
        for (blob, size) in sizes {
            let holders = holders(blob);
            total += if holders.iter().any(|r| inside.contains(r)) { size } else { 0 };
            exclusive += if !holders.is_empty() && holders.iter().all(|r| inside.contains(r)) { size } else { 0 };
        }
        let told = fresh.store.index().count_namespace(registry, name, NOW).await.expect("counted");
        let expected = Bytes { total: total.unsigned_abs(), exclusive: exclusive.unsigned_abs() };
        assert_eq!(told.bytes, expected, "{name} of {registry}");
    }
}

#[tokio::test]
async fn what_triggers_keep_is_what_counting_anew_gives() {
    let mut freeing = 0;
    for seed in [1_u64, 7, 99, 4_711] {
        let fresh = fresh().await;
        let (mut chance, mut made) = (Chance(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed) | 1), Vec::new());
        for at in 0..90 {
            step(&fresh, &mut chance, &mut made, at).await;
            let differ = differences(&fresh).await;
            assert!(differ.is_empty(), "seed {seed}, step {at}: {differ:?}");
        }
        freeing += tags_agree(&fresh).await;
        namespaces_agree(&fresh).await;
        for registry in [1, 2] {
            fresh.store.index().forget_registry(registry).await.expect("forgotten");
        }
        let left: Vec<(i64,)> = rows(
            &fresh,
            "SELECT (SELECT COUNT(*) FROM repository_blobs) + (SELECT COUNT(*) FROM blobs) + (SELECT COUNT(*) FROM holds)
             + (SELECT COUNT(*) FROM catalogues) + (SELECT COUNT(*) FROM namespaces)",
        )
        .await;
        assert_eq!(left, [(0,)], "seed {seed}");
    }
    assert!(freeing > 3, "the stories have tags that free something: {freeing}");
}

#[tokio::test]
async fn a_blob_counts_once_and_is_shared_until_one_alone_holds_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (api, web) = (repository(index, 1, "team/api").await, repository(index, 1, "team/web").await);
    let other = repository(index, 2, "team/api").await;
    push(index, api, "1", &content("a", &[("base", 100), ("app", 7)], &[])).await;
    push(index, api, "2", &content("b", &[("base", 100), ("app two", 5)], &[])).await;
    push(index, web, "1", &content("c", &[("base", 100), ("site", 3)], &[])).await;
    push(index, other, "1", &content("a", &[("base", 100), ("app", 7)], &[])).await;
    let one = index.registry_bytes(&visible(), 1).await.expect("summed");
    assert_eq!((one.total, one.unshared, one.repositories), (115, 15, 2));
    assert_eq!(index.registry_bytes(&visible(), 2).await.expect("summed").total, 107, "each registry has its own");
    let of = async |name: &str| {
        let row = index.repository(&visible(), 1, &name.parse().expect("a name")).await.expect("asked").expect("known");
        (row.bytes, row.exclusive)
    };
    assert_eq!((of("team/api").await, of("team/web").await), ((112, 12), (103, 3)));
    let tags = index.tag_bytes(&visible(), api, &[tag("1"), tag("2"), tag("none")]).await.expect("counted");
    assert_eq!(tags.len(), 2);
    assert_eq!(tags[&tag("1")], Bytes { total: 107, exclusive: 7 });
    index.forget_repository(1, &"team/web".parse().expect("a name")).await.expect("forgotten");
    assert_eq!(of("team/api").await, (112, 112));
    let sum = index.count_namespace(1, "team", NOW).await.expect("counted");
    assert_eq!(sum.bytes, Bytes { total: 112, exclusive: 112 });
    assert_eq!(sum.bytes.shared(), 0);
}

#[tokio::test]
async fn a_tag_frees_what_its_index_alone_names() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1, "team/api").await;
    let (amd, arm) = (content("amd", &[("base", 10), ("x", 1)], &[]), content("arm", &[("base", 10), ("y", 2)], &[]));
    let both = content("both", &[], &[&amd.digest, &arm.digest]);
    index.save_content(id, &[amd.clone(), arm.clone()], NOW).await.expect("saved");
    push(index, id, "1", &both).await;
    let freed = async |name: &str| index.tag_bytes(&visible(), id, &[tag(name)]).await.expect("counted")[&tag(name)];
    assert_eq!(freed("1").await, Bytes { total: 13, exclusive: 13 });
    push(index, id, "arm", &arm).await;
    assert_eq!(freed("1").await, Bytes { total: 13, exclusive: 1 }, "the other tag keeps its image");
    assert_eq!(freed("arm").await, Bytes { total: 12, exclusive: 0 }, "the index keeps it");
    push(index, id, "1-again", &both).await;
    assert_eq!(freed("1").await, Bytes { total: 13, exclusive: 0 }, "two tags on it: neither frees it");
}

#[tokio::test]
async fn lists_of_what_holds_most_are_paged_and_only_of_what_may_be_seen() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    for (n, name) in NAMES.iter().enumerate() {
        let id = repository(index, 1, name).await;
        let own = format!("own {n}");
        push(
            index,
            id,
            "1",
            &content(name, &[("base", 3 * MIB), (own.as_str(), MIB * (n as u64 + 1)), ("config", 2 * MIB)], &[]),
        )
        .await;
        for namespace in index.namespace_names(1).await.expect("named") {
            index.count_namespace(1, &namespace, NOW).await.expect("counted");
        }
    }
    let (mut seek, mut named) = (Seek::First, Vec::new());
    loop {
        let listing = Listing { sort: RepositorySort::Exclusive, descending: true, seek, limit: 2 };
        let page = index.repositories(&visible(), 1, &RepositoryFilter::default(), &listing).await.expect("a page");
        named.extend(page.rows.into_iter().map(|row| row.name.to_string()));
        let Some(next) = page.next else { break };
        seek = Seek::After(next);
    }
    assert_eq!(named, ["other/api", "zoo", "team/deep/er", "team/web", "team/api"]);

    let listing = |seek, limit| Listing { sort: (), descending: true, seek, limit };
    let first = index.largest_layers(&visible(), 1, &listing(Seek::First, 2)).await.expect("a page");
    let sizes: Vec<_> = first.rows.iter().map(|layer| (layer.size / MIB, layer.repositories)).collect();
    assert_eq!(sizes, [(5, 1), (4, 1)]);
    let second =
        index.largest_layers(&visible(), 1, &listing(Seek::After(first.next.expect("more")), 2)).await.expect("a page");
    let shared = second.rows.iter().find(|layer| layer.repositories == 5).expect("the base");
    assert_eq!(shared.some.len(), 5);
    let back = index
        .largest_layers(&visible(), 1, &listing(Seek::Before(second.previous.expect("less")), 2))
        .await
        .expect("a page");
    assert_eq!(back.rows, first.rows);
    let own = index.repository(&visible(), 1, &"zoo".parse().expect("a name")).await.expect("asked").expect("known").id;
    let of_one = index.largest_layers_of(&visible(), 1, own, 9).await.expect("listed");
    let sizes: Vec<_> =
        of_one.layers.iter().map(|layer| (layer.size / MIB, layer.repositories, layer.manifests)).collect();
    assert_eq!((sizes, of_one.cut), (vec![(4, 1, 1), (3, 5, 1)], false));

    let spaces = index.namespaces_by_bytes(&visible(), 1, &listing(Seek::First, 9)).await.expect("a page");
    let spaces: Vec<_> =
        spaces.rows.into_iter().map(|one| (one.name, one.repositories, one.bytes.exclusive / MIB)).collect();
    assert_eq!(
        spaces,
        [("other".to_owned(), 1, 5), (String::new(), 1, 4), ("team/deep".to_owned(), 1, 3), ("team".to_owned(), 2, 3)]
    );

    let only: RepositoryName = "zoo".parse().expect("a name");
    let restriction =
        Restriction::new([Permission::RepositoryView], None, Some(only.as_str().parse().expect("a pattern")));
    let narrow = Visible::to(&domain::Actor { via: Via::Token { id: 1, restriction }, ..ada() });
    let layers = index.largest_layers(&narrow, 1, &listing(Seek::First, 9)).await.expect("a page");
    assert!(layers.rows.iter().all(|layer| layer.some.iter().all(|name| *name == only)), "{layers:?}");
    assert_eq!(index.namespaces_by_bytes(&narrow, 1, &listing(Seek::First, 9)).await.expect("a page").rows, []);
    assert_eq!(index.namespace_bytes(&narrow, 1, "team").await.expect("asked"), None);
    let stranger = Visible::to(&domain::Actor::anonymous("", "", ""));
    assert_eq!(index.registry_bytes(&stranger, 1).await.expect("summed").total, 0);
    assert_eq!(index.largest_layers(&stranger, 1, &listing(Seek::First, 9)).await.expect("a page").rows, []);
    assert!(index.largest_layers_of(&stranger, 1, own, 9).await.expect("listed").layers.is_empty());
    assert!(index.tag_bytes(&stranger, own, &[tag("1")]).await.expect("counted").is_empty());
}
