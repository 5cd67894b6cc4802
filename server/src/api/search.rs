//! Finding something by its name, its digest or what it is made of, and where a digest is.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path, Query},
    problem::Problem,
    values::{Time, bounded},
};
use operations::{
    search::{Exact, Found, Hits, ImageFound, SearchQuery, Thing},
    whereabouts::{How, Standing, Whereabouts},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(where_is))
}

/// What `kind` can ask for.
const KINDS: [&str; 6] = ["repositories", "tags", "digests", "labels", "bases", "images"];

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Part of a name, a label or a base image; the beginning of a digest (6 digits or more); `key=value`; `repository:tag`;
    /// `layer:…`, `base:…`, `label:…`; a whole name such as `production/storefront/web:v1`.
    #[param(example = "web", max_length = 256)]
    q: String,
    /// Give up to 200 hits of this kind, and 10 of the others.
    #[serde(default)]
    #[param(example = "tags", pattern = "^(repositories|tags|digests|labels|bases|images)?$")]
    kind: String,
    /// Only in the registry of this name.
    #[serde(default)]
    #[param(max_length = 40)]
    registry: String,
}

/// What was found. Of each kind there are the closest hits, how many were found, and whether the search was stopped
/// before everything was looked at.
#[derive(Serialize, ToSchema)]
struct SearchAnswer {
    /// What the text names exactly, if it is known here.
    exact: Option<NamedExactly>,
    /// Repositories by name.
    repositories: RepositoryHits,
    /// Tags by name.
    tags: ImageHits,
    /// Manifests and blobs by digest.
    digests: DigestHits,
    /// Images that contain the layer, have the label, or are built on what was asked for.
    images: ImageHits,
    /// Labels and annotations.
    labels: LabelHits,
    /// Base images that images name.
    bases: BaseHits,
    /// Kinds that took too long and are left out.
    late: Vec<&'static str>,
    /// Is the text so short that only whole names and beginnings were looked for?
    short: bool,
}

macro_rules! group {
    ($(#[$doc:meta])* $name:ident of $hit:ty) => {
        $(#[$doc])*
        #[derive(Serialize, ToSchema)]
        struct $name {
            /// The closest first, then the newest.
            hits: Vec<$hit>,
            /// How many were found, these included.
            found: usize,
            /// Was the search stopped before everything was looked at, so that there may be more?
            cut: bool,
        }
        impl $name {
            fn of<T>(hits: Hits<T>, shape: impl FnMut(T) -> $hit) -> Self {
                Self { found: hits.found, cut: hits.cut, hits: hits.rows.into_iter().map(shape).collect() }
            }
        }
    };
}
group!(
    /// Repositories that were found.
    RepositoryHits of RepositoryHit
);
group!(
    /// Images that were found.
    ImageHits of ImageHit
);
group!(
    /// Digests that were found.
    DigestHits of DigestHit
);
group!(
    /// Labels and annotations that were found.
    LabelHits of LabelHit
);
group!(
    /// Base images that were found.
    BaseHits of BaseHit
);
group!(
    /// Places that were found.
    PlaceHits of PlaceHit
);

/// A thing that a text names.
#[derive(Serialize, ToSchema)]
struct NamedExactly {
    /// In which registry.
    registry: String,
    /// The repository.
    repository: String,
    /// The tag, of a tag.
    tag: Option<String>,
    /// The digest, of a manifest.
    digest: Option<String>,
}

/// A repository that was found.
#[derive(Serialize, ToSchema)]
struct RepositoryHit {
    /// In which registry.
    registry: String,
    /// Its name.
    repository: String,
    /// How many tags it has, once they were listed.
    tags: Option<u64>,
    /// When its newest image was built, as far as that is known.
    newest: Option<Time>,
}

/// An image that was found.
#[derive(Serialize, ToSchema)]
struct ImageHit {
    /// In which registry.
    registry: String,
    /// In which repository.
    repository: String,
    /// The tag that leads there, if there is one.
    tag: Option<String>,
    /// Its digest, as far as it is known.
    digest: Option<String>,
    /// When it was built, as far as that is known.
    created: Option<Time>,
}

/// A digest that was found in a registry.
#[derive(Serialize, ToSchema)]
struct DigestHit {
    /// In which registry.
    registry: String,
    /// The whole digest.
    digest: String,
    /// `manifest` or `blob`.
    thing: &'static str,
    /// Bytes, once they are known.
    size: Option<u64>,
    /// A repository that holds it.
    repository: String,
    /// A tag of that repository that leads there.
    tag: Option<String>,
    /// How many other places were seen.
    others: usize,
}

/// A label or an annotation that was found.
#[derive(Serialize, ToSchema)]
struct LabelHit {
    /// Its key.
    key: String,
    /// Its value.
    value: String,
    /// Is it an annotation of the manifest (else a label of the configuration)?
    annotation: bool,
    /// How many tags lead to an image that has it; counted to a hundred.
    images: usize,
    /// Are there more?
    more: bool,
}

/// A base image that images name.
#[derive(Serialize, ToSchema)]
struct BaseHit {
    /// Its name, as the images write it.
    name: String,
    /// How many tags lead to an image that names it; counted to a hundred.
    images: usize,
    /// Are there more?
    more: bool,
}

impl From<Exact> for NamedExactly {
    fn from(exact: Exact) -> Self {
        let (registry, repository, tag, digest) = match exact {
            Exact::Repository(registry, repository) => (registry, repository, None, None),
            Exact::Tag(registry, repository, tag) => (registry, repository, Some(tag.to_string()), None),
            Exact::Manifest(registry, repository, digest) => (registry, repository, None, Some(digest.to_string())),
        };
        Self { registry: registry.to_string(), repository: repository.to_string(), tag, digest }
    }
}

impl From<ImageFound> for ImageHit {
    fn from(hit: ImageFound) -> Self {
        Self {
            registry: hit.registry.to_string(),
            repository: hit.repository.to_string(),
            tag: hit.tag.map(String::from),
            digest: hit.digest.map(String::from),
            created: hit.created.map(Time),
        }
    }
}

impl From<Found> for SearchAnswer {
    fn from(found: Found) -> Self {
        let images = found.images.map(|images| images.hits.map(|(image, _)| image)).unwrap_or_default();
        Self {
            exact: found.exact.map(NamedExactly::from),
            repositories: RepositoryHits::of(found.repositories, |hit| RepositoryHit {
                registry: hit.registry.to_string(),
                repository: hit.name.to_string(),
                tags: hit.tags,
                newest: hit.newest.map(Time),
            }),
            tags: ImageHits::of(found.tags, ImageHit::from),
            digests: DigestHits::of(found.digests, |hit| DigestHit {
                registry: hit.registry.to_string(),
                digest: hit.digest.to_string(),
                thing: if hit.thing == Thing::Blob { "blob" } else { "manifest" },
                size: hit.size,
                repository: hit.repository.to_string(),
                tag: hit.tag.map(String::from),
                others: hit.others,
            }),
            images: ImageHits::of(images, ImageHit::from),
            labels: LabelHits::of(found.labels, |hit| LabelHit {
                key: hit.key,
                value: hit.value,
                annotation: hit.annotation,
                images: hit.images,
                more: hit.more,
            }),
            bases: BaseHits::of(found.bases, |hit| BaseHit { name: hit.name, images: hit.images, more: hit.more }),
            late: found.late.iter().map(|kind| kind.as_str()).collect(),
            short: found.short,
        }
    }
}

/// Search everything
///
/// Looks among all that is known here, in all registries: names, digests, labels, layers, base images. No registry is
/// asked. Labels and base images need the permission `repository.pull`.
#[utoipa::path(get, path = "/search", tag = "Search", operation_id = "search", params(Wanted),
    responses((status = 200, description = "What was found.", body = SearchAnswer)))]
