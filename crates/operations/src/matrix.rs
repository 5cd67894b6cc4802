//! Who may do what where, as a table: people, robots and those that are always there by the scopes of grants.

use crate::{
    Error, Operations, Result,
    explain::{scope_text, through},
    grants::{Names, may_look, name_of, registry_called, role_name, sees},
};
use domain::{
    Actor, Id, Permission, Place, Refusal, Timestamp, Visible,
    access::{
        Authority, PermissionSet, Scope, Subject,
        delegation::may_see,
        matrix::{Cell, Rows},
    },
    patterns::Pattern,
};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// As many rows and columns stand in a window.
pub const WINDOW: usize = 50;
/// As many grants are named of a cell.
const NAMED: usize = 12;
/// As many patterns can be typed.
const TYPED: usize = 50;

/// What is asked of the table; empty texts ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatrixQuery {
    /// Part of a subject's name, or the subject.
    pub who: String,
    /// A registry, by name.
    pub registry: String,
    /// A permission: only who has it somewhere.
    pub may: String,
    /// Places instead of those of grants, with commas or spaces between.
    pub patterns: String,
    /// The number of the first row.
    pub row: usize,
    /// The number of the first column.
    pub column: usize,
}

/// A grant that a cell comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its number, if whoever asks may know of it.
    pub grant: Option<Id>,
    /// What people call its role.
    pub role: String,
    /// As whom it reaches the subject, if not as itself.
    pub through: Option<String>,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// A cell of the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What holds for the whole scope.
    pub all: PermissionSet,
    /// What holds for all or some of it.
    pub some: PermissionSet,
    /// Where it comes from, what gives most first.
    pub by: Vec<Source>,
    /// How many more grants it comes from.
    pub more: usize,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is.
    pub scope: Scope,
    /// As addresses say it.
    pub text: String,
}

/// A row of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixRow {
    /// Who.
    pub subject: Subject,
    /// What they are called.
    pub name: String,
    /// May they act at all?
    pub acts: bool,
    /// A cell for each column; nothing where nothing holds.
    pub cells: Vec<Option<Shown>>,
}

/// A window of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The columns of the window.
    pub columns: Vec<Column>,
    /// The rows of the window.
    pub rows: Vec<MatrixRow>,
    /// How many columns there are in all.
    pub all_columns: usize,
    /// How many rows there are in all.
    pub all_rows: usize,
    /// Typed places that are none, or that whoever asks may not look at.
    pub left_out: Vec<String>,
}

/// What is the same for everybody until grants change: the scopes of all grants, and all subjects by name.
#[derive(Default)]
struct Board {
    /// By registry, those of one registry by their patterns.
    columns: Vec<(Option<Id>, Vec<Arc<Scope>>)>,
    subjects: Vec<Subject>,
}

/// The board of the authority it was made of.
#[derive(Default)]
pub(crate) struct Boards(Mutex<Option<(Weak<Authority>, Arc<Board>)>>);

impl Boards {
    fn of(&self, authority: &Arc<Authority>, now: Timestamp) -> Arc<Board> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, board)) = kept
            && of.as_ptr() == Arc::as_ptr(authority)
        {
            return board;
        }
        let mut subjects = authority.rows();
        let kind = |subject: &Subject| match subject {
            Subject::Person(_) | Subject::Team(_) => 0,
            Subject::Robot(_) => 1,
            Subject::Everyone => 2,
            Subject::Anonymous => 3,
        };
        subjects.sort_by(|a, b| (kind(a), authority.name(*a)).cmp(&(kind(b), authority.name(*b))));
        let mut columns: Vec<(Option<Id>, Vec<Arc<Scope>>)> = Vec::new();
        // They come in order.
        for scope in authority.columns(now, |_| true) {
            match columns.last_mut().filter(|(registry, _)| *registry == scope.registry()) {
                Some((_, scopes)) => scopes.push(Arc::new(scope)),
                None => columns.push((scope.registry(), vec![Arc::new(scope)])),
            }
        }
        let board = Arc::new(Board { columns, subjects });
        let made = Some((Arc::downgrade(authority), Arc::clone(&board)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = made;
        board
    }
}

/// A table that can be made: who asks, and what it is of.
struct Table {
    actor: Actor,
    authority: Arc<Authority>,
    names: Names,
    now: Timestamp,
    columns: Vec<Arc<Scope>>,
    /// Are these the scopes of all grants?
    whole: bool,
    subjects: Vec<Subject>,
    left_out: Vec<String>,
}

