//! The repositories of a registry.

use super::{
    answer::{Answer, accepted, done},
    asked::{Asked, Interface, Path, Query},
    values::{Count, InRegistry, InRepository, Time, Trouble, bounded, limit, repository},
};
use operations::{
    repositories::{RepositoriesQuery, RepositoryRow},
    tags::TagsQuery,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_repositories))
        .routes(routes!(read_repository))
        .routes(routes!(read_rest))
        .routes(routes!(enter_repository, forget_repository))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Part of the name.
    #[serde(default)]
    #[param(max_length = 256)]
    q: String,
    /// By what to sort.
    #[serde(default)]
    #[param(inline)]
    sort: RepositorySort,
    /// Which way; without, what suits the column: names from a, numbers and times from the greatest.
    #[param(inline)]
    order: Option<super::tags::Order>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[serde(default)]
    #[param(max_length = 2000)]
    cursor: String,
}

/// By what a list of repositories is sorted.
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum RepositorySort {
    /// By name.
    #[default]
    Name,
    /// By the number of tags.
    Tags,
    /// By the newest build.
    Newest,
}

/// A page of a registry's repositories.
#[derive(Serialize, ToSchema)]
struct Repositories {
    /// The rows, in the order that was asked for.
    repositories: Vec<Repository>,
    /// How many the filter lets through.
    matching: Count,
    /// When the registry was asked for its list, if it ever was.
    as_of: Option<Time>,
    /// Is it being asked now?
    reading: bool,
    /// What stopped the last reading.
    trouble: Option<Trouble>,
    /// Does the registry give no list, so that names have to be entered?
    by_name: bool,
}

/// A repository in a list.
#[derive(Serialize, ToSchema)]
struct Repository {
    /// Its name.
    name: String,
    /// How many tags, once they were listed.
    tags: Option<u64>,
    /// The newest build known.
    newest: Option<Time>,
    /// When its tags were listed.
    as_of: Option<Time>,
    /// Was it entered by hand?
    entered: bool,
}

impl From<RepositoryRow> for Repository {
    fn from(row: RepositoryRow) -> Self {
        Self {
            name: row.name.to_string(),
            tags: row.tags,
            newest: row.newest.map(Time),
            as_of: row.listed_at.map(Time),
            entered: row.entered,
        }
    }
}

/// What is known of a repository as a whole.
#[derive(Serialize, ToSchema)]
struct RepositoryWhole {
    /// The registry.
    registry: String,
    /// Its name.
    name: String,
    /// Tags in the list, referrers' tags included.
    tags: u64,
    /// Tags that are read: their kind, size and time are known.
    read: u64,
    /// Tags of signatures, SBOMs and other referrers.
    referrers: u64,
    /// The newest build known.
    newest: Option<Time>,
    /// When the list was read.
    as_of: Option<Time>,
    /// Was it read to its end?
    complete: bool,
    /// Is the list, or are rows, being read now?
    reading: bool,
    /// What stopped the last reading.
    trouble: Option<Trouble>,
}

/// List the repositories of a registry
///
/// What is known here is answered at once, and brought up to date in the background; the first time it is waited for.
#[utoipa::path(get, path = "/registries/{registry}/repositories", tag = "Repositories", operation_id = "listRepositories",
    params(InRegistry, Wanted), responses((status = 200, description = "A page of them.", body = Repositories)))]
async fn list_repositories(asked: Asked, Path(at): Path<InRegistry>, Query(wanted): Query<Wanted>) -> Answer {
    bounded("q", &wanted.q, 256)?;
    let query = RepositoriesQuery {
        q: wanted.q,
        view: "flat".to_owned(),
        sort: super::tags::word(wanted.sort),
        order: wanted.order.map(super::tags::word).unwrap_or_default(),
        after: wanted.cursor,
        before: String::new(),
        limit: limit(wanted.limit)?,
    };
    let shown = asked.operations.repositories(&asked.actor, &at.registry, &query, false).await?;
    let page = Repositories {
        repositories: shown.groups.into_iter().flat_map(|group| group.rows).map(Repository::from).collect(),
        matching: shown.matching.into(),
        as_of: shown.catalogue.map(|catalogue| Time(catalogue.listed_at)),
        reading: shown.reading,
        trouble: shown.trouble.map(Trouble::from),
        by_name: shown.by_name,
    };
    asked.page(&page, shown.next.as_deref())
}

/// Read a repository
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}", tag = "Repositories", operation_id = "readRepository",
    params(InRepository), responses((status = 200, description = "What is known of it as a whole.", body = RepositoryWhole)))]
async fn read_repository(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    let query = TagsQuery { limit: Some(1), ..TagsQuery::default() };
    let name = repository(&at.repository)?;
    let shown = asked.operations.tags(&asked.actor, &at.registry, &name, &query, false).await?;
    asked.answer(&RepositoryWhole {
        registry: shown.registry.to_string(),
        name: shown.repository.to_string(),
        tags: shown.total,
        read: shown.read,
        referrers: shown.referrers,
        newest: shown.newest.map(Time),
        as_of: shown.listed_at.map(Time),
        complete: shown.complete,
        reading: shown.reading,
        trouble: shown.trouble.map(Trouble::from),
    })
}

/// Read the rest of a repository's tags
///
/// In the background: sizes, times, and what stands on the same digest.
#[utoipa::path(post, path = "/registries/{registry}/repositories/{repository}/reading", tag = "Repositories",
    operation_id = "readRest", params(InRepository), responses((status = 202, description = "It has begun.")))]
async fn read_rest(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    asked.operations.read_rest(&asked.actor, &at.registry, &repository(&at.repository)?).await?;
    accepted()
}

/// Enter a repository by hand
///
/// For registries that do not list theirs: it then stands in the list like any other.
#[utoipa::path(put, path = "/registries/{registry}/entered/{repository}", tag = "Repositories", operation_id = "enterRepository",
    params(InRepository), responses((status = 204, description = "It stands in the list.")))]
async fn enter_repository(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    asked.operations.add_repository(&asked.actor, &at.registry, repository(&at.repository)?.as_str()).await?;
    done()
}

/// Take a repository that was entered by hand from the list
///
/// Nothing happens at the registry.
#[utoipa::path(delete, path = "/registries/{registry}/entered/{repository}", tag = "Repositories", operation_id = "forgetRepository",
    params(InRepository), responses((status = 204, description = "It is no longer entered.")))]
async fn forget_repository(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    asked.operations.forget_repository_name(&asked.actor, &at.registry, &repository(&at.repository)?).await?;
    done()
}
