//! The registries we talk to: one client each, made anew when the connection changes.

mod minting;

use crate::{Error, Kind, Operations, Result, WayOut};
use domain::{Actor, Id, Permission, Place, RegistryName, RepositoryName, permission::allows};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The clients at hand, by registry, each with the version of the connection it was made for.
#[derive(Default)]
pub(crate) struct Clients(Mutex<HashMap<Id, (i64, registry::Registry)>>);

impl Clients {
    /// How a registry is being asked right now, if it is.
    pub(crate) fn state(&self, registry: Id) -> Option<registry::PaceState> {
        let clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.get(&registry).map(|(_, client)| client.state())
    }
}

/// A registry that an actor may ask: its record and the client that talks to it.
#[derive(Clone)]
pub struct Target {
    /// What we know of it.
    pub record: store::Registry,
    /// The client.
    pub client: registry::Registry,
}

/// Nothing asks a registry that is switched off.
pub(crate) fn in_use(record: &store::Registry) -> Result<()> {
    if record.enabled {
        return Ok(());
    }
    let way = WayOut::Connection(record.name.to_string());
    Err(Error::new(Kind::RegistryDown, format!("{} is switched off.", record.name)).way_out(way))
}

impl Operations {
    /// The registry called `name`, if `actor` may see it.
    pub(crate) async fn record(&self, actor: &Actor, name: &str) -> Result<store::Registry> {
        let missing = || Error::not_found(format!("registry {name}")).way_out(WayOut::Overview);
        let name: RegistryName = name.parse().map_err(|_| missing())?;
        let visible = domain::Visible::to(actor);
        let found = self.0.store.registries().by_name(&visible, &name).await?.ok_or_else(missing)?;
        allows(actor, Permission::RegistryView, Place::Registry(found.id))?;
        Ok(found)
    }

    /// The registry called `name` with a client to ask it, if `actor` has `permission` on `repository` there.
    pub(crate) async fn target(
        &self,
        actor: &Actor,
        name: &str,
        repository: &RepositoryName,
        permission: Permission,
    ) -> Result<Target> {
        let record = self.record(actor, name).await?;
        allows(actor, permission, Place::Repository(record.id, repository.clone()))?;
        let client = self.client(&record).await?;
        Ok(Target { record, client })
    }

    /// The client of a registry; a disabled or unreadable one has none.
    pub(crate) async fn client(&self, record: &store::Registry) -> Result<registry::Registry> {
        in_use(record)?;
        let kept = self.0.clients.0.lock().unwrap_or_else(PoisonError::into_inner).get(&record.id).cloned();
        if let Some((version, client)) = kept
            && version == record.version
        {
            return Ok(client);
        }
        let secrets = self.0.store.registries().secrets(record.id).await.map_err(|error| match error {
            store::Error::Unreadable { .. } => Error {
                cause: Some(Box::new(error)),
                ..Error::new(
                    Kind::Setting,
                    format!(
                        "The credentials of {} can’t be read: the key file has changed. Enter them again.",
                        record.name
                    ),
                )
                .way_out(WayOut::Connection(record.name.to_string()))
            },
            other => other.into(),
        })?;
        let minter = Some(self.minter(record.id));
        let made = registry::Registry::connect_minting(record.name.as_str(), &record.connection, &secrets, minter);
        let client = made.map_err(|error| Error::from(error).way_out(WayOut::Connection(record.name.to_string())))?;
        let mut clients = self.0.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.insert(record.id, (record.version, client.clone()));
        Ok(client)
    }

    /// Forgets the client of a registry that was changed or removed, and what it said through the old connection.
    /// `version` is that of the record before: whoever still reads by it writes no more.
    pub(crate) async fn forget_client(&self, id: Id, version: i64) {
        self.0.reading.gates.close(id, version).await;
        self.0.reading.forget(id);
        self.0.clients.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}
