//! Copies of the records, and their way back.

use crate::{Operations, Result, fitting};
use domain::{Actor, Permission, Place, audit::Act, permission::allows};
use std::path::Path;
use store::{Restored, StoreOptions};

impl Operations {
    /// Copies the records into `file`, which must not exist; nobody waits for it.
    pub async fn backup(&self, actor: &Actor, file: &Path) -> Result<()> {
        let act = Act::new("backup.make", format!("file {}", file.display()));
        let permit = self.decide(actor, Permission::BackupMake, Place::System, &act).await?;
        let (store, file) = (self.0.store.clone(), file.to_owned());
        self.act(permit, &act, async move { Ok(store.backup(&file).await?) }).await
    }
}

/// Puts the backup in `file` in the place of the present records, also under a process that serves from them. The entry
/// about it stands in the records that were restored: those before are kept aside as they were.
///
/// # Errors
/// Those of [`store::restore`]; then nothing is touched.
pub async fn restore(actor: &Actor, options: &StoreOptions, file: &Path) -> Result<Restored> {
    allows(actor, Permission::BackupMake, Place::System)?;
    let act = Act::new("backup.restore", format!("file {}", file.display()));
    Ok(store::restore(options, file, actor, &fitting(&act)).await?)
}
