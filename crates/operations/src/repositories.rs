//! The repositories of a registry: its catalogue, and the names that people enter where there is none.

use crate::{
    Error, Kind, Operations, Result, WayOut,
    lists::{self, Pairs},
    overview::Risk,
    reading::{Subject, Trouble, registry_topic},
};
use domain::{
    Actor, FieldErrors, Permission, Place, RegistryName, RepositoryName, Timestamp, Visible,
    audit::Act,
    filters::{Filters, List},
    permission::allows,
    probe::Tone,
};
use std::collections::{HashMap, HashSet};
use store::{
    AddManualRepository, RemoveManualRepository,
    index::{self, Count, Listing, RepositoryFilter, RepositorySort},
};

/// Rows of a page that asks for no number.
pub(crate) const ROWS: u32 = 50;
/// Rows of a page at most.
pub(crate) const MOST_ROWS: u32 = 500;

/// What a person asked for, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoriesQuery {
    /// What the list is filtered by.
    pub filters: Pairs,
    /// `flat`, or empty for grouped by namespace.
    pub view: String,
    /// `name`, `tags`, `newest`, `bytes` or `exclusive`.
    pub sort: String,
    /// `asc` or `desc`; empty for what suits the column.
    pub order: String,
    /// A place from which to go on.
    pub after: String,
    /// A place before which to go back.
    pub before: String,
    /// Rows of a page, up to 500; without, as many as a page shows.
    pub limit: Option<u32>,
}

