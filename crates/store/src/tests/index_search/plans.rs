//! What searches cost: every statement goes through an index, so that its rows are bounded by what it looks for.

use super::fresh;
use crate::index::search::{BASES, IMAGES, LABELS, LAYERS, PREFIXES, REPOSITORIES, TAGS, WHEREABOUTS};
use sqlx::{AssertSqlSafe, Row as _};

/// What may be walked from end to end: a list that came in with the question, a step's own rows, an index of words.
fn is_bounded(line: &str) -> bool {
    let walked = line.strip_prefix("SCAN ");
    walked.is_none_or(|what| {
        let virtual_table = what.contains("VIRTUAL TABLE INDEX");
        // The rows of a subquery that has a limit of its own.
        let inner = ["x", "keys", "(subquery"].iter().any(|name| what.starts_with(name));
        virtual_table || (inner && !what.contains("USING"))
    })
}

#[tokio::test]
async fn no_search_walks_through_a_whole_table() {
    let fresh = fresh().await;
    let readers = &fresh.store.index().pools.readers;
    let mut plans = 0;
    for (name, sql) in [BASES, IMAGES, LABELS, LAYERS, PREFIXES, REPOSITORIES, TAGS, WHEREABOUTS].into_iter().flatten()
    {
        let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
        let lines = plan.fetch_all(readers).await.expect("a plan");
        for line in lines {
            let line: String = line.get("detail");
            assert!(is_bounded(&line), "{name}: {line}\n{sql}");
            plans += 1;
        }
    }
    assert!(plans > 40, "{plans}");
}

#[test]
fn a_walk_through_a_table_would_be_noticed() {
    for bad in
        ["SCAN tags", "SCAN t", "SCAN labels USING COVERING INDEX sqlite_autoindex_labels_1", "SCAN x USING INDEX y"]
    {
        assert!(!is_bounded(bad), "{bad}");
    }
    for good in
        ["SEARCH t USING PRIMARY KEY (repository_id=?)", "SCAN n VIRTUAL TABLE INDEX 1:", "SCAN x", "CO-ROUTINE x"]
    {
        assert!(is_bounded(good), "{good}");
    }
}
