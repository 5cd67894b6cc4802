//! Finding something by its name or digest.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Query},
    values::bounded,
};
use operations::search::Exact;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(search))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Part of the name of a repository or tag, the beginning of a digest (6 digits or more), or a whole name such as
    /// `production/storefront/web:v1`.
    #[param(example = "web", max_length = 256)]
    q: String,
}

/// What was found; each kind is cut at 30.
#[derive(Serialize, ToSchema)]
struct Hits {
    /// What the text names exactly; whether it exists is not looked up.
    exact: Option<Hit>,
    /// Repositories, the closest first.
    repositories: Vec<Hit>,
    /// Tags, the closest first.
    tags: Vec<Hit>,
    /// Is there more than is shown?
    more: bool,
}

/// Something that was found.
#[derive(Default, Serialize, ToSchema)]
struct Hit {
    /// In which registry.
    registry: String,
    /// The repository.
    repository: String,
    /// The tag, of a tag.
    tag: Option<String>,
    /// The digest, as far as it is known.
    digest: Option<String>,
}

impl From<Exact> for Hit {
    fn from(exact: Exact) -> Self {
        let (registry, repository, tag, digest) = match exact {
            Exact::Repository(registry, repository) => (registry, repository, None, None),
            Exact::Tag(registry, repository, tag) => (registry, repository, Some(tag.to_string()), None),
            Exact::Manifest(registry, repository, digest) => (registry, repository, None, Some(digest.to_string())),
        };
        Self { registry: registry.to_string(), repository: repository.to_string(), tag, digest }
    }
}

/// Search by name or digest
///
/// Looks among the names that are known here, in all registries. No registry is asked.
#[utoipa::path(get, path = "/search", tag = "Search", operation_id = "search", params(Wanted),
    responses((status = 200, description = "What was found.", body = Hits)))]
async fn search(asked: Asked, Query(wanted): Query<Wanted>) -> Answer {
    bounded("q", &wanted.q, 256)?;
    let found = asked.operations.search(&asked.actor, &wanted.q).await?;
    let repositories = found.repositories.into_iter().map(|(registry, repository)| Hit {
        registry: registry.to_string(),
        repository: repository.to_string(),
        ..Hit::default()
    });
    let tags = found.tags.into_iter().map(|hit| Hit {
        registry: hit.registry.to_string(),
        repository: hit.repository.to_string(),
        tag: Some(hit.tag.to_string()),
        digest: hit.digest.map(String::from),
    });
    asked.answer(&Hits {
        exact: found.exact.map(Hit::from),
        repositories: repositories.collect(),
        tags: tags.collect(),
        more: found.more,
    })
}
