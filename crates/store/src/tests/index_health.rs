//! Health of the content: how often checks strike, where, and that nothing unread is called gone.

use super::{NOW, ada, fresh, index_paging::there_and_back};
use crate::index::{Content, Doubtful, Expected, Index, Seek, StrikesListing, TagList};
use domain::{
    Digest, Id, Kind, Permission, Restriction, Summary, Tag, Timestamp, Via, Visible,
    content_facts::{ChildFact, ChildRole, Facts},
    health::{Check, CheckSet, Finding, Presence},
};

fn visible() -> Visible {
    Visible::to(&ada())
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn content(name: &str, kind: Kind, created: Timestamp) -> Content {
    let bytes = format!("manifest {name}").into_bytes();
    let media_type = "application/vnd.oci.image.manifest.v1+json".to_owned();
    Content {
        digest: Digest::of(&bytes),
        media_type: media_type.clone(),
        bytes,
        summary: Summary {
            kind,
            media_type,
            artifact_type: None,
            platforms: Vec::new(),
            size: 1,
            created: Some(created),
            subject: None,
        },
        config: None,
        config_bytes: None,
        made_from: 1,
        facts: Facts::default(),
        findings: Vec::new(),
    }
}

fn finding(check: Check, detail: &str) -> Finding {
    Finding { check, detail: Some(detail.to_owned()) }
}

async fn repository(index: &Index, name: &str) -> Id {
    index.ensure_repository(1, &name.parse().expect("a name"), NOW).await.expect("made")
}

async fn push(index: &Index, repository: Id, tags: &[&str], content: &Content) {
    let tags: Vec<Tag> = tags.iter().map(|name| tag(name)).collect();
    let list = TagList { tags: &tags, complete: true, doubt: None };
    index.save_tag_list(repository, list, NOW).await.expect("listed");
    let digests: Vec<(Tag, Digest)> = tags.into_iter().map(|tag| (tag, content.digest.clone())).collect();
    index.set_tag_digests(repository, &digests, NOW).await.expect("set");
    index.save_content(repository, std::slice::from_ref(content), NOW).await.expect("saved");
}

fn listing(seek: Seek, limit: u32) -> StrikesListing {
    StrikesListing { now: NOW, seek, limit }
}

async fn count(index: &Index, check: Check) -> u64 {
    let counts = index.count_strikes(&visible(), &[1], CheckSet::ALL, 1_000).await.expect("counted");
    counts[&(1, check)].number
}

#[tokio::test]
async fn what_a_document_tells_is_counted_once_and_listed_where_it_is_held() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (api, web) = (repository(index, "team/api").await, repository(index, "team/web").await);
    let mut root = content("root", Kind::Image, NOW);
    root.findings = vec![finding(Check::RunsAsRoot, "no user is named"), finding(Check::HugeLayer, "2 GB")];
    push(index, api, &["1", "2"], &root).await;
    push(index, web, &["latest"], &root).await;
    assert_eq!((count(index, Check::RunsAsRoot).await, count(index, Check::Schema1).await), (1, 0));
    let first = index.strikes(&visible(), 1, Check::RunsAsRoot, &listing(Seek::First, 1)).await.expect("a page");
    let told = &first.rows[0];
    assert_eq!((told.repository.as_str(), told.tags.clone()), ("team/api", vec![tag("1"), tag("2")]));
    assert_eq!(told.manifest, Some((root.digest.clone(), Kind::Image)));
    assert_eq!(told.detail.as_deref(), Some("no user is named"));
    let next = Seek::After(first.next.clone().expect("more"));
    let second = index.strikes(&visible(), 1, Check::RunsAsRoot, &listing(next, 1)).await.expect("a page");
    assert_eq!((second.rows[0].repository.as_str(), second.next), ("team/web", None));
    let back = Seek::Before(second.previous.expect("less"));
    let back = index.strikes(&visible(), 1, Check::RunsAsRoot, &listing(back, 1)).await.expect("a page");
    assert_eq!(back.rows, first.rows);

    let restriction = Restriction::new([Permission::RepositoryView], None, Some("*/web".parse().expect("a pattern")));
    let narrow = Visible::to(&domain::Actor { via: Via::Token { id: 1, restriction }, ..ada() });
    let some = index.strikes(&narrow, 1, Check::HugeLayer, &listing(Seek::First, 9)).await.expect("a page");
    assert_eq!(some.rows.iter().map(|one| one.repository.as_str()).collect::<Vec<_>>(), ["team/web"]);
    let counts = index.count_strikes(&narrow, &[1], CheckSet::ALL, 9).await.expect("counted");
    assert_eq!((counts[&(1, Check::HugeLayer)].number, counts[&(1, Check::Schema1)].number), (1, 0));
    let stranger = Visible::to(&domain::Actor::anonymous("", "", ""));
    assert_eq!(index.strikes(&stranger, 1, Check::HugeLayer, &listing(Seek::First, 9)).await.expect("a page").rows, []);
}

