//! Registries that go and come back by name, who learns of whom, and several grants decided at once.

use crate::world::{NOW, World, add, as_person, line};
use domain::{Actor, Permission, access::Subject};
use operations::{
    Kind,
    access_requests::{RequestAnswer, RequestForm},
    connections::ConnectionForm,
    explain::{Question, Weight},
    grants::{GrantForm, GrantQuery, GrantRow},
    matrix::MatrixQuery,
    reviews::Decision,
};

/// Ada, who may do everything; Max and Eve, who hold nothing; the registry `lab`.
async fn world() -> (World, Actor) {
    let (world, ada) = World::with_ada().await;
    add(&world, "max").await;
    add(&world, "eve").await;
    let ada = as_person(&world, &ada.name).await;
    connect(&world, &ada, "lab").await;
    (world, ada)
}

async fn connect(world: &World, ada: &Actor, name: &str) {
    let form = ConnectionForm { name: name.into(), address: "http://127.0.0.1:9".into(), ..ConnectionForm::empty() };
    world.operations.add_registry(ada, &form).await.expect("added");
}

fn form(subject: &str, role: &str, registry: &str, repositories: &str) -> GrantForm {
    GrantForm {
        subject: subject.into(),
        role: role.into(),
        registry: registry.into(),
        repositories: repositories.into(),
        ..GrantForm::default()
    }
}

async fn give(world: &World, by: &Actor, form: &GrantForm) -> GrantRow {
    world.operations.add_grant(by, form, None).await.expect("granted")
}

fn asking(act: &str, place: &str) -> RequestForm {
    RequestForm { act: act.into(), place: place.into(), because: "the release".into() }
}

#[tokio::test]
async fn a_registry_takes_its_grants_and_requests_along() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    connect(&world, &ada, "other").await;
    let gone = give(&world, &ada, &form("max", "reader", "lab", "")).await;
    let narrow = give(&world, &ada, &form("eve", "viewer", "lab", "team-a/**")).await;
    let other = give(&world, &ada, &form("eve", "viewer", "other", "")).await;
    let eve = as_person(&world, "eve").await;
    operations.request_access(&eve, &asking("repository.push", "lab/team-a~api")).await.expect("asked");
    operations.request_access(&eve, &asking("repository.push", "other/team-a~api")).await.expect("asked");
    let before = operations.store().generations().read("access").await.expect("read");

    let refused = operations.remove_registry(&eve, "lab", "lab").await.expect_err("refused");
    assert_eq!(refused.kind, Kind::Forbidden);
    operations.grant(&ada, gone.id).await.expect("nothing went");
    operations.remove_registry(&ada, "lab", "lab").await.expect("removed");

    for id in [gone.id, narrow.id] {
        assert_eq!(operations.grant(&ada, id).await.expect_err("gone").kind, Kind::NotFound);
    }
    operations.grant(&ada, other.id).await.expect("what is elsewhere stays");
    assert_eq!(operations.store().generations().read("access").await.expect("read"), before + 1);
    let own = operations.own_requests(&eve).await.expect("listed");
    let answers: Vec<_> = own
        .iter()
        .map(|row| row.answered.as_ref().map(|one| (one.answer, one.by.as_str(), one.reason.as_str())))
        .collect();
    assert_eq!(answers, [None, Some((RequestAnswer::Declined, "ada", "The registry was removed."))]);
    let log = world.whole_log(&ada).await;
    assert!(log.contains("grants revoked") && log.contains("requests declined"), "{log}");

    connect(&world, &ada, "lab").await;
    let max = as_person(&world, "max").await;
    assert!(!domain::permission::may(&max, Permission::RepositoryPull, &domain::Place::Registry(3)));
}

#[tokio::test]
async fn an_edit_that_leaves_the_registry_keeps_it_whatever_its_name_is_by_now() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    let row = give(&world, &ada, &form("max", "reader", "lab", "team-a/**")).await;
    let page = operations.connection(&ada, "lab").await.expect("there").form;
    operations.edit_registry(&ada, &ConnectionForm { name: "old-lab".into(), ..page }).await.expect("renamed");
    connect(&world, &ada, "lab").await;

    let same = row.same_registry().expect("it is in one");
    let until = GrantForm { until: "2027-01-01".into(), ..form("", "reader", &same, "team-a/**") };
    let edited = operations.edit_grant(&ada, row.id, &until, None).await.expect("changed");
    assert_eq!((edited.scope.registry(), edited.registry.as_deref()), (Some(1), Some("old-lab")));
    let named = GrantForm { because: "still".into(), ..form("", "reader", "old-lab", "team-a/**") };
    let edited = operations.edit_grant(&ada, row.id, &named, None).await.expect("changed");
    assert_eq!(edited.scope.registry(), Some(1));

    let moved = operations.edit_grant(&ada, row.id, &form("", "reader", "lab", "team-a/**"), None).await;
    assert_eq!(moved.expect("a move by name is one").scope.registry(), Some(2));
    let number = operations.edit_grant(&ada, row.id, &form("", "reader", "#1", "team-a/**"), None).await;
    assert_eq!(number.expect_err("only its own goes by number").fields[0].field, "registry");
    let number = operations.add_grant(&ada, &form("eve", "reader", "#1", ""), None).await.expect_err("nor a new one");
    assert_eq!(number.fields[0].field, "registry");
}

