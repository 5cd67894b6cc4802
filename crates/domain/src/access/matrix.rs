//! Who may do what where, as a table: subjects by scopes. A cell tells of each permission whether it holds for all of the
//! scope, for some of it or for none.

use super::{Authority, Grant, PermissionSet, Scope, Subject};
use crate::{Id, Permission, Timestamp};
use std::{
    collections::{BTreeSet, HashMap},
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
    /// By the first segment of names, where the pattern fixes it.
    by_first: HashMap<&'a str, Vec<usize>>,
    /// The rest: whole registries, and patterns that begin anyhow.
    rest: Vec<usize>,
}

/// The first segment of every name that is in the scope, if it is the same one.
fn first(scope: &Scope) -> Option<&str> {
    let pattern = scope.repositories()?;
    let prefix = pattern.prefix();
    match prefix.split_once('/') {
        Some((first, _)) => Some(first),
        None => pattern.is_literal().then_some(prefix),
    }
}

impl<'a> Columns<'a> {
    fn new(all: &'a [Scope]) -> Self {
        let (mut by_first, mut rest) = (HashMap::<&str, Vec<usize>>::new(), Vec::new());
        for (at, scope) in all.iter().enumerate() {
            match first(scope) {
                Some(first) => by_first.entry(first).or_default().push(at),
                None => rest.push(at),
            }
        }
        Self { all, by_first, rest }
    }
    /// Those that have something in common with what is held.
    fn related(&self, held: &Scope) -> Vec<(usize, Extent)> {
        let related = |at: usize| match Extent::of(held, &self.all[at]) {
            Extent::None => None,
            extent => Some((at, extent)),
        };
        match first(held) {
            None => (0..self.all.len()).filter_map(related).collect(),
            Some(first) => {
                let here = self.by_first.get(first).map_or(&[][..], Vec::as_slice);
                here.iter().chain(&self.rest).copied().filter_map(related).collect()
            }
        }
    }
}

/// As much is remembered of which scopes have to do with which columns; beyond, it is found anew each time.
const REMEMBERED: usize = 4_000_000;

/// The table, row by row.
pub struct Rows<'a> {
    authority: &'a Authority,
    columns: Columns<'a>,
    now: Timestamp,
    related: HashMap<&'a Scope, Arc<[(usize, Extent)]>>,
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
        let (authority, now) = (self.authority, self.now);
        if !authority.acts(subject, now) {
            return cells;
        }
        for given in authority.given_to(subject).filter(|given| given.grant.holds(now)) {
            for &(column, extent) in &*self.related(&given.held.scope) {
                let at = *self.at[column].get_or_insert_with(|| {
                    cells.push((column, Cell::default()));
                    cells.len() - 1
                });
                let cell = &mut cells[at].1;
                cell.some = cell.some.union(given.held.permissions);
                if extent == Extent::All {
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

    fn related(&mut self, held: &'a Scope) -> Arc<[(usize, Extent)]> {
        if let Some(related) = self.related.get(held) {
            return Arc::clone(related);
        }
        let related: Arc<[(usize, Extent)]> = self.columns.related(held).into();
        if self.remembered < REMEMBERED {
            self.remembered += related.len() + 1;
            self.related.insert(held, Arc::clone(&related));
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

    /// A grant by its number.
    pub fn grant(&self, id: Id) -> Option<&Arc<Grant>> {
        self.grants().find(|grant| grant.id == id)
    }
}

#[cfg(test)]
mod tests;