#[tokio::test]
async fn counting_stops_at_its_bound_and_says_so() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let api = repository(index, "team/api").await;
    for n in 0..5 {
        let mut one = content(&format!("no {n}"), Kind::Image, NOW);
        one.findings = vec![finding(Check::NoCreated, "")];
        push(index, api, &["1"], &one).await;
    }
    let visible = visible();
    let count = |cap| index.count_strikes(&visible, &[1], CheckSet::of(&[Check::NoCreated]), cap);
    let (three, five) = (count(3).await.expect("counted"), count(5).await.expect("counted"));
    assert_eq!((three[&(1, Check::NoCreated)].number, three[&(1, Check::NoCreated)].exact), (3, false));
    assert_eq!((five[&(1, Check::NoCreated)].number, five[&(1, Check::NoCreated)].exact), (5, true));
}

#[tokio::test]
async fn a_repositorys_findings_follow_its_tags() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (api, live) = (repository(index, "team/api").await, repository(index, "live/web").await);
    let found = async |id| -> Vec<Check> {
        let found = index.recheck_repository(id, NOW).await.expect("rechecked");
        found.into_iter().map(|finding| finding.check).collect()
    };
    assert_eq!(found(api).await, [], "what was never listed is not called empty");
    index.save_tag_list(api, TagList { tags: &[], complete: true, doubt: None }, NOW).await.expect("listed");
    assert_eq!(found(api).await, [Check::EmptyRepository]);
    assert_eq!(count(index, Check::EmptyRepository).await, 1);
    push(index, api, &["latest"], &content("a", Kind::Image, NOW)).await;
    assert_eq!(found(api).await, [Check::LatestAlone]);
    let struck = index.strikes(&visible(), 1, Check::LatestAlone, &listing(Seek::First, 9)).await.expect("a page");
    assert_eq!((struck.rows.len(), struck.rows[0].tags.clone()), (1, vec![tag("latest")]));
    assert_eq!((count(index, Check::EmptyRepository).await, count(index, Check::LatestAlone).await), (0, 1));
    push(index, api, &["latest", "1"], &content("a", Kind::Image, NOW)).await;
    assert_eq!(found(api).await, []);
    push(index, live, &["latest", "1"], &content("b", Kind::Image, NOW)).await;
    assert_eq!(found(live).await, [Check::LatestInProduction]);
    let struck =
        index.strikes(&visible(), 1, Check::LatestInProduction, &listing(Seek::First, 9)).await.expect("a page");
    let manifest = Some((content("b", Kind::Image, NOW).digest, Kind::Image));
    assert_eq!((struck.rows[0].repository.as_str(), struck.rows[0].manifest.clone()), ("live/web", manifest));
    assert_eq!(struck.rows[0].tags, [tag("latest")]);
    index.forget_repository(1, &"live/web".parse().expect("a name")).await.expect("forgotten");
    assert_eq!(count(index, Check::LatestInProduction).await, 0);
}

