//! Images that contain a layer, or have a configuration.

use super::{Among, Hits, ImageHit, images::limit};
use crate::{
    Error,
    index::{Index, digests::packed},
    sql::statements,
};
use domain::Digest;

statements! {
    BLOBS = "SELECT id, registry_id, size FROM blobs WHERE digest = $1 ORDER BY registry_id";
    // Those that came last first: a layer that all share stands at the same place in all.
    HOLDERS = "SELECT manifest_id FROM manifest_blobs WHERE blob_id = $1 ORDER BY position DESC, manifest_id DESC LIMIT $2";
    // Those that some repositories ($3) hold.
    SEEN_HOLDERS = "SELECT DISTINCT h.manifest_id FROM json_each($3) s
                    CROSS JOIN repository_blobs b ON b.repository_id = s.value AND b.blob_id = $1
                    CROSS JOIN holds h ON h.repository_id = b.repository_id
                    CROSS JOIN manifest_blobs x ON x.manifest_id = h.manifest_id AND x.blob_id = b.blob_id LIMIT $2";
}

impl Index {
    /// The images that contain this layer (or have this configuration), the newest first.
    pub async fn images_with_layer(&self, among: &Among, layer: &Digest) -> Result<Hits<ImageHit>, Error> {
        let mut manifests = Vec::new();
        let mut cut = false;
        for (blob, _, _) in self.blobs(among, layer).await? {
            let most = among.looked;
            let query = sqlx::query_scalar(HOLDERS).bind(blob).bind(limit(most));
            let mut holders: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
            // What all share is held by many that may not be seen.
            if holders.len() == most
                && let Some(narrow) = self.narrow(among.visible()).await?
            {
                let query = sqlx::query_scalar(SEEN_HOLDERS).bind(blob).bind(limit(most)).bind(&narrow.ids);
                holders = query.fetch_all(&self.pools.readers).await?;
            }
            cut |= holders.len() == most;
            manifests.extend(holders);
        }
        if manifests.is_empty() {
            return Ok(Hits::default());
        }
        self.images_of(among, manifests, cut).await
    }

    /// A blob in each of the registries asked for that has it: its row, registry and size.
    pub(super) async fn blobs(&self, among: &Among, digest: &Digest) -> Result<Vec<(i64, i64, i64)>, Error> {
        let rows: Vec<(i64, i64, i64)> =
            sqlx::query_as(BLOBS).bind(packed(digest)).fetch_all(&self.pools.readers).await?;
        Ok(rows.into_iter().filter(|(_, registry, _)| among.asks(*registry)).collect())
    }
}
