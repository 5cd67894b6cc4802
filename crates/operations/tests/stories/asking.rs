//! A request is granted in one step: by those who could, once, with what was asked for or what does it.

use crate::world::{World, add, as_person, line};
use domain::{Actor, Id, Permission, Restriction, Via};
use operations::{
    Kind,
    access_requests::{RequestAnswer, RequestForm, RequestGrant},
    connections::ConnectionForm,
    grants::GrantForm,
    roles::RoleForm,
};

fn form(subject: &str, role: &str, repositories: &str) -> GrantForm {
    GrantForm { subject: subject.into(), role: role.into(), repositories: repositories.into(), ..GrantForm::default() }
}

/// As it was asked for.
fn so() -> RequestGrant {
    RequestGrant::default()
}

/// Ada, who may do everything; Max, who looks after `team-a/**`; Eve, who has nothing but her reader's grant.
async fn world() -> (World, Actor, Actor, Actor) {
    let (world, ada) = World::with_ada().await;
    add(&world, "max").await;
    add(&world, "eve").await;
    let registry =
        ConnectionForm { name: "production".into(), address: "http://127.0.0.1:9".into(), ..ConnectionForm::empty() };
    world.operations.add_registry(&ada, &registry).await.expect("added");
    world.operations.add_grant(&ada, &form("max", "maintainer", "team-a/**"), None).await.expect("granted");
    world.operations.add_grant(&ada, &form("eve", "reader", "team-a/api"), None).await.expect("granted");
    let ada = as_person(&world, "ada").await;
    let (max, eve) = (as_person(&world, "max").await, as_person(&world, "eve").await);
    (world, ada, max, eve)
}

async fn asked(world: &World, eve: &Actor, act: &str, place: &str) -> Id {
    let form = RequestForm { act: act.into(), place: place.into(), because: "the release\nof Monday".into() };
    world.operations.request_access(eve, &form).await.expect("asked")
}

const PUSH: (&str, &str) = ("repository.push", "production/team-a~api");

#[tokio::test]
async fn a_request_is_granted_by_the_smallest_role_where_it_was_asked_for() {
    let (world, ada, max, eve) = world().await;
    let id = asked(&world, &eve, PUSH.0, PUSH.1).await;
    let grant = world.operations.grant_request(&max, id, &so()).await.expect("granted");
    assert_eq!((grant.role_name.as_str(), grant.registry.as_deref()), ("Writer", Some("production")));
    assert_eq!(grant.scope.repositories().map(ToString::to_string).as_deref(), Some("team-a/api"));
    assert_eq!((grant.because.as_str(), grant.by.as_str()), ("the release of Monday", "max"));
    let own = world.operations.own_requests(&eve).await.expect("listed");
    let answer = own[0].answered.clone().expect("answered by the grant itself");
    assert_eq!((answer.answer, answer.by.as_str()), (RequestAnswer::Granted, "max"));
    let log = world.log(&ada).await;
    for act in ["grant.create", "access.grant"] {
        assert!(log.contains(&line(act, "max", "done")), "{act} in {log:?}");
    }
    let again = world.operations.grant_request(&max, id, &so()).await.expect_err("once");
    assert_eq!(again.kind, Kind::Conflict);
}

#[tokio::test]
async fn what_was_named_counts_if_it_gives_what_is_asked_for() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let id = asked(&world, &eve, PUSH.0, PUSH.1).await;
    let of = |error: operations::Error| error.fields.into_iter().map(|wrong| wrong.field).collect::<Vec<_>>();
    let named = |role: &str| RequestGrant { role: role.into(), ..so() };
    let less = operations.grant_request(&max, id, &named("reader")).await.expect_err("it gives no push");
    assert_eq!((less.kind, of(less)), (Kind::Invalid, vec!["role".to_owned()]));
    let unknown = operations.grant_request(&max, id, &named("custom-99")).await.expect_err("there is none");
    assert_eq!(of(unknown), ["role"]);
    let past = RequestGrant { until: "2001-01-01".into(), ..so() };
    assert_eq!(of(operations.grant_request(&max, id, &past).await.expect_err("it is over")), ["until"]);
    let more = operations.grant_request(&max, id, &named("administrator")).await.expect_err("more than he has");
    assert_eq!(more.kind, Kind::Forbidden);
    assert!(operations.request(&max, id).await.expect("still there").answered.is_none());

    let chosen = RequestGrant { role: "maintainer".into(), until: "2027-01-31".into(), because: "she leads it".into() };
    let grant = operations.grant_request(&max, id, &chosen).await.expect("granted");
    assert_eq!((grant.role_name.as_str(), grant.because.as_str()), ("Maintainer", "she leads it"));
    assert!(grant.until.is_some());
    assert!(world.log(&ada).await.contains(&line("grant.create", "max", "refused")));
}

#[tokio::test]
async fn who_could_not_grant_it_learns_nothing_of_it() {
    let (world, _, max, eve) = world().await;
    let operations = &world.operations;
    let far = asked(&world, &eve, "repository.push", "production/team-b~x").await;
    for (actor, id) in [(&max, far), (&eve, far), (&max, 4711)] {
        let refused = operations.grant_request(actor, id, &so()).await.expect_err("refused");
        assert_eq!(refused.kind, Kind::NotFound);
    }
    assert_eq!(operations.request(&max, far).await.expect_err("not his").kind, Kind::NotFound);
    assert_eq!(operations.request(&eve, far).await.expect("she made it").id, far);
    // A token that does not reach her account shows nothing of it.
    let narrow = Restriction::new([Permission::RepositoryView], None, None);
    let token = Actor { via: Via::Token { id: 1, restriction: narrow }, ..eve };
    assert_eq!(operations.request(&token, far).await.expect_err("no business of it").kind, Kind::NotFound);
}

#[tokio::test]
async fn who_has_it_by_now_is_given_nothing_more() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let id = asked(&world, &eve, PUSH.0, PUSH.1).await;
    // By somebody who answers no requests there: by the command line, so to speak.
    let host = RoleForm { name: "Pusher".into(), description: String::new(), permissions: vec![PUSH.0.into()] };
    let role = operations.add_role(&ada, &host).await.expect("made").row.role.id.to_string();
    operations.add_grant(&Actor::cli(), &form("eve", &role, "team-a/**"), None).await.expect("granted");
    if operations.request(&max, id).await.expect("there").answered.is_none() {
        let refused = operations.grant_request(&max, id, &so()).await.expect_err("she has it");
        assert_eq!(refused.kind, Kind::Conflict);
        operations.answer_request(&max, id).await.expect("closed");
    }
    assert!(operations.request(&max, id).await.expect("there").answered.is_some());
    let grants = operations.held_by(&max, "eve").await.expect("told").grants;
    assert_eq!(grants.len(), 2, "{grants:?}");
}
