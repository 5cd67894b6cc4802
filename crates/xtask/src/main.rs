//! The build of Wharfinger, in Rust, with nothing to install first: `cargo xtask run`, `test`, `contract`, `soak`, `bench`,
//! `dist`, `site`, `watch`.

mod apt;
mod assets;
mod bench;
mod browser;
mod compress;
mod contract;
mod direction;
mod dist;
mod hash;
mod house;
mod machine;
mod permissions;
mod process;
mod run;
mod rust_tests;
mod site;
mod soak;
mod sources;
mod steps;
mod style;
mod test;
mod watch;

use std::process::ExitCode;

/// What went wrong, in words for the person at the terminal.
type Failure = Box<dyn std::error::Error>;
type Outcome<T = ()> = Result<T, Failure>;

const USAGE: &str = "\
usage: cargo xtask <command>

  run [ARGUMENTS]          builds everything and serves the demo at http://127.0.0.1:3000;
                           ARGUMENTS go to `wharfinger serve` and win over the demo's own
  test [--quick] [FILTER]  format, house rules, clippy and every test; --quick leaves out clippy and the browser;
                           FILTER chooses Rust tests and browser tests by name
  contract                 only the contract test: schemathesis holds the API's answers to its document
  permissions              writes the table of permissions and roles into README.md
  watch [ARGUMENTS]        like run, and again at each change of a source
  site [--release]         only the files the browser asks for, into target/site
  dist                     one program with everything inside: target/dist/wharfinger
  bench [PART]             measures a release and prints the rows of the README's table;
                           PART is tags, chromium, wire, memory, fill or scale (which first makes gigabytes of data)
  soak [SEEDS]             the long fault suites: a fill is killed at 50 random points, or at as many as SEEDS says";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let outcome = match command.as_str() {
        "run" => run::command(&rest),
        "test" => test::command(&rest),
        "watch" => watch::command(&rest),
        "site" => site::command(&rest),
        "dist" => dist::command(&rest),
        "bench" => bench::command(&rest),
        "contract" => contract::command(),
        "permissions" => permissions::command(),
        "soak" => soak::command(&rest),
        "" | "help" | "-h" | "--help" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(format!("there is no command {other:?}\n\n{USAGE}").into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
