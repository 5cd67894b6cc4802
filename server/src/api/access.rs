//! Who may do what, and why.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Query},
    problem::Problem,
    tokens::PermissionName,
    values::{Time, bounded},
};
use domain::{Id, access::PermissionSet};
use operations::{
    explain::{Beside, Question, Weighed, Weight},
    matrix::{MatrixQuery, MatrixRow, Shown},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(explain)).routes(routes!(read_matrix))
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedAnswer {
    /// Who: `person-3`, `robot-5`, `everyone`, `anonymous`, or a name; without, whoever asks, with the token they come by.
    #[param(max_length = 100)]
    who: String,
    /// What.
    #[param(max_length = 40, example = "repository.push")]
    act: String,
    /// Where: a registry, a registry and a repository (`production/team~api`), or `everything`.
    #[param(max_length = 400, example = "everything")]
    r#where: String,
}

/// Yes or no, and why.
#[derive(Serialize, ToSchema)]
struct Explanation {
    /// Who was asked about.
    subject: String,
    /// What they are called.
    name: String,
    /// What.
    act: PermissionName,
    /// Where.
    r#where: String,
    /// May they?
    allowed: bool,
    /// May they act at all? Disabled people and expired robots may not.
    acts: bool,
    /// Does the token that one came by stand before it?
    stopped_by_token: bool,
    /// The grants that were looked at.
    grants: Vec<WeighedGrant>,
    /// Roles that would give it, those that give least first.
    roles: Vec<String>,
    /// Names of people who could grant it; not all, where there are many.
    could_grant: Vec<String>,
    /// How many more there are.
    more_could_grant: usize,
    /// The role that whoever asks could grant for it: `writer`, `custom-4`.
    you_could_grant: Option<String>,
    /// What else they may do at the same place.
    beside: Vec<RightBeside>,
    /// How many can do it there, for those who may see who may do what.
    holders: Option<usize>,
}

/// A permission at the same place.
#[derive(Serialize, ToSchema)]
struct RightBeside {
    /// Which.
    act: PermissionName,
    /// What gives it: a role, and through whom; without, nothing does.
    by: Option<String>,
}

impl From<Beside> for RightBeside {
    fn from(one: Beside) -> Self {
        Self { act: one.permission.into(), by: one.by }
    }
}

/// A grant that was looked at.
#[derive(Serialize, ToSchema)]
struct WeighedGrant {
    /// Its number, if whoever asks may know of it.
    #[schema(value_type = Option<i64>)]
    grant: Option<Id>,
    /// Its role.
    role: String,
    /// As whom it reaches the subject, if not as itself.
    through: Option<String>,
    /// Where it holds.
    r#where: String,
    /// The first moment at which it no longer holds.
    until: Option<Time>,
    /// Why it was given, if whoever asks may know of it.
    because: String,
    /// What it does: `gives`, `stopped`, `ended`, `gives-other`, `elsewhere`.
    weight: &'static str,
}

impl From<Weighed> for WeighedGrant {
    fn from(one: Weighed) -> Self {
        let weight = match one.weight {
            Weight::Gives => "gives",
            Weight::Stopped => "stopped",
            Weight::Ended => "ended",
            Weight::GivesOther => "gives-other",
            Weight::Elsewhere => "elsewhere",
        };
        let (grant, role, through, until) = (one.grant, one.role, one.through, one.until.map(Time));
        Self { grant, role, through, r#where: one.place, until, because: one.because, weight }
    }
}

/// Explain a right
///
/// Whether somebody may do something somewhere, by which grants, and who could help. About others it takes `grant.view`
/// there; what one may not see answers as what is not there.
#[utoipa::path(get, path = "/access/explain", tag = "Access", operation_id = "explainRight", params(WantedAnswer),
    responses((status = 200, description = "Yes or no, and why.", body = Explanation)))]
