//! The contract test: schemathesis asks the real program everything its `OpenAPI` document allows, and some that it does
//! not, and must find nothing.

use crate::{
    Outcome, apt,
    bench::running::{Running, free_port, until},
    process::{self, find, program, target},
    rust_tests::Job,
};
use std::{
    env, fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Another version finds other things.
const VERSION: &str = "4.32.5";
const CONFIG: &str = include_str!("../schemathesis.toml");

/// Operations that would take away what the others need: asked last, by themselves.
const LAST: [&str; 3] = ["removeRegistry", "revokeToken", "revokeTokenOfPerson"];

/// By itself, with the program as it is now.
pub fn command() -> Outcome {
    process::run(&mut process::cargo(&["build", "-p", "server"]))?;
    check()
}

/// The same as a program to be run beside others.
pub fn job() -> Outcome<Job> {
    // Whatever it lacks is brought here, where it is seen.
    schemathesis()?;
    let mut command = Command::new(env::current_exe()?);
    command.arg("contract");
    Ok(Job::new("contract", command))
}

fn check() -> Outcome {
    let tool = schemathesis()?;
    let folder = target().join("contract");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("schemathesis.toml"), CONFIG)?;
    let port = free_port()?;
    let mut serving = serve(&folder, port)?;
    until("wharfinger to be ready", Duration::from_secs(30), || {
        serving.still().map_err(|e| format!("{e}; see {}", folder.join("log").display()))?;
        Ok((ask(port, "GET", "/readyz", "", "").ok() == Some(200)).then_some(()))
    })?;
    let token = token(&folder)?;
    let lab = r#"{"settings":{"name":"lab","address":"http://127.0.0.1:9"}}"#;
    let added = ask(port, "POST", "/api/v1/registries", &token, lab)?;
    if added != 201 {
        return Err(format!("a second registry could not be added ({added})").into());
    }
    let run = |choice: &str, phases: &str| {
        let mut command = Command::new(&tool);
        command.current_dir(&folder).args(["run", "--phases", phases]);
        command.arg(format!("http://127.0.0.1:{port}/api/v1/openapi.json"));
        for operation in LAST {
            command.args([choice, operation]);
        }
        process::run(command.env("TOKEN", &token))
    };
    run("--exclude-operation-id", "examples,coverage,fuzzing,stateful")?;
    run("--include-operation-id", "examples,coverage,fuzzing")?;
    serving.end()
}

/// The program from this build, with its demo.
fn serve(folder: &Path, port: u16) -> Outcome<Running> {
    fs::write(folder.join("password"), "a harbour at low tide\n")?;
    let mut command = wharfinger(folder);
    command.args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}"), "--log-level", "warn"]);
    command.env("WHARFINGER_ADMIN_USERNAME", "ada");
    command.env("WHARFINGER_ADMIN_PASSWORD_FILE", folder.join("password"));
    Running::start(command.arg("--data-dir").arg(folder.join("data")), &folder.join("log"), &folder.join("log"))
}

fn wharfinger(folder: &Path) -> Command {
    let mut command = Command::new(target().join("debug/wharfinger"));
    command.current_dir(folder).env_clear();
    command
}

fn token(folder: &Path) -> Outcome<String> {
    let mut command = wharfinger(folder);
    command.args(["admin", "token", "ada", "--expires", "1d", "--data-dir"]).arg(folder.join("data"));
    let said = process::output(&mut command)?;
    let token = said.split_whitespace().find(|word| word.starts_with("wharfinger_"));
    Ok(token.ok_or_else(|| format!("no token was made: {said}"))?.to_owned())
}

/// Asks one thing, and gives the status of the answer.
fn ask(port: u16, method: &str, path: &str, token: &str, body: &str) -> Outcome<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(status.ok_or_else(|| format!("{path} gave no answer"))?)
}

/// The tool, in an environment of its own below the target folder.
fn schemathesis() -> Outcome<PathBuf> {
    let folder = target().join(format!("schemathesis-{VERSION}"));
    let (tool, stamp) = (folder.join("bin/schemathesis"), folder.join(".complete"));
    if stamp.exists() {
        return Ok(tool);
    }
    let python = find("python3");
    let capable = |python: &PathBuf| {
        program(python).args(["-c", "import ensurepip, venv"]).output().is_ok_and(|output| output.status.success())
    };
    if !python.as_ref().is_some_and(capable) {
        apt::install(&["python3", "python3-venv"])?;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    process::run(program("python3").args(["-m", "venv"]).arg(&folder))?;
    let wanted = format!("schemathesis=={VERSION}");
    process::run(program(&folder.join("bin/pip")).args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        &wanted,
    ]))?;
    fs::write(stamp, "")?;
    Ok(tool)
}
