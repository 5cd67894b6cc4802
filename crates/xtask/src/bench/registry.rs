//! The real `docker-registry` over the seeded repositories, and what its access log says of us.

use super::{
    folder,
    running::{Running, free_port, until},
    seed::{self, Set},
    warmth,
};
use crate::{
    Outcome,
    process::{find, program},
};
use std::{
    fs,
    net::TcpStream,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Nobody asks for so long: what was to be asked was asked.
const QUIET: Duration = Duration::from_secs(1);
/// What keeps a registry busy for longer than this does not end.
const PATIENCE: Duration = Duration::from_mins(3);
/// Between two looks at what goes on beside.
const LOOK: Duration = Duration::from_millis(20);

/// A running registry; it ends with this.
pub struct Registry {
    pub address: String,
    /// Its files.
    pub data: PathBuf,
    log: PathBuf,
    _running: Running,
}

impl Registry {
    pub fn start(set: Set) -> Outcome<Self> {
        let folder = folder()?;
        let data = seed::seed(&folder, set)?;
        warmth::read_all(&data)?;
        let port = free_port()?;
        let configuration = folder.join("registry.yml");
        fs::write(
            &configuration,
            format!(
                "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  \
                 cache: {{blobdescriptor: inmemory}}\nhttp: {{addr: \"127.0.0.1:{port}\", secret: of-no-use}}\n",
                data.display()
            ),
        )?;
        let log = folder.join("registry-access.log");
        fs::write(&log, "")?;
        let file = find("docker-registry").ok_or("docker-registry is not there")?;
        let mut command = program(&file);
        command.arg("serve").arg(&configuration);
        let mut running = Running::start(&mut command, &log, &folder.join("registry.log"))?;
        until("docker-registry", Duration::from_secs(20), || {
            running.still()?;
            Ok(TcpStream::connect(("127.0.0.1", port)).ok())
        })?;
        Ok(Self { address: format!("http://127.0.0.1:{port}"), data, log, _running: running })
    }

    /// How much was logged so far, to read on from there.
    pub fn mark(&self) -> Outcome<u64> {
        Ok(fs::metadata(&self.log)?.len())
    }

    /// Waits for the first request after `mark`, and then until the registry is left alone. Gives the time from the first
    /// request to the last.
    pub fn busy_while(
        &self,
        mark: u64,
        look: impl FnMut() -> Outcome,
        ended: impl Fn() -> Outcome<bool>,
    ) -> Outcome<Duration> {
        until("the first request", PATIENCE, || Ok((self.mark()? != mark).then_some(())))?;
        let began = Instant::now();
        Ok(self.until_left_alone(look, ended)?.saturating_duration_since(began))
    }

    /// Waits for quiet that is no pause: `ended` says whether everything was asked. Gives when the last request was seen.
    /// `look`: at something else, again and again meanwhile.
    pub fn until_left_alone(
        &self,
        mut look: impl FnMut() -> Outcome,
        ended: impl Fn() -> Outcome<bool>,
    ) -> Outcome<Instant> {
        let began = Instant::now();
        let (mut seen, mut last, mut looked, mut asked) = (self.mark()?, began, began, began);
        until("the registry to be left alone", PATIENCE, || {
            let now = self.mark()?;
            if now != seen {
                (seen, last) = (now, Instant::now());
            }
            if looked.elapsed() > LOOK {
                look()?;
                looked = Instant::now();
            }
            if last.elapsed().min(asked.elapsed()) < QUIET {
                return Ok(None);
            }
            asked = Instant::now();
            Ok(ended()?.then_some(()))
        })?;
        Ok(last)
    }

    /// What Wharfinger asked since the mark: method and whole address.
    pub fn asked_since(&self, mark: u64) -> Outcome<Vec<(String, String)>> {
        let log = fs::read(&self.log)?;
        let text = String::from_utf8_lossy(&log[usize::try_from(mark)?..]).into_owned();
        Ok(text.lines().filter_map(ours).map(|(method, path)| (method, format!("{}{path}", self.address))).collect())
    }
}

/// Method and path of a line in the combined log format, if the request was ours.
fn ours(line: &str) -> Option<(String, String)> {
    let mut quoted = line.split('"').skip(1).step_by(2);
    let (request, _, agent) = (quoted.next()?, quoted.next()?, quoted.next()?);
    let mut words = request.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    agent.starts_with("wharfinger/").then(|| (method.to_owned(), path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_requests_are_told_from_others_in_the_log() {
        let line = |agent: &str| {
            format!(
                r#"127.0.0.1 - - [01/Nov/2026:12:00:00 +0000] "HEAD /v2/a/manifests/1 HTTP/1.1" 200 0 "" "{agent}""#
            )
        };
        assert_eq!(ours(&line("wharfinger/0.1.0")), Some(("HEAD".into(), "/v2/a/manifests/1".into())));
        assert_eq!(ours(&line("curl/8")), None);
        assert_eq!(ours("time=now level=error"), None);
    }
}