/// A line of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who.
    pub subject: Subject,
    /// What they are called.
    pub name: String,
    /// Where, as addresses say it.
    pub place: Arc<str>,
    /// What holds for the whole scope.
    pub all: PermissionSet,
    /// What holds for all or some of it.
    pub some: PermissionSet,
    /// The grants it comes from, as far as whoever asks may know of them.
    pub grants: Vec<Id>,
}

impl Operations {
    /// A window of the table. Only of places at which this actor may see who may do what.
    pub async fn matrix(&self, actor: &Actor, query: &MatrixQuery) -> Result<Matrix> {
        let (row, column) = (query.row, query.column);
        let table = self.table(actor, query).await?;
        tokio::task::spawn_blocking(move || table.window(row, column)).await.map_err(Error::internal)
    }

    /// The whole table, a line for each cell that is not empty, row after row. Each step of the iterator is a row's work.
    pub async fn whole_matrix(
        &self,
        actor: &Actor,
        query: &MatrixQuery,
    ) -> Result<impl FnOnce(&mut dyn FnMut(Vec<Line>) -> bool) + Send + use<>> {
        let table = self.table(actor, query).await?;
        Ok(move |take: &mut dyn FnMut(Vec<Line>) -> bool| table.lines(take))
    }

    async fn table(&self, actor: &Actor, query: &MatrixQuery) -> Result<Table> {
        may_look(actor)?;
        if !Visible::by(actor, Permission::GrantView).repositories_at_all() {
            let (permission, place) = (Permission::GrantView, Place::System);
            return Err(Refusal { permission, place, actor: actor.name.clone(), may_know: true }.into());
        }
        let (authority, names, now) = (self.authority().await?, self.registry_names_for(actor).await?, self.now());
        let (boards, actor, query) = (self.clone(), actor.clone(), query.clone());
        let made = tokio::task::spawn_blocking(move || {
            let board = boards.0.boards.of(&authority, now);
            let (columns, subjects, left_out) = (Vec::new(), Vec::new(), Vec::new());
            let mut table = Table { actor, authority, names, now, columns, whole: false, subjects, left_out };
            table.choose_columns(&board, &query);
            table.choose_rows(&board, &query);
            table
        });
        made.await.map_err(Error::internal)
    }
}

/// The scope that a text names: `everything`, `production`, `production/team-a/**`, `*/team-a/**`, `team-a/**`.
pub(crate) fn scope_of(names: &Names, text: &str) -> Option<Scope> {
    let by_name = |name: &str| registry_called(names, name);
    if text == "everything" {
        return Some(Scope::default());
    }
    if let Some(id) = by_name(text) {
        return Some(Scope::new(Some(id), None));
    }
    let pattern = |text: &str| text.replace('~', "/").parse::<Pattern>().ok();
    match text.split_once('/') {
        Some(("*", rest)) => Some(Scope::new(None, Some(pattern(rest)?))),
        Some((registry, rest)) if by_name(registry).is_some() => {
            Some(Scope::new(by_name(registry), Some(pattern(rest)?)))
        }
        _ => Some(Scope::new(None, Some(pattern(text)?))),
    }
}

/// Columns to make cells of.
fn owned(columns: &[Arc<Scope>]) -> Vec<Scope> {
    columns.iter().map(|scope| Scope::clone(scope)).collect()
}

impl Table {
    fn choose_columns(&mut self, board: &Board, query: &MatrixQuery) {
        let registry = registry_called(&self.names, &query.registry);
        let fits = |own: Option<Id>| match (query.registry.trim(), registry) {
            ("", _) => true,
            (_, Some(id)) => own == Some(id),
            // A registry that is not known, or not to be seen, has no columns.
            (_, None) => false,
        };
        let typed = query.patterns.split([',', ' ', '\n']).map(str::trim).filter(|text| !text.is_empty());
        let typed: Vec<String> = typed.take(TYPED).map(str::to_owned).collect();
        if typed.is_empty() {
            let all = may_see(&self.actor, Scope::EVERYTHING);
            let mut groups: Vec<_> = board.columns.iter().filter(|(registry, _)| fits(*registry)).collect();
            groups.sort_by_cached_key(|(registry, _)| {
                registry.map(|id| self.names.get(&id).cloned().unwrap_or_default())
            });
            self.whole = all && groups.len() == board.columns.len();
            let scopes = groups.into_iter().flat_map(|(_, scopes)| scopes);
            self.columns = scopes.filter(|scope| all || may_see(&self.actor, scope)).cloned().collect();
            return;
        }
        for text in typed {
            let may = |scope: &Scope| fits(scope.registry()) && may_see(&self.actor, scope);
            match scope_of(&self.names, &text).filter(may).map(Arc::new) {
                Some(scope) if self.columns.contains(&scope) => {}
                Some(scope) => self.columns.push(scope),
                None => self.left_out.push(text),
            }
        }
    }

