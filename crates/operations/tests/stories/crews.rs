//! Teams and robots: made, led, granted, changed and removed; each allowed, refused, failed, repeated, and told.

use crate::world::{NOW, PASSWORD, World, line, person, stranger};
use domain::{
    Actor, Id, Permission, Place, Restriction, Via,
    access::{RoleId, Scope, Subject},
};
use operations::{
    Kind,
    robots::{RobotForm, RobotState},
    subjects::NameQuery,
};
use store::{AddGrant, Granted};

/// The actor with what the grants say now.
async fn now(world: &World, actor: &Actor) -> Actor {
    let rights = world.operations.rights_of(Subject::Person(actor.id)).await.expect("rights");
    Actor { rights, ..actor.clone() }
}

/// Somebody who may do nothing.
async fn somebody(world: &World, name: &str) -> Actor {
    let (id, _) = world.operations.add_person(&Actor::cli(), name, Some(PASSWORD.into())).await.expect("added");
    now(world, &person(id, name)).await
}

/// Makes a grant the way operations do.
async fn grant(world: &World, subject: Subject, role: &str, pattern: Option<&str>) -> Id {
    let act = domain::audit::Act::new("grant.create", "a grant");
    let permit = domain::permission::allows(&Actor::cli(), Permission::GrantManage, Place::System).expect("it may");
    let opened = world.operations.store().open_act(permit, &act, NOW).await.expect("opened");
    let granted = Granted {
        role: role.parse::<RoleId>().expect("a role"),
        scope: Scope::new(None, pattern.map(|pattern| pattern.parse().expect("a pattern"))),
        until: None,
        because: String::new(),
        by: "a test".into(),
    };
    let id =
        world.operations.store().write(opened, AddGrant { subject, granted, seen: None }, NOW).await.expect("granted");
    // It was made behind the operations' back: they hear of it a moment later.
    while world.operations.authority().await.expect("read").grants().all(|one| one.id != id) {
        tokio::task::yield_now().await;
    }
    id
}

fn robot(name: &str, team: &str) -> RobotForm {
    RobotForm { name: name.into(), team: team.into(), purpose: "builds".into(), expires: String::new() }
}

#[tokio::test]
async fn a_team_is_made_led_renamed_and_removed() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (grace, alan) = (somebody(&world, "grace").await, somebody(&world, "alan").await);
    assert_eq!(operations.make_team(&grace, "crew", "").await.expect_err("refused").kind, Kind::Forbidden);
    assert_eq!(operations.make_team(&ada, " crew ", "The crew.").await.expect("made"), "crew");
    assert_eq!(operations.make_team(&ada, "CREW", "").await.expect_err("taken").fields[0].field, "name");
    assert_eq!(operations.team(&grace, "crew").await.expect_err("not hers to know").kind, Kind::NotFound);

    operations.set_team_member(&ada, "crew", "grace", true).await.expect("added");
    operations.set_team_member(&ada, "crew", "grace", true).await.expect("it is so already");
    let nobody = operations.set_team_member(&ada, "crew", "eve", false).await.expect_err("nobody");
    assert_eq!(nobody.fields[0].field, "person");
    operations.set_team_member(&grace, "crew", "alan", false).await.expect("a lead adds members");
    assert_eq!(
        operations.set_team_member(&alan, "crew", "alan", true).await.expect_err("refused").kind,
        Kind::Forbidden
    );
    assert_eq!(operations.edit_team(&grace, "crew", "1", "mine", "").await.expect_err("refused").kind, Kind::Forbidden);
    let seen = operations.team(&alan, "crew").await.expect("a member sees it");
    assert!(!seen.may_care && !seen.may_manage && seen.members.len() == 2);
    let teams = operations.teams(&alan, &NameQuery::default()).await.expect("listed");
    assert_eq!((teams.count, teams.rows[0].leads.clone()), (1, vec!["grace".to_owned()]));

    let version = operations.team(&ada, "crew").await.expect("there").version.to_string();
    assert_eq!(operations.edit_team(&ada, "crew", &version, "Dockers", "x").await.expect("renamed"), "Dockers");
    let stale = operations.edit_team(&ada, "dockers", &version, "crew", "x").await.expect_err("somebody was faster");
    assert_eq!(stale.kind, Kind::Conflict);
    operations.remove_team_member(&grace, "dockers", "alan").await.expect("taken out");
    assert_eq!(operations.remove_team_member(&grace, "dockers", "alan").await.expect_err("gone").kind, Kind::NotFound);
    assert_eq!(operations.remove_team(&ada, "Dockers", "crew").await.expect_err("mistyped").fields[0].field, "confirm");
    operations.remove_team(&ada, "Dockers", "Dockers").await.expect("removed");
    assert_eq!(operations.remove_team(&ada, "Dockers", "Dockers").await.expect_err("gone").kind, Kind::NotFound);

    let log = world.log(&ada).await;
    for told in [
        line("team.create", "grace", "refused"),
        line("team.create", "ada", "done"),
        line("team.create", "ada", "failed"),
        line("team.member.set", "grace", "done"),
        line("team.member.set", "alan", "refused"),
        line("team.edit", "ada", "done"),
        line("team.edit", "ada", "failed"),
        line("team.member.remove", "grace", "done"),
        line("team.remove", "ada", "done"),
    ] {
        assert!(log.contains(&told), "{told:?} in {log:?}");
    }
}

