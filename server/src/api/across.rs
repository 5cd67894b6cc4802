//! Tags and repositories of all registries at once.

use super::{
    answer::Answer,
    asked::{Asked, Interface},
    lists::{Part, Wanted, no_errors},
    repositories::RepositoryFilters,
    tags::{Tag, TagFilters},
    values::Time,
};
use domain::filters::List;
use operations::across::{AcrossQuery, RepositoryElsewhere, TagElsewhere};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_all_tags)).routes(routes!(list_all_repositories))
}

/// By what a list over several registries is sorted.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum AcrossSort {
    /// By the time it was built, or its newest image was.
    Newest,
    /// By name.
    Name,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it; requests are read by `Wanted`")]
struct Across {
    /// Only in the registry of this name.
    #[param(min_length = 1, max_length = 40, example = "demo")]
    registry: Option<String>,
    /// By what to sort; without, the newest first.
    #[param(inline)]
    sort: Option<AcrossSort>,
}

/// A page of the tags of all registries.
#[derive(Serialize, ToSchema)]
struct AllTags {
    /// The rows, in the order that was asked for.
    tags: Vec<TagSomewhere>,
    /// How many tags these registries have, whatever the filter.
    known: u64,
    /// How many of those are not read yet: they have no place in an order by age, and only a filter by name finds them.
    unread: u64,
    /// Was so much looked at that the page was given up before it was full? The link goes on from there.
    cut: bool,
}

/// A tag, and where it is.
#[derive(Serialize, ToSchema)]
struct TagSomewhere {
    /// In which registry.
    registry: String,
    /// In which repository.
    repository: String,
    /// The tag.
    tag: Tag,
}

/// A page of the repositories of all registries.
#[derive(Serialize, ToSchema)]
struct AllRepositories {
    /// The rows, in the order that was asked for.
    repositories: Vec<RepositorySomewhere>,
    /// Was so much looked at that the page was given up before it was full? The link goes on from there.
    cut: bool,
}

/// A repository, and where it is.
#[derive(Serialize, ToSchema)]
struct RepositorySomewhere {
    /// In which registry.
    registry: String,
    /// Its name.
    repository: String,
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
}

impl From<TagElsewhere> for TagSomewhere {
    fn from(found: TagElsewhere) -> Self {
        Self { registry: found.registry.to_string(), repository: found.repository.to_string(), tag: found.row.into() }
    }
}

impl From<RepositoryElsewhere> for RepositorySomewhere {
    fn from(found: RepositoryElsewhere) -> Self {
        let row = found.row;
        Self {
            registry: found.registry.to_string(),
            repository: row.name.to_string(),
            tags: row.tag_count,
            newest: row.newest.map(Time),
            bytes: row.bytes,
            exclusive: row.exclusive,
            whole: row.tags_listed_at.is_some() && row.unread == 0,
            as_of: row.tags_listed_at.map(Time),
        }
    }
}

impl From<Wanted> for AcrossQuery {
    fn from(wanted: Wanted) -> Self {
        Self {
            filters: wanted.filters,
            registry: wanted.registry,
            sort: wanted.sort,
            order: wanted.order,
            after: wanted.cursor,
            before: String::new(),
            limit: wanted.limit,
        }
    }
}

/// List the tags of all registries
///
/// What is known here: no registry is asked.
#[utoipa::path(get, path = "/tags", tag = "Tags", operation_id = "listAllTags", params(TagFilters, Across, Part),
    responses((status = 200, description = "A page of them.", body = AllTags)))]
async fn list_all_tags(asked: Asked) -> Answer {
    let query = Wanted::read_across::<AcrossSort>(&asked, List::Tags)?.into();
    let shown = asked.operations.tags_across(&asked.actor, &query).await?;
    no_errors(shown.errors)?;
    let page = AllTags {
        tags: shown.rows.into_iter().map(TagSomewhere::from).collect(),
        known: shown.tags,
        unread: shown.unread,
        cut: shown.cut,
    };
    asked.page(&page, shown.next.as_deref())
}

/// List the repositories of all registries
///
/// What is known here: no registry is asked.
#[utoipa::path(get, path = "/repositories", tag = "Repositories", operation_id = "listAllRepositories",
    params(RepositoryFilters, Across, Part), responses((status = 200, description = "A page of them.", body = AllRepositories)))]
async fn list_all_repositories(asked: Asked) -> Answer {
    let query = Wanted::read_across::<AcrossSort>(&asked, List::Repositories)?.into();
    let shown = asked.operations.repositories_across(&asked.actor, &query).await?;
    no_errors(shown.errors)?;
    let rows = shown.rows.into_iter().map(RepositorySomewhere::from).collect();
    asked.page(&AllRepositories { repositories: rows, cut: shown.cut }, shown.next.as_deref())
}
