//! `serve --demo`: a registry with made-up images in this process, connected once under the name `demo`.

use crate::{settings::Settings, stopped::Stopped};
use domain::{Actor, Address, RegistryName, Visible};
use operations::{Operations, connections::ConnectionForm};
use registry::fake::{self, Fake, FakeOptions};
use std::{
    fs::DirBuilder,
    net::Ipv4Addr,
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

/// The word by which the demo registry is connected.
const NAME: &str = "demo";

/// Starts the demo registry, fills it, and connects it the first time. It ends when what comes back is dropped.
pub async fn start(operations: &Operations) -> Result<Fake, Stopped> {
    let actor = Actor::cli();
    let visible = Visible::to(&actor);
    let registries = operations.store().registries();
    let name: RegistryName = NAME.parse().map_err(Stopped::new)?;
    let known = registries.by_name(&visible, &name).await?;
    let fake = listen(known.as_ref().map(|known| &known.connection.address)).await?;
    fake::demo::fill(&fake, operations.now());
    let address = fake.address();
    match known {
        Some(known) if known.connection.address == address => {}
        // Its port was taken by another program meanwhile.
        Some(known) => {
            let form = ConnectionForm { address: address.to_string(), ..ConnectionForm::of(&known) };
            operations.edit_registry(&actor, &form).await?;
        }
        // Whoever removed it does not want it back at the next start.
        None if registries.names(&visible).await?.iter().any(|(_, former)| former == NAME) => {}
        None => {
            let form = ConnectionForm {
                name: NAME.to_owned(),
                description: "Made-up images to look around in".to_owned(),
                address: address.to_string(),
                ..ConnectionForm::empty()
            };
            operations.add_registry(&actor, &form).await?;
        }
    }
    tracing::info!(registry.address = %address, "the demo registry is running");
    Ok(fake)
}

/// At the port it had before, if that is free: kept addresses stay right. It takes no pushes: whoever reaches the port
/// could fill this process's memory with them. It deletes nothing either, as `registry:2` out of the box does not: what
/// anybody at the port took away would be missing until the next start, and what was deleted here could not be pushed back.
async fn listen(before: Option<&Address>) -> Result<Fake, Stopped> {
    let options = FakeOptions { pushes: false, delete: false, ..FakeOptions::default() };
    if let Some(port) = before.map(Address::port) {
        let at = FakeOptions { listen: (Ipv4Addr::LOCALHOST, port).into(), ..options.clone() };
        if let Ok(fake) = Fake::start(at).await {
            return Ok(fake);
        }
    }
    Fake::start(options).await.map_err(|error| Stopped::new(format!("the demo registry can't be started ({error})")))
}