#[tokio::test]
async fn a_teams_grants_come_and_go_with_membership_and_with_the_team() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = somebody(&world, "grace").await;
    operations.make_team(&ada, "crew", "").await.expect("made");
    let id = operations.team(&ada, "crew").await.expect("there").id;
    grant(&world, Subject::Team(id), "writer", Some("team-a/*")).await;
    let holds = async || now(&world, &grace).await.rights.anywhere(Permission::RepositoryPush);
    assert!(!holds().await);
    operations.set_team_member(&ada, "crew", "grace", false).await.expect("added");
    assert!(holds().await);
    let grants = operations.person_details(&ada, "grace").await.expect("details").grants;
    assert_eq!((grants.len(), grants[0].through.as_deref(), grants[0].role.as_str()), (1, Some("team crew"), "Writer"));
    operations.remove_team_member(&ada, "crew", "grace").await.expect("taken out");
    assert!(!holds().await);
    operations.set_team_member(&ada, "crew", "grace", false).await.expect("added");
    operations.remove_team(&ada, "crew", "crew").await.expect("removed");
    assert!(!holds().await);
    assert_eq!(
        operations.authority().await.expect("read").grants().filter(|one| one.subject == Subject::Team(id)).count(),
        0
    );
}

#[tokio::test]
async fn the_last_administrator_is_not_lost_by_a_team() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (grace, _) = operations.add_administrator(&Actor::cli(), "grace", Some(PASSWORD.into())).await.expect("added");
    operations.make_team(&ada, "crew", "").await.expect("made");
    let id = operations.team(&ada, "crew").await.expect("there").id;
    grant(&world, Subject::Team(id), "administrator", None).await;
    let alan = somebody(&world, "alan").await;
    operations.set_team_member(&ada, "crew", "alan", false).await.expect("added");
    let alan = now(&world, &alan).await;
    operations.remove_person(&alan, "grace", "grace").await.expect("there are others");
    operations.remove_person(&alan, "ada", "ada").await.expect("alan is one by the team");
    for refused in [
        operations.remove_team_member(&alan, "crew", "alan").await,
        operations.remove_team(&alan, "crew", "crew").await,
        operations.disable_person(&alan, "alan", true).await,
    ] {
        let refused = refused.expect_err("the last one");
        assert!(refused.kind == Kind::Conflict && refused.message.contains("Administrator"), "{refused}");
    }
    assert!(grace > 0 && now(&world, &alan).await.rights.anywhere(Permission::PeopleManage));
}

#[tokio::test]
async fn nobody_adds_members_to_a_team_that_may_do_more_than_they() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = somebody(&world, "grace").await;
    operations.make_team(&ada, "crew", "").await.expect("made");
    let id = operations.team(&ada, "crew").await.expect("there").id;
    grant(&world, Subject::Team(id), "administrator", None).await;
    let narrow = Restriction::new([Permission::PeopleManage], None, None);
    let by_token = Actor { via: Via::Token { id: 1, restriction: narrow }, ..ada.clone() };
    let refused = operations.set_team_member(&by_token, "crew", "grace", false).await.expect_err("more than the token");
    assert_eq!(refused.kind, Kind::Forbidden);
    assert!(!now(&world, &grace).await.rights.anywhere(Permission::PeopleManage));
    assert!(world.log(&ada).await.contains(&line("team.member.set", "ada", "refused")));
    operations.set_team_member(&ada, "crew", "grace", false).await.expect("ada has as much");
}

