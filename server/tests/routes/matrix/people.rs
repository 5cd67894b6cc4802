//! `people.manage` is a power of its own: over accounts, and over nothing else.

use super::{
    expected::{DOORS, FORMS, PAGES, api},
    world::{HOST, WHO, World},
};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// All that asks who may manage people, or who may see every account. Whoever holds that alone is answered there otherwise
/// than somebody without any right, and nowhere else.
const OF_PEOPLE: &[&str] = &[
    "/access/people",
    "/access/people/{person}",
    "/access/robots/{robot}",
    "/access/teams/{team}",
    "/do/person-disable",
    "/do/person-enable",
    "/do/person-invite",
    "/do/person-link",
    "/do/person-link-revoke",
    "/do/person-remove",
    "/do/person-sign-out",
    "/do/refresh-token-revoke",
    "/do/robot-create",
    "/do/robot-disable",
    "/do/robot-edit",
    "/do/robot-enable",
    "/do/robot-remove",
    "/do/robot-secret-create",
    "/do/team-create",
    "/do/team-edit",
    "/do/team-member-set",
    "/do/team-remove",
    "editRobot",
    "editTeam",
    "endSessionsOfPerson",
    "invitePerson",
    "listPeople",
    "listRefreshTokensOfPerson",
    "listRefreshTokensOfRobot",
    "makeLink",
    "makeRobot",
    "makeRobotSecret",
    "makeTeam",
    "readPerson",
    "readRobot",
    "readTeam",
    "removePerson",
    "removeRobot",
    "removeTeam",
    "setTeamMember",
    "switchPerson",
    "switchRobot",
    "voidLink",
    "whatIf",
];

#[test]
fn who_manages_people_is_elsewhere_answered_like_whoever_has_nothing() {
    let nobody = WHO.iter().position(|who| *who == "nobody").expect("a column");
    let other = |statuses: &str| {
        let statuses: Vec<&str> = statuses.split(' ').collect();
        statuses[HOST] != statuses[nobody]
    };
    let all = PAGES.iter().chain(FORMS).chain(api()).chain(DOORS);
    let found: BTreeSet<&str> =
        all.filter(|one| one.at.iter().any(|(_, statuses)| other(statuses))).map(|one| one.of).collect();
    let known: BTreeSet<&str> = OF_PEOPLE.iter().copied().collect();
    let more: Vec<_> = found.difference(&known).collect();
    assert!(more.is_empty(), "has this to do with accounts? {more:#?}");
    let fewer: Vec<_> = known.difference(&found).collect();
    assert!(fewer.is_empty(), "who manages people is refused {fewer:#?}");
}

/// What is granted where is not theirs to know: not by a number, and not by a look at what a change would do.
#[tokio::test]
async fn who_manages_people_is_not_told_whether_somebody_holds_anything() {
    let world = World::new().await;
    let read = async |path: &str, who| crate::api::read(&world.api(Method::GET, path, None, who).await);
    for (path, rows, count) in
        [("/people", "people", "own_grants"), ("/robots", "robots", "own_grants"), ("/teams", "teams", "grants")]
    {
        let (all, some) = (read(path, 0).await, read(path, HOST).await);
        let each = |list: &Value| {
            list[rows].as_array().expect("rows").iter().map(|row| row[count].clone()).collect::<Vec<_>>()
        };
        assert!(each(&all).iter().all(Value::is_number), "{all}");
        assert!(!each(&some).is_empty() && each(&some).iter().all(Value::is_null), "{some}");
    }
    let look = async |person: &str, who| {
        let body = json!({ "disable-person": { "person": person } }).to_string();
        let mut told = crate::api::read(&world.api(Method::POST, "/access/what-if", Some(&body), who).await);
        told["generation"] = Value::Null;
        told
    };
    let (guest, writer) = (look("guest", HOST).await, look("writer", HOST).await);
    assert_eq!(guest, writer, "who holds nothing, and who does");
    assert_ne!(look("guest", 0).await, look("writer", 0).await);
}
