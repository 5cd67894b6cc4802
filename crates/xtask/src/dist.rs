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
    println!("  {}", runs_on(musl.as_deref(), &file));
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
    let target = static_target(env::consts::OS, env::consts::ARCH, find("musl-gcc").is_some());
    if target.is_none() {
        eprintln!("musl-gcc (Debian: musl-tools) is not there, so the program will need a glibc like this machine's");
    }
    target
}

fn static_target(system: &str, processor: &str, musl_gcc: bool) -> Option<String> {
    (system == "linux" && musl_gcc).then(|| format!("{processor}-unknown-linux-musl"))
}

/// The sentence about the machines on which the program runs.
fn runs_on(musl: Option<&str>, file: &Path) -> String {
    match musl {
        Some(target) => format!("linked against musl ({target}): it runs on any Linux of this processor"),
        None => glibc(symbols(file).as_deref()),
    }
}

/// What the first tool that is there and can read the program prints of the symbols it needs.
fn symbols(file: &Path) -> Option<String> {
    let tools = [("objdump", "-T"), ("readelf", "-V")];
    let there = tools.into_iter().filter(|(tool, _)| find(tool).is_some());
    there.map(|(tool, flag)| output(program(tool).arg(flag).arg(file))).find_map(Result::ok)
}

/// The sentence about the C library that a program with these symbols needs.
fn glibc(symbols: Option<&str>) -> String {
    match symbols.map(lowest) {
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

    const OBJDUMP: &str = "
wharfinger:     file format elf64-x86-64

DYNAMIC SYMBOL TABLE:
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.4)  __stack_chk_fail
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.34) pthread_create
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.2.5) write
0000000000000000      DF *UND*\t0000000000000000 (GCC_4.2.0)  _Unwind_GetIPInfo
0000000000000000      DO *UND*\t0000000000000000 (GLIBC_PRIVATE) _rtld_global
0000000000000000  w   D  *UND*\t0000000000000000  Base        __gmon_start__
";
    const READELF: &str = "
Version needs section '.gnu.version_r' contains 2 entries:
 Addr: 0x0000000000001b48  Offset: 0x00001b48  Link: 8 (.dynstr)
  000000: Version: 1  File: ld-linux-x86-64.so.2  Cnt: 1
  0x0010:   Name: GLIBC_2.3  Flags: none  Version: 11
  0x0020: Version: 1  File: libc.so.6  Cnt: 3
  0x0030:   Name: GLIBC_2.9  Flags: none  Version: 7
  0x0040:   Name: GLIBC_2.28  Flags: none  Version: 12
  0x0050:   Name: GLIBC_2.14  Flags: none  Version: 4
";

    #[test]
    fn the_needed_glibc_is_the_highest_version_of_any_symbol() {
        assert_eq!(lowest(OBJDUMP), Some((2, 34)));
        assert_eq!(lowest(READELF), Some((2, 28)));
        assert_eq!(glibc(Some(READELF)), "it needs glibc 2.28 or newer");
    }

    #[test]
    fn no_version_is_made_up() {
        assert_eq!(lowest("(GLIBC_PRIVATE) _rtld_global"), None);
        assert_eq!(lowest("GLIBC_ GLIBC_2 GLIBC_2. GLIBC_99999999999.1"), None);
        assert_eq!(glibc(Some("DYNAMIC SYMBOL TABLE:\nno symbols")), "it needs no glibc");
        assert_eq!(glibc(None), "it needs a glibc; which one objdump (Debian: binutils) would tell");
    }

    #[test]
    fn musl_is_taken_on_linux_where_its_compiler_is_there() {
        assert_eq!(static_target("linux", "aarch64", true).as_deref(), Some("aarch64-unknown-linux-musl"));
        assert_eq!(static_target("linux", "x86_64", false), None);
        assert_eq!(static_target("macos", "aarch64", true), None);
    }

    #[test]
    fn it_is_said_on_which_machines_the_program_runs() {
        let nowhere = Path::new("/no/such/program");
        let told = runs_on(Some("x86_64-unknown-linux-musl"), nowhere);
        assert_eq!(told, "linked against musl (x86_64-unknown-linux-musl): it runs on any Linux of this processor");
        assert!(runs_on(None, nowhere).starts_with("it needs a glibc; which one"));
    }

    /// The compiler that built this test brings objdump and readelf along.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn a_real_program_tells_which_glibc_it_needs() {
        let this = env::current_exe().expect("the program that runs this test");
        let told = runs_on(None, &this);
        assert!(told.starts_with("it needs glibc 2.") && told.ends_with(" or newer"), "{told}");
    }
}
