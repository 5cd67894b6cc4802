//! Copies of the records.

use crate::{Operations, Result};
use domain::{Actor, Permission, Place, audit::Act, audit::Outcome};
use std::path::Path;

impl Operations {
    /// Copies the records into `file`, which must not exist; nobody waits for it.
    pub async fn backup(&self, actor: &Actor, file: &Path) -> Result<()> {
        let act = Act::new("backup.make", format!("file {}", file.display()));
        let permit = self.decide(actor, Permission::BackupMake, Place::System, &act).await?;
        let opened = self.0.store.open_act(permit, &act, self.now()).await?;
        let made = self.0.store.backup(file).await;
        let (outcome, detail) = match &made {
            Ok(()) => (Outcome::Done, None),
            Err(error) => (Outcome::Failed, Some(error.to_string())),
        };
        self.0.store.close_act(&opened, outcome, detail.as_deref(), None, self.now()).await?;
        Ok(made?)
    }
}
