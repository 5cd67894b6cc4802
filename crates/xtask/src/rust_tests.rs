//! The tests in Rust. cargo builds their programs; they run some at a time here, for they wait as much as they compute.

use crate::{
    Outcome,
    process::{self, cargo, target},
    steps::Count,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// One program that tests, to be run beside others.
pub struct Job {
    name: String,
    command: Command,
}

impl Job {
    pub fn new(name: &str, command: Command) -> Self {
        Self { name: name.into(), command }
    }
}

/// xtask is built by itself: its dependencies ask for features that would make all others build anew.
const CHOICES: [&[&str]; 2] = [&["-p", "xtask"], &["--workspace", "--exclude", "xtask", "--exclude", "frontend"]];

/// These hold what real clients see against the seconds it may take: nothing is to run beside them.
const ALONE: [&str; 1] = ["server clients"];

/// Builds the tests, and gives their programs; those that are whole stories first, for they take longest.
pub fn build(filter: Option<&str>) -> Outcome<Vec<Job>> {
    let mut programs = Vec::new();
    for choice in CHOICES {
        let mut building = cargo(&["test", "--no-run", "--message-format", "json-render-diagnostics"]);
        process::read_quietly(building.args(choice), |line| programs.extend(program(line)))?;
    }
    programs.sort_by_key(|program| (!program.story, program.name.clone()));
    let mut jobs: Vec<Job> = programs.iter().map(|program| program.job(filter)).collect();
    // xtask has no library that could have any.
    let mut documentation = cargo(&["test", "--doc", "--no-fail-fast"]);
    documentation.args(CHOICES[1]).args(filter);
    jobs.push(Job::new("documentation", documentation));
    Ok(jobs)
}

/// A program of tests that cargo has built.
#[derive(Debug, PartialEq, Eq)]
struct Program {
    name: String,
    file: PathBuf,
    package: PathBuf,
    /// Is it one of a `tests` folder?
    story: bool,
}

/// What a message of cargo says of such a program, if it is about one.
fn program(line: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let package = Path::new(message["manifest_path"].as_str()?).parent()?;
    let of = package.file_name()?.to_string_lossy();
    Some(Program {
        name: format!("{of} {}", message["target"]["name"].as_str()?),
        file: message["executable"].as_str()?.into(),
        package: package.into(),
        story: message["target"]["kind"][0] == "test",
    })
}

impl Program {
    /// Runs as cargo would run it.
    fn job(&self, filter: Option<&str>) -> Job {
        let mut command = Command::new(&self.file);
        command.current_dir(&self.package).env("CARGO_MANIFEST_DIR", &self.package).args(filter);
        Job::new(&self.name, command)
    }
}

/// Runs them all, as many at a time as there are processors; what each printed is shown when it ends.
pub fn run(jobs: Vec<Job>, count: &mut Count) -> Outcome {
    let folder = target().join("tests");
    fs::create_dir_all(&folder)?;
    let ended = Mutex::new(Ended { count, failures: Vec::new() });
    let (alone, others): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| ALONE.contains(&job.name.as_str()));
    beside_each_other(1, alone, &folder, &ended);
    beside_each_other(thread::available_parallelism().map_or(1, usize::from), others, &folder, &ended);
    let failures = ended.into_inner().unwrap_or_else(PoisonError::into_inner).failures;
    if failures.is_empty() { Ok(()) } else { Err(format!("these failed: {}", failures.join(", ")).into()) }
}

/// What is known of those that have ended.
struct Ended<'c> {
    count: &'c mut Count,
    failures: Vec<String>,
}

fn beside_each_other(many: usize, jobs: Vec<Job>, folder: &Path, ended: &Mutex<Ended>) {
    let jobs = Mutex::new(jobs.into_iter());
    thread::scope(|scope| {
        for _ in 0..many {
            scope.spawn(|| {
                loop {
                    let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(mut job) = job else { break };
                    let started = Instant::now();
                    let outcome = one(&mut job, folder);
                    ended.lock().unwrap_or_else(PoisonError::into_inner).add(job.name, outcome, started.elapsed());
                }
            });
        }
    });
}

impl Ended<'_> {
    fn add(&mut self, name: String, outcome: Outcome<(bool, String)>, took: Duration) {
        let (passed, text) = outcome.unwrap_or_else(|failure| (false, failure.to_string()));
        text.lines().for_each(|line| self.count.read(line));
        let mark = if passed { "passed" } else { "FAILED" };
        println!("{text}\n--- {mark} {name} after {:.1} s\n", took.as_secs_f32());
        if !passed {
            self.failures.push(name);
        }
    }
}

/// Runs one to its end: did it pass, and what did it print?
fn one(job: &mut Job, folder: &Path) -> Outcome<(bool, String)> {
    let file = folder.join(format!("{}.log", job.name.replace(' ', "-")));
    let log = fs::File::create(&file)?;
    let command = job.command.env("PATH", process::wide_path()).stdout(log.try_clone()?).stderr(log);
    let status = command.status().map_err(|e| format!("{} did not start: {e}", job.name))?;
    Ok((status.success(), String::from_utf8_lossy(&fs::read(&file)?).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = r#"{"reason":"compiler-artifact","manifest_path":"/w/server/Cargo.toml",
        "target":{"kind":["test"],"name":"routes"},"profile":{"test":true},"executable":"/w/target/debug/deps/routes-1"}"#;

    #[test]
    fn a_program_of_tests_is_read_from_what_cargo_says() {
        let routes = program(BUILT).expect("a program");
        assert_eq!((routes.name.as_str(), routes.story), ("server routes", true));
        assert_eq!((routes.file, routes.package), ("/w/target/debug/deps/routes-1".into(), "/w/server".into()));
        assert_eq!(program(&BUILT.replace("\"test\":true", "\"test\":false")), None);
        assert_eq!(program("not JSON"), None);
    }

    #[test]
    fn what_programs_print_is_counted_and_one_that_fails_is_named_after_all_have_run() {
        let shell = |name: &str, script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            Job::new(name, command)
        };
        let mut count = Count::default();
        let jobs = vec![
            shell("rust-tests broken", "echo 'test result: FAILED. 2 passed; 1 failed; 0 ignored'; exit 1"),
            shell("rust-tests sound", "echo 'test result: ok. 3 passed; 0 failed; 0 ignored' >&2"),
        ];
        let failure = run(jobs, &mut count).expect_err("one failed").to_string();
        assert_eq!(failure, "these failed: rust-tests broken");
        assert_eq!(count, Count { passed: 5, failed: 1 });
    }
}
