//! Lists over all registries, what left, and what no tag names.

use super::{World, form, read};
use operations::tokens::TokenForm;
use registry::fake::Fault;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// Every row of a list, page by page, and how many pages that were.
async fn rows(world: &World, path: &str, key: &str, token: &str) -> (Vec<Value>, usize) {
    let (mut at, mut all, mut pages) = (path.to_owned(), Vec::new(), 0);
    loop {
        let answer = world.get(&at, token).await;
        all.extend(read(&answer)[key].as_array().unwrap_or_else(|| panic!("{at}: {answer:?}")).clone());
        pages += 1;
        assert!(pages < 100, "{path} never ends");
        let Some(next) = super::lists::next(&answer) else { return (all, pages) };
        at = next;
    }
}

/// A world whose tags are listed, and some of them read; a token for everything, and one for one repository.
async fn read_world() -> (World, String, String) {
    let world = World::new().await;
    let any = world.any().await;
    world.get("/registries/lab/repositories", &any).await;
    for n in 1..=7 {
        world.get(&format!("/registries/lab/repositories/many~r{n}/tags"), &any).await;
    }
    for repository in ["team~app", "other~thing"] {
        world.get(&format!("/registries/lab/repositories/{repository}/tags"), &any).await;
        world.get(&format!("/registries/lab/repositories/{repository}/tags/v1"), &any).await;
    }
    let team = TokenForm {
        permissions: vec!["repository.view".into(), "registry.view".into()],
        registry: "lab".into(),
        repositories: "team/*".into(),
        ..form()
    };
    let team = world.token(team).await;
    (world, any, team)
}

#[tokio::test]
async fn lists_over_all_registries_end_and_show_what_may_be_seen() {
    let (world, any, team) = read_world().await;
    for (path, key, every, own) in [
        ("/tags?sort=name&limit=3", "tags", 17, 9),
        ("/tags?sort=name&limit=3&order=desc&registry=lab&q=v*", "tags", 17, 9),
        ("/repositories?sort=name&limit=2", "repositories", 9, 1),
        ("/repositories?sort=name&limit=2&q=*/thing", "repositories", 1, 0),
    ] {
        for (token, number) in [(&any, every), (&team, own)] {
            let (found, pages) = rows(&world, path, key, token).await;
            let name = |row: &Value| format!("{}/{}:{}", row["registry"], row["repository"], row["tag"]["name"]);
            let unique: BTreeSet<String> = found.iter().map(name).collect();
            assert_eq!((found.len(), unique.len()), (number, number), "{path}: {unique:?}");
            assert!(pages > 1 || number < 3, "{path} comes in pages");
            assert!(token != &team || unique.iter().all(|name| name.contains("team/app")), "{path}: {unique:?}");
        }
    }
}

#[tokio::test]
async fn the_newest_images_of_the_overview_are_those_that_may_be_seen() {
    let (world, any, team) = read_world().await;
    let newest = async |token: &str| -> BTreeSet<String> {
        let overview = read(&world.get("/overview", token).await);
        let rows = overview["newest"].as_array().expect("rows").clone();
        rows.iter().map(|row| row["repository"].as_str().expect("a name").to_owned()).collect()
    };
    let all = newest(&any).await;
    assert!(all.len() > 1 && all.contains("team/app"), "there is something to leave out: {all:?}");
    assert_eq!(newest(&team).await, BTreeSet::from(["team/app".to_owned()]));
}

#[tokio::test]
async fn what_left_and_what_no_tag_names_is_listed() {
    let (world, any, _) = read_world().await;
    let left = read(&world.get("/registries/lab/departures", &any).await);
    assert_eq!(left, json!({ "departures": [] }));
    let bare = read(&world.get("/registries/lab/repositories/team~app/untagged?referrers=shown&sort=size", &any).await);
    assert_eq!((&bare["manifests"], &bare["tags"]), (&json!([]), &json!(9)));
    assert_eq!(bare["matching"], json!({ "number": 0, "exact": true }));
}

#[tokio::test]
async fn how_a_registry_is_asked_is_told_to_those_who_manage_it() {
    let (world, any, team) = read_world().await;
    let pace = read(&world.get("/registries/lab/sync", &any).await)["pace"].clone();
    assert_eq!((&pace["under_way"], &pace["waiting"], &pace["errors"]), (&json!(0), &json!(0), &json!(0)), "{pace}");
    assert!(pace["requests"].as_u64() >= Some(9) && pace["limit"].as_u64() <= pace["allowed"].as_u64(), "{pace}");
    let part = read(&world.get("/registries/lab/sync", &team).await);
    assert!(part["state"].is_string() && part["pace"].is_null(), "a part would tell of the rest: {part}");
}

#[tokio::test]
async fn a_registry_that_wants_to_be_left_alone_for_a_moment_is_told_to_programs_as_to_people() {
    let (world, any, team) = read_world().await;
    world.fake.fault(Fault::too_many("/tags/list", "8"));
    world.site.operations.start_sync();
    let told = async {
        loop {
            let state = read(&world.get("/registries/lab/sync", &any).await);
            if state["why"].is_string() {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(20), told).await.expect("it says why nothing is asked");
    assert_eq!((&told["state"], &told["why"]), (&json!("filling"), &json!("the registry asked us to wait")), "{told}");
    assert!(told["moment"].as_str() > told["as_of"].as_str(), "until when: {told}");
    assert!(told["next"].as_str() >= told["moment"].as_str(), "nothing is due before: {told}");
    let part = read(&world.get("/registries/lab/sync", &team).await);
    assert_eq!((&part["why"], &part["pace"]), (&told["why"], &Value::Null), "to those who do not manage it too");
}
