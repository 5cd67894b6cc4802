//! What each role, robot and token can do at the registry, and how soon what is taken away is gone.

use crate::harbour::{Harbour, PASSWORD};
use domain::{
    Permission, Restriction,
    access::{BuiltIn, Subject},
};
use std::time::Duration;
use store::SetDisabled;

/// What may be done at `team-a/app`.
struct May {
    role: BuiltIn,
    name: &'static str,
    pull: bool,
    push: bool,
    delete: bool,
}

const ROLES: [May; 5] = [
    May { role: BuiltIn::Viewer, name: "vera", pull: false, push: false, delete: false },
    May { role: BuiltIn::Reader, name: "rita", pull: true, push: false, delete: false },
    May { role: BuiltIn::Writer, name: "wim", pull: true, push: true, delete: false },
    May { role: BuiltIn::Maintainer, name: "mara", pull: true, push: true, delete: true },
    May { role: BuiltIn::Auditor, name: "aude", pull: false, push: false, delete: false },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_role_does_at_the_registry_what_it_says() {
    let harbour = Harbour::open().await;
    let tools = &harbour.tools;
    harbour.person("root", BuiltIn::Maintainer).await;
    let first = tools.image("first");
    tools.skopeo_push(Some(("root", PASSWORD)), &first, &harbour.name("team-a/app:first")).is_well();
    for may in ROLES {
        harbour.person(may.name, may.role).await;
        let login = Some((may.name, PASSWORD));
        let told = |said: crate::tools::Said, allowed: bool| {
            if allowed { said.is_well() } else { said.is_denied() }
        };
        told(tools.skopeo_pull(login, &harbour.name("team-a/app:first")), may.pull);
        let own = tools.image(may.name);
        let tag = harbour.name(&format!("team-a/app:{}", may.name));
        told(tools.skopeo_push(login, &own, &tag), may.push);
        // What one may delete and not pull can't be named by its tag: the digest is read with a pull.
        if may.push {
            told(tools.skopeo_delete(login, &tag), may.delete);
        }
        assert_eq!(harbour.given(login, "repository:team-a/app:delete"), if may.delete { "delete" } else { "" });
        tools.skopeo_push(login, &own, &harbour.name("team-b/app:1")).is_denied();
        assert_eq!(
            harbour.given(login, "registry:catalog:*"),
            "",
            "{}: the catalogue names what others have",
            may.name
        );
    }
    tools.skopeo_pull(None, &harbour.name("team-a/app:first")).is_denied();
    harbour.grant(Subject::Anonymous, BuiltIn::Reader, Some("team-a/**"), None).await;
    harbour.until_given(None, "repository:team-a/app:pull", "pull");
    tools.skopeo_pull(None, &harbour.name("team-a/app:first")).is_well();
    tools.skopeo_push(None, &first, &harbour.name("team-a/app:x")).is_denied();
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_are_mounted_across_repositories_and_only_from_those_one_may_pull() {
    let harbour = Harbour::open().await;
    let tools = &harbour.tools;
    let writer = harbour.person("wim", BuiltIn::Writer).await;
    let login = Some(("wim", PASSWORD));
    let image = tools.image("mounted");
    tools.skopeo_push(login, &image, &harbour.name("team-a/app:1")).is_well();
    tools.skopeo_copy(login, &harbour.name("team-a/app:1"), &harbour.name("team-a/other:1")).is_well();
    tools.skopeo_pull(login, &harbour.name("team-a/other:1")).is_well();
    tools.skopeo_copy(login, &harbour.name("team-a/app:1"), &harbour.name("team-b/app:1")).is_denied();
    harbour.grant(writer, BuiltIn::Writer, Some("team-b/app"), None).await;
    harbour.until_given(login, "repository:team-b/app:pull,push", "pull,push");
    tools.skopeo_copy(login, &harbour.name("team-a/app:1"), &harbour.name("team-b/app:1")).is_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_and_tokens_do_what_they_may_until_they_end() {
    let harbour = Harbour::open().await;
    let tools = &harbour.tools;
    let image = tools.image("robot");
    let (robot, user, secret) = harbour.robot("ci", BuiltIn::Writer, None).await;
    let login = Some((user.as_str(), secret.as_str()));
    tools.skopeo_push(login, &image, &harbour.name("team-a/app:1")).is_well();
    tools.podman_login((&user, &secret), &harbour.registry).is_well();
    tools.podman_push(&image, &harbour.name("team-a/app:2")).is_well();
    tools.podman_pull(&harbour.name("team-a/app:2")).is_well();
    tools.podman_push(&image, &harbour.name("team-b/app:2")).is_denied();
    tools.podman_login((&user, "wharfinger_robot_000000000000_no"), &harbour.registry).is_denied();

    // Expired: made with a moment to live that is over by the time it asks.
    let soon = harbour.operations.now().plus_seconds(1);
    let (_, late, late_secret) = harbour.robot("late", BuiltIn::Reader, Some(soon)).await;
    harbour.until_given(Some((&late, &late_secret)), "repository:team-a/app:pull", "401");
    tools.skopeo_pull(Some((&late, &late_secret)), &harbour.name("team-a/app:1")).is_denied();

    // A person's token, narrower than the person; revoked.
    let wim = harbour.person("wim", BuiltIn::Writer).await;
    let restriction = Restriction::new([Permission::RepositoryPull], None, None);
    let (prefix, token) = harbour.token(wim, restriction).await;
    let by_token = Some(("wim", token.as_str()));
    assert_eq!(harbour.given(by_token, "repository:team-a/app:pull,push"), "pull");
    tools.skopeo_pull(by_token, &harbour.name("team-a/app:1")).is_well();
    tools.skopeo_push(by_token, &image, &harbour.name("team-a/app:3")).is_denied();
    let Subject::Person(person) = wim else { panic!("a person") };
    let revoke = store::RevokeToken { person, prefix };
    crate::harbour::write(&harbour.operations, Permission::PeopleManage, revoke).await;
    let took = harbour.until_given(by_token, "repository:team-a/app:pull", "401");
    assert!(took < Duration::from_secs(1), "{took:?}");
    tools.skopeo_pull(by_token, &harbour.name("team-a/app:1")).is_denied();

    // A disabled robot, and then a disabled person with a password that was right a moment ago.
    harbour.person("root", BuiltIn::Maintainer).await;
    let Subject::Robot(id) = robot else { panic!("a robot") };
    let disable = store::SetRobotDisabled { robot: id, disabled: true };
    crate::harbour::write(&harbour.operations, Permission::PeopleManage, disable).await;
    let took = harbour.until_given(login, "repository:team-a/app:pull", "401");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(harbour.given(Some(("wim", PASSWORD)), "repository:team-a/app:pull"), "pull");
    crate::harbour::write(&harbour.operations, Permission::PeopleManage, SetDisabled { person, disabled: true }).await;
    let took = harbour.until_given(Some(("wim", PASSWORD)), "repository:team-a/app:pull", "401");
    assert!(took < Duration::from_secs(1), "{took:?}");
    tools.skopeo_pull(Some(("wim", PASSWORD)), &harbour.name("team-a/app:1")).is_denied();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_removed_or_ends_is_gone_within_a_second() {
    let harbour = Harbour::open().await;
    let tools = &harbour.tools;
    let id = harbour.nobody("nora").await;
    let (subject, login) = (Subject::Person(id), Some(("nora", PASSWORD)));
    let grant = harbour.grant(subject, BuiltIn::Writer, Some("team-a/**"), None).await;
    harbour.until_given(login, "repository:team-a/app:pull,push", "pull,push");
    tools.skopeo_push(login, &tools.image("nora"), &harbour.name("team-a/app:1")).is_well();
    harbour.revoke(grant).await;
    let took = harbour.until_given(login, "repository:team-a/app:pull,push", "");
    assert!(took < Duration::from_secs(1), "{took:?}");
    tools.skopeo_pull(login, &harbour.name("team-a/app:1")).is_denied();
    println!("a removed grant was gone after {took:?}");

    let until = harbour.operations.now().plus_seconds(3);
    harbour.grant(subject, BuiltIn::Reader, Some("team-a/**"), Some(until)).await;
    harbour.until_given(login, "repository:team-a/app:pull", "pull");
    harbour.until_given(login, "repository:team-a/app:pull", "");
    let over = harbour.operations.now().0 - until.0;
    assert!((0..1_000_000).contains(&over), "it ended {over} µs after its moment");
    tools.skopeo_pull(login, &harbour.name("team-a/app:1")).is_denied();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_for_those_who_hold_it() {
    let harbour = Harbour::open().await;
    let login = Some(("root", PASSWORD));
    let id = harbour.nobody("root").await;
    assert_eq!(harbour.given(login, "registry:catalog:*"), "");
    harbour.grant(Subject::Person(id), BuiltIn::Administrator, None, None).await;
    harbour.until_given(login, "registry:catalog:*", "*");
    harbour.tools.skopeo_push(login, &harbour.tools.image("one"), &harbour.name("team-a/app:1")).is_well();
    let (_, answer) = harbour.ask(login, "registry:catalog:*");
    let bearer = answer["token"].as_str().expect("a token").to_owned();
    let (status, body) = crate::harbour::with_bearer(&harbour.registry, "/v2/_catalog", &bearer);
    assert_eq!((status, body.trim()), (200, r#"{"repositories":["team-a/app"]}"#));
    let (status, _) = crate::harbour::get(&harbour.registry, "/v2/_catalog", "");
    assert_eq!(status, 401, "nobody else reads it");
}