fn years(n: i64) -> Timestamp {
    NOW.plus_seconds(-n * 365 * 86_400)
}

/// The tags at which a check strikes, read page by page, and the same way back.
async fn tags_struck(index: &Index, visible: &Visible, check: Check, limit: u32) -> Vec<String> {
    let page = async |seek| index.strikes(visible, 1, check, &listing(seek, limit)).await.expect("a page");
    let all = there_and_back(page).await;
    assert!(all.iter().all(|one| one.tags.len() == 1 && one.manifest.is_some()), "{all:?}");
    all.iter().map(|one| format!("{}:{}", one.repository, one.tags[0])).collect()
}

#[tokio::test]
async fn tags_on_old_images_are_counted_and_listed_unless_they_moved_since() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (api, web) = (repository(index, "team/api").await, repository(index, "team/web").await);
    push(index, api, &["1", "2"], &content("old", Kind::Image, years(4))).await;
    let later = [(tag("3"), content("older", Kind::Image, years(5)).digest)];
    index.set_tag_digests(api, &later, NOW).await.expect("set");
    index.save_content(api, &[content("older", Kind::Image, years(5))], NOW).await.expect("saved");
    let fixed = [(tag("4"), content("fixed", Kind::Image, Timestamp(0)).digest)];
    index.set_tag_digests(api, &fixed, NOW).await.expect("set");
    index.save_content(api, &[content("fixed", Kind::Image, Timestamp(0))], NOW).await.expect("saved");
    push(index, web, &["a", "b", "c"], &content("ancient", Kind::Image, years(9))).await;
    for id in [api, web] {
        index.recheck_repository(id, NOW).await.expect("rechecked");
    }
    assert_eq!(count(index, Check::OldTag).await, 5);
    let expected = ["team/api:1", "team/api:2", "team/web:a", "team/web:b", "team/web:c"];
    for limit in [1, 2, 3, 5, 9] {
        assert_eq!(tags_struck(index, &visible(), Check::OldTag, limit).await, expected, "{limit} a page");
    }
    let first = index.strikes(&visible(), 1, Check::OldTag, &listing(Seek::First, 1)).await.expect("a page");
    assert!(first.rows[0].detail.as_deref().is_some_and(|detail| detail.starts_with("built ")), "{first:?}");

    let restriction = Restriction::new([Permission::RepositoryView], None, Some("*/web".parse().expect("a pattern")));
    let narrow = Visible::to(&domain::Actor { via: Via::Token { id: 1, restriction }, ..ada() });
    assert_eq!(tags_struck(index, &narrow, Check::OldTag, 2).await, expected[2..]);
    let counts = index.count_strikes(&narrow, &[1], CheckSet::of(&[Check::OldTag]), 9).await.expect("counted");
    assert_eq!((counts[&(1, Check::OldTag)].number, counts[&(1, Check::OldTag)].exact), (3, true));
    let counts = index.count_strikes(&visible(), &[1], CheckSet::of(&[Check::OldTag]), 4).await.expect("counted");
    assert_eq!((counts[&(1, Check::OldTag)].number, counts[&(1, Check::OldTag)].exact), (4, false));
    // One that moves is old no more, even before its repository is looked at again.
    index.set_tag_digests(web, &[(tag("b"), content("old", Kind::Image, years(4)).digest)], NOW).await.expect("set");
    assert_eq!(tags_struck(index, &visible(), Check::OldTag, 2).await.join(" ").matches("web:b").count(), 0);
    index.recheck_repository(web, NOW).await.expect("rechecked");
    assert_eq!(count(index, Check::OldTag).await, 4);
}

