//! Search over everything that is known. Every kind of hit is bounded twice, by the rows that are looked at and by those
//! that are given, and says when there may be more. What may not be seen is left out before anything is counted.

mod bases;
mod found;
mod images;
mod labels;
mod layers;
mod prefixes;
mod repositories;
mod tags;
mod whereabouts;
mod words;

#[cfg(test)]
pub(crate) use {
    bases::ALL as BASES, images::ALL as IMAGES, labels::ALL as LABELS, layers::ALL as LAYERS,
    prefixes::ALL as PREFIXES, repositories::ALL as REPOSITORIES, tags::ALL as TAGS, whereabouts::ALL as WHEREABOUTS,
};

pub use bases::{BaseHit, BuiltOn, Why};
pub use found::{Among, Hits, Rank};
pub use images::ImageHit;
pub use labels::LabelHit;
pub use prefixes::{DigestHit, Thing};
pub use repositories::RepositoryHit;
pub use whereabouts::{Held, How, Lag, Standing, Whereabouts};
pub use words::SHORTEST;
pub(super) use words::words_apart;
