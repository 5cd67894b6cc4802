//! Health of the content: what is wrong with manifests, tags and repositories, where, and what to do about it.

mod presence;

pub(crate) use presence::Asked;

use crate::{Error, Operations, Result, lists::seek, overview::Risk, reading::registry_topic};
use domain::{
    Actor, Permission, Place, RegistryName, Timestamp, Visible,
    audit::Act,
    health::{Check, CheckSet},
    permission::allows,
};
pub use store::index::{Page, Strike};
use store::{
    SwitchCheck,
    index::{Count, Covered, StrikesListing},
};

/// Findings of a page.
const ROWS: u32 = 50;

/// What a person asked for, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthQuery {
    /// Only where this check strikes; empty for the list of checks.
    pub check: String,
    /// A place from which to go on.
    pub after: String,
    /// A place before which to go back.
    pub before: String,
}

/// How the content of a registry is.
#[derive(Clone, Debug)]
pub struct Health {
    /// The registry.
    pub registry: RegistryName,
    /// What is risky about the way it is reached.
    pub risk: Option<Risk>,
    /// Repositories known.
    pub repositories: u64,
    /// What the checks looked at: what is not read yet, they say nothing about.
    pub covered: Covered,
    /// When the registry's list was read last.
    pub as_of: Option<Timestamp>,
    /// The checks, the worst first; of one level those that strike before the others.
    pub checks: Vec<CheckRow>,
    /// Checks that are left out because they tell of configurations.
    pub hidden: usize,
    /// May who asks switch checks on and off?
    pub may_switch: bool,
    /// The check that was asked for, and where it strikes.
    pub shown: Option<(CheckRow, Page<Strike>)>,
    /// Under which topic news of this page come.
    pub topic: String,
}

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// Which.
    pub check: Check,
    /// How often it strikes; unknown where not everything may be seen.
    pub count: Option<Count>,
    /// Is it switched off, and where?
    pub off: Option<Off>,
}

/// Where a check is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// In this registry.
    Here,
    /// In all registries.
    Everywhere,
}

impl HealthQuery {
    fn listing(&self, now: Timestamp) -> StrikesListing {
        StrikesListing { now, seek: seek(&self.after, &self.before), limit: ROWS }
    }
}

impl Operations {
    /// What the checks say of a registry, or where one of them strikes. Those that tell of configurations are for those who
    /// may pull.
    pub async fn health(&self, actor: &Actor, registry: &str, query: &HealthQuery) -> Result<Health> {
        let record = self.record(actor, registry).await?;
        let place = Place::Registry(record.id);
        allows(actor, Permission::RepositoryView, place.clone())?;
        let inside = Visible::inside(actor);
        // Where they may look inside of something here, the checks that do say what they find there.
        let may_pull = if inside.in_registry(record.id).repositories_at_all() {
            Ok(())
        } else {
            allows(actor, Permission::RepositoryPull, place.clone()).map(|_| ())
        };
        let may_switch = allows(actor, Permission::RegistryManage, place).is_ok();
        let visible = Visible::to(actor);
        let index = self.0.store.index();
        let shown = CheckSet::ALL.shown_to(may_pull.is_ok());
        let counts = self.strikes_of(actor, &[record.id]).await?;
        let (off, everywhere) =
            (self.0.store.checks_off().in_registry(record.id).await?, self.0.store.checks_off().everywhere().await?);
        let row = |check| CheckRow {
            check,
            count: counts.get(&(record.id, check)).copied(),
            off: match (everywhere.contains(check), off.contains(check)) {
                (true, _) => Some(Off::Everywhere),
                (false, true) => Some(Off::Here),
                (false, false) => None,
            },
        };
        let mut checks: Vec<CheckRow> = shown.iter().map(row).collect();
        checks.sort_by_key(|row| {
            let strikes = row.count.is_some_and(|count| count.number > 0);
            (row.off.is_some(), std::cmp::Reverse(row.check.level()), !strikes, row.check.bit())
        });
        let found = match query.check.as_str() {
            "" => None,
            name => {
                let check = Check::parse(name).ok_or_else(|| Error::not_found(format!("check {name}")))?;
                if check.needs_pull() {
                    may_pull?;
                }
                let seen = if check.needs_pull() { &inside } else { &visible };
                Some((row(check), index.strikes(seen, record.id, check, &query.listing(self.now())).await?))
            }
        };
        let totals = index.totals(&visible, record.id).await?;
        let catalogue = index.catalogue_seen(&visible, record.id).await?;
        Ok(Health {
            risk: Risk::of(&record.connection),
            repositories: totals.repositories,
            covered: Covered { tags: totals.tags, read: totals.tags.saturating_sub(totals.unread) },
            as_of: catalogue.map(|catalogue| catalogue.listed_at),
            hidden: Check::ALL.len() - checks.len(),
            checks,
            may_switch,
            shown: found,
            topic: registry_topic(record.id),
            registry: record.name,
        })
    }

    /// Switches a check on or off, in one registry or in all. It is a record: the content stays as it is.
    pub async fn switch_check(
        &self,
        actor: &Actor,
        registry: &str,
        check: &str,
        on: bool,
        everywhere: bool,
    ) -> Result<RegistryName> {
        let record = self.record(actor, registry).await?;
        let check = Check::parse(check).ok_or_else(|| Error::not_found(format!("check {check}")))?;
        let (place, of) = if everywhere {
            (Place::System, "all registries".to_owned())
        } else {
            (Place::Registry(record.id), record.name.to_string())
        };
        let verb = if on { "check.switch-on" } else { "check.switch-off" };
        let act = Act::new(verb, format!("check {} in {of}", check.as_str()));
        let permit = self.decide(actor, Permission::RegistryManage, place, &act).await?;
        let registry = (!everywhere).then_some(record.id);
        self.change(permit, &act, SwitchCheck { registry, check, on }).await?;
        self.tell(&registry_topic(record.id)).await;
        Ok(record.name)
    }
}
