//! Starting the program, asking it over a socket, and reading what it says.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

/// Generous: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// Who signs in.
const NAME: &str = "ada";
const PASSWORD: &str = "a harbour full of cranes";

/// The program with an environment of its own: no setting of whoever runs the tests counts.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wharfinger"));
    command.env_clear().args(arguments);
    command
}

pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A program that serves from a folder of its own.
pub struct Served {
    child: Child,
    /// What it said until it listened.
    pub said: String,
    pub port: u16,
    pub log: PathBuf,
    folder: tempfile::TempDir,
    lines: Receiver<String>,
}

/// The folder for a program, with its data directory below it.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

impl Served {
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_in(folder(), arguments, &[])
    }

    /// With a person who is there from the start, for [`Served::page`].
    pub fn start_with_somebody(folder: tempfile::TempDir, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let password = folder.path().join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).expect("a file");
        let password = password.display().to_string();
        let person = [("WHARFINGER_ADMIN_USERNAME", NAME), ("WHARFINGER_ADMIN_PASSWORD_FILE", password.as_str())];
        Self::start_in(folder, arguments, &[variables, &person].concat())
    }

    pub fn start_in(folder: tempfile::TempDir, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let log = folder.path().join("log");
        let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--log-level", "info"]);
        command.args(arguments).arg("--data-dir").arg(folder.path().join("data"));
        command.envs(variables.iter().copied());
        let file = std::fs::File::options().create(true).append(true).open(&log).expect("a log");
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut served = Self { child, said: String::new(), port: 0, log, folder, lines };
        served.hear("Everything is kept in");
        let after = served.said.split("127.0.0.1:").nth(1).expect("an address");
        served.port = after.split('/').next().and_then(|port| port.parse().ok()).expect("a port");
        served
    }

    /// Reads what it says until a line has `text` in it.
    pub fn hear(&mut self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{}\n{}", self.said, self.log()));
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(text) {
                return line;
            }
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until the log has `text` in it.
    pub fn logs(&self, text: &str) {
        wait_for(|| self.log().contains(text), &format!("{text:?} in the log"));
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn connect(&self) -> TcpStream {
        connect(self.port)
    }

    /// Asks for a page as a browser does, on a connection of its own.
    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\nconnection: close\r\n\r\n"))
    }

    /// Asks for a page as the person of [`Served::start_with_somebody`].
    pub fn page(&self, path: &str) -> String {
        let body = format!("name={NAME}&password={}&next=", PASSWORD.replace(' ', "+"));
        let answer = self.ask(&format!(
            "POST /do/session-create HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\naccept: text/html\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ));
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.unwrap_or_else(|| panic!("{answer}")).split(';').next().expect("a value");
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
        ))
    }

    pub fn ask(&self, request: &str) -> String {
        ask_at(self.port, request)
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.expect("kill").success());
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        let child = &mut self.child;
        wait_for(
            || {
                status = child.try_wait().expect("a child");
                status.is_some()
            },
            "the end of the program",
        );
        status.expect("a status")
    }

    /// Asks it to end, and gives its folder for another start.
    pub fn stop(mut self) -> tempfile::TempDir {
        self.signal("TERM");
        assert!(self.ended().success(), "{}", self.log());
        self.into_folder()
    }

    /// The folder of one that has ended, for another start.
    pub fn into_folder(mut self) -> tempfile::TempDir {
        std::mem::replace(&mut self.folder, folder())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves nothing running behind.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// Asks whoever listens at this port, on a connection of its own.
pub fn ask_at(port: u16, request: &str) -> String {
    let mut stream = connect(port);
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Looks again and again until `found`, and fails after a long while.
pub fn wait_for(mut found: impl FnMut() -> bool, what: &str) {
    let began = Instant::now();
    while !found() {
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
