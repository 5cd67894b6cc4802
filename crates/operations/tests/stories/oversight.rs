//! Explaining, asking, the matrix, what was used, and reviews.

use crate::world::{NOW, World, add, as_person};
use domain::{Actor, Permission, RepositoryName, Restriction, Via, access::Subject};
use operations::{
    Kind,
    access_requests::{RequestAnswer, RequestForm},
    connections::ConnectionForm,
    explain::{Question, Weight},
    grants::GrantForm,
    matrix::MatrixQuery,
    reviews::{Decision, ReviewQuery},
};

const DAY: i64 = 86_400;

fn form(subject: &str, role: &str, repositories: &str) -> GrantForm {
    GrantForm { subject: subject.into(), role: role.into(), repositories: repositories.into(), ..GrantForm::default() }
}
fn question(who: &str, act: &str, place: &str) -> Question {
    Question { who: who.into(), act: act.into(), place: place.into() }
}
fn asking(act: &str, place: &str) -> RequestForm {
    RequestForm { act: act.into(), place: place.into(), because: "the release".into() }
}

/// Ada, who may do everything; Max, who looks after `team-a/**`; Eve, who reads `team-a/api`. One registry.
async fn world() -> (World, Actor, Actor, Actor) {
    let (world, ada) = World::with_ada().await;
    add(&world, "max").await;
    add(&world, "eve").await;
    let ada = as_person(&world, &ada.name).await;
    let registry =
        ConnectionForm { name: "production".into(), address: "http://127.0.0.1:9".into(), ..ConnectionForm::empty() };
    world.operations.add_registry(&ada, &registry).await.expect("added");
    world.operations.add_grant(&ada, &form("max", "maintainer", "team-a/**"), None).await.expect("granted");
    world.operations.add_grant(&ada, &form("eve", "reader", "team-a/api"), None).await.expect("granted");
    let (max, eve) = (as_person(&world, "max").await, as_person(&world, "eve").await);
    (world, ada, max, eve)
}

#[tokio::test]
async fn an_explanation_answers_yes_and_no_and_says_who_could_help() {
    let (world, _, max, eve) = world().await;
    let operations = &world.operations;
    let yes = operations.explain(&eve, &question("", "repository.pull", "production/team-a~api")).await.expect("told");
    assert!(yes.allowed && yes.oneself);
    assert_eq!(yes.weighed.iter().map(|one| one.weight).collect::<Vec<_>>(), [Weight::Gives]);
    let no =
        operations.explain(&eve, &question("", "repository.push", "production/team-a/api:v1")).await.expect("told");
    assert!(!no.allowed && no.holders.is_none(), "of others nothing is counted");
    assert_eq!(no.roles.first().map(|role| role.name.as_str()), Some("Writer"));
    let names: Vec<&str> = no.grantors.iter().map(|(_, name)| name.as_str()).collect();
    assert!(names.contains(&"ada") && names.contains(&"max"), "{names:?}");
    let others =
        operations.explain(&max, &question("eve", "repository.push", "production/team-a~api")).await.expect("told");
    assert!(!others.allowed && others.could_grant.is_some_and(|role| role.name == "Writer"));
    assert!(others.holders.is_some());
    let pulled = Restriction::new([Permission::RepositoryView], None, None);
    let token = Actor { via: Via::Token { id: 1, restriction: pulled }, ..eve };
    let stopped =
        operations.explain(&token, &question("", "repository.pull", "production/team-a~api")).await.expect("told");
    assert!(!stopped.allowed && stopped.stopped_by_token);
}

#[tokio::test]
async fn what_one_may_not_see_answers_as_what_is_not_there() {
    let (world, _, max, eve) = world().await;
    let ask = async |actor: &Actor, who: &str, place: &str| {
        let stopped = world.operations.explain(actor, &question(who, "repository.pull", place)).await;
        let error = stopped.expect_err("absent");
        (error.kind, error.message.replace(place, "…"))
    };
    let hidden = ask(&eve, "", "production/team-b~secret").await;
    assert_eq!(hidden.0, Kind::NotFound);
    assert_eq!(hidden, ask(&eve, "", "nowhere/team-b~secret").await, "a registry that is not there");
    assert_eq!(hidden, ask(&eve, "max", "production/team-a~api").await, "about others it takes a right");
    assert_eq!(hidden, ask(&eve, "nobody", "production/team-a~api").await, "whether they are there or not");
    assert_eq!(hidden, ask(&max, "eve", "production/team-b~x").await, "where one may look, and nowhere else");
}

