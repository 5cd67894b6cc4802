//! Who may do what where, as a table: subjects by scopes. A cell tells of each permission whether it holds for all of the
//! scope, for some of it or for none.

use super::{Authority, Grant, PermissionSet, Scope, Subject, authority::Given, index::ByName, rights::Held};
use crate::{Id, Permission, Timestamp};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// How much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Nothing of it.
    None,
    /// A part of it, or all of it by several grants that are not known to cover it together.
    Some,
    /// The whole.
    All,
}

impl Extent {
    /// The word in exports and the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Some => "some",
            Self::All => "all",
        }
    }
    /// How much of `column` is in `held`. "All" and "none" are always right; "some" may be too careful.
    pub fn of(held: &Scope, column: &Scope) -> Self {
        if let (Some(own), Some(other)) = (held.repositories(), column.repositories()) {
            // Most pairs have nothing in common, and their beginnings tell.
            let (own, other) = (own.prefix(), other.prefix());
            if !own.starts_with(other) && !other.starts_with(own) {
                return Self::None;
            }
        }
        if !held.meets(column) {
            Self::None
        } else if column.is_within(held) {
            Self::All
        } else {
            Self::Some
        }
    }
}

/// What a subject may do in one scope, and by which grants.
#[derive(Clone, Debug, Default)]
pub struct Cell<'a> {
    /// What holds for all of it.
    pub all: PermissionSet,
    /// What holds for all or some of it.
    pub some: PermissionSet,
    /// The grants it comes from.
    pub by: Vec<&'a Arc<Grant>>,
}

impl Cell<'_> {
    /// Of how much of the scope a permission holds.
    pub fn extent(&self, permission: Permission) -> Extent {
        if self.all.contains(permission) {
            Extent::All
        } else if self.some.contains(permission) {
            Extent::Some
        } else {
            Extent::None
        }
    }
}

/// The columns of a table, to be found by what a grant's pattern begins with.
struct Columns<'a> {
    all: &'a [Scope],
    by_name: ByName,
}

impl<'a> Columns<'a> {
    fn new(all: &'a [Scope]) -> Self {
        Self { all, by_name: ByName::of_all(all.iter().map(Scope::repositories)) }
    }
    /// Those that may have something in common with what is held, with how much.
    fn near(&self, held: &Scope) -> impl Iterator<Item = (usize, Extent)> {
        let extent = |at: usize| (at, Extent::of(held, &self.all[at]));
        self.by_name.near(held.repositories()).map(extent).filter(|(_, extent)| *extent != Extent::None)
    }
}

/// Is `permission` (without one: anything) among what is held?
fn gives(held: &Held, permission: Option<Permission>) -> bool {
    permission.map_or(!held.permissions.is_empty(), |one| held.permissions.contains(one))
}

/// As much is remembered of what teams have to do with which columns; beyond, it is found anew each time.
const REMEMBERED: usize = 4_000_000;

/// A grant that has to do with a column.
#[derive(Clone, Copy)]
struct Related<'a> {
    column: usize,
    /// Does it hold for all of the column?
    all: bool,
    given: &'a Given,
}

/// The table, row by row.
pub struct Rows<'a> {
    authority: &'a Authority,
    columns: Columns<'a>,
    now: Timestamp,
    /// What is granted to those through whom many hold it.
    related: HashMap<Subject, Arc<[Related<'a>]>>,
    remembered: usize,
    /// Where in the row being made a column stands; nothing between two rows.
    at: Vec<Option<usize>>,
}

impl<'a> Rows<'a> {
    /// Of a table with these columns, at this moment.
    pub fn new(authority: &'a Authority, columns: &'a [Scope], now: Timestamp) -> Self {
        let at = vec![None; columns.len()];
        let columns = Columns::new(columns);
        Self { authority, columns, now, related: HashMap::new(), remembered: 0, at }
    }

    /// The cells of a subject that are not empty, each with the number of its column, in order.
    pub fn row(&mut self, subject: Subject) -> Vec<(usize, Cell<'a>)> {
        let mut cells: Vec<(usize, Cell<'a>)> = Vec::new();
        if !self.authority.acts(subject, self.now) {
            return cells;
        }
        for through in self.authority.through(subject) {
            for &Related { column, all, given } in &*self.related(through) {
                let at = *self.at[column].get_or_insert_with(|| {
                    cells.push((column, Cell::default()));
                    cells.len() - 1
                });
                let cell = &mut cells[at].1;
                cell.some = cell.some.union(given.held.permissions);
                if all {
                    cell.all = cell.all.union(given.held.permissions);
                }
                cell.by.push(&given.grant);
            }
        }
        for (column, _) in &cells {
            self.at[*column] = None;
        }
        cells.sort_unstable_by_key(|(column, _)| *column);
        cells
    }

    /// The rows that have `permission` (without one: anything) somewhere in the columns. They are not made for it.
    pub fn holders(&self, permission: Option<Permission>) -> HashSet<Subject> {
        self.authority
            .holders_where(self.now, |held| gives(held, permission) && self.columns.near(&held.scope).next().is_some())
    }

    /// What of what is granted to this subject itself has to do with the columns.
    fn related(&mut self, through: Subject) -> Arc<[Related<'a>]> {
        if let Some(related) = self.related.get(&through) {
            return Arc::clone(related);
        }
        let (authority, columns, now) = (self.authority, &self.columns, self.now);
        let live = authority.given_itself(through).iter().filter(|given| given.grant.holds(now));
        let related = live.flat_map(|given| {
            let near = columns.near(&given.held.scope);
            near.map(move |(column, extent)| Related { column, all: extent == Extent::All, given })
        });
        let related: Arc<[Related<'a>]> = related.collect();
        // What is one account's own is asked for once.
        if !matches!(through, Subject::Person(_) | Subject::Robot(_)) && self.remembered < REMEMBERED {
            self.remembered += related.len() + 1;
            self.related.insert(through, Arc::clone(&related));
        }
        related
    }
}

impl Authority {
    /// The scopes of grants that hold now, each once, as far as they pass.
    pub fn columns(&self, now: Timestamp, passes: impl Fn(&Scope) -> bool) -> BTreeSet<Scope> {
        let mut columns = BTreeSet::new();
        for grant in self.grants().filter(|grant| grant.holds(now)) {
            if !columns.contains(&grant.scope) {
                columns.insert(grant.scope.clone());
            }
        }
        columns.retain(passes);
        columns
    }

    /// The rows of the table: people, robots, and those that are always there. Teams act through their people.
    pub fn rows(&self) -> Vec<Subject> {
        let mut subjects = self.subjects();
        subjects.retain(|subject| !matches!(subject, Subject::Team(_)));
        subjects
    }

    /// The rows that have `permission` (without one: anything) anywhere.
    pub fn holders_anywhere(&self, permission: Option<Permission>, now: Timestamp) -> HashSet<Subject> {
        self.holders_where(now, |held| gives(held, permission))
    }

    fn holders_where(&self, now: Timestamp, has: impl Fn(&Held) -> bool) -> HashSet<Subject> {
        self.holders_of(&self.given_where(now, has), now).into_iter().collect()
    }

    /// A grant by its number.
    pub fn grant(&self, id: Id) -> Option<&Arc<Grant>> {
        self.grants().find(|grant| grant.id == id)
    }
}

#[cfg(test)]
mod tests;
