//! What the index keeps, when it forgets, and through whom content is given out.

use super::{NOW, ada, fresh};
use crate::index::{CatalogueList, Catalogued, Content, Index, Listed, Progress, TagList};
use domain::{
    Digest, Id, Kind, RepositoryName, Summary, Tag, Timestamp, Visible,
    content_facts::{BlobFact, BlobRole, Facts},
};

fn visible() -> Visible {
    Visible::to(&ada())
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn names(all: &[&str]) -> Vec<RepositoryName> {
    all.iter().map(|name| name.parse().expect("a name")).collect()
}

fn content(text: &str, created: i64, subject: Option<Digest>) -> Content {
    let config = format!("config of {text}").into_bytes();
    let blob = BlobFact {
        digest: Digest::of(&config),
        size: config.len() as u64,
        media_type: String::new(),
        role: BlobRole::Config,
        position: 0,
    };
    Content {
        digest: Digest::of(text.as_bytes()),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        bytes: text.as_bytes().to_vec(),
        summary: Summary {
            kind: Kind::Image,
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: Some("application/x".to_owned()),
            platforms: vec!["linux/amd64".to_owned(), "linux/arm/v7".to_owned()],
            size: 12,
            created: Some(Timestamp(created)),
            subject,
        },
        config: Some(Digest::of(&config)),
        config_bytes: Some(config),
        made_from: 2,
        facts: Facts { blobs: vec![blob], ..Facts::default() },
        findings: Vec::new(),
    }
}

async fn repository(index: &Index, registry: Id, name: &str) -> Id {
    index.ensure_repository(registry, &name.parse().expect("a name"), NOW).await.expect("made")
}

const LATER: Timestamp = Timestamp(NOW.0 + 1);

fn list(tags: &[Tag]) -> TagList<'_> {
    TagList { tags, complete: true, doubt: None }
}

fn whole(names: &[RepositoryName]) -> CatalogueList<'_> {
    CatalogueList { names, complete: true, doubt: None }
}

#[tokio::test]
async fn a_catalogue_only_adds_and_what_it_lacks_is_evidence_only_where_it_is_whole_and_believed() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (both, kept) = (names(&["kept", "gone"]), names(&["kept"]));
    repository(index, 1, "by/hand").await;
    repository(index, 2, "gone").await;
    let take = async |list: CatalogueList<'_>, at| index.save_catalogue(1, list, at).await.expect("taken in");
    let lacking = |since| Catalogued { added: 0, missing: vec![(both[1].clone(), since)] };
    assert_eq!(take(whole(&both), NOW).await, Catalogued { added: 2, missing: Vec::new() });
    let cut = CatalogueList { complete: false, ..whole(&kept) };
    assert_eq!(take(cut, NOW).await, lacking(None), "told, and no evidence");
    let doubted = CatalogueList { doubt: Some("It lost most of its names."), ..whole(&kept) };
    assert_eq!(take(doubted, NOW).await, lacking(None));
    assert_eq!(index.catalogue(1).await.expect("asked").expect("read").doubt.as_deref(), doubted.doubt);
    assert_eq!(take(whole(&kept), NOW).await, lacking(None), "the first one that counts");
    assert_eq!(take(whole(&kept), LATER).await, lacking(Some(NOW)), "the second one: since when");
    assert_eq!(take(whole(&both), LATER).await, Catalogued::default(), "it is there again");
    assert_eq!(take(whole(&kept), LATER).await, lacking(None), "and counts anew");
    for (registry, name) in [(1, "gone"), (1, "by/hand"), (2, "gone")] {
        let found = index.repository(&visible(), registry, &names(&[name])[0]).await.expect("asked");
        assert!(found.is_some(), "a list takes nothing away");
    }
    let catalogue = index.catalogue(1).await.expect("asked").expect("read");
    assert_eq!(
        (catalogue.listed_at, catalogue.complete, catalogue.names, catalogue.doubt),
        (LATER, true, Some(1), None)
    );
}

#[tokio::test]
async fn a_long_catalogue_comes_in_whole() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let all: Vec<RepositoryName> =
        (0..1_001).map(|n| format!("team-{}/r{n}", n % 10).parse().expect("a name")).collect();
    assert_eq!(index.save_catalogue(1, whole(&all), NOW).await.expect("taken in").added, 1_001);
    assert_eq!(index.save_catalogue(1, whole(&all), NOW).await.expect("taken in"), Catalogued::default());
    assert_eq!(index.totals(&visible(), 1).await.expect("summed").repositories, 1_001);
    index.forget_registry(1).await.expect("forgotten");
    assert_eq!(index.totals(&visible(), 1).await.expect("summed").repositories, 0);
    assert_eq!(index.catalogue(1).await.expect("asked"), None);
}

