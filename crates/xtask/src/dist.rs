//! `cargo xtask dist`: one program with pages, style, WebAssembly and migrations inside, to be copied anywhere.

use crate::{
    Outcome, compress, machine,
    process::{self, cargo, find, output, program, target},
    site,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

pub fn command(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err("usage: cargo xtask dist".into());
    }
    machine::ready_to_build()?;
    let musl = musl();
    if let Some(musl) = &musl {
        machine::rust_target(musl)?;
    }
    let program_file = release(musl.as_deref(), None)?;

    let dist = target().join("dist");
    fs::create_dir_all(&dist)?;
    let file = dist.join("wharfinger");
    // Removed first: a copy that still runs keeps its own file.
    _ = fs::remove_file(&file);
    fs::copy(program_file, &file)?;
    process::run(program(&file).arg("version"))?;

    let bytes = fs::read(&file)?;
    println!("\n{}", file.display());
    println!("  {:.1} MB, {:.1} MB as gzip", megabytes(bytes.len()), megabytes(compress::gzip(&bytes)?.len()));
    match musl {
        Some(target) => println!("  linked against musl ({target}): it runs on any Linux of this processor"),
        None => println!("  {}", glibc(&file)),
    }
    Ok(())
}

/// Builds the release with its assets inside and says where the program is. Without a target it is one for this machine.
pub fn release(rust_target: Option<&str>, features: Option<&str>) -> Outcome<PathBuf> {
    let assets = site::build(true)?;
    let mut build = cargo(&["build", "-p", "server", "--release"]);
    build.env("ASSETS", &assets);
    build.args(features.map(|features| format!("--features={features}")));
    build.args(rust_target.map(|triple| format!("--target={triple}")));
    process::run(&mut build)?;
    let folder = rust_target.map_or_else(target, |triple| target().join(triple));
    Ok(folder.join("release/wharfinger"))
}

/// The target that needs no libraries of the machine, where a C compiler for it is there.
fn musl() -> Option<String> {
    let there = cfg!(target_os = "linux") && find("musl-gcc").is_some();
    if !there {
        eprintln!("musl-gcc (Debian: musl-tools) is not there, so the program will need a glibc like this machine's");
    }
    there.then(|| format!("{}-unknown-linux-musl", env::consts::ARCH))
}

/// The sentence about the C library that the program needs.
fn glibc(file: &Path) -> String {
    let symbols = ["objdump", "readelf"].into_iter().filter(|tool| find(tool).is_some()).find_map(|tool| {
        let flag = if tool == "objdump" { "-T" } else { "-V" };
        output(program(tool).arg(flag).arg(file)).ok()
    });
    match symbols.as_deref().map(lowest) {
        Some(Some((major, minor))) => format!("it needs glibc {major}.{minor} or newer"),
        Some(None) => "it needs no glibc".into(),
        None => "it needs a glibc; which one objdump (Debian: binutils) would tell".into(),
    }
}

/// The highest version that any symbol asks for is the lowest that will do.
fn lowest(symbols: &str) -> Option<(u32, u32)> {
    symbols
        .split("GLIBC_")
        .skip(1)
        .filter_map(|rest| {
            let version = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
            let mut parts = version.split('.').map(str::parse::<u32>);
            Some((parts.next()?.ok()?, parts.next()?.ok()?))
        })
        .max()
}

#[expect(clippy::cast_precision_loss, reason = "a size for a person to read")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_needed_glibc_is_the_highest_version_of_any_symbol() {
        let symbols =
            "0 DF *UND* 0 (GLIBC_2.4) x\n0 DF *UND* 0 (GLIBC_2.34) y\n0 DF *UND* 0 (GLIBC_2.9) z\n(GLIBC_PRIVATE)";
        assert_eq!(lowest(symbols), Some((2, 34)));
        assert_eq!(lowest("nothing"), None);
    }
}
