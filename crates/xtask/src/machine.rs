//! What the machine has and what it lacks, said before anything is built, with the command that brings it.

use crate::{
    Outcome, apt,
    process::{self, cargo, find, output, program, root},
};
use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

/// What the browser runs.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Programs that only the tests need, and the Debian package that has each.
const FOR_TESTS: [(&str, &str); 6] = [
    ("docker-registry", "docker-registry"),
    ("skopeo", "skopeo"),
    ("podman", "podman"),
    ("nginx", "nginx"),
    ("htpasswd", "apache2-utils"),
    ("openssl", "openssl"),
];

/// Programs that only the benchmarks need.
const FOR_BENCH: [(&str, &str); 3] = [("wrk", "wrk"), ("curl", "curl"), ("docker-registry", "docker-registry")];

/// Playwright asks for this one.
const NODE: u32 = 20;

/// A C compiler (for SQLite) and the browser's target; the latter is added if it can be.
pub fn ready_to_build() -> Outcome {
    if env::var_os("CC").is_none() && ["cc", "gcc", "clang"].iter().all(|name| find(name).is_none()) {
        return Err("a C compiler is missing (SQLite is built in). On Debian or Ubuntu:\n\n  sudo apt-get install -y build-essential".into());
    }
    rust_target(WASM)
}

/// Sees to it that the standard library for `target` is there.
pub fn rust_target(target: &str) -> Outcome {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = output(program(&rustc).args(["--print", "target-libdir", "--target", target]))?;
    match lacking(target, Path::new(folder.trim()).is_dir(), find("rustup").is_some()) {
        Lacking::Nothing => Ok(()),
        Lacking::Addable(command) => process::run(program(command[0]).args(&command[1..])).map_err(|e| {
            format!("{e}\nIt is needed here. Once there is a network again:\n\n  {}", command.join(" ")).into()
        }),
        Lacking::Rustup(what_to_do) => Err(what_to_do.into()),
    }
}

/// What is to be done before Rust compiles for a target.
#[derive(Debug, PartialEq, Eq)]
enum Lacking<'t> {
    /// It does already.
    Nothing,
    /// This command brings what lacks.
    Addable([&'t str; 4]),
    /// Nothing here could bring it; what a person can do.
    Rustup(String),
}

fn lacking(target: &str, installed: bool, rustup: bool) -> Lacking<'_> {
    let command = ["rustup", "target", "add", target];
    match (installed, rustup) {
        (true, _) => Lacking::Nothing,
        (false, true) => Lacking::Addable(command),
        (false, false) => Lacking::Rustup(format!(
            "this Rust cannot compile for {target}, and rustup, which would add it, is not there.\n\
             Install Rust by https://rustup.rs, then:\n\n  {}",
            command.join(" ")
        )),
    }
}

/// Everything the tests need beyond that: rustfmt and clippy, Node, programs of the system, npm packages, a browser.
pub fn ready_to_test(browser: bool) -> Outcome {
    ready_to_build()?;
    components()?;
    if browser {
        node()?;
    }
    let mut lacking: Vec<&str> =
        FOR_TESTS.iter().filter(|(name, _)| find(name).is_none()).map(|(_, package)| *package).collect();
    if browser {
        if chromium().is_none() && !playwrights_own() {
            lacking.push(SHELL);
        }
        if !Path::new("/usr/share/fonts/truetype/liberation").exists()
            && !Path::new("/usr/share/fonts/truetype/liberation2").exists()
            && find("apt-get").is_some()
        {
            lacking.push("fonts-liberation");
        }
    }
    if !lacking.is_empty() {
        apt::install(&lacking)?;
    }
    if browser {
        npm_packages()?;
        if chromium().is_none() {
            // With the libraries that it needs, where we may install them.
            let libraries = apt::is_root()?.then_some("--with-deps");
            process::run(playwright().args(["install", "chromium"]).args(libraries))?;
        }
    }
    Ok(())
}

/// Everything the benchmarks need. They install nothing of the system: what lacks is said.
pub fn ready_to_bench(browser: bool) -> Outcome {
    ready_to_build()?;
    let mut lacking: Vec<&str> =
        FOR_BENCH.iter().filter(|(name, _)| find(name).is_none()).map(|(_, package)| *package).collect();
    if browser && chromium().is_none() {
        lacking.push(SHELL);
    }
    if !lacking.is_empty() {
        let names = lacking.join(" ");
        return Err(format!("the benchmarks need some programs:\n\n  sudo apt-get install -y {names}").into());
    }
    if browser {
        node()?;
        npm_packages()?;
    }
    Ok(())
}