#[tokio::test]
async fn a_name_finds_the_registry_that_has_it_now() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    operations.remove_registry(&ada, "lab", "lab").await.expect("removed");
    for _ in 0..4 {
        connect(&world, &ada, "lab").await;
        operations.remove_registry(&ada, "lab", "lab").await.expect("removed");
    }
    connect(&world, &ada, "lab").await;
    let row = give(&world, &ada, &form("max", "reader", "lab", "")).await;
    assert_eq!((row.scope.registry(), row.registry.as_deref()), (Some(6), Some("lab")));
    let of = |registry: &str| GrantQuery { registry: registry.into(), ..GrantQuery::default() };
    let found = operations.grants(&ada, &of("lab")).await.expect("listed");
    assert!(found.rows.iter().any(|one| one.id == row.id), "{found:?}");
    assert_eq!(operations.grants(&ada, &of("lab, removed")).await.expect("listed").total, 0);
    let typed = MatrixQuery { patterns: "lab/team-a/api lab".into(), ..MatrixQuery::default() };
    let columns = operations.matrix(&ada, &typed).await.expect("a table").columns;
    assert!(columns.iter().all(|column| column.scope.registry() == Some(6)), "{columns:?}");
}

#[tokio::test]
async fn who_can_grant_nothing_does_not_learn_who_is_there() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    let eve = as_person(&world, "eve").await;
    let mut answers = Vec::new();
    for name in ["max", "nobody-here", "team none", "person-99", ""] {
        let form = form(name, "reader", "", "team-a/**");
        answers.push(operations.add_grant(&eve, &form, None).await.expect_err("refused"));
        answers.push(operations.preview_grant(&eve, None, &form).await.expect_err("refused"));
    }
    for answer in &answers {
        assert_eq!((answer.kind, &answer.message), (Kind::Forbidden, &answers[0].message), "{answer:?}");
    }
    assert_eq!(world.log(&ada).await[0], line("grant.create", "eve", "refused"));
    assert!(world.whole_log(&ada).await.contains("grant of reader for nobody-here"), "it says what was tried");

    give(&world, &ada, &form("max", "maintainer", "", "team-b/**")).await;
    let max = as_person(&world, "max").await;
    let outside = operations.add_grant(&max, &form("nobody-here", "reader", "", "team-a/x"), None).await;
    assert_eq!(outside.expect_err("refused").kind, Kind::Forbidden, "where he may not grant he learns nothing");
    let inside = operations.add_grant(&max, &form("nobody-here", "reader", "", "team-b/x"), None).await;
    assert_eq!(inside.expect_err("told").fields[0].field, "subject");
}

#[tokio::test]
async fn an_explanation_about_others_is_silent_on_other_places() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    give(&world, &ada, &form("max", "maintainer", "lab", "team-a/**")).await;
    for n in 0..25 {
        give(&world, &ada, &form("eve", "writer", "lab", &format!("secret/r{n}"))).await;
    }
    give(&world, &ada, &form("eve", "writer", "lab", "team-a/web")).await;
    let (max, eve) = (as_person(&world, "max").await, as_person(&world, "eve").await);
    let question =
        |who: &str| Question { who: who.into(), act: "repository.push".into(), place: "lab/team-a~api".into() };
    let elsewhere = async |actor: &Actor, who: &str| {
        let answer = operations.explain(actor, &question(who)).await.expect("told");
        let there = answer.weighed.into_iter().filter(|one| one.weight == Weight::Elsewhere);
        there.map(|one| one.place).collect::<Vec<_>>()
    };
    assert_eq!(
        elsewhere(&max, "eve").await,
        ["lab/team-a/web"],
        "only where he may look, however many others there are"
    );
    assert_eq!(elsewhere(&ada, "eve").await.len(), 20);
    // Of herself she is told, where she may ask at all.
    give(&world, &ada, &form("eve", "viewer", "lab", "team-a/api")).await;
    let eve =
        world.operations.with_rights(Actor { rights: domain::access::Rights::default(), ..eve }).await.expect("rights");
    assert_eq!(elsewhere(&eve, "").await.len(), 20);
}

