//! What everybody is answered everywhere, written by hand. To add an address: write a line as those around it stand, and say
//! with it who may. The numbers stand in the order of the columns ([`super::world::WHO`]):
//!
//! root, viewer, reader, writer, maintainer, auditor, administrator, host, nobody, stranger
//!
//! `root` may do everything everywhere; each role is granted on `team-a/**` of `lab`; `host` was granted `people.manage` and
//! nothing else; `nobody` is signed in and was granted nothing. What one may not know answers 404, what one may see and not do 403; strangers are sent to sign in (303), programs
//! are told to (401). [`Where`]: `Own` is `team-a/app`, `Foreign` another repository of the same registry, `Far` another
//! registry.

mod access;
mod api;
mod forms;
mod pages;

pub use forms::FORMS;
pub use pages::{DOORS, PAGES};

use super::Expected;

/// Operations of the interface. What takes something away that others need stands last.
pub fn api() -> impl Iterator<Item = &'static Expected> {
    access::ACCESS.iter().chain(api::API)
}

/// What stands for segments that are no place.
pub const SEGMENTS: &[(&str, &str)] = &[
    ("name", "gone-0123456789abcdef.css"),
    ("algorithm", "none"),
    ("check", "old-tag"),
    ("person", "guest"),
    ("prefix", "0123456789ab"),
    ("refresh", "4711"),
    ("request", "4711"),
    ("robot", "derrick"),
    ("role", "viewer"),
    ("session", "4711"),
    ("team", "crew"),
    ("token", "4711"),
];

/// What operations are asked with.
pub const QUERIES: &[(&str, &str)] = &[
    ("compareImages", "?a={registry}/{repo}:v1&b={registry}/{repo}:v2"),
    ("explainRight", "?act=repository.pull&where={registry}"),
    ("search", "?q=v1"),
];
