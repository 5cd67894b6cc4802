//! `serve --demo`: a registry with made-up images in this process, connected once under the name `demo`.

use crate::{settings::Settings, stopped::Stopped};
use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// A folder that is removed when the demo ends.
#[derive(Debug)]
pub struct Throwaway(PathBuf);

impl Throwaway {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), cause = %error, "the demo's folder could not be removed");
        }
    }
}

/// Gives a demo without a data directory one of its own.
pub fn throwaway(settings: &mut Settings) -> Result<Option<Throwaway>, Stopped> {
    if !settings.demo || settings.data_dir.is_some() {
        return Ok(None);
    }
    let mut bytes = [0; 6];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes)
        .map_err(|_| Stopped::new("the system gives no random bytes"))?;
    let path = std::env::temp_dir().join(format!("wharfinger-demo-{}", hex::encode(bytes)));
    // Not `recursive`: a folder that somebody put there before us is not used.
    DirBuilder::new()
        .mode(0o700)
        .create(&path)
        .map_err(|error| Stopped::new(format!("{} can't be made ({error})", path.display())))?;
    settings.data_dir = Some(path.clone());
    Ok(Some(Throwaway(path)))
}
