//! Everything at a glance.

use super::{
    answer::Answer,
    asked::{Asked, Interface},
    registries::Registry,
    values::{Health, Time},
};
use operations::overview;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(read_overview))
}

/// Everything at a glance.
#[derive(Serialize, ToSchema)]
struct Overview {
    /// The registries, by name.
    registries: Vec<Registry>,
    /// The newest images known, newest first.
    newest: Vec<Newest>,
    /// What needs attention, the most urgent first.
    attention: Vec<Attention>,
}

/// One of the newest images known.
#[derive(Serialize, ToSchema)]
struct Newest {
    /// In which registry.
    registry: String,
    /// In which repository.
    repository: String,
    /// Under which tag.
    tag: String,
    /// When it was built.
    created: Time,
}

/// Something that needs attention.
#[derive(Serialize, ToSchema)]
struct Attention {
    /// The registry it is about.
    registry: String,
    /// What is the matter.
    matter: Health,
}

/// Everything at a glance
///
/// How each registry is, how much is in it, what is new and what needs a look. Nothing is asked of a registry for it.
#[utoipa::path(get, path = "/overview", tag = "Overview", operation_id = "readOverview",
    responses((status = 200, description = "The overview.", body = Overview)))]
async fn read_overview(asked: Asked) -> Answer {
    let shown = asked.operations.overview(&asked.actor).await?;
    let newest = |row: overview::NewestRow| Newest {
        registry: row.registry.to_string(),
        repository: row.repository.to_string(),
        tag: row.tag.to_string(),
        created: row.created.into(),
    };
    let attention = |note: overview::Attention| Attention {
        matter: Health { tone: note.tone.into(), words: format!("{} {}", note.registry, note.sentence) },
        registry: note.registry.to_string(),
    };
    asked.answer(&Overview {
        registries: shown.registries.into_iter().map(Registry::from).collect(),
        newest: shown.newest.into_iter().map(newest).collect(),
        attention: shown.attention.into_iter().map(attention).collect(),
    })
}
