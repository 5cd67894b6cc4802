use crate::world::{NOW, World, add, as_person, line, stranger};
use domain::{
    Actor, Permission, Restriction, Via,
    access::{RoleId, Subject},
};
use operations::{
    Kind,
    connections::ConnectionForm,
    grants::{GrantForm, GrantQuery},
};

fn form(subject: &str, role: &str, repositories: &str) -> GrantForm {
    GrantForm { subject: subject.into(), role: role.into(), repositories: repositories.into(), ..GrantForm::default() }
}

/// Ada, who may do everything; Max, who looks after `team-a/**`; Eve, who holds nothing.
async fn world() -> (World, Actor, Actor, Actor) {
    let (world, ada) = World::with_ada().await;
    add(&world, "max").await;
    add(&world, "eve").await;
    let ada = as_person(&world, &ada.name).await;
    world.operations.add_grant(&ada, &form("max", "maintainer", "team-a/**"), None).await.expect("granted");
    let (max, eve) = (as_person(&world, "max").await, as_person(&world, "eve").await);
    (world, ada, max, eve)
}

#[tokio::test]
async fn who_may_grant_somewhere_gives_there_what_they_have() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let given = operations.add_grant(&max, &form("eve", "writer", "team-a/api"), None).await.expect("granted");
    assert_eq!((given.subject, given.by.as_str()), (Subject::Person(eve.id), "max"));
    let eve = as_person(&world, "eve").await;
    let may = |registry, name: &str| {
        let place = domain::Place::Repository(registry, name.parse().expect("a name"));
        domain::permission::allows(&eve, Permission::RepositoryPush, place).is_ok()
    };
    assert!(may(1, "team-a/api") && !may(1, "team-a/web"));

    for (form, words) in [
        (form("eve", "writer", "team-*"), "grant.manage"),
        (form("eve", "writer", ""), "grant.manage"),
        (form("eve", "auditor", "team-a/api"), "audit.view"),
        (form("max", "administrator", "team-a/**"), "audit.view"),
    ] {
        let refused = operations.add_grant(&max, &form, None).await.expect_err("refused");
        assert_eq!(refused.kind, Kind::Forbidden, "{form:?}");
        assert!(refused.message.contains(words), "{refused}");
    }
    let refused = operations.add_grant(&eve, &form("max", "viewer", "team-a/api"), None).await.expect_err("refused");
    assert_eq!(refused.kind, Kind::Forbidden, "she holds it, and may not grant");
    let nobody = operations.add_grant(&stranger(), &form("max", "viewer", ""), None).await.expect_err("refused");
    assert_eq!(nobody.kind, Kind::SignInNeeded);

    let twice =
        operations.add_grant(&max, &form("eve", "writer", "team-a/api"), None).await.expect_err("there already");
    assert_eq!(twice.kind, Kind::Conflict);
    let log = world.log(&ada).await;
    assert_eq!(log[0], line("grant.create", "max", "failed"));
    assert_eq!(log.iter().filter(|line| line.0 == "grant.create" && line.2 == "refused").count(), 5);
    assert!(log.contains(&line("grant.create", "max", "done")));
    assert!(world.whole_log(&ada).await.contains("Writer for eve on team-a/api in every registry"));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_grant_comes_back_at_once() {
    let (world, ada, ..) = world().await;
    let wrong = GrantForm {
        subject: "nobody here".into(),
        role: "owner".into(),
        registry: "nowhere".into(),
        repositories: "*a*b*c*d*e*f*g*h*i".into(),
        until: "2020-01-01".into(),
        because: "x".repeat(301),
    };
    let error = world.operations.add_grant(&ada, &wrong, None).await.expect_err("invalid");
    let fields: Vec<&str> = error.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["subject", "role", "registry", "repositories", "until", "because"]);
    let anonymous =
        world.operations.add_grant(&ada, &form("anonymous", "writer", ""), None).await.expect_err("invalid");
    assert_eq!(anonymous.fields[0].field, "role");
    world.operations.add_grant(&ada, &form("anonymous", "reader", "public/*"), None).await.expect("granted");
}

