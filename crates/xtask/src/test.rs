//! `cargo xtask test`: the set-up and every check, cheap ones first.

use crate::{
    Outcome, contract, direction, house,
    machine::{self, WASM},
    permissions,
    process::{self, cargo, target},
    rust_tests, site,
    steps::{Count, Steps},
};
use std::path::Path;

/// What to test.
#[derive(Default)]
struct Choice {
    quick: bool,
    filter: Option<String>,
}

pub fn command(arguments: &[String]) -> Outcome {
    let choice = choice(arguments)?;
    let all = choice.filter.is_none();
    let browser = !choice.quick;
    let mut steps = Steps::default();
    steps.step("set-up", |_| machine::ready_to_test(browser))?;
    if all {
        steps.step("format", |_| process::run(&mut cargo(&["fmt", "--all", "--check"])))?;
        steps.step("direction of dependencies", |_| direction::check())?;
        steps.step("house rules", |_| house::check())?;
        steps.step("table of permissions", |_| permissions::check())?;
    }
    if all && !choice.quick {
        steps.step("clippy", |_| {
            process::run(&mut cargo(&[
                "clippy",
                "--workspace",
                "--exclude",
                "frontend",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]))
        })?;
        steps.step("clippy for the browser", |_| {
            process::run(&mut cargo(&["clippy", "-p", "frontend", "--target", WASM, "--", "-D", "warnings"]))
        })?;
    }
    let filter = choice.filter.as_deref();
    let mut jobs = Vec::new();
    steps.step("building of the tests", |_| {
        jobs = rust_tests::build(filter)?;
        Ok(())
    })?;
    if browser {
        steps.step("assets", |_| site::build(false).map(drop))?;
        steps.step("program", |_| process::run(&mut cargo(&["build", "-p", "server"])))?;
    }
    if browser && all {
        jobs.insert(0, contract::job()?);
        steps.step("contract and tests in Rust", |count| rust_tests::run(jobs, count))?;
    } else {
        steps.step("tests in Rust", |count| rust_tests::run(jobs, count))?;
    }
    if browser {
        steps.step("tests in the browser", |count| browser_tests(filter, count))?;
    }
    steps.finish();
    Ok(())
}

fn choice(arguments: &[String]) -> Outcome<Choice> {
    let mut choice = Choice::default();
    for argument in arguments {
        match argument.as_str() {
            "--quick" => choice.quick = true,
            flag if flag.starts_with('-') => {
                return Err(format!("test has no {flag}, only --quick and a filter").into());
            }
            filter if choice.filter.is_none() => choice.filter = Some(filter.to_string()),
            _ => return Err("test takes one filter".into()),
        }
    }
    Ok(choice)
}

fn browser_tests(filter: Option<&str>, count: &mut Count) -> Outcome {
    let folder = process::root().join("end2end");
    if !Path::new(&folder).join("playwright.config.ts").exists() {
        return Err("end2end/playwright.config.ts is not there".into());
    }
    let mut tests = machine::playwright();
    tests.arg("test").env("WHARFINGER_BIN", target().join("debug/wharfinger"));
    if let Some(filter) = filter {
        tests.args(["--pass-with-no-tests", "-g", filter]);
    }
    tests.env("CHROMIUM", machine::chromium_for_tests()?);
    process::read_along(&mut tests, |line| count.read(line))
}
