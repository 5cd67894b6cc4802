//! What left the index of a registry, when, and on what evidence: for whoever wonders where something went.

use crate::{Operations, Result};
use domain::{Actor, Id, Permission, Place, RegistryName, Visible, permission::allows};
use store::Departed;

/// Rows of a page that asks for no number.
const ROWS: u32 = 50;
/// Rows of a page at most.
const MOST_ROWS: u32 = 500;

/// Which departures are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeparturesQuery {
    /// Those before this number: the next page.
    pub below: Option<Id>,
    /// Those after this number: the page before.
    pub above: Option<Id>,
    /// Rows of a page, up to 500; without, as many as a page shows.
    pub limit: Option<u32>,
}

/// A page of departures, newest first.
#[derive(Clone, Debug)]
pub struct Departures {
    /// The registry.
    pub registry: RegistryName,
    /// What left.
    pub rows: Vec<Departed>,
    /// The number to ask below for older ones.
    pub older: Option<Id>,
    /// The number to ask above for newer ones.
    pub newer: Option<Id>,
}

impl Operations {
    /// What left the index of a registry. It needs the right to manage the registry.
    pub async fn departures(&self, actor: &Actor, registry: &str, query: DeparturesQuery) -> Result<Departures> {
        let record = self.record(actor, registry).await?;
        allows(actor, Permission::RegistryManage, Place::Registry(record.id))?;
        let limit = query.limit.unwrap_or(ROWS).clamp(1, MOST_ROWS);
        let visible = Visible::to(actor);
        let page = self.0.store.departures().list(&visible, record.id, query.below, query.above, limit).await?;
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
        Ok(Departures {
            registry: record.name,
            rows: page.rows,
            older: number(page.next),
            newer: number(page.previous),
        })
    }
}
