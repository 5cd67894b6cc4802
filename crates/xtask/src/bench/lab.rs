//! The program with somebody signed in and a registry connected, ready to be measured.

use super::{
    curl, folder,
    registry::Registry,
    running::{Running, free_port, until},
};
use crate::{
    Outcome,
    process::{self, target},
};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    time::{Duration, Instant},
};

const NAME: &str = "ada";
const PASSWORD: &str = "a harbour at low tide";
/// The registry's name in the program.
const REGISTRY: &str = "bench";

/// Everything that a measurement starts from.
pub struct Lab {
    pub registry: Registry,
    /// A header that says who is signed in.
    pub cookie: String,
    program: PathBuf,
    data: PathBuf,
}

/// The program, serving.
pub struct Serving {
    pub root: String,
    pub running: Running,
    /// From its start until it was ready.
    pub took: Duration,
}

impl Lab {
    /// Starts the registry, makes a data directory with a person and a connection in it, and signs in.
    pub fn set_up(program: PathBuf) -> Outcome<Self> {
        let registry = Registry::start()?;
        let folder = folder()?;
        let data = folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::write(folder.join("wharfinger.log"), "")?;
        fs::write(folder.join("password"), format!("{PASSWORD}\n"))?;
        let mut lab = Self { registry, cookie: String::new(), program, data };
        let serving = lab.serve()?;
        lab.cookie = sign_in(&serving)?;
        let answer = serving.post(
            "/do/registry-add",
            Some(&lab.cookie),
            &[
                ("name", REGISTRY),
                ("address", &lab.registry.address),
                ("sign_in", "none"),
                ("trust", "system"),
                ("concurrency", "8"),
            ],
        )?;
        if !answer.header("location").is_some_and(|to| to.contains("saved=added")) {
            return Err(format!("the registry could not be added:\n{}", answer.head).into());
        }
        serving.running.end()?;
        Ok(lab)
    }

    /// Starts the program over what is in the data directory.
    pub fn serve(&self) -> Outcome<Serving> {
        let folder = folder()?;
        let log = folder.join("wharfinger.log");
        let port = free_port()?;
        let mut command = process::program(&self.program);
        command.args(["serve", "--listen"]).arg(format!("127.0.0.1:{port}")).arg("--data-dir").arg(&self.data);
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

    /// Forgets what was read from the registry, as if it had never been looked at.
    pub fn forget(&self) -> Outcome {
        for entry in fs::read_dir(&self.data)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("index.db") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Looks at a repository until everything that reads by itself is read.
    pub fn warm(&self, serving: &Serving, repository: &str) -> Outcome {
        self.page(serving, repository)?;
        self.registry.wait_for_quiet()?;
        let page = self.page(serving, repository)?;
        let rows = page.matches("name=\"pick\"").count();
        if rows != 50 || page.contains("not read yet") {
            return Err(format!("the page of {repository} has {rows} rows, and they should be 50 that are read").into());
        }
        Ok(())
    }

    fn page(&self, serving: &Serving, repository: &str) -> Outcome<String> {
        Ok(curl::ask(&serving.page(repository), &self.headers(), &[])?.text())
    }

    /// What a browser says with each page.
    pub fn headers(&self) -> Vec<String> {
        vec![self.cookie.clone(), "Accept: text/html,application/xhtml+xml".to_owned()]
    }

    /// The names of the release's assets by their roles.
    pub fn assets() -> Outcome<Vec<(String, PathBuf)>> {
        let folder = target().join("site/release");
        let list = fs::read_to_string(folder.join("assets.txt"))?;
        Ok(list
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(role, name)| (role.to_owned(), folder.join(name)))
            .collect())
    }
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

    fn post(&self, path: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> Outcome<curl::Answer> {
        let mut headers = vec![format!("Origin: {}", self.root), "Accept: text/html".to_owned()];
        headers.extend(cookie.map(ToOwned::to_owned));
        curl::ask(&format!("{}{path}", self.root), &headers, fields)
    }
}

/// Signs in over HTTP and gives the header that proves it from then on.
fn sign_in(serving: &Serving) -> Outcome<String> {
    let answer = serving.post("/do/session-create", None, &[("name", NAME), ("password", PASSWORD), ("next", "/")])?;
    let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
    match cookie {
        Some(cookie) if cookie.starts_with("wharfinger=") => Ok(format!("Cookie: {cookie}")),
        _ => Err(format!("signing in brought no session:\n{}", answer.head).into()),
    }
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
