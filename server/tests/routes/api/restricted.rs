//! A restricted token: less than its person may, everywhere.

use super::{World, form, problem, read};
use axum::http::{Method, StatusCode};
use operations::tokens::TokenForm;

fn team() -> TokenForm {
    TokenForm {
        permissions: vec!["repository.view".into()],
        registry: "lab".into(),
        repositories: "team/*".into(),
        ..form()
    }
}

/// What a token that may look at `team/*` of `lab` is answered. Every operation stands here: a new one has to be decided on.
const LOOKING: &[(&str, u16)] = &[
    ("addRegistry", 415),
    ("compareImages", 200),
    ("editConnection", 415),
    ("editMe", 415),
    ("endSession", 403),
    ("endSessions", 403),
    ("enterRepository", 403),
    ("findDigest", 200),
    ("forgetRepository", 403),
    ("addGrant", 415),
    ("addRole", 415),
    ("editGrant", 415),
    ("editRole", 415),
    ("listGrants", 403),
    ("listRoles", 403),
    ("readGrant", 403),
    ("readRole", 403),
    ("removeRole", 403),
    ("revokeGrant", 403),
    ("listPeople", 403),
    ("invitePerson", 415),
    ("readPerson", 404),
    ("removePerson", 404),
    ("switchPerson", 415),
    ("makeLink", 404),
    ("voidLink", 404),
    ("endSessionsOfPerson", 404),
    ("listTeams", 200),
    ("makeTeam", 415),
    ("readTeam", 404),
    ("editTeam", 415),
    ("removeTeam", 404),
    ("setTeamMember", 415),
    ("removeTeamMember", 404),
    ("listRobots", 200),
    ("makeRobot", 415),
    ("readRobot", 404),
    ("editRobot", 415),
    ("removeRobot", 404),
    ("switchRobot", 415),
    ("makeRobotSecret", 415),
    ("revokeRobotSecret", 404),
    ("listAllRepositories", 200),
    ("listAllTags", 200),
    ("listDepartures", 403),
    ("listEntries", 403),
    ("listRegistries", 200),
    ("listRepositories", 200),
    ("listSessions", 403),
    ("listTags", 200),
    ("listTokens", 403),
    ("listUntagged", 200),
    ("makeToken", 415),
    ("readConnection", 403),
    ("readDocument", 403),
    ("readEntry", 403),
    ("readManifest", 200),
    ("readMe", 200),
    ("readOverview", 200),
    ("readProbe", 403),
    ("readRegistry", 200),
    ("readRepository", 200),
    ("readRest", 202),
    ("readTag", 200),
    ("removeRegistry", 403),
    ("revokeToken", 403),
    ("runProbe", 403),
    ("listFindings", 200),
    ("listMoves", 200),
    ("pauseSync", 415),
    ("readHealth", 200),
    ("readRepositoryStorage", 200),
    ("readStorage", 200),
    ("readSync", 200),
    ("refreshRegistry", 403),
    ("refreshRepository", 202),
    ("switchCheck", 415),
    ("search", 200),
    ("switchRegistry", 415),
    ("testConnection", 415),
    ("explainRight", 404),
    ("listRequests", 200),
    ("requestAccess", 415),
    ("readRequest", 404),
    ("grantRequest", 415),
    ("closeRequest", 404),
    ("declineRequest", 415),
    ("withdrawRequest", 403),
    ("listOwnRequests", 403),
    ("listToReview", 403),
    ("reviewGrants", 415),
    ("listReviews", 403),
    ("listSigningKeys", 403),
    ("rotateSigningKey", 415),
    ("readRegistryTokens", 403),
    ("editRegistryTokens", 415),
    ("checkRegistryTokens", 403),
    ("listOwnRefreshTokens", 403),
    ("revokeOwnRefreshToken", 403),
    ("listRefreshTokensOfPerson", 404),
    ("revokeRefreshTokenOfPerson", 404),
    ("listRefreshTokensOfRobot", 404),
    ("revokeRefreshTokenOfRobot", 404),
    ("revokeTokenOfPerson", 404),
    ("whatIf", 415),
    ("whoCan", 403),
    ("heldBy", 403),
    ("listSubjects", 200),
    ("readTemplates", 200),
    ("listConnections", 403),
    ("readMatrix", 403),
    ("verifyAudit", 403),
];