async fn explain(asked: Asked, Query(wanted): Query<WantedAnswer>) -> Answer {
    bounded("who", &wanted.who, 100)?;
    bounded("act", &wanted.act, 40)?;
    bounded("where", &wanted.r#where, 400)?;
    let question = Question { who: wanted.who, act: wanted.act, place: wanted.r#where };
    let found = asked.operations.explain(&asked.actor, &question).await?;
    asked.answer(&Explanation {
        subject: found.subject.to_string(),
        name: found.name,
        act: found.permission.into(),
        r#where: found.place_text,
        allowed: found.allowed,
        acts: found.acts,
        stopped_by_token: found.stopped_by_token,
        grants: found.weighed.into_iter().map(WeighedGrant::from).collect(),
        roles: found.roles.into_iter().map(|role| role.name).collect(),
        could_grant: found.grantors.into_iter().map(|(_, name)| name).collect(),
        more_could_grant: found.more_grantors,
        you_could_grant: found.could_grant.map(|role| role.id.to_string()),
        beside: found.beside.into_iter().map(RightBeside::from).collect(),
        holders: found.holders,
    })
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedWindow {
    /// Part of a subject's name, or the subject.
    #[param(max_length = 100)]
    who: String,
    /// Only places of this registry.
    #[param(max_length = 40)]
    registry: String,
    /// Only those who have this permission somewhere.
    #[param(max_length = 40)]
    may: String,
    /// Places instead of those of grants, with commas between.
    #[param(max_length = 2000, example = "*/team-a/**")]
    patterns: String,
    /// The number of the first row.
    #[param(maximum = 1_000_000)]
    row: u32,
    /// The number of the first column.
    #[param(maximum = 1_000_000)]
    column: u32,
}

/// The greatest number of a row or a column.
const FARTHEST: u32 = 1_000_000;

/// A window of 50 by 50 of the table of who may do what where.
#[derive(Serialize, ToSchema)]
struct Matrix {
    /// The places of the window.
    columns: Vec<String>,
    /// The rows of the window.
    rows: Vec<Row>,
    /// How many places there are in all.
    all_columns: usize,
    /// How many rows there are in all.
    all_rows: usize,
    /// Places of `patterns` that are none, or that whoever asks may not look at.
    left_out: Vec<String>,
}

/// What one may do.
#[derive(Serialize, ToSchema)]
struct Row {
    /// Who.
    subject: String,
    /// What they are called.
    name: String,
    /// May they act at all?
    acts: bool,
    /// A cell for each place; nothing where nothing holds.
    cells: Vec<Option<CellOfRow>>,
}

/// What one may do at one place.
#[derive(Serialize, ToSchema)]
struct CellOfRow {
    /// What holds for the whole place.
    all: Vec<PermissionName>,
    /// What holds for some of it only.
    some: Vec<PermissionName>,
    /// The numbers of grants it comes from, as far as whoever asks may know of them.
    #[schema(value_type = Vec<i64>)]
    grants: Vec<Id>,
}

fn names(set: PermissionSet) -> Vec<PermissionName> {
    set.iter().map(PermissionName::from).collect()
}

impl From<Shown> for CellOfRow {
    fn from(cell: Shown) -> Self {
        let grants = cell.by.into_iter().filter_map(|source| source.grant).collect();
        Self { all: names(cell.all), some: names(cell.some.without(cell.all)), grants }
    }
}

impl From<MatrixRow> for Row {
    fn from(row: MatrixRow) -> Self {
        let cells = row.cells.into_iter().map(|cell| cell.map(CellOfRow::from)).collect();
        Self { subject: row.subject.to_string(), name: row.name, acts: row.acts, cells }
    }
}

/// Read the table of rights
///
/// People, robots and those that are always there by the places of grants, as far as one has `grant.view`.
#[utoipa::path(get, path = "/access/matrix", tag = "Access", operation_id = "readMatrix", params(WantedWindow),
    responses((status = 200, description = "A window of the table.", body = Matrix)))]
async fn read_matrix(asked: Asked, Query(wanted): Query<WantedWindow>) -> Answer {
    bounded("who", &wanted.who, 100)?;
    bounded("registry", &wanted.registry, 40)?;
    bounded("may", &wanted.may, 40)?;
    bounded("patterns", &wanted.patterns, 2_000)?;
    if wanted.row.max(wanted.column) > FARTHEST {
        return Err(Problem::malformed("row", format!("Rows and columns have numbers up to {FARTHEST}.")));
    }
    let query = MatrixQuery {
        who: wanted.who,
        registry: wanted.registry,
        may: wanted.may,
        patterns: wanted.patterns,
        row: wanted.row as usize,
        column: wanted.column as usize,
    };
    let found = asked.operations.matrix(&asked.actor, &query).await?;
    asked.answer(&Matrix {
        columns: found.columns.into_iter().map(|column| column.text).collect(),
        rows: found.rows.into_iter().map(Row::from).collect(),
        all_columns: found.all_columns,
        all_rows: found.all_rows,
        left_out: found.left_out,
    })
}
