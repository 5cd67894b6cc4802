//! Where a digest is, in every registry, and which tags of the same name lag behind.

use crate::{
    Operations, Result,
    search::{ImageFound, Searched},
};
use domain::{Actor, Digest, Permission, Place, RegistryName, Visible, permission::allows};
use store::index::Among;
pub use store::index::{Hits, How, Standing};

/// As many places are named.
const PLACES: usize = 500;

/// Where a digest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// Which digest.
    pub digest: Digest,
    /// Every place that may be seen, and how it holds the digest.
    pub places: Hits<(ImageFound, How)>,
    /// Tags of the same name elsewhere that point to another image.
    pub lags: Vec<Lag>,
    /// Its bytes, if it is a layer or a configuration.
    pub blob: Option<u64>,
}

/// A tag that points elsewhere than its namesake, which holds the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The registry of the tag that holds the digest.
    pub registry: RegistryName,
    /// The tag that points elsewhere.
    pub image: ImageFound,
    /// How what it points to stands to the digest.
    pub standing: Standing,
}

impl Operations {
    /// Every place that is known to hold this digest and may be seen: a tag, an index, a layer's images.
    pub async fn where_is(&self, actor: &Actor, digest: &Digest) -> Result<Whereabouts> {
        allows(actor, Permission::RegistryView, Place::System)?;
        let visible = Visible::to(actor);
        let searched = self.searched(&visible).await?;
        self.whereabouts_of(&visible, &searched, digest).await
    }

    pub(crate) async fn whereabouts_of(
        &self,
        visible: &Visible,
        searched: &Searched,
        digest: &Digest,
    ) -> Result<Whereabouts> {
        let ids: Vec<_> = searched.names.keys().copied().collect();
        let among = Among::new(visible, &ids, PLACES);
        let found = self.0.store.index().where_is(&among, digest).await?;
        let lags = found.lags.into_iter().map(|lag| Lag {
            registry: searched.name(lag.registry),
            image: searched.image(lag.image),
            standing: lag.standing,
        });
        Ok(Whereabouts {
            digest: digest.clone(),
            places: found.places.map(|held| (searched.image(held.image), held.how)),
            lags: lags.collect(),
            blob: found.blob,
        })
    }
}
