//! Who manages people and holds nothing else gets nothing else by it: not by a robot, a lead, a link, or a look.

use crate::world::{NOW, PASSWORD, World, line, person, stranger};
use domain::{Actor, Id, Permission, Place, access::Subject};
use operations::{Kind, grants::GrantForm, robots::RobotForm, roles::RoleForm};
use store::{AddLink, LinkKind, NewLink};

const NEW: &str = "the gulls know better";
/// What is kept of a link whose token is `old`.
const OLD: &str = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4";

/// The actor with what the grants say now.
async fn now(world: &World, actor: &Actor) -> Actor {
    world.operations.with_rights(actor.clone()).await.expect("rights")
}

/// Somebody who may do nothing.
async fn somebody(world: &World, name: &str) -> Actor {
    let (id, _) = world.operations.add_person(&Actor::cli(), name, Some(PASSWORD.into())).await.expect("added");
    now(world, &person(id, name)).await
}

/// Gives a role; the grant's number.
async fn grant(world: &World, subject: impl ToString, role: &str, repositories: &str) -> Id {
    let subject = subject.to_string();
    let form = GrantForm { subject, role: role.into(), repositories: repositories.into(), ..GrantForm::default() };
    world.operations.add_grant(&Actor::cli(), &form, None).await.expect("granted").id
}

/// Hedy, who manages people and may do nothing else; and the number of what says so.
async fn hedy(world: &World) -> (Actor, Id) {
    let permissions = vec!["people.manage".to_owned()];
    let form = RoleForm { name: "Host".into(), description: String::new(), permissions };
    let role = world.operations.add_role(&Actor::cli(), &form).await.expect("made").row.role.id.to_string();
    let hedy = somebody(world, "hedy").await;
    let id = grant(world, "hedy", &role, "").await;
    let hedy = now(world, &hedy).await;
    assert!(!hedy.rights.anywhere(Permission::RepositoryPull) && !hedy.rights.anywhere(Permission::GrantView));
    (hedy, id)
}

fn robot(name: &str, team: &str) -> RobotForm {
    RobotForm { name: name.into(), team: team.into(), purpose: String::new(), expires: String::new() }
}

/// The team crew with the robot ci, which pushes to all of crew/.
async fn crew(world: &World, ada: &Actor) -> Id {
    world.operations.make_team(ada, "crew", "").await.expect("made");
    world.operations.make_robot(ada, &robot("ci", "crew")).await.expect("made");
    let id = world.operations.robot(ada, "ci").await.expect("seen").id;
    grant(world, Subject::Robot(id), "writer", "crew/**").await;
    id
}

async fn version(world: &World, robot: &str) -> String {
    world.operations.robot(&Actor::cli(), robot).await.expect("seen").version.to_string()
}

#[tokio::test]
async fn who_manages_people_leads_no_team_whose_robots_may_do_more() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    crew(&world, &ada).await;
    let (hedy, _) = hedy(&world).await;
    let somebody_else = somebody(&world, "alan").await;
    for who in ["hedy", "alan"] {
        let refused = operations.set_team_member(&hedy, "crew", who, true).await.expect_err("its robot may push");
        assert_eq!(refused.kind, Kind::Forbidden);
        assert!(refused.message.contains("robots of crew"), "{refused}");
    }
    operations.set_team_member(&hedy, "crew", "hedy", false).await.expect("the team itself has nothing");
    operations.set_team_member(&hedy, "crew", "hedy", true).await.expect_err("nor from within");
    operations.disable_robot(&hedy, "ci", true).await.expect("that she may");
    operations.set_team_member(&hedy, "crew", "hedy", true).await.expect_err("it could be enabled again");
    operations.make_robot_secret(&hedy, "ci", "mine", "").await.expect_err("so is a secret made meanwhile");
    operations.disable_robot(&hedy, "ci", false).await.expect("and back");
    operations.make_robot_secret(&hedy, "ci", "mine", "").await.expect_err("she does not lead it");
    let log = world.log(&ada).await;
    assert!(log.contains(&line("team.member.set", "hedy", "refused")));
    assert!(log.contains(&line("robot.secret.create", "hedy", "refused")));

    // A lead may hold nothing themselves: the robots of their team are theirs, and they share them.
    operations.set_team_member(&ada, "crew", "alan", true).await.expect("ada holds what ci holds");
    operations.set_team_member(&somebody_else, "crew", "hedy", true).await.expect("a lead makes leads");
    operations.make_robot_secret(&hedy, "ci", "hers now", "").await.expect("who was made lead may");
    assert!(world.log(&ada).await.contains(&line("team.member.set", "alan", "done")));
}