    fn choose_rows(&mut self, board: &Board, query: &MatrixQuery) {
        let who = query.who.trim().to_lowercase();
        let may = Permission::named(query.may.trim());
        // Who sees all grants sees everybody; others see those who can do something where they may look.
        let everybody = may.is_none() && may_see(&self.actor, Scope::EVERYTHING);
        let named = |subject: &Subject| {
            let name = self.authority.name(*subject).unwrap_or_default();
            who.is_empty() || name.to_lowercase().contains(&who) || subject.to_string() == who
        };
        let mut subjects: Vec<Subject> = board.subjects.iter().copied().filter(named).collect();
        if !everybody {
            let holders = if self.whole {
                self.authority.holders_anywhere(may, self.now)
            } else {
                Rows::new(&self.authority, &owned(&self.columns), self.now).holders(may)
            };
            subjects.retain(|subject| holders.contains(subject));
        }
        self.subjects = subjects;
    }

    fn window(self, row: usize, column: usize) -> Matrix {
        let from = column.min(self.columns.len());
        let columns = owned(&self.columns[from..self.columns.len().min(from.saturating_add(WINDOW))]);
        let mut rows = Rows::new(&self.authority, &columns, self.now);
        let subjects = self.subjects.iter().skip(row).take(WINDOW);
        let shown = subjects.map(|subject| {
            let mut cells: Vec<Option<Shown>> = vec![None; columns.len()];
            for (at, cell) in rows.row(*subject) {
                cells[at] = Some(self.shown(*subject, cell));
            }
            MatrixRow {
                subject: *subject,
                name: name_of(&self.authority, *subject),
                acts: self.authority.acts(*subject, self.now),
                cells,
            }
        });
        let rows = shown.collect();
        let text = |scope: Scope| Column { text: scope_text(&self.names, &scope), scope };
        Matrix {
            rows,
            all_columns: self.columns.len(),
            all_rows: self.subjects.len(),
            left_out: self.left_out.clone(),
            columns: columns.clone().into_iter().map(text).collect(),
        }
    }

    fn shown(&self, subject: Subject, cell: Cell<'_>) -> Shown {
        let Cell { all, some, by } = cell;
        let more = by.len().saturating_sub(NAMED);
        // What gives most says most; of two, one's own.
        let mut by: Vec<_> = by
            .into_iter()
            .map(|grant| {
                let given = self.authority.permissions(grant.role).len();
                (std::cmp::Reverse(given), grant.subject != subject, grant.id, grant)
            })
            .collect();
        // Of very many only those that are named are brought into order.
        let order = |(given, other, id, _): &(_, bool, Id, _)| (*given, *other, *id);
        if more > 0 {
            by.select_nth_unstable_by_key(NAMED, order);
            by.truncate(NAMED);
        }
        by.sort_unstable_by_key(order);
        let source = |grant: &Arc<domain::access::Grant>| Source {
            grant: sees(&self.actor, &self.authority, grant).then_some(grant.id),
            role: role_name(&self.authority, grant.role),
            through: through(&self.authority, subject, grant),
            until: grant.until,
        };
        Shown { all, some, by: by.into_iter().map(|(.., grant)| source(grant)).collect(), more }
    }

    fn lines(self, take: &mut dyn FnMut(Vec<Line>) -> bool) {
        let texts: Vec<Arc<str>> = self.columns.iter().map(|scope| scope_text(&self.names, scope).into()).collect();
        let everything = may_see(&self.actor, Scope::EVERYTHING);
        let columns = owned(&self.columns);
        let mut rows = Rows::new(&self.authority, &columns, self.now);
        for subject in &self.subjects {
            let name = name_of(&self.authority, *subject);
            let line = |(at, cell): (usize, Cell<'_>)| Line {
                subject: *subject,
                name: name.clone(),
                place: Arc::clone(&texts[at]),
                all: cell.all,
                some: cell.some,
                grants: {
                    let known = cell.by.iter().filter(|grant| everything || sees(&self.actor, &self.authority, grant));
                    known.map(|grant| grant.id).collect()
                },
            };
            if !take(rows.row(*subject).into_iter().map(line).collect()) {
                return;
            }
        }
    }
}
