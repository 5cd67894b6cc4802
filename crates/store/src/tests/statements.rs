//! Every statement is prepared against the real schema.

use super::fresh;
use sqlx::{Executor as _, SqlSafeStr as _, SqlitePool, Statement as _};

const RECORDS: &[(&str, &[(&str, &str)])] = &[
    ("audit/read", crate::audit::READ),
    ("audit/row", crate::audit::ROW),
    ("audit/verify", crate::audit::VERIFY),
    ("audit/write", crate::audit::WRITE),
    ("backup", crate::backup::ALL),
    ("generations", crate::generations::ALL),
    ("leases", crate::leases::ALL),
    ("outbox", crate::outbox::ALL),
    ("people", crate::people::ALL),
    ("probes", crate::probes::ALL),
    ("registries", crate::registries::READ),
    ("registries/changes", crate::registries::CHANGES),
    ("schema", crate::schema::ALL),
    ("sessions", crate::sessions::ALL),
    ("setup", crate::setup::ALL),
    ("tokens", crate::tokens::ALL),
];

const INDEX: &[(&str, &[(&str, &str)])] = &[
    ("index/catalogues", crate::index::CATALOGUES),
    ("index/forget", crate::index::FORGET),
    ("index/contents", crate::index::CONTENTS),
    ("index/neighbours", crate::index::NEIGHBOURS),
    ("index/progress", crate::index::PROGRESS),
    ("index/repositories", crate::index::REPOSITORIES),
    ("index/repository_pages", crate::index::REPOSITORY_PAGES),
    ("index/search", crate::index::SEARCH),
    ("index/tag_pages", crate::index::TAG_PAGES),
    ("index/tags", crate::index::TAGS),
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
