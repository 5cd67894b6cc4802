//! Where things are: the addresses of registries, repositories and images.

use crate::base::to;
use domain::{Digest, RepositoryName, Tag};

/// The path of a registry's repositories, without the base.
pub fn registry_path(registry: &str) -> String {
    format!("/registries/{registry}")
}

/// The path of a registry's reading in the background, without the base.
pub fn reading_path(registry: &str) -> String {
    format!("/reading/{registry}")
}

/// The path of a repository's tags, without the base.
pub fn repository_path(registry: &str, repository: &RepositoryName) -> String {
    format!("/registries/{registry}/{}", repository.to_segment())
}

/// The address of a repository's tags.
pub fn repository(registry: &str, name: &RepositoryName) -> String {
    to(&repository_path(registry, name))
}

/// The address of an image by its tag.
pub fn tag(registry: &str, repository: &RepositoryName, tag: &Tag) -> String {
    to(&format!("{}/tags/{tag}", repository_path(registry, repository)))
}

/// The address of an image by its digest.
pub fn manifest(registry: &str, repository: &RepositoryName, digest: &Digest) -> String {
    to(&format!("{}/manifests/{digest}", repository_path(registry, repository)))
}

/// The address of what a tag pointed to, and when it moved.
pub fn history(registry: &str, repository: &RepositoryName, tag: &Tag) -> String {
    to(&format!("{}/history?tag={tag}", repository_path(registry, repository)))
}
