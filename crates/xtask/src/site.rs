//! `cargo xtask site`: everything the browser asks for by a name with a hash in it.

use crate::{
    Outcome,
    assets::{self, Asset},
    browser, hash, machine,
    process::{root, target},
    style,
};
use std::{fs, path::PathBuf, time::Instant};

pub fn command(arguments: &[String]) -> Outcome {
    let release = match arguments {
        [] => false,
        [one] if one == "--release" => true,
        _ => return Err("usage: cargo xtask site [--release]".into()),
    };
    machine::ready_to_build()?;
    build(release).map(drop)
}

/// Builds the assets and says which folder they are in.
pub fn build(release: bool) -> Outcome<PathBuf> {
    let pair = browser::build(release)?;
    let style = root().join("style");
    let assets = [
        Asset { role: "js", name: pair.js.0, bytes: pair.js.1 },
        Asset { role: "wasm", name: pair.wasm.0, bytes: pair.wasm.1 },
        hashed("css", "style", "css", style::bundle(&style, release)?.into_bytes()),
        hashed("icon", "favicon", "svg", fs::read(style.join("favicon.svg"))?),
        hashed("sprite", "icons", "svg", fs::read(style.join("icons.svg"))?),
    ];
    let folder = target().join("site").join(if release { "release" } else { "debug" });
    let started = Instant::now();
    let weights = assets::write(&folder, &assets, release)?;
    if release {
        eprintln!("  compression took {:.1} s", started.elapsed().as_secs_f32());
        eprint!("{}", assets::table(&weights));
    }
    Ok(folder)
}

fn hashed(role: &'static str, stem: &str, extension: &str, bytes: Vec<u8>) -> Asset {
    Asset { role, name: format!("{stem}-{}.{extension}", hash::of([&*bytes])), bytes }
}