#[tokio::test]
async fn what_one_has_for_a_time_one_gives_for_that_time() {
    let (world, ada, _, _) = world().await;
    let operations = &world.operations;
    let until = GrantForm { until: "2026-11-27".into(), ..form("eve", "maintainer", "b/**") };
    operations.add_grant(&ada, &until, None).await.expect("granted");
    let eve = as_person(&world, "eve").await;
    let longer = operations.add_grant(&eve, &form("eve", "maintainer", "b/x"), None).await.expect_err("too long");
    assert_eq!(longer.fields[0].field, "until");
    assert!(longer.fields[0].message.contains("2026-11-28"), "{longer:?}");
    let by_then = GrantForm { until: "2026-11-27".into(), ..form("max", "reader", "b/x") };
    operations.add_grant(&eve, &by_then, None).await.expect("granted");
    world.clock.advance(7 * 86_400);
    let eve = as_person(&world, "eve").await;
    let over = operations.add_grant(&eve, &form("max", "viewer", "b/y"), None).await.expect_err("over");
    assert_eq!(over.kind, Kind::Forbidden);
    let ended = GrantQuery { ended: "yes".into(), ..GrantQuery::default() };
    assert_eq!(operations.grants(&ada, &ended).await.expect("grants").total, 2);
}

#[tokio::test]
async fn a_token_grants_no_further_than_it_reaches() {
    let (world, ada, ..) = world().await;
    let restriction = Restriction::new(
        [Permission::GrantManage, Permission::RepositoryPull],
        None,
        Some("team-a/**".parse().expect("a pattern")),
    );
    let token = Actor { via: Via::Token { id: 1, restriction }, ..ada.clone() };
    world.operations.add_grant(&token, &form("eve", "reader", "team-a/x"), None).await.expect("granted");
    for outside in [form("eve", "writer", "team-a/x"), form("eve", "reader", "team-b/x")] {
        let refused = world.operations.add_grant(&token, &outside, None).await.expect_err("refused");
        assert_eq!(refused.kind, Kind::Forbidden, "{outside:?}");
    }
    let seen = world.operations.grants(&token, &GrantQuery::default()).await.expect("grants");
    assert!(seen.rows.iter().all(|row| row.scope.repositories().is_some()), "its owner's own are not shown: {seen:?}");
}

#[tokio::test]
async fn grants_elsewhere_are_not_there() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let elsewhere = operations.add_grant(&ada, &form("eve", "writer", "team-b/api"), None).await.expect("granted").id;
    let here = operations.add_grant(&ada, &form("everyone", "viewer", "team-a/api"), None).await.expect("granted").id;
    let seen = |page: operations::grants::GrantPage| page.rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let of_max = seen(operations.grants(&max, &GrantQuery::default()).await.expect("grants"));
    assert!(of_max.contains(&here) && !of_max.contains(&elsewhere), "{of_max:?}");
    assert_eq!(operations.grant(&max, elsewhere).await.expect_err("not there").kind, Kind::NotFound);
    let revoked = operations.revoke_grant(&max, elsewhere, None).await.expect_err("not there");
    assert_eq!(revoked.kind, Kind::NotFound);
    let of_eve = seen(operations.grants(&eve, &GrantQuery::default()).await.expect("her own"));
    assert_eq!(of_eve, [here, elsewhere], "her own, and everyone's");
    assert_eq!(
        operations.grants(&stranger(), &GrantQuery::default()).await.expect_err("refused").kind,
        Kind::SignInNeeded
    );
    assert_eq!(seen(operations.grants(&ada, &GrantQuery::default()).await.expect("grants")).len(), 4);
}

