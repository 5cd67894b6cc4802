//! How lists are read: along which index, and where rows are sorted at all.

use super::fresh;
use sqlx::{AssertSqlSafe, Row as _, SqlitePool};

/// How a statement finds its rows, and whether these have to be sorted; what only the rows shown need is left out.
pub(super) async fn plan(pool: &SqlitePool, sql: &str) -> (String, bool) {
    let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(pool).await.expect("a plan");
    let lines: Vec<(i64, i64, String)> =
        rows.iter().map(|row| (row.get("id"), row.get("parent"), row.get("detail"))).collect();
    // Where a page is made in two steps, the first one is what counts.
    let inner = lines.iter().find(|line| line.2.starts_with("CO-ROUTINE")).map_or(0, |line| line.0);
    let own: Vec<&String> = lines.iter().filter(|line| line.1 == inner).map(|line| &line.2).collect();
    let found = own.iter().find(|detail| detail.starts_with("SEARCH") || detail.starts_with("SCAN"));
    let sorts = own.iter().any(|detail| detail.contains("USE TEMP B-TREE"));
    ((*found.expect("it reads something")).clone(), sorts)
}

/// The index that a statement walks, and whether its rows have to be sorted.
type Expected = (&'static str, &'static str, bool);

async fn check(module: &[(&str, &str)], expected: &[Expected]) {
    let fresh = fresh().await;
    let pool = &fresh.store.inner.index.pools.readers;
    for (name, sql) in module {
        let (_, index, sorted) = expected
            .iter()
            .find(|(beginning, ..)| name.starts_with(beginning))
            .unwrap_or_else(|| panic!("{name} is not expected"));
        let (found, sorts) = plan(pool, sql).await;
        assert!(found.contains(index), "{name} walks {found}, not {index}");
        assert_eq!(sorts, *sorted, "{name}: {found}");
    }
}

#[tokio::test]
async fn lists_of_tags_are_read_along_the_index_of_their_order() {
    let expected = [
        ("BY_NAME", "t USING PRIMARY KEY (repository_id=? AND name>? AND name<?)", false),
        ("BY_VERSION_MISSING", "t USING PRIMARY KEY (repository_id=? AND name", false),
        ("BY_VERSION_FAR", "t USING PRIMARY KEY (repository_id=?)", true),
        ("BY_VERSION", "t USING INDEX tags_by_version (repository_id=? AND ", false),
        ("BY_CREATED_MISSING", "t USING PRIMARY KEY (repository_id=? AND name", false),
        ("BY_CREATED_FAR", "t USING PRIMARY KEY (repository_id=?)", true),
        ("BY_CREATED", "t USING INDEX tags_by_created (repository_id=? AND ", false),
        ("BY_SIZE_MISSING", "t USING PRIMARY KEY (repository_id=? AND name", false),
        ("BY_SIZE_FAR", "t USING PRIMARY KEY (repository_id=?)", true),
        ("BY_SIZE", "t USING INDEX tags_by_size (repository_id=? AND ", false),
        ("BY_MOVED_MISSING", "t USING PRIMARY KEY (repository_id=? AND name", false),
        ("BY_MOVED_FAR", "t USING PRIMARY KEY (repository_id=?)", true),
        ("BY_MOVED", "t USING INDEX tags_by_moved (repository_id=? AND ", false),
        ("VERSION_AFTER", "COVERING INDEX tags_by_version (repository_id=? AND ", false),
        ("CREATED_AFTER", "COVERING INDEX tags_by_created (repository_id=? AND ", false),
        ("SIZE_AFTER", "COVERING INDEX tags_by_size (repository_id=? AND ", false),
        ("MOVED_AFTER", "COVERING INDEX tags_by_moved (repository_id=? AND ", false),
        // Each of few names is looked up, and what is found is sorted.
        ("NAMED", "n VIRTUAL TABLE", true),
        ("COUNT_NAMED", "n VIRTUAL TABLE", false),
        (
            "COUNT_ONLY_VERSIONS",
            "t USING COVERING INDEX tags_by_version (repository_id=? AND version>? AND version<?)",
            false,
        ),
        ("COUNT_NAMES", "t USING PRIMARY KEY (repository_id=? AND name>? AND name<?)", false),
        ("COUNT_VERSIONS", "t USING INDEX tags_by_version (repository_id=? AND version>? AND version<?)", false),
        ("COUNT_REFERRERS", "tags USING PRIMARY KEY (repository_id=? AND name>? AND name<?)", false),
        ("COUNT", "t USING PRIMARY KEY (repository_id=?)", false),
    ];
    check(crate::index::TAG_PAGES, &expected).await;
}

#[tokio::test]
async fn lists_of_repositories_are_read_along_the_index_of_their_order() {
    let expected = [
        ("BY_NAME", "repositories_1 (registry_id=? AND name>? AND name<?)", false),
        ("BY_TAGS", "repositories_by_tags (registry_id=? AND ", false),
        ("BY_NEWEST", "repositories_by_newest (registry_id=? AND ", false),
        ("BY_BYTES", "repositories_by_bytes (registry_id=? AND ", false),
        ("BY_EXCLUSIVE", "repositories_by_exclusive (registry_id=? AND ", false),
        ("NAMESPACES", "repositories_by_namespace (registry_id=? AND namespace>?)", false),
        ("COUNT", "(registry_id=?)", false),
        ("KEPT", "catalogues USING INTEGER PRIMARY KEY", false),
        ("BELOW", "j VIRTUAL TABLE", false),
        // Those who see few: theirs are sorted, and nothing else is looked at.
        ("SEEN_BY", "s VIRTUAL TABLE", true),
        ("SEEN_NAMESPACES", "s VIRTUAL TABLE", true),
        ("SEEN_COUNT", "s VIRTUAL TABLE", false),
        ("SEEN_BELOW", "j VIRTUAL TABLE", false),
    ];
    check(crate::index::REPOSITORY_PAGES, &expected).await;
}

#[tokio::test]
async fn lists_over_registries_are_read_along_the_index_of_their_order() {
    let tags = [
        ("BY_NAME", "t USING INDEX tags_by_name", false),
        ("BY_CREATED", "n USING COVERING INDEX manifests_by_created (registry_id=? AND ", false),
        ("NAME_AFTER", "COVERING INDEX tags_by_name", false),
        ("CREATED_AFTER", "COVERING INDEX manifests_by_created (registry_id=? AND ", false),
        // Those who see few tags: all of them are sorted.
        ("SEEN_BY", "s VIRTUAL TABLE", true),
    ];
    check(crate::index::ACROSS_TAGS, &tags).await;
    let repositories = [
        ("BY_NAME", "repositories_by_name", false),
        ("BY_NEWEST", "repositories_by_newest (registry_id=? AND ", false),
        ("SEEN_BY", "s VIRTUAL TABLE", true),
    ];
    check(crate::index::ACROSS_REPOSITORIES, &repositories).await;
}