#[tokio::test]
async fn a_robot_is_made_by_a_lead_and_outlives_them() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (grace, alan) = (somebody(&world, "grace").await, somebody(&world, "alan").await);
    operations.make_team(&ada, "crew", "").await.expect("made");
    operations.set_team_member(&ada, "crew", "grace", true).await.expect("added");
    assert_eq!(
        operations.make_robot(&alan, &robot("ci", "crew")).await.expect_err("unknown to him").kind,
        Kind::NotFound
    );
    for bad in ["", "CI", "ci--x", "a+b"] {
        assert_eq!(
            operations.make_robot(&grace, &robot(bad, "crew")).await.expect_err("invalid").fields[0].field,
            "name"
        );
    }
    assert_eq!(operations.make_robot(&grace, &robot("ci-build", "crew")).await.expect("made"), "ci-build");
    assert_eq!(
        operations.make_robot(&ada, &robot("ci-build", "crew")).await.expect_err("taken").fields[0].field,
        "name"
    );
    assert_eq!(operations.make_robot(&ada, &robot("x", "none")).await.expect_err("no team").fields[0].field, "team");
    let details = operations.robot(&grace, "ci-build").await.expect("seen");
    assert_eq!((details.user.as_str(), details.made_by.as_str(), details.may_care), ("robot+ci-build", "grace", true));
    assert_eq!(operations.robot(&alan, "ci-build").await.expect_err("not his to know").kind, Kind::NotFound);
    assert_eq!(operations.robots(&alan, &NameQuery::default()).await.expect("listed").count, 0);
    assert_eq!(operations.remove_team(&ada, "crew", "crew").await.expect_err("it has a robot").kind, Kind::Conflict);

    operations.remove_person(&ada, "grace", "grace").await.expect("removed");
    let left = operations.robots(&ada, &NameQuery::default()).await.expect("listed");
    assert_eq!((left.count, left.rows[0].team.as_str()), (1, "crew"));
    let log = world.log(&ada).await;
    for told in [
        line("robot.create", "alan", "refused"),
        line("robot.create", "grace", "done"),
        line("robot.create", "ada", "failed"),
        line("team.remove", "ada", "failed"),
    ] {
        assert!(log.contains(&told), "{told:?} in {log:?}");
    }
}

#[tokio::test]
async fn a_robot_changes_hands_ends_is_disabled_and_removed() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = somebody(&world, "grace").await;
    for team in ["crew", "dockers"] {
        operations.make_team(&ada, team, "").await.expect("made");
    }
    operations.set_team_member(&ada, "crew", "grace", true).await.expect("added");
    operations.make_robot(&grace, &robot("ci", "crew")).await.expect("made");
    let details = operations.robot(&grace, "ci").await.expect("seen");
    let elsewhere = operations.edit_robot(&grace, "1", &robot("ci", "dockers")).await.expect_err("not hers to give");
    assert_eq!(elsewhere.fields[0].field, "team");
    let past = RobotForm { expires: "2020-01-01".into(), ..robot("ci", "crew") };
    assert_eq!(operations.edit_robot(&grace, "1", &past).await.expect_err("past").fields[0].field, "expires");
    let tomorrow = RobotForm { expires: "2026-11-22".into(), ..robot("ci", "crew") };
    operations.edit_robot(&grace, "1", &tomorrow).await.expect("edited");
    assert_eq!(operations.edit_robot(&grace, "1", &tomorrow).await.expect_err("stale").kind, Kind::Conflict);

    let id = grant(&world, Subject::Robot(details.id), "writer", Some("crew/*")).await;
    let subject = Subject::Robot(details.id);
    let holds = async || operations.rights_of(subject).await.expect("rights").anywhere(Permission::RepositoryPush);
    assert!(holds().await);
    operations.disable_robot(&grace, "ci", true).await.expect("disabled");
    assert!(!holds().await);
    operations.disable_robot(&grace, "ci", false).await.expect("enabled");
    assert!(holds().await);
    world.clock.advance(24 * 60 * 60);
    assert!(!holds().await, "its day has come");
    assert_eq!(operations.robot(&grace, "ci").await.expect("seen").row.state, RobotState::Expired);
    operations.edit_robot(&ada, "4", &robot("ci", "dockers")).await.expect("ada gives it away, and it stays");
    assert!(holds().await);
    assert_eq!(operations.disable_robot(&grace, "ci", true).await.expect_err("no longer hers").kind, Kind::NotFound);

    operations.remove_robot(&ada, "ci", "ci").await.expect("removed");
    assert_eq!(operations.remove_robot(&ada, "ci", "ci").await.expect_err("gone").kind, Kind::NotFound);
    let authority = operations.authority().await.expect("read");
    assert!(authority.grants().all(|one| one.id != id), "its grants went with it");
    let log = world.log(&ada).await;
    for act in ["robot.edit", "robot.disable", "robot.enable"] {
        assert!(log.contains(&line(act, "grace", "done")), "{act} in {log:?}");
    }
    assert!(log.contains(&line("robot.remove", "ada", "done")));
}