#[tokio::test]
async fn a_page_of_tags_that_moved_since_is_given_up_and_goes_on() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let api = repository(index, "team/api").await;
    let names: Vec<String> = (0..6_000).map(|n| format!("t{n:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    push(index, api, &["before"], &content("young", Kind::Image, NOW)).await;
    // All of them come after the first list, so that they are known to have moved; only the last is kept as it was.
    let mut all = names.clone();
    all.push("z-old");
    push(index, api, &all, &content("old", Kind::Image, years(4))).await;
    crate::tests::meddle_index(&fresh.store, "UPDATE tags SET moved_at = NULL WHERE name = 'z-old'")
        .await
        .expect("set");
    index.recheck_repository(api, NOW).await.expect("rechecked");
    assert_eq!(count(index, Check::OldTag).await, 1);
    let first = index.strikes(&visible(), 1, Check::OldTag, &listing(Seek::First, 9)).await.expect("a page");
    assert!(first.cut && first.rows.is_empty() && first.next.is_some(), "{first:?}");
    assert_eq!(tags_struck(index, &visible(), Check::OldTag, 9).await, ["team/api:z-old"]);
}

#[tokio::test]
async fn only_what_the_registry_denied_is_called_gone() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let api = repository(index, "team/api").await;
    let (there, gone) = (content("there", Kind::Image, NOW), content("gone", Kind::Image, NOW));
    let mut listed = content("both", Kind::Index, NOW);
    let child =
        |digest: &Digest| ChildFact { digest: digest.clone(), size: 9, platform: None, role: ChildRole::Platform };
    listed.facts.children = vec![child(&there.digest), child(&gone.digest)];
    push(index, api, &["1"], &listed).await;
    let mut signature = content("signature", Kind::Signature, NOW);
    signature.summary.subject = Some(Digest::of(b"nobody"));
    signature.facts.subject = signature.summary.subject.clone();
    push(index, api, &["1", "signature"], &signature).await;
    push(index, api, &["1"], &listed).await;
    let mut unread = content("image", Kind::Image, NOW);
    unread.config = Some(Digest::of(b"config"));
    push(index, api, &["1", "image"], &unread).await;
    push(index, api, &["1"], &listed).await;

    let doubtful = index.doubtful(api, 10).await.expect("asked");
    let about = |of: &Content, expected| Doubtful { digest: of.digest.clone(), kind: of.summary.kind, expected };
    let wanted = [
        about(&listed, Expected::Child(there.digest.clone())),
        about(&listed, Expected::Child(gone.digest.clone())),
        about(&unread, Expected::Config(Digest::of(b"config"))),
        about(&signature, Expected::Subject(Digest::of(b"nobody"))),
    ];
    assert!(wanted.iter().all(|one| doubtful.contains(one)) && doubtful.len() == 4, "{doubtful:?}");
    assert_eq!((count(index, Check::MissingChildren).await, count(index, Check::Orphan).await), (0, 0));

    index.found_there(api, &there.digest).await.expect("noted");
    let presence = Presence { children_gone: 1, ..Presence::default() };
    index.set_presence(api, &listed.digest, &presence).await.expect("noted");
    let presence = Presence { subject_gone: true, ..Presence::default() };
    index.set_presence(api, &signature.digest, &presence).await.expect("noted");
    index
        .set_presence(api, &unread.digest, &Presence { config_gone: true, ..Presence::default() })
        .await
        .expect("noted");
    let struck = index.strikes(&visible(), 1, Check::MissingChildren, &listing(Seek::First, 9)).await.expect("a page");
    assert_eq!(struck.rows[0].detail.as_deref(), Some("1 of 2 children"));
    assert_eq!((count(index, Check::Orphan).await, count(index, Check::ConfigGone).await), (1, 1));
    assert_eq!(index.said_to_miss(api).await.expect("asked").len(), 3);
    let left = index.doubtful(api, 10).await.expect("asked");
    assert!(!left.contains(&about(&listed, Expected::Child(there.digest))), "it was found");

    index.set_presence(api, &signature.digest, &Presence::default()).await.expect("noted");
    assert_eq!((count(index, Check::Orphan).await, count(index, Check::MissingChildren).await), (0, 1));
}