#[tokio::test]
async fn a_list_of_tags_only_adds_and_says_since_when_whole_ones_lack_a_tag() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1, "team/api").await;
    let all: Vec<Tag> = (0..1_000).map(|n| tag(&format!("1.{n}"))).collect();
    let listed = index.save_tag_list(id, list(&all), NOW).await.expect("listed");
    assert_eq!(listed, Listed::default(), "at first everything is new, and nothing came");
    let cut = TagList { complete: false, ..list(&all[..10]) };
    let listed = index.save_tag_list(id, cut, NOW).await.expect("listed");
    assert_eq!((listed.missing.len(), listed.missing.iter().all(|(_, since)| since.is_none())), (990, true));
    let known = async || index.progress(&visible(), id).await.expect("asked").tags;
    let row = async || index.repository(&visible(), 1, &names(&["team/api"])[0]).await.expect("asked").expect("known");
    assert_eq!(known().await, 1_000, "an incomplete list removes nothing");
    assert_eq!((row().await.tag_count, row().await.tags_complete, row().await.unread), (Some(1_000), false, 1_000));
    let with_another: Vec<Tag> = all[..999].iter().cloned().chain([tag("new")]).collect();
    let listed = index.save_tag_list(id, list(&with_another), NOW).await.expect("listed");
    assert_eq!(listed, Listed { came: vec![tag("new")], missing: vec![(tag("1.999"), None)] });
    let listed = index.save_tag_list(id, list(&with_another), LATER).await.expect("listed");
    assert_eq!(listed.missing, [(tag("1.999"), Some(NOW))], "lacking since then");
    assert_eq!(known().await, 1_001);
    index.forget_tags(id, &[tag("1.999"), tag("never")], LATER).await.expect("forgotten");
    assert_eq!((row().await.tag_count, row().await.unread), (Some(1_000), 1_000));
    assert_eq!(row().await.moved_at, Some(LATER));
}

#[tokio::test]
async fn a_move_is_told_before_the_cache_forgets_where_the_tag_pointed() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1, "team/api").await;
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let at = |digest: &Digest| [(tag("latest"), digest.clone()), (tag("1.0"), one.clone())];
    assert_eq!(index.moves(id, &at(&one)).await.expect("asked"), [], "what was not known did not move");
    index.set_tag_digests(id, &at(&one), NOW).await.expect("set");
    assert_eq!(index.moves(id, &at(&one)).await.expect("asked"), []);
    assert_eq!(index.moves(id, &at(&two)).await.expect("asked"), [(tag("latest"), one.clone(), two.clone())]);
    index.set_tag_digests(id, &at(&two), LATER).await.expect("set");
    assert_eq!(index.moves(id, &at(&two)).await.expect("asked"), []);
    index.tags_checked(id, &[tag("1.0")], Timestamp(NOW.0 + 9)).await.expect("noted");
    let row = index.tag(&visible(), id, &tag("1.0")).await.expect("asked").expect("known");
    assert_eq!((row.checked_at, row.digest), (Some(Timestamp(NOW.0 + 9)), Some(one)));
}

#[tokio::test]
async fn what_is_read_is_known_and_what_is_not_can_be_asked_for() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1, "team/api").await;
    index.save_tag_list(id, list(&[tag("a"), tag("b"), tag("c")]), NOW).await.expect("listed");
    assert_eq!(index.progress(&visible(), id).await.expect("asked"), Progress { tags: 3, read: 0 });
    let (one, two) = (content("one", 5, None), content("two", 9, None));
    let digests = [(tag("a"), one.digest.clone()), (tag("b"), two.digest.clone())];
    index.set_tag_digests(id, &digests, NOW).await.expect("set");
    let unread = index.unread(id, None, 10).await.expect("asked");
    assert_eq!(unread, [(tag("a"), Some(one.digest.clone())), (tag("b"), Some(two.digest.clone())), (tag("c"), None)]);
    index.save_content(id, std::slice::from_ref(&one), NOW).await.expect("saved");
    assert_eq!(index.unread(id, None, 1).await.expect("asked"), [(tag("b"), Some(two.digest.clone()))]);
    assert_eq!(index.unread(id, Some(&tag("b")), 9).await.expect("asked"), [(tag("c"), None)]);
    assert_eq!(index.progress(&visible(), id).await.expect("asked"), Progress { tags: 3, read: 1 });
    assert_eq!(
        index.known(1, &[one.digest.clone(), two.digest.clone()]).await.expect("asked"),
        std::slice::from_ref(&one.digest)
    );

    let row = index.tag(&visible(), id, &tag("a")).await.expect("asked").expect("known");
    assert_eq!(
        (row.digest, row.checked_at, row.summary),
        (Some(one.digest.clone()), Some(NOW), Some(one.summary.clone()))
    );
    let row = index.tag(&visible(), id, &tag("c")).await.expect("asked").expect("known");
    assert_eq!((row.digest, row.summary), (None, None));
    assert_eq!(index.tag(&visible(), id, &tag("d")).await.expect("asked"), None);
}

