//! `cargo xtask soak`: the long fault suites, with every seed instead of the few that `test` runs.

use crate::{Outcome, machine, process};

/// A fill is killed at as many random points.
const SEEDS: &str = "50";

/// All faults with the reader in the tests' own process; then the program itself, killed.
const SUITES: [&[&str]; 2] =
    [&["-p", "operations", "--test", "sync", "--"], &["-p", "server", "--test", "program", "--", "kills"]];

pub fn command(arguments: &[String]) -> Outcome {
    let seeds = match arguments {
        [] => SEEDS,
        [number] if number.parse::<u64>().is_ok_and(|number| number > 0) => number,
        _ => return Err("usage: cargo xtask soak [SEEDS]".into()),
    };
    machine::ready_to_build()?;
    for suite in SUITES {
        let mut tests = process::cargo(&["test"]);
        process::run(tests.args(suite).args(["--nocapture"]).env("WHARFINGER_SEEDS", seeds))?;
    }
    Ok(())
}