#[tokio::test]
async fn a_grant_is_changed_and_revoked_by_whom_could_have_given_it() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let wide = operations.add_grant(&ada, &form("eve", "auditor", "team-a/x"), None).await.expect("granted").id;
    let refused = operations.revoke_grant(&max, wide, None).await.expect_err("not his to take");
    assert_eq!(refused.kind, Kind::Forbidden);
    let narrow =
        operations.edit_grant(&max, wide, &form("", "viewer", "team-a/x"), None).await.expect_err("nor to change");
    assert_eq!(narrow.kind, Kind::Forbidden);

    let own = operations.add_grant(&max, &form("eve", "viewer", "team-a/x"), None).await.expect("granted").id;
    let wider = operations.edit_grant(&max, own, &form("", "writer", "team-*"), None).await.expect_err("too wide");
    assert_eq!(wider.kind, Kind::Forbidden);
    let edit = GrantForm { because: "release".into(), ..form("", "writer", "team-a/*") };
    let edited = operations.edit_grant(&max, own, &edit, None).await.expect("changed");
    assert_eq!((edited.subject, edited.because.as_str()), (Subject::Person(eve.id), "release"));
    operations.edit_grant(&max, own, &edit, None).await.expect("the same again is nothing new");
    operations.revoke_grant(&max, own, None).await.expect("revoked");
    assert_eq!(operations.revoke_grant(&max, own, None).await.expect_err("not twice").kind, Kind::NotFound);
    let log = world.log(&ada).await;
    assert_eq!(
        log[..3],
        [line("grant.revoke", "max", "done"), line("grant.edit", "max", "done"), line("grant.edit", "max", "refused"),]
    );
    let whole = world.whole_log(&ada).await;
    assert!(whole.contains("release"), "before and after are told");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (world, ada, ..) = world().await;
    let operations = &world.operations;
    let query = GrantQuery { role: "administrator".into(), ..GrantQuery::default() };
    let own = operations.grants(&ada, &query).await.expect("grants").rows[0].id;
    let until = GrantForm { until: "2027-01-01".into(), ..form("", "administrator", "") };
    for refused in [
        operations.revoke_grant(&ada, own, None).await.map(drop),
        operations.edit_grant(&ada, own, &form("", "reader", ""), None).await.map(drop),
        operations.edit_grant(&ada, own, &form("", "administrator", "team-a/**"), None).await.map(drop),
        operations.edit_grant(&ada, own, &until, None).await.map(drop),
    ] {
        let refused = refused.expect_err("she is the last");
        assert_eq!(refused.kind, Kind::Conflict);
        assert!(refused.message.contains("everything"), "{refused}");
    }
    assert_eq!(world.log(&ada).await[0], line("grant.edit", "ada", "failed"));
    operations.add_grant(&ada, &form("max", "administrator", ""), None).await.expect("a second one");
    operations.revoke_grant(&ada, own, None).await.expect("now she may go");
}

#[tokio::test]
async fn a_preview_says_who_gains_and_is_void_after_another_change() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let wanted = form("everyone", "reader", "team-a/**");
    let (row, preview) = operations.preview_grant(&max, None, &wanted).await.expect("looked at");
    assert_eq!((row.id, row.role), (0, "reader".parse::<RoleId>().expect("a role")));
    let gains: Vec<&str> =
        preview.rows.iter().flat_map(|row| row.subjects.iter().map(|(_, name)| name.as_str())).collect();
    assert_eq!(gains, ["eve", "everyone signed in"], "max and ada have it");
    assert!(preview.rows[0].lost.is_empty() && !preview.rows[0].gained.is_empty());

    operations.add_grant(&ada, &form("eve", "viewer", "elsewhere"), None).await.expect("something changes");
    let stale = operations.add_grant(&max, &wanted, Some(preview.generation)).await.expect_err("too old");
    assert!(operations::what_if::is_stale(&stale), "{stale:?}");
    let (_, again) = operations.preview_grant(&max, None, &wanted).await.expect("looked at again");
    let id = operations.add_grant(&max, &wanted, Some(again.generation)).await.expect("granted").id;

    let (_, losing) = operations.preview_revoke(&max, id).await.expect("looked at");
    assert!(losing.rows.iter().all(|row| !row.lost.is_empty() && row.gained.is_empty()) && !losing.you_lose);
    let stale = operations.revoke_grant(&max, id, Some(losing.generation - 1)).await.expect_err("too old");
    assert!(operations::what_if::is_stale(&stale));
    operations.revoke_grant(&max, id, Some(losing.generation)).await.expect("revoked");
    assert_eq!(operations.preview_grant(&eve, None, &wanted).await.expect_err("refused").kind, Kind::Forbidden);
    let log = world.log(&ada).await;
    assert_eq!(log.iter().filter(|line| line.2 == "failed").count(), 2, "what came too late is written down");
}

