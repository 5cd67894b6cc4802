//! Images that contain a layer, have a label, or are built on another.

use super::{Asked, ImageFound, ImagesAsked, Named, Searched};
use crate::{Operations, Result};
use domain::Digest;
use store::index::{Among, BuiltOn, Hits, ImageHit, Thing, Why};

/// Images that have what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagesFound {
    /// What they have.
    pub because: Because,
    /// The images, the newest first; with how it is known on what they are built, where that was asked.
    pub hits: Hits<(ImageFound, Option<Why>)>,
}

/// What images have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// They contain this layer.
    Layer(Digest),
    /// They have this label or annotation: key and value.
    Label(String, String),
    /// They are built on this image, by what they say and by their layers.
    BuiltOn(Digest),
    /// They say that they are built on what has this name.
    Said(String),
}

impl Operations {
    pub(super) async fn images_asked(
        &self,
        among: &Among,
        searched: &Searched,
        asked: Option<&ImagesAsked>,
    ) -> Result<Option<ImagesFound>> {
        let index = self.0.store.index();
        let plain = |hits: Hits<ImageHit>| hits.map(|hit| (searched.image(hit), None));
        Ok(match asked {
            None => None,
            Some(ImagesAsked::Layer(digits)) => match self.one_digest(among, digits, true).await? {
                Some(layer) => {
                    let hits = plain(index.images_with_layer(among, &layer).await?);
                    Some(ImagesFound { because: Because::Layer(layer), hits })
                }
                None => None,
            },
            Some(ImagesAsked::Label(key, value)) => {
                let hits = plain(index.images_with_label(among, key, value).await?);
                // Most texts with an equals sign are a part of a label: only whole ones have images.
                let because = Because::Label(key.clone(), value.clone());
                (hits.found > 0).then_some(ImagesFound { because, hits })
            }
            Some(ImagesAsked::Base(text)) => {
                let built = |hits: Hits<BuiltOn>| hits.map(|hit| (searched.image(hit.image), Some(hit.why)));
                match self.base_digest(among, searched, text).await? {
                    Some(digest) => {
                        let hits = built(index.built_on(among, &digest).await?);
                        Some(ImagesFound { because: Because::BuiltOn(digest), hits })
                    }
                    None => {
                        let hits = built(index.built_on_name(among, text).await?);
                        (hits.found > 0).then(|| ImagesFound { because: Because::Said(text.clone()), hits })
                    }
                }
            }
        })
    }

    /// The only digest that begins so, of a blob or of a manifest.
    async fn one_digest(&self, among: &Among, digits: &str, blob: bool) -> Result<Option<Digest>> {
        if digits.len() < super::DIGITS {
            return Ok(None);
        }
        let hits = self.0.store.index().find_digests(among, digits).await?;
        let mut fitting = hits.rows.into_iter().filter(|hit| (hit.thing == Thing::Blob) == blob).map(|hit| hit.digest);
        let first = fitting.next();
        Ok(first.filter(|first| fitting.all(|other| other == *first)))
    }

    /// The image that a text names: by its digest, or by registry, repository and tag.
    async fn base_digest(&self, among: &Among, searched: &Searched, text: &str) -> Result<Option<Digest>> {
        if let Some(digits) = super::asked::digits(text) {
            return self.one_digest(among, &digits, false).await;
        }
        let Asked { registry: Some(_), exact: Some(Named::Tag(repository, tag)), .. } = searched.asked(text) else {
            return Ok(None);
        };
        let hits = self.0.store.index().find_tags_within(among, repository.as_str(), tag.as_str()).await?;
        let whole = hits.rows.into_iter().find(|hit| hit.repository == repository && hit.tag.as_ref() == Some(&tag));
        Ok(whole.and_then(|hit| hit.digest))
    }
}
