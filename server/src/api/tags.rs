//! The tags of a repository.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path},
    lists::{CheckName, Part, Wanted, no_errors},
    problem::Problem,
    values::{Count, InRepository, Time, Trouble, repository},
};
use domain::filters::List;
use operations::tags::{self, TagsQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_tags))
}

/// By what a list of tags is sorted.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TagSort {
    /// By name.
    Name,
    /// As versions are sorted.
    Version,
    /// By the time it was built.
    Created,
    /// By what a pull moves.
    Size,
    /// By the time it was last seen to move.
    Moved,
}

/// What a manifest is.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// A container image for one platform.
    Image,
    /// An index of images for several platforms.
    Index,
    /// A helm chart.
    HelmChart,
    /// A signature.
    Signature,
    /// A software bill of materials.
    Sbom,
    /// An attestation.
    Attestation,
    /// A build cache.
    BuildCache,
    /// Any other OCI artifact.
    Artifact,
    /// Docker's schema 1.
    Schema1,
    /// A document that can't be read.
    Unknown,
}

impl From<domain::Kind> for Kind {
    fn from(kind: domain::Kind) -> Self {
        match kind {
            domain::Kind::Image => Self::Image,
            domain::Kind::Index => Self::Index,
            domain::Kind::HelmChart => Self::HelmChart,
            domain::Kind::Signature => Self::Signature,
            domain::Kind::Sbom => Self::Sbom,
            domain::Kind::Attestation => Self::Attestation,
            domain::Kind::BuildCache => Self::BuildCache,
            domain::Kind::Artifact => Self::Artifact,
            domain::Kind::Schema1 => Self::Schema1,
            domain::Kind::Unknown => Self::Unknown,
        }
    }
}

/// The word that pages use in their addresses, from the one that is used here.
pub(super) fn kind_word(text: &str) -> Result<String, Problem> {
    let known = serde_json::from_value::<Kind>(text.into()).ok();
    let own = known.and_then(|kind| domain::Kind::ALL.iter().find(|own| word(Kind::from(**own)) == word(kind)));
    own.map(|own| own.as_str().to_owned()).ok_or_else(|| Problem::malformed("kind", "There is no such kind."))
}

/// The word that serde writes for a unit variant.
pub(super) fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default()
}

/// Are signatures, SBOMs and whatever else refers to an image in the list?
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum WithReferrers {
    /// Among the others.
    Shown,
    /// Nothing else.
    Only,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it; requests are read by `Wanted`")]
pub(super) struct TagFilters {
    /// Part of the name, or a pattern with `*` and `?` (8 of them at most) for the whole of it.
    #[param(max_length = 256, example = "v1*")]
    q: Option<String>,
    /// A range of versions: `^1.2`, `>=1.2 <2`.
    #[param(min_length = 1, example = ">=1.2 <2")]
    version: Option<String>,
    /// Only of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only with this platform.
    #[param(min_length = 1, example = "linux/amd64")]
    platform: Option<String>,
    /// Built longer ago than this: `12h`, `30d`, `6mo`.
    #[param(min_length = 1, example = "30d")]
    older: Option<String>,
    /// Built less long ago than this.
    #[param(min_length = 1, example = "2y")]
    newer: Option<String>,
    /// A pull moves more than this: `100MB`.
    #[param(min_length = 1, example = "1kB")]
    larger: Option<String>,
    /// A pull moves less than this.
    #[param(min_length = 1, example = "10GB")]
    smaller: Option<String>,
    /// `key`, or `key=value`; up to three. It needs the permission `repository.pull`.
    #[param(max_items = 3, example = json!(["org.opencontainers.image.title"]))]
    label: Option<Vec<String>>,
    /// With signatures, SBOMs and other referrers, or nothing else; without, they are left out.
    #[param(inline)]
    referrers: Option<WithReferrers>,
    /// Only with this finding of health.
    #[param(inline)]
    check: Option<CheckName>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it; requests are read by `Wanted`")]
struct TagOrder {
    /// By what to sort; without, by name.
    #[param(inline)]
    sort: Option<TagSort>,
}

/// A page of a repository's tags.
#[derive(Serialize, ToSchema)]
struct Tags {
    /// The rows, in the order that was asked for.
    tags: Vec<Tag>,
    /// How many the filter lets through.
    matching: Count,
    /// When the registry was asked for its list.
    as_of: Option<Time>,
    /// Was the list read to its end?
    complete: bool,
    /// Is the list, or are rows, being read now?
    reading: bool,
    /// What stopped the last reading.
    trouble: Option<Trouble>,
}

/// A tag.
#[derive(Serialize, ToSchema)]
pub(super) struct Tag {
    /// Its name.
    name: String,
    /// Where it points, as far as that is known.
    digest: Option<String>,
    /// What that is.
    kind: Option<Kind>,
    /// Its artifact type.
    artifact_type: Option<String>,
    /// Such as `linux/amd64`.
    platforms: Vec<String>,
    /// Bytes that a pull moves.
    size: Option<u64>,
    /// When it was built.
    created: Option<Time>,
    /// When it was last seen to point elsewhere, or to come.
    moved: Option<Time>,
    /// Other tags on the same digest, up to seven.
    same: Vec<String>,
    /// Is it the tag of a signature, SBOM or other referrer?
    referrer: bool,
    /// Why it could not be read.
    problem: Option<String>,
}

impl From<tags::TagRow> for Tag {
    fn from(row: tags::TagRow) -> Self {
        Self {
            name: row.tag.to_string(),
            digest: row.digest.map(String::from),
            kind: row.kind.map(Kind::from),
            artifact_type: row.artifact_type,
            platforms: row.platforms,
            size: row.size,
            created: row.created.map(Time),
            moved: row.moved_at.map(Time),
            same: row.siblings.iter().map(ToString::to_string).collect(),
            referrer: row.is_referrer,
            problem: row.problem,
        }
    }
}

/// List the tags of a repository
///
/// What is known here is answered at once, and brought up to date in the background; the first time it is waited for.
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/tags", tag = "Tags", operation_id = "listTags",
    params(InRepository, TagFilters, TagOrder, Part), responses((status = 200, description = "A page of them.", body = Tags)))]
async fn list_tags(asked: Asked, Path(at): Path<InRepository>) -> Answer {
    let wanted = Wanted::read::<TagSort>(&asked, List::Tags)?;
    let query = TagsQuery {
        filters: wanted.filters,
        sort: wanted.sort,
        order: wanted.order,
        after: wanted.cursor,
        before: String::new(),
        limit: wanted.limit,
    };
    let name = repository(&at.repository)?;
    let shown = asked.operations.tags(&asked.actor, &at.registry, &name, &query, false).await?;
    no_errors(shown.errors)?;
    let page = Tags {
        tags: shown.rows.into_iter().map(Tag::from).collect(),
        matching: shown.matching.into(),
        as_of: shown.listed_at.map(Time),
        complete: shown.complete,
        reading: shown.reading,
        trouble: shown.trouble.map(Trouble::from),
    };
    asked.page(&page, shown.next.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_here_that_leads_to_its_own() {
        for kind in domain::Kind::ALL {
            assert_eq!(kind_word(&word(Kind::from(*kind))).expect("a kind"), kind.as_str());
        }
    }
}