#[tokio::test]
async fn who_manages_people_moves_no_robot_that_may_do_more() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    crew(&world, &ada).await;
    let (hedy, _) = hedy(&world).await;
    operations.make_team(&hedy, "x", "").await.expect("made");
    operations.set_team_member(&hedy, "x", "hedy", true).await.expect("an empty team is no way to anything");
    let at = version(&world, "ci").await;
    let refused = operations.edit_robot(&hedy, &at, &robot("ci", "x")).await.expect_err("it may push");
    assert_eq!(refused.kind, Kind::Forbidden);
    assert_eq!(operations.robot(&ada, "ci").await.expect("seen").row.team, "crew");
    assert!(world.log(&ada).await.contains(&line("robot.edit", "hedy", "refused")));
    operations.disable_robot(&hedy, "ci", true).await.expect("that she may");
    let at = version(&world, "ci").await;
    operations.edit_robot(&hedy, &at, &robot("ci", "x")).await.expect_err("nor while it is disabled");
    let purpose = RobotForm { purpose: "builds".into(), ..robot("ci", "crew") };
    operations.edit_robot(&hedy, &at, &purpose).await.expect("what it is for she may say");

    // Who leads both teams moves it; so does who holds what it holds.
    operations.set_team_member(&ada, "crew", "hedy", true).await.expect("added");
    let at = version(&world, "ci").await;
    operations.edit_robot(&hedy, &at, &robot("ci", "x")).await.expect("both are hers");
    let at = version(&world, "ci").await;
    operations.edit_robot(&ada, &at, &robot("ci", "crew")).await.expect("ada holds as much");
    assert!(world.log(&ada).await.contains(&line("robot.edit", "hedy", "done")));
}

#[tokio::test]
async fn a_link_for_a_lead_takes_what_their_robots_hold() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    crew(&world, &ada).await;
    let (hedy, _) = hedy(&world).await;
    let grace = somebody(&world, "grace").await;
    operations.make_link(&hedy, "grace").await.expect("grace has nothing");
    operations.set_team_member(&ada, "crew", "grace", true).await.expect("added");
    assert_eq!(now(&world, &grace).await.rights.held().count(), 0, "a lead without grants of her own");
    let refused = operations.make_link(&hedy, "grace").await.expect_err("she could act as ci");
    assert_eq!(refused.kind, Kind::Forbidden);
    assert!(world.log(&ada).await.contains(&line("person.reset", "hedy", "refused")));
    operations.make_link(&ada, "grace").await.expect("ada holds as much");
}

#[tokio::test]
async fn a_link_is_void_once_its_maker_could_not_make_it() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    crew(&world, &ada).await;
    let (hedy, host) = hedy(&world).await;
    somebody(&world, "grace").await;
    let token = |path: &str| path.strip_prefix("/join/").expect("a link of ours").to_owned();
    let join = async |path: &str| operations.join(&stranger(), &token(path), NEW.into(), NEW.into()).await;

    // A reset, and then the person leads a team with a robot.
    let reset = operations.make_link(&hedy, "grace").await.expect("grace has nothing");
    operations.set_team_member(&ada, "crew", "grace", true).await.expect("added");
    let refused = join(&reset.path).await.expect_err("void");
    assert_eq!(refused.kind, Kind::Forbidden);
    assert!(refused.message.contains("administrator"), "{refused}");
    operations.sign_in(&stranger(), "grace", PASSWORD.into()).await.expect("nothing changed");
    assert!(world.log(&ada).await.contains(&line("person.password", "anonymous", "refused")));

    // An invitation, and then the person is granted something.
    let invited = operations.invite(&hedy, "alan", "").await.expect("invited");
    let id = grant(&world, "alan", "reader", "crew/**").await;
    join(&invited.path).await.expect_err("void");
    assert!(world.log(&ada).await.contains(&line("person.join", "anonymous", "refused")));
    let (_, by, _) = operations.person_details(&ada, "alan").await.expect("details").link.expect("a link");
    assert_eq!(by, "hedy", "by name");
    operations.revoke_grant(&Actor::cli(), id, None).await.expect("revoked");
    join(&invited.path).await.expect("hedy could make it again");

    // The maker may manage nobody any more, or is gone.
    let one = operations.invite(&hedy, "max", "").await.expect("invited");
    let by_ada = operations.invite(&ada, "eve", "").await.expect("invited");
    operations.revoke_grant(&Actor::cli(), host, None).await.expect("revoked");
    join(&one.path).await.expect_err("hedy makes no links now");
    operations.remove_person(&ada, "hedy", "hedy").await.expect("removed");
    join(&one.path).await.expect_err("and is gone");
    join(&by_ada.path).await.expect("others' links are as they were");
}

