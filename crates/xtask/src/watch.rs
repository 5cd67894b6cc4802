//! `cargo xtask watch`: builds and serves again at each change of a source. It looks at the files' times, twice a second.

use crate::{Outcome, machine, process, run};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::{Duration, SystemTime},
};

const PACE: Duration = Duration::from_millis(500);
const SOURCES: [&str; 5] = ["app/src", "crates", "server", "style", "migrations"];

pub fn command(arguments: &[String]) -> Outcome {
    machine::ready_to_build()?;
    let mut served: Option<(Child, SystemTime)> = None;
    loop {
        let seen = state();
        match run::build() {
            Ok(program) => served = Some(restart(served, &program, arguments)?),
            Err(failure) => eprintln!("\n{failure}\nThe next change builds again."),
        }
        wait_for_change(&seen);
    }
}

/// Starts the program anew if it is another than the one that runs. Styles and WebAssembly alone need no restart.
fn restart(served: Option<(Child, SystemTime)>, program: &Path, arguments: &[String]) -> Outcome<(Child, SystemTime)> {
    let built = fs::metadata(program)?.modified()?;
    if let Some((mut child, of)) = served {
        if of == built && child.try_wait()?.is_none() {
            return Ok((child, of));
        }
        stop(&mut child)?;
    }
    Ok((process::program(program).args(run::serve(arguments)).spawn()?, built))
}

/// Asks the program to end, so that it finishes what is under way.
fn stop(child: &mut Child) -> Outcome {
    if child.try_wait()?.is_none() {
        let asked = process::program("kill").arg(child.id().to_string()).status().is_ok_and(|status| status.success());
        if !asked {
            child.kill()?;
        }
        child.wait()?;
    }
    Ok(())
}

/// Files that are being written settle first: two looks must agree.
#[expect(clippy::disallowed_methods, reason = "a program without an async runtime that has nothing else to do")]
fn wait_for_change(seen: &[(PathBuf, SystemTime)]) {
    let mut last = seen.to_vec();
    loop {
        thread::sleep(PACE);
        let now = state();
        if now != seen && now == last {
            return;
        }
        last = now;
    }
}

/// Every source with the time of its last change.
fn state() -> Vec<(PathBuf, SystemTime)> {
    let mut files = Vec::new();
    for source in SOURCES {
        crate::sources::walk(&process::root().join(source), &mut |file| {
            if let Ok(time) = fs::metadata(file).and_then(|about| about.modified()) {
                files.push((file.to_path_buf(), time));
            }
        });
    }
    files
}