#[tokio::test]
async fn secrets_are_made_shown_once_used_and_revoked_singly() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = somebody(&world, "grace").await;
    operations.make_team(&ada, "crew", "").await.expect("made");
    operations.set_team_member(&ada, "crew", "grace", false).await.expect("added");
    operations.make_robot(&ada, &robot("ci", "crew")).await.expect("made");
    assert_eq!(operations.make_robot_secret(&grace, "ci", "x", "").await.expect_err("refused").kind, Kind::Forbidden);
    assert_eq!(operations.make_robot_secret(&ada, "ci", " ", "").await.expect_err("invalid").fields[0].field, "name");
    let one = operations.make_robot_secret(&ada, "ci", "GitHub", "").await.expect("made");
    let two = operations.make_robot_secret(&ada, "ci", "GitLab", "2027-01-01").await.expect("made");
    assert!(one.secret.starts_with(&format!("wharfinger_robot_{}_", one.row.prefix)) && one.secret != two.secret);
    assert!(!format!("{one:?}").contains(&one.secret));

    let held = operations.store().robots().secret_by_prefix(&one.row.prefix).await.expect("asked").expect("found");
    assert_eq!((held.robot.name.as_str(), held.robot.acts(NOW)), ("ci", true));
    operations.store().robots().used(held.secret.id, NOW, "192.0.2.7").await.expect("noted");
    let details = operations.robot(&grace, "ci").await.expect("members see it");
    assert_eq!(details.secrets.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["GitLab", "GitHub"]);
    assert_eq!((details.secrets[1].last_used, details.secrets[1].last_address.as_str()), (Some(NOW), "192.0.2.7"));
    assert_eq!(details.row.last_used, Some(NOW));

    let refused = operations.revoke_robot_secret(&grace, "ci", &one.row.prefix).await.expect_err("refused");
    assert_eq!(refused.kind, Kind::Forbidden);
    operations.revoke_robot_secret(&ada, "ci", &one.row.prefix).await.expect("revoked");
    let again = operations.revoke_robot_secret(&ada, "ci", &one.row.prefix).await.expect_err("gone");
    assert_eq!(again.kind, Kind::NotFound);
    assert_eq!(operations.store().robots().secret_by_prefix(&one.row.prefix).await.expect("asked"), None);
    assert!(operations.store().robots().secret_by_prefix(&two.row.prefix).await.expect("asked").is_some());
    for n in 1..20 {
        operations.make_robot_secret(&ada, "ci", &format!("place {n}"), "").await.expect("made");
    }
    let full = operations.make_robot_secret(&ada, "ci", "one more", "").await.expect_err("too many");
    assert!(full.fields[0].message.contains("20 secrets"), "{full:?}");

    let held = operations.hold_token(&ada, two.secret.clone()).expect("held");
    assert_eq!(operations.held_token(&ada, &held), Some(two.secret.clone()));
    assert_eq!(operations.held_token(&ada, &held), None, "shown once");
    let whole = world.whole_log(&ada).await;
    assert!(!whole.contains(&one.secret) && !whole.contains(&two.secret));
}

#[tokio::test]
async fn a_secret_is_no_way_to_more_than_one_has() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    operations.make_team(&ada, "crew", "").await.expect("made");
    operations.make_robot(&ada, &robot("ci", "crew")).await.expect("made");
    let id = operations.robot(&ada, "ci").await.expect("seen").id;
    grant(&world, Subject::Robot(id), "writer", Some("crew/*")).await;
    let narrow = Restriction::new([Permission::PeopleManage], None, None);
    let by_token = Actor { via: Via::Token { id: 1, restriction: narrow }, ..ada.clone() };
    let refused = operations.make_robot_secret(&by_token, "ci", "x", "").await.expect_err("more than the token");
    assert_eq!(refused.kind, Kind::Forbidden);
    operations.make_robot_secret(&ada, "ci", "x", "").await.expect("ada has as much");
    let grace = somebody(&world, "grace").await;
    operations.set_team_member(&ada, "crew", "grace", true).await.expect("added");
    operations
        .make_robot_secret(&grace, "ci", "x", "")
        .await
        .expect("leads care for their robots, whatever those hold");
    let log = world.log(&ada).await;
    assert!(log.contains(&line("robot.secret.create", "ada", "refused")));
    assert!(log.contains(&line("robot.secret.create", "grace", "done")));
}

#[tokio::test]
async fn strangers_see_and_do_nothing() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    operations.make_team(&ada, "crew", "").await.expect("made");
    operations.make_robot(&ada, &robot("ci", "crew")).await.expect("made");
    assert_eq!(operations.teams(&stranger(), &NameQuery::default()).await.expect("asked").count, 0);
    assert_eq!(operations.robots(&stranger(), &NameQuery::default()).await.expect("asked").count, 0);
    assert_eq!(operations.robot(&stranger(), "ci").await.expect_err("nothing").kind, Kind::NotFound);
    assert_eq!(operations.make_team(&stranger(), "x", "").await.expect_err("refused").kind, Kind::SignInNeeded);
    operations.people(&stranger(), &NameQuery::default(), "").await.expect_err("refused");
}
