//! How sums of bytes, findings and clean-ups are read: every statement goes through an index, and lists along that of their
//! order.

use super::{fresh, index_lists_plans::plan};
use crate::index::{
    BELONGINGS, FORGET, HEALTH, HEALTH_PRESENCE, HEALTH_REPOSITORY, HEALTH_TAGS, STORAGE, STORAGE_LAYERS,
    STORAGE_NAMESPACES, STORAGE_TAGS, SWEEP, UNUSED,
};
use sqlx::{AssertSqlSafe, Row as _};

type Module = (&'static str, &'static [(&'static str, &'static str)]);

const MODULES: [Module; 12] = [
    ("storage", STORAGE),
    ("storage/layers", STORAGE_LAYERS),
    ("storage/namespaces", STORAGE_NAMESPACES),
    ("storage/tags", STORAGE_TAGS),
    ("health", HEALTH),
    ("health/presence", HEALTH_PRESENCE),
    ("health/repository", HEALTH_REPOSITORY),
    ("health/tags", HEALTH_TAGS),
    ("sweep", SWEEP),
    ("forget", FORGET),
    ("belongings", BELONGINGS),
    ("unused", UNUSED),
];

/// A statement's own steps, each bounded where it is made; and tables with a row for each registry.
const WALKED: [(&str, &str, &[&str]); 6] = [
    ("storage", "SEEN_BLOBS", &["d"]),
    ("health", "SEEN_COUNTS", &["o", "f"]),
    ("storage/layers", "OF_REPOSITORY", &["x", "y"]),
    ("storage/namespaces", "COUNT", &["x"]),
    ("storage/tags", "TAGS", &["p", "alone", "a", "m", "n"]),
    ("forget", "UNFINISHED", &["forgotten", "catalogues"]),
];

/// May this step of a plan be, because what it walks through is small?
fn is_bounded(module: &str, statement: &str, line: &str) -> bool {
    let Some(what) = line.strip_prefix("SCAN ") else { return true };
    if what.contains("VIRTUAL TABLE INDEX") || what.starts_with("(subquery-") {
        return true;
    }
    let own = WALKED.iter().find(|(of, name, _)| (*of, *name) == (module, statement));
    own.is_some_and(|(.., walked)| walked.contains(&what))
}

#[tokio::test]
async fn no_sum_no_finding_and_no_clean_up_walks_through_a_whole_table() {
    let fresh = fresh().await;
    let readers = &fresh.store.index().pools.readers;
    let mut lines = 0;
    for (module, statements) in MODULES {
        for (name, sql) in statements {
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
            for line in plan.fetch_all(readers).await.expect("a plan") {
                let line: String = line.get("detail");
                assert!(is_bounded(module, name, &line), "{module}::{name}: {line}\n{sql}");
                lines += 1;
            }
        }
    }
    assert!(lines > 150, "{lines}");
}

#[test]
fn a_walk_through_a_table_would_be_noticed() {
    for bad in ["SCAN m", "SCAN findings", "SCAN b USING COVERING INDEX blobs_by_size", "SCAN x USING INDEX y"] {
        assert!(!is_bounded("storage/layers", "LARGEST", bad), "{bad}");
    }
    assert!(is_bounded("storage/layers", "OF_REPOSITORY", "SCAN x"));
    assert!(is_bounded("health", "COUNTS", "SCAN r VIRTUAL TABLE INDEX 1:"));
}

#[tokio::test]
async fn lists_of_bytes_and_findings_are_read_along_the_index_of_their_order() {
    let expected = [
        (STORAGE_LAYERS, "LARGEST", "blobs_by_size (registry_id=? AND size>? AND size<?)", false),
        (STORAGE_LAYERS, "SMALLEST", "blobs_by_size (registry_id=? AND size>?)", false),
        (STORAGE_LAYERS, "HOLDERS", "repository_blobs_by_blob (blob_id=?)", false),
        (STORAGE_NAMESPACES, "LIST_DOWN", "namespaces_by_exclusive (registry_id=? AND (exclusive,name)<(?,?))", false),
        (STORAGE_NAMESPACES, "LIST_UP", "namespaces_by_exclusive (registry_id=? AND (exclusive,name)>(?,?))", false),
        (STORAGE_NAMESPACES, "NAMES", "COVERING INDEX repositories_by_namespace (registry_id=?)", false),
        (STORAGE_TAGS, "POINTS", "tags USING PRIMARY KEY (repository_id=? AND name=?)", false),
        (STORAGE, "REGISTRY", "catalogues USING INTEGER PRIMARY KEY", false),
        (STORAGE, "UNSHARED", "COVERING INDEX repositories_by_exclusive (registry_id=?)", false),
        (STORAGE, "ALL_REPOSITORIES", "repositories USING INTEGER PRIMARY KEY (rowid>?)", false),
        // The holders of one manifest are sorted, not the manifests.
        (HEALTH, "MANIFESTS", "f USING PRIMARY KEY (registry_id=? AND check_bit=? AND manifest_id>?)", true),
        (HEALTH, "MANIFESTS_BACK", "f USING PRIMARY KEY (registry_id=? AND check_bit=? AND manifest_id<?)", true),
        (HEALTH, "REPOSITORIES", "f USING PRIMARY KEY (registry_id=? AND check_bit=? AND repository_id>?)", false),
        (HEALTH, "REPOSITORIES_BACK", "f USING PRIMARY KEY (registry_id=? AND check_bit=? AND repository_id<?)", false),
        (HEALTH, "TAGS", "COVERING INDEX tags_by_manifest (manifest_id=? AND repository_id=?)", false),
        (HEALTH_TAGS, "STRUCK", "USING PRIMARY KEY (registry_id=? AND check_bit=? AND repository_id>?)", false),
        (HEALTH_TAGS, "STRUCK_BACK", "USING PRIMARY KEY (registry_id=? AND check_bit=? AND repository_id<?)", false),
        (HEALTH_TAGS, "BUILT_BEFORE", "tags_by_created (repository_id=? AND created>? AND created<?)", false),
        (HEALTH_TAGS, "BUILT_BEFORE_BACK", "tags_by_created (repository_id=? AND created>? AND created<?)", false),
        (HEALTH_TAGS, "LATEST", "t USING PRIMARY KEY (repository_id=? AND name=?)", false),
        (HEALTH_PRESENCE, "CHILDREN", "h USING PRIMARY KEY (repository_id=? AND manifest_id>?)", false),
        (HEALTH_PRESENCE, "CONFIGS", "h USING PRIMARY KEY (repository_id=? AND manifest_id>?)", false),
        (HEALTH_PRESENCE, "SUBJECTS", "h USING PRIMARY KEY (repository_id=? AND manifest_id>?)", false),
        (SWEEP, "NEVER_NAMED", "h USING PRIMARY KEY (repository_id=? AND manifest_id>?)", false),
        (SWEEP, "ROWS", "repositories USING INTEGER PRIMARY KEY (rowid>?)", false),
        (SWEEP, "UNHELD", "m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", false),
        (UNUSED, "LABELS", "l USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", false),
        (UNUSED, "PLATFORMS", "p USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", false),
        (UNUSED, "TAG_NAMES", "n USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", false),
    ];
    let fresh = fresh().await;
    let readers = &fresh.store.index().pools.readers;
    for (module, statement, index, sorted) in expected {
        let (_, sql) = module.iter().find(|(name, _)| *name == statement).expect("a statement");
        let (found, sorts) = plan(readers, sql).await;
        assert!(found.contains(index), "{statement} walks {found}, not {index}");
        assert_eq!(sorts, sorted, "{statement}: {found}");
    }
}
