//! Probes: what a registry was found able to do, each time it was asked.

use crate::{Error, Store, pools::Pools, sql::statements};
use domain::{Id, Timestamp, Visible};

statements! {
    SAVE = "INSERT INTO probes (registry_id, at, report) VALUES ($1, $2, $3) RETURNING id";
    // The last hundred of a registry are enough to see it drift.
    PRUNE = "DELETE FROM probes WHERE registry_id = $1 AND id <=
             (SELECT id FROM probes WHERE registry_id = $1 ORDER BY id DESC LIMIT 1 OFFSET 100)";
    LIST = "SELECT id, at, report FROM probes WHERE $1 AND registry_id = $2 ORDER BY id DESC LIMIT $3";
    LATEST = "SELECT p.registry_id, p.id, p.at, p.report FROM probes p
              JOIN (SELECT MAX(id) AS id FROM probes GROUP BY registry_id) last ON last.id = p.id WHERE $1";
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Its number.
    pub id: Id,
    /// When.
    pub at: Timestamp,
    /// The report, as the one who asked wrote it.
    pub report: serde_json::Value,
}

/// The probes.
#[derive(Clone, Copy, Debug)]
pub struct Probes<'s>(&'s Pools);

impl Store {
    /// The probes.
    pub fn probes(&self) -> Probes<'_> {
        Probes(&self.inner.records)
    }
}

impl Probes<'_> {
    /// Keeps a report, and the last hundred of the registry.
    pub async fn save(&self, registry: Id, report: &serde_json::Value, at: Timestamp) -> Result<Id, Error> {
        let mut change = self.0.begin().await?;
        let statement = sqlx::query_scalar(SAVE).bind(registry).bind(at.0).bind(report.to_string());
        let id = statement.fetch_one(&mut *change).await?;
        sqlx::query(PRUNE).bind(registry).execute(&mut *change).await?;
        change.commit().await?;
        Ok(id)
    }
    /// A registry's newest report.
    pub async fn latest(&self, visible: &Visible, registry: Id) -> Result<Option<Probe>, Error> {
        Ok(self.list(visible, registry, 1).await?.pop())
    }
    /// Every registry's newest report, by registry id, in one look.
    pub async fn latest_of_all(&self, visible: &Visible) -> Result<Vec<(Id, Probe)>, Error> {
        let rows: Vec<(Id, Id, i64, String)> =
            sqlx::query_as(LATEST).bind(visible.registries_at_all()).fetch_all(&self.0.readers).await?;
        let rows = rows.into_iter().filter(|row| visible.registry(row.0));
        rows.map(|(registry, id, at, report)| Ok((registry, probe(id, at, &report)?))).collect()
    }
    /// A registry's reports, newest first.
    pub async fn list(&self, visible: &Visible, registry: Id, limit: u32) -> Result<Vec<Probe>, Error> {
        let may = visible.registry(registry);
        let rows: Vec<(Id, i64, String)> =
            sqlx::query_as(LIST).bind(may).bind(registry).bind(limit).fetch_all(&self.0.readers).await?;
        rows.into_iter().map(|(id, at, report)| probe(id, at, &report)).collect()
    }
}

fn probe(id: Id, at: i64, report: &str) -> Result<Probe, Error> {
    Ok(Probe { id, at: Timestamp(at), report: serde_json::from_str(report)? })
}
