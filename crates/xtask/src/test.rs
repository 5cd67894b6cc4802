//! `cargo xtask test`: the set-up and every check, cheap ones first.

use crate::{
    Outcome, contract, direction, house,
    machine::{self, WASM},
    permissions,
    process::{self, cargo, target},
    site,
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
    steps.step("tests in Rust", |count| rust_tests(choice.filter.as_deref(), count))?;
    if browser {
        steps.step("assets", |_| site::build(false).map(drop))?;
        steps.step("program", |_| process::run(&mut cargo(&["build", "-p", "server"])))?;
        if all {
            steps.step("contract", |_| contract::check())?;
        }
        steps.step("tests in the browser", |count| browser_tests(choice.filter.as_deref(), count))?;
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

/// This crate is tested by itself: its dependencies ask for features that would make all others build anew.
fn rust_tests(filter: Option<&str>, count: &mut Count) -> Outcome {
    for choice in [&["-p", "xtask"][..], &["--workspace", "--exclude", "xtask", "--exclude", "frontend"]] {
        let mut tests = cargo(&["test", "--no-fail-fast"]);
        tests.args(choice).args(filter).env("PATH", process::wide_path());
        process::read_along(&mut tests, |line| count.read(line))?;
    }
    Ok(())
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
