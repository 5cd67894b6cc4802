//! The repositories of a registry.

use super::{
    answer::{Answer, accepted, done},
    asked::{Asked, Interface, Path},
    lists::{CheckName, Part, Wanted, no_errors},
    values::{Count, InRegistry, InRepository, Time, Trouble, repository},
};
use domain::filters::List;
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

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it; requests are read by `Wanted`")]
pub(super) struct RepositoryFilters {
    /// Part of the name, or a pattern with `*` and `?` (8 of them at most) for the whole of it.
    #[param(max_length = 256, example = "storefront/*")]
    q: Option<String>,
    /// The newest build is longer ago than this: `30d`.
    #[param(min_length = 1, example = "1d")]
    older: Option<String>,
    /// The newest build is less long ago than this.
    #[param(min_length = 1, example = "2y")]
    newer: Option<String>,
    /// It holds more bytes than this: `100MB`.
    #[param(min_length = 1, example = "1kB")]
    larger: Option<String>,
    /// It holds fewer bytes than this.
    #[param(min_length = 1, example = "10GB")]
    smaller: Option<String>,
    /// With tags, or without any.
    #[param(inline)]
    tagged: Option<Tagged>,
    /// Only with this finding of health.
    #[param(inline)]
    check: Option<CheckName>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it; requests are read by `Wanted`")]
struct RepositoryOrder {
    /// By what to sort; without, by name.
    #[param(inline)]
    sort: Option<RepositorySort>,
}

/// Has it tags?
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Tagged {
    /// One or more.
    Yes,
    /// None.
    No,
}

/// By what a list of repositories is sorted.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum RepositorySort {
    /// By name.
    Name,
    /// By the number of tags.
    Tags,
    /// By the newest build.
    Newest,
    /// By the bytes it holds.
    Bytes,
    /// By the bytes that nothing else holds.
    Exclusive,
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
    /// Bytes of the blobs that it was seen to hold, each once.
    bytes: u64,
    /// Bytes of those that no other repository of the registry was seen to hold: freed if it went.
    exclusive: u64,
    /// Are its tags listed and all of them read, so that bytes and newest build are the whole truth?
    whole: bool,
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
            bytes: row.bytes,
            exclusive: row.exclusive,
            whole: row.whole,
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
    /// Tags of signatures, SBOMs and other referrers; not known where there are too many to count.
    referrers: Option<u64>,
    /// Manifests that it was seen to hold and no tag of it names.
    untagged: Count,
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
    params(InRegistry, RepositoryFilters, RepositoryOrder, Part), responses((status = 200, description = "A page of them.", body = Repositories)))]
async fn list_repositories(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    let wanted = Wanted::read::<RepositorySort>(&asked, List::Repositories)?;
    let query = RepositoriesQuery {
        filters: wanted.filters,
        view: "flat".to_owned(),
        sort: wanted.sort,
        order: wanted.order,
        after: wanted.cursor,
        before: String::new(),
        limit: wanted.limit,
    };
    let shown = asked.operations.repositories(&asked.actor, &at.registry, &query, false).await?;
    no_errors(shown.errors)?;
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
        untagged: shown.untagged.into(),
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