#[tokio::test]
async fn siblings_are_the_tags_on_the_same_digest_of_the_same_repository() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (id, other) = (repository(index, 1, "team/api").await, repository(index, 1, "team/web").await);
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let tags = [(tag("1.0"), one.clone()), (tag("latest"), one.clone()), (tag("0.9"), two.clone())];
    index.set_tag_digests(id, &tags, NOW).await.expect("set");
    index.set_tag_digests(other, &[(tag("elsewhere"), one.clone())], NOW).await.expect("set");
    let siblings = index.siblings(&visible(), id, &[one.clone(), two.clone()], 8).await.expect("asked");
    assert_eq!(siblings[&one], [tag("1.0"), tag("latest")]);
    assert_eq!(siblings[&two], [tag("0.9")]);
    // A tag that moves leaves its former siblings.
    index.set_tag_digests(id, &[(tag("latest"), two.clone())], NOW).await.expect("set");
    let siblings = index.siblings(&visible(), id, &[one.clone(), two.clone()], 8).await.expect("asked");
    assert_eq!((siblings[&one].len(), siblings[&two].len()), (1, 2));
    // Many on one digest take no other's place.
    let siblings = index.siblings(&visible(), id, &[two.clone(), one.clone()], 1).await.expect("asked");
    assert_eq!((&siblings[&two][..], &siblings[&one][..]), (&[tag("0.9")][..], &[tag("1.0")][..]));
}

#[tokio::test]
async fn content_is_given_out_only_through_a_visible_repository_that_holds_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (id, other) = (repository(index, 1, "team/api").await, repository(index, 1, "team/web").await);
    let one = content("one", 5, None);
    let config = one.config.clone().expect("it has one");
    index.save_content(id, std::slice::from_ref(&one), NOW).await.expect("saved");
    let kept = index.manifest(&visible(), id, &one.digest).await.expect("asked").expect("kept");
    assert_eq!((kept.bytes.as_slice(), &kept.summary, kept.fetched_at), (b"one".as_slice(), &one.summary, NOW));
    assert_eq!(kept.config.as_ref(), Some(&config));
    assert_eq!(
        index.document(&visible(), id, &config).await.expect("asked").as_deref(),
        Some(b"config of one".as_slice())
    );
    assert_eq!(
        index.summaries(&visible(), id, std::slice::from_ref(&one.digest)).await.expect("asked")[&one.digest],
        one.summary
    );

    assert_eq!(index.manifest(&visible(), other, &one.digest).await.expect("asked"), None, "not held there");
    assert_eq!(index.document(&visible(), other, &config).await.expect("asked"), None);
    assert!(index.summaries(&visible(), other, std::slice::from_ref(&one.digest)).await.expect("asked").is_empty());
    let stranger = Visible::to(&domain::Actor::anonymous("", "", ""));
    assert_eq!(index.manifest(&stranger, id, &one.digest).await.expect("asked"), None);
    assert_eq!(index.document(&stranger, id, &config).await.expect("asked"), None);
    assert!(index.siblings(&stranger, id, std::slice::from_ref(&one.digest), 8).await.expect("asked").is_empty());
    assert_eq!(index.progress(&stranger, id).await.expect("asked"), Progress::default());

    index.hold(other, std::slice::from_ref(&one.digest)).await.expect("held");
    assert!(index.manifest(&visible(), other, &one.digest).await.expect("asked").is_some(), "fetched once, held twice");
    index.forget_repository(1, &names(&["team/api"])[0]).await.expect("forgotten");
    index.forget_repository(1, &names(&["team/api"])[0]).await.expect("twice is no mistake");
    assert_eq!(index.manifest(&visible(), id, &one.digest).await.expect("asked"), None);
    assert!(index.manifest(&visible(), other, &one.digest).await.expect("asked").is_some());
}

