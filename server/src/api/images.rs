//! An image, chart or other artifact by tag or digest, and documents byte by byte.

mod shape;

use super::{
    answer::Answer,
    asked::{Asked, Interface, Path, Query},
    values::{bounded, repository},
};
use axum::http::{HeaderName, HeaderValue, header};
use domain::Reference;
use operations::images::View;
use serde::Deserialize;
use shape::Image;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(read_tag)).routes(routes!(read_manifest)).routes(routes!(read_document))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByTag {
    /// The name of the registry here.
    #[param(example = "demo", min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    registry: String,
    /// The name of the repository, with `~` for each `/`.
    #[param(
        example = "storefront~web",
        min_length = 1,
        max_length = 255,
        pattern = "^[a-z0-9]([a-z0-9._~-]*[a-z0-9])?$"
    )]
    repository: String,
    /// The tag.
    #[param(example = "latest", min_length = 1, max_length = 128, pattern = "^[a-zA-Z0-9_][a-zA-Z0-9._-]*$")]
    tag: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByDigest {
    /// The name of the registry here.
    #[param(example = "demo", min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    registry: String,
    /// The name of the repository, with `~` for each `/`.
    #[param(
        example = "storefront~web",
        min_length = 1,
        max_length = 255,
        pattern = "^[a-z0-9]([a-z0-9._~-]*[a-z0-9])?$"
    )]
    repository: String,
    /// The digest.
    #[param(
        example = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        pattern = "^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$",
        max_length = 255
    )]
    digest: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Of an index: which platform's image is shown in full. Without, the first.
    #[serde(default)]
    #[param(max_length = 200, example = "linux/amd64")]
    platform: String,
}

/// Read the image behind a tag
///
/// What is kept is answered at once, with when the registry said so last (`checked`). After ten seconds it is asked again
/// behind the answer (`asking`), in a way that is not counted as a pull: what it says stands in an answer a moment later.
/// Only what is not kept is waited for. Configuration, labels and history need the permission `repository.pull`.
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/tags/{tag}", tag = "Images", operation_id = "readTag",
    params(ByTag, Wanted), responses((status = 200, description = "The image.", body = Image)))]
async fn read_tag(asked: Asked, Path(at): Path<ByTag>, Query(wanted): Query<Wanted>) -> Answer {
    image(asked, &at.registry, &at.repository, &Reference::Tag(at.tag.parse()?), wanted).await
}

/// Read the image behind a digest
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/manifests/{digest}", tag = "Images",
    operation_id = "readManifest", params(ByDigest, Wanted), responses((status = 200, description = "The image.", body = Image)))]
async fn read_manifest(asked: Asked, Path(at): Path<ByDigest>, Query(wanted): Query<Wanted>) -> Answer {
    image(asked, &at.registry, &at.repository, &Reference::Digest(at.digest.parse()?), wanted).await
}

async fn image(asked: Asked, registry: &str, segment: &str, reference: &Reference, wanted: Wanted) -> Answer {
    bounded("platform", &wanted.platform, 200)?;
    let view = if wanted.platform.is_empty() { View::Image } else { View::Platform(wanted.platform) };
    let name = repository(segment)?;
    let found = asked.operations.image(&asked.actor, registry, &name, reference, &view).await?;
    asked.answer(&Image::from(found))
}

/// Read a document byte by byte
///
/// A manifest or a configuration as the registry gave it: its SHA-256 is the digest that was asked for.
#[utoipa::path(get, path = "/registries/{registry}/repositories/{repository}/documents/{digest}", tag = "Images",
    operation_id = "readDocument", params(ByDigest),
    responses((status = 200, description = "The bytes.", body = Vec<u8>, content_type = "application/octet-stream")))]
async fn read_document(asked: Asked, Path(at): Path<ByDigest>) -> Answer {
    let (name, digest) = (repository(&at.repository)?, at.digest.parse::<domain::Digest>()?);
    let bytes = asked.operations.raw_document(&asked.actor, &at.registry, &name, &digest).await?;
    // Strong: what is behind a digest never changes. What it says comes from others, so that nothing may run it.
    let mut response = asked.tagged(&format!("\"{digest}\""), "application/octet-stream", bytes);
    let attachment = HeaderValue::from_static("attachment");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, attachment);
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
    response.headers_mut().insert(HeaderName::from_static("content-security-policy"), policy);
    Ok(response)
}