#[tokio::test]
async fn it_does_what_it_is_for_and_nothing_else() {
    let world = World::new().await;
    let token = world.token(team()).await;
    world.get("/registries/lab/repositories/team~app/tags", &token).await;
    for (name, method, path) in world.operations() {
        let expected = LOOKING.iter().find(|(own, _)| *own == name).map(|(_, status)| *status);
        let answer = world.ask(method, &path, &token).send().await;
        assert_eq!(Some(answer.status.as_u16()), expected, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn what_changes_something_is_refused_with_the_missing_permission() {
    let world = World::new().await;
    let token = world.token(team()).await;
    let settings = r#"{"name":"x","address":"http://127.0.0.1:1"}"#;
    for (method, path, body, status) in [
        (Method::POST, "/registries", format!(r#"{{"settings":{settings}}}"#), 403),
        (Method::POST, "/connection-tests", format!(r#"{{"settings":{settings}}}"#), 403),
        (Method::PUT, "/registries/lab/connection", format!(r#"{{"version":1,"settings":{settings}}}"#), 403),
        (Method::PUT, "/registries/lab/enabled", r#"{"enabled":false}"#.to_owned(), 403),
        (Method::PATCH, "/me", r#"{"theme":"dark"}"#.to_owned(), 403),
        (Method::POST, "/me/tokens", r#"{"name":"more"}"#.to_owned(), 403),
    ] {
        let ask = world.ask(method, path, &token).with("content-type", "application/json").body(body);
        let answer = ask.send().await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
        assert!(
            problem(&answer)["detail"].as_str().is_some_and(|words| words.contains("permission")),
            "{path}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn what_it_may_not_see_is_not_there() {
    let world = World::new().await;
    let (token, any) = (world.token(team()).await, world.any().await);
    for path in ["/registries/lab/repositories/other~thing", "/registries/lab/repositories/other~thing/tags/v1"] {
        assert_eq!(world.get(path, &any).await.status, StatusCode::OK, "{path}");
        let answer = world.get(path, &token).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!problem(&answer)["detail"].as_str().expect("words").contains("other"), "{answer:?}");
    }
    let elsewhere =
        world.token(TokenForm { registry: String::new(), repositories: "nothing/*".into(), ..team() }).await;
    let list = read(&world.get("/registries/lab/repositories", &elsewhere).await);
    assert_eq!(list["repositories"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn lists_and_searches_show_what_it_may_see_and_all_of_that() {
    let world = World::new().await;
    let any = world.any().await;
    let all = read(&world.get("/registries/lab/repositories?limit=500", &any).await);
    assert_eq!(all["repositories"].as_array().map(Vec::len), Some(9));
    for (pattern, limit, expected) in
        [("team/*", 50, 1), ("many/*", 2, 7), ("many/r?", 3, 7), ("*/thing", 1, 1), ("*", 4, 9)]
    {
        let token = world.token(TokenForm { repositories: pattern.into(), ..team() }).await;
        let (mut path, mut names) = (format!("/registries/lab/repositories?limit={limit}"), Vec::new());
        loop {
            let answer = world.get(&path, &token).await;
            let page = read(&answer)["repositories"].as_array().expect("rows").clone();
            assert!(page.len() <= limit, "{answer:?}");
            names.extend(page.iter().map(|row| row["name"].as_str().expect("a name").to_owned()));
            let Some(next) = super::lists::next(&answer) else { break };
            path = next;
        }
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!((names.len(), unique.len()), (expected, expected), "{pattern}: {names:?}");
    }
    world.get("/registries/lab/repositories/team~app/tags", &any).await;
    let found =
        async |token: &str| read(&world.get("/search?q=v9", token).await)["tags"]["hits"].as_array().map(Vec::len);
    assert_eq!((found(&any).await, found(&world.token(team()).await).await), (Some(1), Some(1)));
    let elsewhere = world.token(TokenForm { repositories: "other/*".into(), ..team() }).await;
    assert_eq!(found(&elsewhere).await, Some(0));
}

#[tokio::test]
async fn what_needs_pulling_says_so_and_is_not_there() {
    let world = World::new().await;
    let token = world.token(team()).await;
    let answer = world.get("/registries/lab/repositories/team~app/tags/v1", &token).await;
    let image = read(&answer);
    assert_eq!(image["shown"]["config"], serde_json::Value::Null);
    assert_eq!(image["shown"]["config_unseen"]["needs"], "repository.pull");
    assert!(!answer.body.contains("of-the-image"), "{}", answer.body);
    let pulling = world.token(TokenForm { permissions: vec!["repository.pull".into()], ..team() }).await;
    let answer = world.get("/registries/lab/repositories/team~app/tags/v1", &pulling).await;
    assert_eq!(read(&answer)["shown"]["config"]["env"]["SECRET"], "of-the-image");
    let bytes = world.get(&format!("/registries/lab/repositories/team~app/documents/{}", world.digest), &pulling).await;
    assert_eq!(world.digest.matches(bytes.body.as_bytes()), Some(true));
}
