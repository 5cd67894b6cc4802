//! What tags pointed to.

use crate::world::{World, image, name, query};
use domain::Actor;
use operations::{Kind, history::HistoryQuery};

#[tokio::test]
async fn a_move_that_was_seen_stays_on_record_when_the_index_forgets() {
    let world = World::new().await;
    let before = image(&world.fake, "team/api", "latest", 1, 100);
    image(&world.fake, "team/api", "v1", 1, 100);
    world.settled("team/api", &query("name")).await;
    let history = async |query: HistoryQuery| {
        world.operations.history(&world.ada, "lab", &name("team/api"), &query).await.expect("a history")
    };
    assert!(history(HistoryQuery::default()).await.moves.is_empty(), "where it pointed before is not known");
    world.later();
    let after = image(&world.fake, "team/api", "latest", 2, 200);
    world.settled("team/api", &query("name")).await;
    let shown = history(HistoryQuery { tag: "latest".into(), ..HistoryQuery::default() }).await;
    let moved = &shown.moves[0].movement;
    assert_eq!((moved.from.clone(), moved.to.clone()), (Some(before), Some(after.clone())));
    assert_eq!(shown.now.expect("known").0, after);
    assert_eq!(shown.moves.len(), 1);
    assert!(history(HistoryQuery { tag: "v1".into(), ..HistoryQuery::default() }).await.moves.is_empty());
    let odd = history(HistoryQuery { tag: "no tag".into(), ..HistoryQuery::default() }).await;
    assert!(odd.tag_problem.is_some() && odd.moves.len() == 1);

    let store = world.operations.store();
    let registry = store.registries().list(&domain::Visible::to(&world.ada)).await.expect("listed")[0].id;
    store.index().forget_registry(registry).await.expect("forgotten");
    let shown = history(HistoryQuery::default()).await;
    assert_eq!((shown.moves.len(), shown.watched_since), (1, None), "a record, not cache");
}

#[tokio::test]
async fn a_history_is_for_those_who_may_see_the_repository() {
    let world = World::new().await;
    let nobody = Actor::anonymous("198.51.100.7", "", "");
    let asked = world.operations.history(&nobody, "lab", &name("team/api"), &HistoryQuery::default()).await;
    assert!(matches!(asked.expect_err("refused").kind, Kind::NotFound | Kind::SignInNeeded));
    let query = HistoryQuery { after: "no number".into(), ..HistoryQuery::default() };
    world.operations.history(&world.ada, "lab", &name("team/api"), &query).await.expect_err("no place in a list");
}
