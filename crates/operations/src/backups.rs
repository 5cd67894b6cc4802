//! Copies of the records, and their way back.

use crate::{Operations, Result, fitting};
use domain::{Actor, Permission, Place, audit::Act, audit::Outcome, permission::allows};
use std::path::Path;
use store::{Restored, Store, StoreOptions};

impl Operations {
    /// Copies the records into `file`, which must not exist; nobody waits for it.
    pub async fn backup(&self, actor: &Actor, file: &Path) -> Result<()> {
        let act = Act::new("backup.make", format!("file {}", file.display()));
        let permit = self.decide(actor, Permission::BackupMake, Place::System, &act).await?;
        let (store, file) = (self.0.store.clone(), file.to_owned());
        self.act(permit, &act, async move { Ok(store.backup(&file).await?) }).await
    }
}

/// Puts the backup in `file` in the place of the present records, while nothing serves from them. The entry about it
/// stands in the records that were restored: those before are put aside as they were.
///
/// # Errors
/// Those of [`store::restore`]; then nothing is touched.
pub async fn restore(actor: &Actor, options: &StoreOptions, file: &Path) -> Result<Restored> {
    allows(actor, Permission::BackupMake, Place::System)?;
    let restored = store::restore(options, file).await?;
    let former = restored.former.as_ref().map(|path| path.display().to_string());
    let act = Act::new("backup.restore", format!("file {}", file.display()))
        .after(serde_json::json!({ "entries": restored.entries, "former records": former }));
    let store = Store::open(options).await?;
    store.record(actor, &fitting(&act), Outcome::Done, None, &Place::System, options.now).await;
    store.close().await;
    Ok(restored)
}