/// What a registry's page shows.
#[expect(clippy::struct_excessive_bools, reason = "each stands for a part of the page")]
#[derive(Clone, Debug)]
pub struct Repositories {
    /// The registry.
    pub registry: RegistryName,
    /// What it is, in an administrator's words.
    pub description: String,
    /// Its address.
    pub address: String,
    /// What is risky about the way it is reached.
    pub risk: Option<Risk>,
    /// How it is.
    pub health: (Tone, String),
    /// What it runs, where it told.
    pub software: Option<String>,
    /// Sums, as far as known.
    pub totals: index::Totals,
    /// The rows, in groups: one group without a heading where the list is flat.
    pub groups: Vec<Group>,
    /// Is it grouped?
    pub grouped: bool,
    /// How many the filter lets through.
    pub matching: Count,
    /// What it is filtered by.
    pub filters: Filters,
    /// What is wrong with the filters: these are left out.
    pub errors: FieldErrors,
    /// By what the rows are sorted (the value of `sort`), and whether the largest comes first.
    pub sorted: (&'static str, bool),
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// When the catalogue was read, if it ever was.
    pub catalogue: Option<index::Catalogue>,
    /// Is it being read now?
    pub reading: bool,
    /// What stopped the last reading.
    pub trouble: Option<Trouble>,
    /// Does the registry give no catalogue, so that names have to be entered?
    pub by_name: bool,
    /// Names that follow no grammar, as the texts they are.
    pub odd: Vec<String>,
    /// May who asks change its connection and enter names by hand?
    pub manage: bool,
    /// Under which topic news of this page come.
    pub topic: String,
}

/// Repositories below one first component.
#[derive(Clone, Debug)]
pub struct Group {
    /// The component, without `/`; none for those at the top.
    pub name: Option<String>,
    /// How many there are in all, where that is known.
    pub count: Option<u64>,
    /// Those on this page.
    pub rows: Vec<RepositoryRow>,
}

/// A repository in its row.
#[derive(Clone, Debug)]
pub struct RepositoryRow {
    /// Its name.
    pub name: RepositoryName,
    /// How many tags, once they were listed.
    pub tags: Option<u64>,
    /// The newest build known.
    pub newest: Option<Timestamp>,
    /// Bytes of the blobs that it was seen to hold, each once.
    pub bytes: u64,
    /// Bytes of those that no other repository of the registry was seen to hold: freed if it went.
    pub exclusive: u64,
    /// Are its tags listed and all of them read, so that its bytes and its newest build are the whole truth?
    pub whole: bool,
    /// When its tags were listed.
    pub listed_at: Option<Timestamp>,
    /// Was it entered by hand, so that it can be taken from the list?
    pub entered: bool,
}

impl RepositoriesQuery {
    fn sort(&self) -> (RepositorySort, &'static str) {
        match self.sort.as_str() {
            "tags" => (RepositorySort::Tags, "tags"),
            "newest" => (RepositorySort::Newest, "newest"),
            "bytes" => (RepositorySort::Bytes, "bytes"),
            "exclusive" => (RepositorySort::Exclusive, "exclusive"),
            _ => (RepositorySort::Name, "name"),
        }
    }
    /// Groups need the order of names.
    fn grouped(&self) -> bool {
        self.view != "flat" && self.sort().0 == RepositorySort::Name
    }
}

impl Operations {
    /// The repositories of a registry. What is kept is given at once; a visit (`live` is none, it follows what happens)
    /// also starts a reading of the catalogue in the background, and the first one waits for it.
    pub async fn repositories(
        &self,
        actor: &Actor,
        registry: &str,
        query: &RepositoriesQuery,
        live: bool,
    ) -> Result<Repositories> {
        let record = self.record(actor, registry).await?;
        allows(actor, Permission::RepositoryView, Place::Registry(record.id))?;
        let (filters, errors) = lists::read(List::Repositories, &query.filters);
        lists::may_ask(actor, &filters, Place::Registry(record.id))?;
        let all = Visible::to(actor);
        let visible = lists::visible(actor, &filters);
        let index = self.0.store.index();
        let asked = self.0.reading.flights.ended(&Subject::Catalogue(record.id)).is_some();
        let first = !asked && index.catalogue(record.id).await?.is_none();
        if record.enabled && !live {
            self.visit_catalogue(&record, first).await;
        }
        let subject = Subject::Catalogue(record.id);
        let trouble = self.trouble_of(&record, &subject);
        let filter = lists::of_repositories(&filters, self.now());
        let (sort, sort_name) = query.sort();
        let descending = lists::descending(&query.order, sort != RepositorySort::Name);
        let seek = lists::seek(&query.after, &query.before);
        let listing = Listing { sort, descending, seek, limit: query.limit.unwrap_or(ROWS).clamp(1, MOST_ROWS) };
        let index = self.0.store.index();
        let page = index.repositories(&visible, record.id, &filter, &listing).await?;
        let matching = index.count_repositories(&visible, record.id, &filter, lists::COUNTED).await?;
        let catalogue = index.catalogue_seen(&all, record.id).await?;
        let entered = self.0.store.registries().manual_repositories(&all, record.id).await?;
        let manage = allows(actor, Permission::RegistryManage, Place::Registry(record.id)).is_ok();
        // Marked for those who may take them from the list.
        let entered: HashSet<RepositoryName> = entered.into_iter().filter(|_| manage).map(|(name, _)| name).collect();
        if record.enabled && !live {
            self.count_tags_of(&record, &page.rows);
        }
        let rows = page.rows.into_iter().map(|row| row_of(row, &entered));
        let groups = if query.grouped() {
            let rows: Vec<RepositoryRow> = rows.collect();
            let tops: HashSet<&str> = rows.iter().filter_map(|row| top(row.name.as_str())).collect();
            let tops: Vec<&str> = tops.into_iter().collect();
            let text = filter.text.clone();
            let counts = if filter == (RepositoryFilter { text: text.clone(), ..RepositoryFilter::default() }) {
                index.count_below(&visible, record.id, text.as_deref(), &tops).await?
            } else {
                HashMap::new()
            };
            grouped(rows, &counts)
        } else {
            vec![Group { name: None, count: None, rows: rows.collect() }]
        };
        let registry_id = record.id;
        let known = self.known_registry(&all, record).await?;
        let record = &known.record;
        Ok(Repositories {
            registry: record.name.clone(),
            description: record.description.clone(),
            address: record.connection.address.authority(),
            risk: Risk::of(&record.connection),
            health: known.health(self.now()),
            software: known.software(),
            totals: known.totals.unwrap_or_default(),
            groups,
            grouped: query.grouped(),
            matching,
            filters,
            errors,
            sorted: (sort_name, descending),
            previous: page.previous,
            next: page.next,
            by_name: catalogue.is_none() && trouble.as_ref().is_some_and(|trouble| trouble.kind == Kind::Unsupported),
            catalogue,
            reading: self.reads_catalogue(record.id),
            trouble,
            // A name that follows no grammar can't be matched with what may be seen.
            odd: if all.in_registry(registry_id).everything() { self.0.reading.rows.odd(&subject) } else { Vec::new() },
            manage,
            topic: registry_topic(record.id),
        })
    }