#[tokio::test]
async fn referrers_that_were_read_are_found_by_their_subject() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1, "team/api").await;
    let image = content("image", 5, None);
    let signature = content("signature", 6, Some(image.digest.clone()));
    index.save_content(id, &[image.clone(), signature.clone()], NOW).await.expect("saved");
    let found = index.referrers(&visible(), id, &image.digest).await.expect("asked");
    assert_eq!(found, [(signature.digest, signature.summary)]);
    assert_eq!(index.referrers(&visible(), id, &Digest::of(b"other")).await.expect("asked"), []);
}

#[tokio::test]
async fn the_newest_builds_are_known_across_registries() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    for (registry, name, created) in [(1, "a", 10), (1, "b", 30), (2, "c", 20), (3, "d", 40), (1, "future", i64::MAX)] {
        let id = repository(index, registry, name).await;
        let content = content(name, created, None);
        index.save_content(id, std::slice::from_ref(&content), NOW).await.expect("saved");
        index.set_tag_digests(id, &[(tag("latest"), content.digest)], NOW).await.expect("set");
    }
    let newest = async |registries: &[Id], limit| -> Vec<(String, i64)> {
        let all = index.newest(&visible(), registries, NOW, limit).await.expect("asked");
        all.into_iter().map(|n| (n.repository.to_string(), n.created.0)).collect()
    };
    let expected = [("b", 30), ("c", 20), ("a", 10)].map(|(n, at)| (n.to_owned(), at));
    assert_eq!(newest(&[1, 2], 9).await, expected);
    assert_eq!(newest(&[1, 2], 1).await, expected[..1]);
    let row = index.repository(&visible(), 1, &names(&["b"])[0]).await.expect("asked").expect("known");
    assert_eq!(row.newest, Some(Timestamp(30)));
    let stranger = Visible::to(&domain::Actor::anonymous("", "", ""));
    assert_eq!(index.newest(&stranger, &[1, 2], NOW, 9).await.expect("asked"), []);
}

#[tokio::test]
async fn a_forgotten_registry_leaves_no_rows_behind() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1, "team/api").await;
    let digests: Vec<(Tag, Digest)> =
        (0..1_001).map(|n| (tag(&format!("1.{n}")), Digest::of(n.to_string().as_bytes()))).collect();
    index.set_tag_digests(id, &digests, NOW).await.expect("set");
    let other = repository(index, 2, "team/api").await;
    index.set_tag_digests(other, &digests[..3], NOW).await.expect("set");
    let contents = [content("one", 1, None), content("two", 2, None)];
    index.save_content(id, &contents, NOW).await.expect("saved");
    index.forget_registry(1).await.expect("forgotten");
    for table in ["manifests", "documents", "blobs"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE registry_id = 1"));
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&index.pools.readers).await.expect("counted");
        assert_eq!(left, 0, "{table}: nothing that it served is left");
    }
    for table in ["tags", "holds"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&index.pools.readers).await.expect("counted");
        assert_eq!(left, 3, "{table}: the other registry's stay");
    }
    assert_ne!(repository(index, 1, "team/api").await, id, "an id is never used again");
}

#[tokio::test]
async fn the_tag_before_is_the_lower_version_else_the_build_before() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1, "team/api").await;
    let contents = [content("one", 10, None), content("two", 20, None), content("three", 30, None)];
    let [one, two, three] = contents.each_ref().map(|content| content.digest.clone());
    let tags =
        [("1.0.9", &one), ("1.0.10", &two), ("1.1.0", &three), ("1.1", &three), ("latest", &three), ("nightly", &two)];
    let digests: Vec<(Tag, Digest)> = tags.iter().map(|(name, digest)| (tag(name), Digest::clone(digest))).collect();
    index.set_tag_digests(id, &digests, NOW).await.expect("set");
    index.save_content(id, &contents, NOW).await.expect("saved");
    let before = async |name: &str, digest: &Digest| {
        let found = index.tag_before(&visible(), id, &tag(name), digest).await.expect("asked");
        found.map(|tag| tag.to_string())
    };
    assert_eq!(before("1.1.0", &three).await.as_deref(), Some("1.0.10"), "not 1.1, which is the same image");
    assert_eq!(before("1.0.10", &two).await.as_deref(), Some("1.0.9"));
    assert_eq!(before("1.0.9", &one).await, None);
    assert_eq!(before("latest", &three).await.as_deref(), Some("1.0.10"), "the newest build before it");
    assert_eq!(before("nightly", &two).await.as_deref(), Some("1.0.9"));
}
