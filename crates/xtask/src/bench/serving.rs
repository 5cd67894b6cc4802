//! The program, serving a data directory, and somebody signed in to it.

use super::{
    curl, folder,
    running::{Running, free_port, until},
};
use crate::{Outcome, process};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

/// Who is signed in.
pub const NAME: &str = "ada";
const PASSWORD: &str = "a harbour at low tide";
/// The name of the real registry in the program.
pub const REGISTRY: &str = "bench";

/// The program, serving.
pub struct Serving {
    pub root: String,
    pub running: Running,
    /// From its start until it was ready.
    pub took: Duration,
}

/// Starts the program over a data directory, with somebody who may sign in, and waits until it is ready.
pub fn serve(binary: &Path, data: &Path) -> Outcome<Serving> {
    let folder = folder()?;
    fs::write(folder.join("password"), format!("{PASSWORD}\n"))?;
    let log = folder.join("wharfinger.log");
    let port = free_port()?;
    let mut command = process::program(binary);
    command.args(["serve", "--listen"]).arg(format!("127.0.0.1:{port}")).arg("--data-dir").arg(data);
    command.env("WHARFINGER_ADMIN_USERNAME", NAME);
    command.env("WHARFINGER_ADMIN_PASSWORD_FILE", folder.join("password"));
    let started = Instant::now();
    let mut running = Running::start(&mut command, &log, &log)?;
    until("the program to be ready", Duration::from_secs(30), || {
        running.still().map_err(|e| format!("{e}; see {}", log.display()))?;
        Ok(is_ready(port).then_some(()))
    })?;
    Ok(Serving { root: format!("http://127.0.0.1:{port}"), running, took: started.elapsed() })
}

impl Serving {
    /// The address of a repository's tags.
    pub fn page(&self, repository: &str) -> String {
        format!("{}/registries/{REGISTRY}/{}", self.root, repository.replace('/', "~"))
    }

    /// The address of the same rows as JSON.
    pub fn json(&self, repository: &str) -> String {
        format!("{}/bench/tags.json?registry={REGISTRY}&repository={repository}", self.root)
    }

    pub fn post(&self, path: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> Outcome<curl::Answer> {
        let mut headers = vec![format!("Origin: {}", self.root), "Accept: text/html".to_owned()];
        headers.extend(cookie.map(ToOwned::to_owned));
        curl::ask(&format!("{}{path}", self.root), &headers, fields)
    }
}

/// Signs in over HTTP and gives the header that proves it from then on.
pub fn sign_in(serving: &Serving) -> Outcome<String> {
    let answer = serving.post("/do/session-create", None, &[("name", NAME), ("password", PASSWORD), ("next", "/")])?;
    let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
    match cookie {
        Some(cookie) if cookie.starts_with("wharfinger=") => Ok(format!("Cookie: {cookie}")),
        _ => Err(format!("signing in brought no session:\n{}", answer.head).into()),
    }
}

/// A personal access token of whoever is signed in.
pub fn token(program: &Path, data: &Path) -> Outcome<String> {
    let mut command = process::program(program);
    command.args(["admin", "token", NAME, "--expires", "1d", "--data-dir"]).arg(data);
    let said = process::output(&mut command)?;
    let token = said.split_whitespace().last().ok_or("no token was printed")?;
    Ok(token.to_owned())
}

/// Does it say that it is ready? Asked without curl, whose start would count too.
fn is_ready(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok::<_, std::io::Error>(&start == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}