#[tokio::test]
async fn several_grants_go_together_or_not_at_all() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(give(&world, &ada, &form("eve", "reader", "lab", &format!("r{n}"))).await.id);
    }
    let generation = async || operations.store().generations().read("access").await.expect("read");
    let before = generation().await;
    let done = operations.decide_grants(&ada, &ids, Decision::Confirm, "").await.expect("decided");
    assert_eq!((done.done.len(), generation().await), (5, before + 1), "one change, read again once");

    let query = GrantQuery { role: "administrator".into(), ..GrantQuery::default() };
    let own = operations.grants(&ada, &query).await.expect("grants").rows[0].id;
    let last = operations.decide_grants(&ada, &[ids[0], own], Decision::Revoke, "").await.expect_err("the last one");
    assert_eq!(last.kind, Kind::Conflict);
    operations.grant(&ada, ids[0]).await.expect("it stays with the other");
    assert_eq!(
        world.log(&ada).await[..2],
        [line("grant.revoke", "ada", "failed"), line("grant.revoke", "ada", "failed")]
    );

    let chosen = operations.chosen_grants(&ada, &[ids[0], ids[1], ids[0], 999]).await.expect("looked at");
    assert_eq!(chosen.iter().map(|row| row.id).collect::<Vec<_>>(), ids[..2]);
    let before = generation().await;
    let twice = [&ids[..], &ids[..1], &[999]].concat();
    let done = operations.decide_grants(&ada, &twice, Decision::Revoke, "left").await.expect("decided");
    assert_eq!((done.done, done.refused.len(), generation().await), (ids.clone(), 1, before + 1));
    let log = world.log(&ada).await;
    assert_eq!(log.iter().filter(|one| **one == line("grant.revoke", "ada", "done")).count(), 5, "an entry each");
    let again = operations.decide_grants(&ada, &ids, Decision::Revoke, "").await.expect("looked at");
    assert_eq!((again.done.len(), again.refused.len()), (0, 5));
}

#[tokio::test]
async fn past_reviews_are_told_where_they_were_and_found_below_many_others() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    give(&world, &ada, &form("max", "maintainer", "lab", "team-a/**")).await;
    let here = give(&world, &ada, &form("eve", "reader", "lab", "team-a/api")).await.id;
    operations.decide_grants(&ada, &[here], Decision::Revoke, "left").await.expect("decided");
    let far = give(&world, &ada, &form("eve", "reader", "lab", "team-b/api")).await.id;
    for _ in 0..6 {
        for _ in 0..100 {
            operations.decide_grants(&ada, &[far], Decision::Confirm, "").await.expect("decided");
        }
    }
    let max = as_person(&world, "max").await;
    let own = operations.past_reviews(&max, "", "").await.expect("the report");
    assert_eq!(own.rows.iter().map(|one| one.grant).collect::<Vec<_>>(), [here], "it is gone, and was his to see");
    assert!(!own.is_cut);
    let all = operations.past_reviews(&ada, "", "").await.expect("the report");
    assert_eq!((all.rows.len(), all.is_cut, all.rows[0].at), (500, true, NOW));
}

#[tokio::test]
async fn what_a_grant_or_a_wider_one_fulfils_is_answered_with_it() {
    let (world, ada) = world().await;
    let operations = &world.operations;
    let narrow = give(&world, &ada, &form("eve", "reader", "lab", "team-a/**")).await;
    let eve = as_person(&world, "eve").await;
    let answers = async || {
        let own = operations.own_requests(&eve).await.expect("listed");
        own.into_iter().map(|row| row.answered.map(|one| (one.answer, one.by))).collect::<Vec<_>>()
    };
    let granted = Some((RequestAnswer::Granted, "ada".to_owned()));
    operations.request_access(&eve, &asking("repository.push", "lab/team-a~api")).await.expect("asked");
    let wider = form("", "writer", "lab", "team-a/**");
    operations.edit_grant(&ada, narrow.id, &wider, None).await.expect("changed");
    assert_eq!(answers().await, std::slice::from_ref(&granted));
    operations.request_access(&eve, &asking("tag.delete", "lab/team-b~api")).await.expect("asked");
    give(&world, &ada, &form("eve", "writer", "lab", "team-c/**")).await;
    assert_eq!(answers().await[0], None, "another grant leaves it open");
    give(&world, &ada, &form(&Subject::Person(eve.id).to_string(), "maintainer", "lab", "team-b/**")).await;
    assert_eq!(answers().await, [granted.clone(), granted]);
}