    /// Adds a repository by name, so that it stands in the list of a registry that has no catalogue, or hides it.
    pub async fn add_repository(&self, actor: &Actor, registry: &str, name: &str) -> Result<RepositoryName> {
        let record = self.record(actor, registry).await?;
        let name = typed_name(name, &record)?;
        let act = Act::new("repository.add", format!("repository {name} on {}", record.name));
        let place = Place::Repository(record.id, name.clone());
        let permit = self.decide(actor, Permission::RegistryManage, place, &act).await?;
        self.change(permit, &act, AddManualRepository { registry: record.id, name: name.clone() }).await?;
        self.0.store.index().ensure_repository(record.id, &name, self.now()).await?;
        self.tell(&registry_topic(record.id)).await;
        Ok(name)
    }

    /// Takes a repository that was entered by hand from the list. Nothing happens at the registry.
    pub async fn forget_repository_name(&self, actor: &Actor, registry: &str, name: &RepositoryName) -> Result<()> {
        let record = self.record(actor, registry).await?;
        let act = Act::new("repository.forget", format!("repository {name} on {}", record.name));
        let place = Place::Repository(record.id, name.clone());
        let permit = self.decide(actor, Permission::RegistryManage, place, &act).await?;
        self.change(permit, &act, RemoveManualRepository { registry: record.id, name: name.clone() }).await?;
        let known = self
            .0
            .store
            .index()
            .repository(&Visible::to(actor).in_repository(record.id, name), record.id, name)
            .await?;
        if known.is_some_and(|known| !known.catalogued) {
            self.0.store.index().forget_repository(record.id, name).await?;
        }
        self.tell(&registry_topic(record.id)).await;
        Ok(())
    }
}

/// What somebody typed as a name: a pull reference of this registry does too, and its tag or digest is left out.
fn typed_name(text: &str, record: &store::Registry) -> Result<RepositoryName> {
    let text = text.trim();
    let text = text.strip_prefix(&format!("{}/", record.connection.address.authority())).unwrap_or(text);
    let text = text.split('@').next().unwrap_or_default();
    let text = match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => text,
    };
    text.parse().map_err(|why: domain::InvalidName| {
        Error::field("name", why.0).way_out(WayOut::Registry(record.name.to_string()))
    })
}

pub(crate) fn row_of(row: index::Repository, entered: &HashSet<RepositoryName>) -> RepositoryRow {
    RepositoryRow {
        tags: row.tag_count,
        newest: row.newest,
        bytes: row.bytes,
        exclusive: row.exclusive,
        whole: row.tags_listed_at.is_some() && row.unread == 0,
        listed_at: row.tags_listed_at,
        entered: entered.contains(&row.name),
        name: row.name,
    }
}

/// The first component of a name, if it has more than one.
fn top(name: &str) -> Option<&str> {
    name.split_once('/').map(|(top, _)| top)
}

/// Rows in the order of their names, in groups. Names below one first component stand together in that order.
fn grouped(rows: Vec<RepositoryRow>, counts: &HashMap<String, u64>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        let name = top(row.name.as_str()).map(str::to_owned);
        match groups.last_mut() {
            Some(group) if group.name == name => group.rows.push(row),
            _ => {
                let count = name.as_deref().and_then(|name| counts.get(name)).copied();
                groups.push(Group { name, count, rows: vec![row] });
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_one_component_stand_together_with_their_number() {
        let row = |name: &str| RepositoryRow {
            name: name.parse().expect("a name"),
            tags: None,
            newest: None,
            bytes: 0,
            exclusive: 0,
            whole: false,
            listed_at: None,
            entered: false,
        };
        let rows = ["alpine", "app", "app-x/a", "app/one", "app/two/three", "busybox"].map(row).to_vec();
        let counts = HashMap::from([("app".to_owned(), 6), ("app-x".to_owned(), 1)]);
        let groups = grouped(rows, &counts);
        let told: Vec<_> = groups.iter().map(|group| (group.name.as_deref(), group.count, group.rows.len())).collect();
        assert_eq!(told, [(None, None, 2), (Some("app-x"), Some(1), 1), (Some("app"), Some(6), 2), (None, None, 1)]);
    }
}
