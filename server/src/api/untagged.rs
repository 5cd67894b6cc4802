//! What a repository holds and no tag of it names.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path},
    lists::{Part, Wanted, no_errors},
    problem::Problem,
    tags::Kind,
    values::{Count, InRepository, Time, repository},
};
use domain::filters::{List, field};
use operations::untagged::{self, UntaggedQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_untagged))
}

/// By what a list of untagged manifests is sorted.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum UntaggedSort {
    /// By the time it was built.
    Created,
    /// By what a pull moves.
    Size,
}

/// Are signatures, SBOMs and whatever else refers to an image in the list?
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ShownReferrers {
    /// Among the others.
    Shown,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it; requests are read by `Wanted`")]
struct UntaggedFilters {
    /// With signatures, SBOMs and other referrers; without, they are left out.
    #[param(inline)]
    referrers: Option<ShownReferrers>,
    /// By what to sort; without, by the time it was built.
    #[param(inline)]
    sort: Option<UntaggedSort>,
}

/// A page of a repository's untagged manifests.
#[derive(Serialize, ToSchema)]
struct UntaggedManifests {
    /// The rows, in the order that was asked for.
    manifests: Vec<UntaggedManifest>,
    /// How many there are.
    matching: Count,
    /// Tags of the repository.
    tags: u64,
    /// Tags that are read: what the others hold is not known.
    read: u64,
    /// When the registry was asked for the tags.
    as_of: Option<Time>,
}

/// A manifest that no tag names, nor an index beside it.
#[derive(Serialize, ToSchema)]
struct UntaggedManifest {
    /// Its digest.
    digest: String,
    /// Since when it was seen to have no tag; none where it was never seen to have one.
    since: Option<Time>,
    /// Is it known only through an index that was there and left?
    inferred: bool,
    /// What it is, once it was read.
    kind: Option<Kind>,
    /// Its media type, once it was read.
    media_type: Option<String>,
    /// Its artifact type.
    artifact_type: Option<String>,
    /// Such as `linux/amd64`.
    platforms: Vec<String>,
    /// Bytes that a pull moves.
    size: Option<u64>,
    /// When it was built.
    created: Option<Time>,
    /// The digest of the manifest it refers to.
    subject: Option<String>,
}

impl From<untagged::Untagged> for UntaggedManifest {
    fn from(row: untagged::Untagged) -> Self {
        let bare = Self {
            digest: row.digest.to_string(),
            since: row.since.map(Time),
            inferred: row.inferred,
            kind: None,
            media_type: None,
            artifact_type: None,
            platforms: Vec::new(),
            size: None,
            created: None,
            subject: None,
        };
        let Some(read) = row.summary else { return bare };
        Self {
            kind: Some(read.kind.into()),
            media_type: Some(read.media_type),
            artifact_type: read.artifact_type,
            platforms: read.platforms,
            size: Some(read.size),
            created: read.created.map(Time),
            subject: read.subject.map(String::from),
            ..bare
        }
    }
}

/// List the untagged manifests of a repository
///
/// Left behind when tags moved on. Registries do not list them: these are the ones that were seen. The registry is not
/// asked.
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/untagged", tag = "Tags",
    operation_id = "listUntagged", params(InRepository, UntaggedFilters, Part),
    responses((status = 200, description = "A page of them.", body = UntaggedManifests)))]
async fn list_untagged(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    let wanted = Wanted::read::<UntaggedSort>(&asked, List::Manifests)?;
    // Manifests could be asked by more; these can't.
    if let Some((name, value)) =
        wanted.filters.iter().find(|(name, value)| name != field::REFERRERS || value != "shown")
    {
        let words = format!("This list is not asked by {name} {value:?}.");
        return Err(Problem::malformed(name, words));
    }
    let query = UntaggedQuery {
        filters: wanted.filters,
        sort: wanted.sort,
        order: wanted.order,
        after: wanted.cursor,
        before: String::new(),
        limit: wanted.limit,
    };
    let name = repository(&at.repository)?;
    let shown = asked.operations.untagged(&asked.actor, &at.registry, &name, &query).await?;
    no_errors(shown.errors)?;
    let page = UntaggedManifests {
        manifests: shown.rows.into_iter().map(UntaggedManifest::from).collect(),
        matching: shown.matching.into(),
        tags: shown.tags,
        read: shown.read,
        as_of: shown.listed_at.map(Time),
    };
    asked.page(&page, shown.next.as_deref())
}
