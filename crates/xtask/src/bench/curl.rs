//! Requests by curl, which needs nothing of ours to be right.

use crate::{Outcome, process};
use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What a request brought.
pub struct Answer {
    /// Status line and headers.
    pub head: String,
    pub body: Vec<u8>,
}

fn curl() -> Command {
    let mut command = process::program("curl");
    // A proxy that the environment names is for other hosts.
    command.args(["-sS", "--max-time", "60", "--noproxy", "*"]);
    command
}

/// Asks with these headers and form fields; with fields it is a POST. An answer that is no success is an error.
pub fn ask(url: &str, headers: &[String], fields: &[(&str, &str)]) -> Outcome<Answer> {
    let mut command = curl();
    command.args(["-i", url]);
    for header in headers {
        command.args(["-H", header]);
    }
    for (name, value) in fields {
        command.arg("--data-urlencode").arg(format!("{name}={value}"));
    }
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| format!("curl did not start: {e}"))?;
    let bytes = output.stdout;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(|| format!("{url} did not answer"))?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with(['2', '3']) {
        return Err(format!("{url} answered {status}: {}", String::from_utf8_lossy(&bytes[end + 4..])).into());
    }
    Ok(Answer { body: bytes[end + 4..].to_vec(), head })
}

/// Bytes of head and body as they travel.
pub fn weight(url: &str, headers: &[String]) -> Outcome<u64> {
    let mut command = curl();
    command.args(["-f", "-o", "/dev/null", "-w", "%{size_header} %{size_download}", url]);
    for header in headers {
        command.args(["-H", header]);
    }
    process::output(&mut command)?.split(' ').map(|number| Ok(number.parse::<u64>()?)).sum()
}

/// How long one curl takes for all these requests (method and address), one after the other over one connection.
pub fn replay(requests: &[(String, String)], accept: &str) -> Outcome<Duration> {
    let wish = |(method, url): &(String, String)| {
        let head = if method == "HEAD" { "head\n" } else { "" };
        format!("url = \"{url}\"\nheader = \"Accept: {accept}\"\noutput = \"/dev/null\"\nsilent\n{head}")
    };
    let script = requests.iter().map(wish).collect::<Vec<_>>().join("next\n");
    let started = Instant::now();
    let mut child = curl().args(["-K", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child.stdin.take().ok_or("curl has no input")?.write_all(script.as_bytes())?;
    let status = child.wait()?;
    if status.success() { Ok(started.elapsed()) } else { Err(format!("curl failed ({status})").into()) }
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then(|| value.trim()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