#[tokio::test]
async fn a_list_goes_page_by_page_and_filters() {
    let (world, ada, ..) = world().await;
    let operations = &world.operations;
    for n in 0..7 {
        operations.add_grant(&ada, &form("eve", "reader", &format!("many/r{n}")), None).await.expect("granted");
    }
    let query =
        |after, before| GrantQuery { subject: "eve".into(), limit: Some(3), after, before, ..GrantQuery::default() };
    let first = operations.grants(&ada, &query(None, None)).await.expect("grants");
    assert_eq!((first.rows.len(), first.total, first.before), (3, 7, None));
    let second = operations.grants(&ada, &query(first.after, None)).await.expect("grants");
    let last = operations.grants(&ada, &query(second.after, None)).await.expect("grants");
    assert_eq!((last.rows.len(), last.after), (1, None));
    let back = operations.grants(&ada, &query(None, last.before)).await.expect("grants");
    assert_eq!(back.rows, second.rows);

    let total = async |query: GrantQuery| operations.grants(&ada, &query).await.expect("grants").total;
    let of = |repositories: &str| GrantQuery { repositories: repositories.into(), ..GrantQuery::default() };
    assert_eq!(total(of("many/r3")).await, 2, "the one for it, and Ada's for everything");
    assert_eq!(total(of("many/*")).await, 8);
    assert_eq!(total(GrantQuery { role: "maintainer".into(), ..GrantQuery::default() }).await, 1);
    assert_eq!(total(GrantQuery { registry: "nowhere".into(), ..GrantQuery::default() }).await, 0);
    assert_eq!(operations.all_grants(&ada, &GrantQuery::default()).await.expect("all").count(), 9);
}

#[tokio::test]
async fn who_can_do_what_at_a_repository_is_told_to_whom_may_look() {
    let (world, ada, max, eve) = world().await;
    let operations = &world.operations;
    let lab = ConnectionForm { name: "lab".into(), address: "http://127.0.0.1:9".into(), ..ConnectionForm::empty() };
    operations.add_registry(&ada, &lab).await.expect("added");
    operations.add_grant(&ada, &form("eve", "reader", "team-a/api"), None).await.expect("granted");
    let found = operations.who_can(&max, "lab", "team-a/api").await.expect("looked at");
    let names: Vec<&str> = found.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["ada", "max", "eve"]);
    assert_eq!(found.rows[0].through[0].grant, None, "a grant for everything is not his to look at");
    assert!(found.rows[2].through[0].grant.is_some() && found.rows[2].permissions.contains(Permission::RepositoryPull));
    assert_eq!(operations.who_can(&max, "lab", "team-b/api").await.expect_err("not there").kind, Kind::NotFound);
    let eve_now = as_person(&world, "eve").await;
    assert_eq!(operations.who_can(&eve_now, "lab", "team-a/api").await.expect_err("refused").kind, Kind::Forbidden);

    let own = operations.held_by(&eve_now, "").await.expect("her own");
    assert_eq!((own.name.as_str(), own.grants.len(), own.elsewhere), ("eve", 1, false));
    assert_eq!(operations.held_by(&eve_now, "max").await.expect_err("not there").kind, Kind::NotFound);
    assert_eq!(operations.held_by(&ada, "max").await.expect("looked at").grants.len(), 1);
    assert_eq!((own.subject, own.grants[0].0.created), (Subject::Person(eve.id), NOW));
}
