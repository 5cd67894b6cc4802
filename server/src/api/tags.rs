//! The tags of a repository.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path, Query},
    values::{Count, InRepository, Time, Trouble, bounded, limit, repository},
};
use operations::tags::{self, TagsQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_tags))
}

/// Which way a list goes.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Order {
    /// From the least.
    Asc,
    /// From the greatest.
    Desc,
}

/// By what a list of tags is sorted.
#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TagSort {
    /// By name.
    #[default]
    Name,
    /// As versions are sorted.
    Version,
    /// By the time it was built.
    Created,
    /// By what a pull moves.
    Size,
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

/// The word that pages use in their addresses.
fn shown(kind: Kind) -> &'static str {
    let all = domain::Kind::ALL.iter().copied();
    all.into_iter().find(|own| word(Kind::from(*own)) == word(kind)).map_or("", domain::Kind::as_str)
}

/// The word that serde writes for a unit variant.
pub(super) fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default()
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Part of the name, or a pattern with `*` and `?` (8 of them at most) for the whole of it.
    #[serde(default)]
    #[param(max_length = 256, example = "v1.*")]
    q: String,
    /// Only of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only with this platform.
    #[serde(default)]
    #[param(max_length = 100, example = "linux/amd64")]
    platform: String,
    /// With the tags of signatures, SBOMs and other referrers?
    #[serde(default)]
    #[param(default = false)]
    referrers: bool,
    /// By what to sort.
    #[serde(default)]
    #[param(inline)]
    sort: TagSort,
    /// Which way; without, what suits the column: names from a, all else from the greatest.
    #[param(inline)]
    order: Option<Order>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[serde(default)]
    #[param(max_length = 2000)]
    cursor: String,
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
struct Tag {
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
    params(InRepository, Wanted), responses((status = 200, description = "A page of them.", body = Tags)))]
async fn list_tags(asked: Asked, Path(at): Path<InRepository>, Query(wanted): Query<Wanted>) -> Answer {
    bounded("q", &wanted.q, 256)?;
    bounded("platform", &wanted.platform, 100)?;
    let query = TagsQuery {
        q: wanted.q,
        kind: wanted.kind.map(shown).unwrap_or_default().to_owned(),
        platform: wanted.platform,
        referrers: if wanted.referrers { "shown".to_owned() } else { String::new() },
        sort: word(wanted.sort),
        order: wanted.order.map(word).unwrap_or_default(),
        after: wanted.cursor,
        before: String::new(),
        limit: limit(wanted.limit)?,
    };
    let name = repository(&at.repository)?;
    let shown = asked.operations.tags(&asked.actor, &at.registry, &name, &query, false).await?;
    if let Some(why) = shown.filter_problem {
        return Err(operations::Error::field("q", why).into());
    }
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
            assert_eq!(shown(Kind::from(*kind)), kind.as_str());
        }
    }
}