#[tokio::test]
async fn a_request_is_seen_by_those_who_could_grant_it_and_answered_once() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let id = operations.request_access(&eve, &asking("repository.push", "production/team-a~api")).await.expect("asked");
    let again = operations.request_access(&eve, &asking("repository.push", "production/team-a~api")).await;
    assert_eq!(again.expect_err("once is enough").kind, Kind::Conflict);
    let has = operations.request_access(&eve, &asking("repository.pull", "production/team-a~api")).await;
    assert_eq!(has.expect_err("she may already").kind, Kind::Invalid);
    let far = operations.request_access(&eve, &asking("repository.push", "production/team-b~x")).await.expect("asked");
    let ids = async |actor: &Actor| {
        operations.requests(actor).await.expect("listed").into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!((ids(&ada).await, ids(&max).await, ids(&eve).await), (vec![id, far], vec![id], vec![]));

    assert_eq!(operations.decline_request(&eve, id, "no").await.expect_err("refused").kind, Kind::NotFound);
    assert_eq!(operations.decline_request(&max, far, "no").await.expect_err("refused").kind, Kind::NotFound);
    let early = operations.answer_request(&max, id).await.expect_err("nothing was granted");
    assert_eq!(early.kind, Kind::Conflict);
    operations.add_grant(&max, &form("eve", "writer", "team-a/api"), None).await.expect("granted");
    operations.decline_request(&ada, far, "Ask team b.").await.expect("declined");
    assert_eq!(operations.decline_request(&ada, far, "Twice.").await.expect_err("answered").kind, Kind::Conflict);
    let own = operations.own_requests(&eve).await.expect("listed");
    let answers: Vec<_> =
        own.into_iter().filter_map(|row| row.answered.map(|one| (one.answer, one.by, one.reason))).collect();
    assert_eq!(
        answers,
        [
            (RequestAnswer::Declined, "ada".to_owned(), "Ask team b.".to_owned()),
            (RequestAnswer::Granted, "max".to_owned(), String::new()),
        ]
    );
    let acts: Vec<String> =
        world.log(&ada).await.into_iter().map(|(act, _, outcome)| format!("{act} {outcome}")).collect();
    for expected in ["access.request done", "access.request failed", "access.grant done", "access.decline done"] {
        assert!(acts.iter().any(|act| act == expected), "{expected} in {acts:?}");
    }
}

#[tokio::test]
async fn nobody_asks_too_often() {
    let (world, _, _, eve) = world().await;
    for n in 0..10 {
        let form = asking("repository.push", &format!("production/team-b~r{n}"));
        world.operations.request_access(&eve, &form).await.expect("asked");
    }
    let form = asking("repository.push", "production/team-b~more");
    let stopped = world.operations.request_access(&eve, &form).await.expect_err("too many");
    assert_eq!((stopped.kind, stopped.retry_after), (Kind::TooMany, Some(3_600)));
}

#[tokio::test]
async fn the_matrix_shows_what_the_viewer_may_look_at() {
    let (world, ada, max, eve) = world().await;
    let all = world.operations.matrix(&ada, &MatrixQuery::default()).await.expect("the table");
    let places: Vec<&str> = all.columns.iter().map(|column| column.text.as_str()).collect();
    assert_eq!(places, ["everything", "*/team-a/*", "*/team-a/api"]);
    assert_eq!(all.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>()[..3], ["ada", "eve", "max"]);
    let typed = MatrixQuery { patterns: "production/team-a/api, production/team-b/x".into(), ..MatrixQuery::default() };
    let own = world.operations.matrix(&max, &typed).await.expect("his table");
    assert_eq!(own.columns.iter().map(|column| column.text.as_str()).collect::<Vec<_>>(), ["production/team-a/api"]);
    assert_eq!(own.left_out, ["production/team-b/x"]);
    let eves = own.rows.iter().find(|row| row.name == "eve").and_then(|row| row.cells[0].clone()).expect("a cell");
    assert!(eves.all.contains(Permission::RepositoryPull) && !eves.some.contains(Permission::RepositoryPush));
    let ada_there = own.rows.iter().find(|row| row.name == "ada").and_then(|row| row.cells[0].clone()).expect("a cell");
    assert_eq!(ada_there.by[0].grant, None, "a grant for everything is not his to know");
    let refused = world.operations.matrix(&eve, &MatrixQuery::default()).await.expect_err("refused");
    assert_eq!(refused.kind, Kind::Forbidden);
    let mut lines = Vec::new();
    let write = world.operations.whole_matrix(&max, &typed).await.expect("the table");
    write(&mut |more| {
        lines.extend(more);
        true
    });
    assert_eq!(lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["ada", "eve", "max"]);
}

