//! Every statement is prepared against the real schema.

use super::fresh;
use sqlx::{Executor as _, SqlSafeStr as _, SqlitePool, Statement as _};

const RECORDS: &[(&str, &[(&str, &str)])] = &[
    ("audit/held_back", crate::audit::HELD_BACK),
    ("audit/read", crate::audit::READ),
    ("audit/row", crate::audit::ROW),
    ("audit/verify", crate::audit::VERIFY),
    ("audit/write", crate::audit::WRITE),
    ("access", crate::access::ALL),
    ("access_requests", crate::access_requests::ALL),
    ("access_reviews", crate::access_reviews::ALL),
    ("access_use", crate::access_use::ALL),
    ("backup", crate::backup::ALL),
    ("bundle_checks", crate::bundle_checks::ALL),
    ("checks_off", crate::checks_off::ALL),
    ("departures", crate::departures::ALL),
    ("generations", crate::generations::ALL),
    ("grants", crate::grants::ALL),
    ("leases", crate::leases::ALL),
    ("links", crate::links::ALL),
    ("outbox", crate::outbox::ALL),
    ("people", crate::people::ALL),
    ("people/leaving", crate::people::LEAVING),
    ("people/list", crate::people::LIST_OF_ALL),
    ("probes", crate::probes::ALL),
    ("refresh_tokens", crate::refresh_tokens::ALL),
    ("registries", crate::registries::READ),
    ("registries/changes", crate::registries::CHANGES),
    ("robots", crate::robots::ALL),
    ("robots/changes", crate::robots::CHANGES),
    ("roles", crate::roles::ALL),
    ("schema", crate::schema::ALL),
    ("services", crate::services::ALL),
    ("sessions", crate::sessions::ALL),
    ("setup", crate::setup::ALL),
    ("signing_keys", crate::signing_keys::ALL),
    ("storage_samples", crate::storage_samples::ALL),
    ("tag_moves", crate::tag_moves::ALL),
    ("sync_settings", crate::sync_settings::ALL),
    ("teams", crate::teams::ALL),
    ("token_settings", crate::token_settings::ALL),
    ("tokens", crate::tokens::ALL),
];

const INDEX: &[(&str, &[(&str, &str)])] = &[
    ("index/across_repositories", crate::index::ACROSS_REPOSITORIES),
    ("index/across_tags", crate::index::ACROSS_TAGS),
    ("index/belongings", crate::index::BELONGINGS),
    ("index/catalogues", crate::index::CATALOGUES),
    ("index/compare", crate::index::COMPARE),
    ("index/health", crate::index::HEALTH),
    ("index/health/presence", crate::index::HEALTH_PRESENCE),
    ("index/health/repository", crate::index::HEALTH_REPOSITORY),
    ("index/health/tags", crate::index::HEALTH_TAGS),
    ("index/storage", crate::index::STORAGE),
    ("index/storage/layers", crate::index::STORAGE_LAYERS),
    ("index/storage/namespaces", crate::index::STORAGE_NAMESPACES),
    ("index/storage/tags", crate::index::STORAGE_TAGS),
    ("index/forget", crate::index::FORGET),
    ("index/contents", crate::index::CONTENTS),
    ("index/neighbours", crate::index::NEIGHBOURS),
    ("index/newest", crate::index::NEWEST),
    ("index/progress", crate::index::PROGRESS),
    ("index/repositories", crate::index::REPOSITORIES),
    ("index/repository_pages", crate::index::REPOSITORY_PAGES),
    ("index/save", crate::index::SAVE),
    ("index/schedule", crate::index::SCHEDULE),
    ("index/seen", crate::index::SEEN),
    ("index/search/bases", crate::index::search::BASES),
    ("index/search/images", crate::index::search::IMAGES),
    ("index/search/labels", crate::index::search::LABELS),
    ("index/search/layers", crate::index::search::LAYERS),
    ("index/search/prefixes", crate::index::search::PREFIXES),
    ("index/search/repositories", crate::index::search::REPOSITORIES),
    ("index/search/tags", crate::index::search::TAGS),
    ("index/search/whereabouts", crate::index::search::WHEREABOUTS),
    ("index/sweep", crate::index::SWEEP),
    ("index/tag_filter", crate::index::TAG_FILTER),
    ("index/tag_pages", crate::index::TAG_PAGES),
    ("index/few_names", crate::index::FEW_NAMES),
    ("index/tags", crate::index::TAGS),
    ("index/untagged", crate::index::UNTAGGED),
    ("index/unused", crate::index::UNUSED),
];

async fn prepare(pool: &SqlitePool, modules: &'static [(&str, &[(&str, &str)])]) {
    for (module, statements) in modules {
        for (name, sql) in *statements {
            let prepared = pool.prepare(sql.into_sql_str()).await;
            let prepared = prepared.unwrap_or_else(|error| panic!("{module}::{name}: {error}\n{sql}"));
            assert!(!prepared.sql().as_str().is_empty());
        }
    }
}

#[tokio::test]
async fn every_statement_fits_the_schema() {
    let fresh = fresh().await;
    prepare(&fresh.store.inner.records.writer, RECORDS).await;
    prepare(&fresh.store.inner.index.pools.writer, INDEX).await;
}

#[test]
fn statements_of_the_records_keep_to_what_postgresql_shares() {
    for (module, statements) in RECORDS {
        for (name, sql) in *statements {
            assert!(!sql.contains('?'), "{module}::{name} has a placeholder that PostgreSQL does not know");
            for word in ["GLOB", "instr(", "json_each", "INSERT OR", "IFNULL", "rowid", "strftime"] {
                assert!(!sql.contains(word), "{module}::{name} uses {word}, which only SQLite knows");
            }
        }
    }
}

/// A list of statements that exists in a module but not above would never be prepared.
#[test]
fn no_module_with_statements_is_left_out() {
    fn count(directory: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(directory).expect("the sources");
        let paths = entries.map(|entry| entry.expect("a source").path());
        paths
            .filter(|path| path.file_name().is_none_or(|name| name != "tests"))
            .map(|path| {
                if path.is_dir() {
                    return count(&path);
                }
                let text = std::fs::read_to_string(&path).expect("a source");
                usize::from(text.lines().any(|line| line == "statements! {"))
            })
            .sum()
    }
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(count(&sources), RECORDS.len() + INDEX.len());
}
