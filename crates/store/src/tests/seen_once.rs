//! Records of what was seen once: moves of tags, samples of storage, and which checks are off.

use super::{Fresh, NOW, ada, fresh, make};
use crate::{Moved, Sample, Scope, Since, SwitchCheck, TagMove};
use domain::{
    Digest, Id, RepositoryName, Tag, Visible,
    health::{Check, CheckSet},
};

fn visible() -> Visible {
    Visible::to(&ada())
}

fn stranger() -> Visible {
    Visible::to(&domain::Actor::anonymous("", "", ""))
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn name() -> RepositoryName {
    "team/api".parse().expect("a name")
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn moved(tag: &str, from: Option<&str>, to: Option<&str>) -> TagMove {
    TagMove { tag: self::tag(tag), from: from.map(digest), to: to.map(digest) }
}

async fn registry(fresh: &Fresh) -> Id {
    let added = crate::AddRegistry {
        name: "production".parse().expect("a name"),
        description: String::new(),
        connection: domain::Connection::new("https://registry.example.com".parse().expect("an address")),
        secrets: crate::SecretsEdit::default(),
    };
    make(&fresh.store, "registry.add", added).await.expect("added")
}

#[tokio::test]
async fn a_move_is_on_record_once_however_often_it_is_told() {
    let fresh = fresh().await;
    let (id, moves) = (registry(&fresh).await, fresh.store.tag_moves());
    let first = [moved("1", None, Some("a")), moved("latest", Some("a"), Some("b"))];
    assert_eq!(moves.append(id, &name(), &first, NOW).await.expect("kept"), 2);
    assert_eq!(moves.append(id, &name(), &first, NOW.plus_seconds(9)).await.expect("kept"), 0);
    let on = [moved("latest", Some("b"), Some("a")), moved("1", Some("a"), None)];
    assert_eq!(moves.append(id, &name(), &on, NOW.plus_seconds(60)).await.expect("kept"), 2);
    assert_eq!(moves.append(id, &name(), &on[1..], NOW.plus_seconds(70)).await.expect("kept"), 0, "it left once");
    let back = [moved("1", None, Some("a"))];
    assert_eq!(moves.append(id, &name(), &back, NOW.plus_seconds(80)).await.expect("kept"), 1, "and may come back");
    assert_eq!(moves.append(id, &name(), &[], NOW).await.expect("kept"), 0);

    let of_tag = moves.of_tag(&visible(), id, &name(), &tag("latest"), Since::Newest, 9).await.expect("listed");
    let told: Vec<(&Moved, _)> = of_tag.rows.iter().map(|one| (one, one.at)).collect();
    assert_eq!(told.iter().map(|(_, at)| *at).collect::<Vec<_>>(), [NOW.plus_seconds(60), NOW]);
    assert_eq!(told[0].0.movement, on[0]);
    assert_eq!((of_tag.next, of_tag.previous), (None, None));
    let named = moves.named(id, &[digest("a"), digest("b"), digest("c")]).await.expect("asked");
    assert_eq!(named, [digest("a"), digest("b")]);
    assert_eq!(moves.named(id + 1, &[digest("a")]).await.expect("asked"), []);
}

#[tokio::test]
async fn a_history_is_paged_both_ways_and_only_for_those_who_may_see_the_repository() {
    let fresh = fresh().await;
    let (id, moves) = (registry(&fresh).await, fresh.store.tag_moves());
    for n in 0..7 {
        let one = [moved(&format!("{}", n % 2), None, Some(&format!("digest {n}")))];
        moves.append(id, &name(), &one, NOW.plus_seconds(n)).await.expect("kept");
    }
    let page = async |since| moves.of_repository(&visible(), id, &name(), since, 3).await.expect("listed");
    let seconds = |rows: &[Moved]| rows.iter().map(|row| row.at.seconds() - NOW.seconds()).collect::<Vec<_>>();
    let number = |place: Option<String>| place.expect("a place").parse::<Id>().expect("a number");
    let first = page(Since::Newest).await;
    assert_eq!((seconds(&first.rows), first.previous), (vec![6, 5, 4], None));
    let second = page(Since::Before(number(first.next))).await;
    let third = page(Since::Before(number(second.next))).await;
    assert_eq!((seconds(&second.rows), seconds(&third.rows), third.next), (vec![3, 2, 1], vec![0], None));
    let back = page(Since::After(number(third.previous))).await;
    assert_eq!(seconds(&back.rows), [3, 2, 1]);
    let front = page(Since::After(number(back.previous))).await;
    assert_eq!((seconds(&front.rows), front.previous), (vec![6, 5, 4], None));
    let odd = moves.of_tag(&visible(), id, &name(), &tag("1"), Since::Newest, 9).await.expect("listed");
    assert_eq!(seconds(&odd.rows), [5, 3, 1]);
    assert_eq!(moves.of_repository(&stranger(), id, &name(), Since::Newest, 9).await.expect("listed").rows, []);
}

#[tokio::test]
async fn the_last_sample_of_a_day_counts_and_a_series_is_in_order() {
    let fresh = fresh().await;
    let (id, samples) = (registry(&fresh).await, fresh.store.storage_samples());
    let today = Sample::day_of(NOW);
    let sample = |day, bytes| Sample { day, bytes, exclusive: bytes / 2, repositories: 3, tags: 9, read: 8 };
    let api = || Scope::Repository("team/api".to_owned());
    for (scope, one) in [
        (Scope::Registry, sample(today, 10)),
        (Scope::Registry, sample(today - 30, 4)),
        (Scope::Registry, sample(today, 12)),
        (Scope::Namespace("team".to_owned()), sample(today - 1, 5)),
        (api(), sample(today - 2, 3)),
        (api(), sample(today - 1, 4)),
    ] {
        samples.save(id, &[(scope, one)]).await.expect("kept");
    }
    let series = samples.series(&visible(), id, &Scope::Registry, today - 90, today).await.expect("read");
    assert_eq!(series, [sample(today - 30, 4), sample(today, 12)]);
    assert_eq!(series[1].at().seconds() / 86_400, today);
    assert_eq!(samples.series(&visible(), id, &Scope::Registry, today - 1, today).await.expect("read").len(), 1);
    assert_eq!(samples.series(&visible(), id, &api(), 0, today).await.expect("read").len(), 2);
    assert_eq!(samples.series(&stranger(), id, &api(), 0, today).await.expect("read"), []);
    assert_eq!(samples.series(&stranger(), id, &Scope::Registry, 0, today).await.expect("read"), []);
    assert_eq!(samples.of_registries(&visible(), 0, today).await.expect("read").len(), 2);
    assert_eq!(samples.of_registries(&stranger(), 0, today).await.expect("read"), []);
    let mut latest = samples.latest_before(id, today).await.expect("read");
    latest.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [
        (Scope::Registry, sample(today - 30, 4)),
        (Scope::Namespace("team".to_owned()), sample(today - 1, 5)),
        (api(), sample(today - 1, 4)),
    ];
    assert_eq!(latest, expected);
    assert!(latest[2].1.is_like(&sample(today, 4)) && !latest[2].1.is_like(&sample(today, 5)));
    assert_eq!(samples.last_day(id).await.expect("read"), Some(today));
    assert_eq!(samples.last_day(id + 1).await.expect("read"), None);
}

#[tokio::test]
async fn a_check_is_off_in_one_registry_or_in_all_and_the_log_says_who_did_it() {
    let fresh = fresh().await;
    let (id, off) = (registry(&fresh).await, fresh.store.checks_off());
    let switch = async |registry, check, on| {
        make(&fresh.store, "check.switch", SwitchCheck { registry, check, on }).await.expect("switched");
    };
    assert!(off.in_registry(id).await.expect("read").is_empty(), "all are on at first");
    switch(Some(id), Check::UnknownBase, false).await;
    switch(Some(id), Check::UnknownBase, false).await;
    switch(None, Check::OldTag, false).await;
    assert_eq!(off.in_registry(id).await.expect("read"), CheckSet::of(&[Check::UnknownBase, Check::OldTag]));
    assert_eq!(off.in_registry(id + 1).await.expect("read"), CheckSet::of(&[Check::OldTag]));
    assert_eq!(off.everywhere().await.expect("read"), CheckSet::of(&[Check::OldTag]));
    assert_eq!(off.all().await.expect("read").len(), 2);
    switch(Some(id), Check::UnknownBase, true).await;
    assert_eq!(off.in_registry(id).await.expect("read"), CheckSet::of(&[Check::OldTag]));
    let permit = super::readable();
    let filter = crate::AuditFilter { act: Some("check.".to_owned()), ..crate::AuditFilter::default() };
    assert_eq!(fresh.store.audit().entries(&permit, &filter, None, 9).await.expect("read").entries.len(), 4);
}