/// Chromium without the parts that draw a window, which take a quarter more of the processor: its name in PATH and at Debian.
const SHELL: &str = "chromium-headless-shell";

/// The browser of the system, or the one that CHROMIUM names.
pub fn chromium() -> Option<PathBuf> {
    let named = env::var_os("CHROMIUM").map(PathBuf::from);
    named.or_else(|| [SHELL, "chromium", "google-chrome"].into_iter().find_map(find))
}

/// The browser of the system, else the one that Playwright has brought.
pub fn chromium_for_tests() -> Outcome<PathBuf> {
    if let Some(chromium) = chromium() {
        return Ok(chromium);
    }
    let asked = "require('playwright-core').chromium.executablePath()";
    Ok(output(end2end("node").args(["-p", asked]))?.trim().into())
}

/// Ubuntu has Chromium only as a snap, which can't run everywhere; there Playwright brings its own.
fn playwrights_own() -> bool {
    std::fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=ubuntu"))
}

/// The test runner of the browser, as the npm packages bring it.
pub fn playwright() -> Command {
    end2end(&root().join("end2end/node_modules/.bin/playwright"))
}

/// A program started in `end2end`.
pub fn end2end(name: &(impl AsRef<OsStr> + ?Sized)) -> Command {
    let mut command = program(name);
    command.current_dir(root().join("end2end")).env("PATH", process::wide_path());
    command
}

fn components() -> Outcome {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let there = cargo(&[tool, "--version"]).output().is_ok_and(|output| output.status.success());
        if !there {
            process::run(program("rustup").args(["component", "add", component]))
                .map_err(|e| format!("{e}\nThe tests need it:\n\n  rustup component add {component}"))?;
        }
    }
    Ok(())
}

fn node() -> Outcome {
    let version = find("node").and_then(|node| output(program(&node).arg("--version")).ok());
    let major = version.as_deref().and_then(|text| text.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    if find("npm").is_some() && major.is_some_and(|major| major >= NODE) {
        return Ok(());
    }
    let found = version.map_or("none is there".to_string(), |text| format!("{} is there", text.trim()));
    Err(format!(
        "the browser tests need Node {NODE} or newer with npm; {found}.\n\
         See https://nodejs.org/en/download, or leave the browser out:\n\n  cargo xtask test --quick"
    )
    .into())
}

/// `npm ci`, unless what is installed is what the lock file asks for.
fn npm_packages() -> Outcome {
    let folder = root().join("end2end");
    let wanted = std::fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.made-from");
    if std::fs::read(&stamp).is_ok_and(|made_from| made_from == wanted) {
        return Ok(());
    }
    process::run(end2end("npm").args(["ci", "--no-audit", "--no-fund"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    std::fs::write(stamp, wanted)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_there_is_left_alone() {
        for rustup in [true, false] {
            assert_eq!(lacking(WASM, true, rustup), Lacking::Nothing);
        }
        let host = output(program("rustc").arg("-vV")).expect("rustc tells its host");
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("a line of its own");
        rust_target(host).expect("what compiles this test can compile for this machine");
    }

    #[test]
    fn a_target_that_lacks_is_added_by_the_command_that_is_printed() {
        let Lacking::Addable(command) = lacking(WASM, false, true) else { panic!("rustup could add it") };
        assert_eq!(command.join(" "), "rustup target add wasm32-unknown-unknown");
    }

    #[test]
    fn without_rustup_a_person_is_told_where_it_comes_from_and_what_to_type_then() {
        let Lacking::Rustup(told) = lacking("x86_64-unknown-linux-musl", false, false) else { panic!("nothing can") };
        assert!(told.contains("cannot compile for x86_64-unknown-linux-musl") && told.contains("https://rustup.rs"));
        assert!(told.ends_with("\n\n  rustup target add x86_64-unknown-linux-musl"), "{told}");
    }

    #[test]
    fn a_target_that_no_rust_knows_stops_with_the_command_that_failed() {
        let failure = rust_target("no-such-target").expect_err("rustc does not know it").to_string();
        assert!(failure.contains("--target no-such-target"), "{failure}");
    }
}