#[tokio::test]
async fn what_was_used_is_kept_by_day_and_reviews_judge_by_it() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let api: RepositoryName = "team-a/api".parse().expect("a name");
    let pull = |subject| operations.note_use(subject, 1, &api, Permission::RepositoryPull, "192.0.2.9");
    pull(Subject::Person(max.id));
    pull(Subject::Person(max.id));
    operations.write_uses().await.expect("written");
    pull(Subject::Person(max.id));
    operations.write_uses().await.expect("written");
    let kept = operations.store().access_use().of_subject(Subject::Person(max.id), 10).await.expect("read");
    assert_eq!(kept.iter().map(|one| (one.count, one.last_address.as_str())).collect::<Vec<_>>(), [(3, "192.0.2.9")]);

    world.clock.advance(40 * DAY);
    let found = operations.review(&ada, &ReviewQuery::default()).await.expect("a review");
    let why = |name: &str| {
        let rows = found.rows.iter().filter(|row| row.grant.subject_name == name);
        rows.flat_map(|row| row.reasons.iter().map(|(word, _)| *word)).collect::<Vec<_>>()
    };
    assert_eq!((why("max"), why("eve")), (vec!["broad", "broad"], vec!["unused"]));
    let only = ReviewQuery { why: "unused".into(), ..ReviewQuery::default() };
    let unused = operations.review(&max, &only).await.expect("a review");
    let eves = unused.rows.iter().find(|row| row.grant.subject_name == "eve").expect("hers").grant.id;
    let maxs = operations.review(&ada, &ReviewQuery::default()).await.expect("a review");
    let maxs = maxs.rows.iter().find(|row| row.grant.subject_name == "max").expect("his").grant.id;

    let refused = operations.decide_grants(&eve, &[maxs], Decision::Revoke, "").await.expect_err("refused");
    assert_eq!(refused.kind, Kind::Forbidden);
    let none = operations.decide_grants(&ada, &[], Decision::Confirm, "").await.expect_err("nothing chosen");
    assert_eq!(none.kind, Kind::Invalid);
    let done = operations.decide_grants(&max, &[eves, 999], Decision::Revoke, "left").await.expect("decided");
    assert_eq!((done.done, done.refused.len()), (vec![eves], 1));
    let done = operations.decide_grants(&ada, &[maxs], Decision::Confirm, "still his").await.expect("decided");
    assert_eq!(done.done, [maxs]);
    let grant = operations.grant(&ada, maxs).await.expect("there");
    assert_eq!(grant.reviewed, Some(NOW.plus_seconds(40 * DAY)));
    let past = operations.past_reviews(&ada, "", "").await.expect("the report").rows;
    let told: Vec<_> = past.iter().map(|one| (one.decision.as_str(), one.by.as_str(), one.note.as_str())).collect();
    assert_eq!(told, [("confirmed", "ada", "still his"), ("revoked", "max", "left")]);
    assert_eq!(past[1].what, "Reader for eve on */team-a/api");
    let acts: Vec<String> =
        world.log(&ada).await.into_iter().map(|(act, _, outcome)| format!("{act} {outcome}")).collect();
    assert!(
        acts.contains(&"grant.confirm done".to_owned()) && acts.contains(&"grant.revoke done".to_owned()),
        "{acts:?}"
    );

    world.clock.advance(400 * DAY);
    assert_eq!(operations.forget_old_uses().await.expect("forgotten"), 1);
}