async fn search(asked: Asked, Query(wanted): Query<Wanted>) -> Answer {
    bounded("q", &wanted.q, 256)?;
    bounded("registry", &wanted.registry, 40)?;
    if !wanted.kind.is_empty() && !KINDS.contains(&wanted.kind.as_str()) {
        return Err(Problem::malformed("kind", "There is no such kind of hits."));
    }
    let query = SearchQuery { text: wanted.q, kind: wanted.kind, registry: wanted.registry };
    let found = asked.operations.search(&asked.actor, &query).await?;
    asked.answer(&SearchAnswer::from(found))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfDigest {
    /// The digest.
    #[param(
        example = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        pattern = "^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$",
        max_length = 255
    )]
    digest: String,
}

/// Where a digest is.
#[derive(Serialize, ToSchema)]
struct DigestPlaces {
    /// Every place that holds it and may be seen.
    places: PlaceHits,
    /// Tags of the same name in repositories of the same name of other registries that point to another image.
    lags: Vec<LagHit>,
    /// Its bytes, if it is a layer or a configuration.
    blob_size: Option<u64>,
}

/// A place that holds a digest.
#[derive(Serialize, ToSchema)]
struct PlaceHit {
    /// The image through which it is held.
    image: ImageHit,
    /// `itself`: it is the image's digest; `index`: the image is an index that names it; `blob`: it is one of its layers, or
    /// its configuration.
    how: &'static str,
}

/// A tag that points elsewhere than its namesake, which holds the digest.
#[derive(Serialize, ToSchema)]
struct LagHit {
    /// The tag that points elsewhere.
    image: ImageHit,
    /// The registry of the tag that holds the digest.
    registry: String,
    /// How the other image stands to the digest: `older`, `newer`, or `other` where that is not known.
    standing: &'static str,
}

impl From<Whereabouts> for DigestPlaces {
    fn from(found: Whereabouts) -> Self {
        let place = |(image, how): (ImageFound, How)| PlaceHit {
            image: image.into(),
            how: match how {
                How::Itself => "itself",
                How::Index => "index",
                How::Blob => "blob",
            },
        };
        let lag = |lag: operations::whereabouts::Lag| LagHit {
            image: lag.image.into(),
            registry: lag.registry.to_string(),
            standing: match lag.standing {
                Standing::Older => "older",
                Standing::Newer => "newer",
                Standing::Other => "other",
            },
        };
        Self {
            places: PlaceHits::of(found.places, place),
            lags: found.lags.into_iter().map(lag).collect(),
            blob_size: found.blob,
        }
    }
}

/// Find every place of a digest
///
/// Every registry, repository and tag that is known to hold this manifest, layer or configuration, and which tags of the
/// same name elsewhere lag behind. No registry is asked.
#[utoipa::path(get, path = "/digests/{digest}", tag = "Search", operation_id = "findDigest", params(OfDigest),
    responses((status = 200, description = "Where it is; no places if it is not known.", body = DigestPlaces)))]
async fn where_is(asked: Asked, Path(at): Path<OfDigest>) -> Answer {
    let found = asked.operations.where_is(&asked.actor, &at.digest.parse()?).await?;
    asked.answer(&DigestPlaces::from(found))
}