#[tokio::test]
async fn a_link_from_the_command_line_stays_good() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let made = operations.make_link(&Actor::cli(), "ada").await.expect("made");
    let token = made.path.strip_prefix("/join/").expect("a link of ours");
    assert_eq!(operations.join(&stranger(), token, NEW.into(), NEW.into()).await.expect("changed"), ada.id);
    // Who made a link that says neither is not to be known.
    let act = domain::audit::Act::new("person.reset", "person ada");
    let permit = domain::permission::allows(&Actor::cli(), Permission::PeopleManage, Place::System).expect("it may");
    let opened = operations.store().open_act(permit, &act, NOW).await.expect("opened");
    let link =
        NewLink { token_hash: OLD.into(), kind: LinkKind::Reset, made_by: "ada".into(), expires: NOW.plus_seconds(60) };
    operations.store().write(opened, AddLink { person: ada.id, link }, NOW).await.expect("made");
    let refused = operations.join(&stranger(), "old", PASSWORD.into(), PASSWORD.into()).await.expect_err("void");
    assert!(refused.message.contains("administrator"), "{refused}");
}

#[tokio::test]
async fn grants_are_shown_to_who_may_look_at_them() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let id = crew(&world, &ada).await;
    let (hedy, _) = hedy(&world).await;
    let grace = somebody(&world, "grace").await;
    operations.set_team_member(&ada, "crew", "grace", false).await.expect("added");
    let team = operations.team(&ada, "crew").await.expect("seen").id;
    grant(&world, Subject::Team(team), "reader", "crew/**").await;
    let (hedy, grace) = (now(&world, &hedy).await, now(&world, &grace).await);
    let shown = |grants: &[operations::subjects::SubjectGrant], more| (grants.len(), more);

    let seen = operations.robot(&ada, "ci").await.expect("seen");
    assert_eq!(shown(&seen.grants, seen.more_grants), (1, false));
    for actor in [&hedy, &grace] {
        let seen = operations.robot(actor, "ci").await.expect("they know of it");
        assert_eq!(shown(&seen.grants, seen.more_grants), (0, true), "{}", actor.name);
    }
    let seen = operations.team(&hedy, "crew").await.expect("seen");
    assert_eq!(shown(&seen.grants, seen.more_grants), (0, true));
    let seen = operations.person_details(&hedy, "grace").await.expect("seen");
    assert_eq!(shown(&seen.grants, seen.more_grants), (0, true));
    // What is one's own one sees.
    let seen = operations.team(&grace, "crew").await.expect("seen");
    assert_eq!(shown(&seen.grants, seen.more_grants), (1, false));
    let seen = operations.person_details(&grace, "grace").await.expect("seen");
    assert_eq!(shown(&seen.grants, seen.more_grants), (1, false));
    // And who may look in some places sees what is granted there.
    grant(&world, Subject::Robot(id), "reader", "else/**").await;
    grant(&world, "grace", "auditor", "else/**").await;
    let seen = operations.robot(&now(&world, &grace).await, "ci").await.expect("seen");
    assert_eq!(shown(&seen.grants, seen.more_grants), (1, true));
    assert_eq!(seen.grants[0].role, "Reader", "what it pushes elsewhere is not for her to see");
}
