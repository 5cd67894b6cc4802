//! Load by wrk, and what it says of it.

use crate::{Outcome, process};
use std::process::Command;

/// What came of some seconds of load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    pub per_second: f64,
    /// Milliseconds.
    pub p50: f64,
    /// Milliseconds.
    pub p99: f64,
}

/// One thread with 16 connections that ask the same again and again. An answer that is no success spoils it all.
pub fn load(url: &str, headers: &[String], seconds: u32) -> Outcome<Load> {
    load_with(url, headers, seconds, 16)
}

/// [`load`] with so many connections.
pub fn load_with(url: &str, headers: &[String], seconds: u32, connections: u32) -> Outcome<Load> {
    let mut command = process::program("wrk");
    command.args(["-t1", "--latency", "--timeout", "10s"]);
    command.arg(format!("-c{connections}")).arg(format!("-d{seconds}s"));
    run(command, url, headers)
}

fn run(mut command: Command, url: &str, headers: &[String]) -> Outcome<Load> {
    for header in headers {
        command.args(["-H", header]);
    }
    let said = process::output(command.arg(url))?;
    if let Some(line) = said.lines().find(|line| line.contains("Non-2xx") || line.contains("Socket errors")) {
        return Err(format!("{url} did not always answer:{line}").into());
    }
    read(&said).ok_or_else(|| format!("wrk said something unexpected:\n{said}").into())
}

fn read(said: &str) -> Option<Load> {
    let after = |start: &str| said.lines().find_map(|line| line.trim().strip_prefix(start)).map(str::trim);
    Some(Load {
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50: milliseconds(after("50%")?)?,
        p99: milliseconds(after("99%")?)?,
    })
}

/// `500.00us`, `3.20ms`, `1.02s`
fn milliseconds(text: &str) -> Option<f64> {
    let (number, factor) = match text {
        text if text.ends_with("us") => (text.strip_suffix("us")?, 1e-3),
        text if text.ends_with("ms") => (text.strip_suffix("ms")?, 1.0),
        text => (text.strip_suffix('s')?, 1e3),
    };
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_prints_is_read() {
        let said = "  Latency Distribution\n     50%  500.00us\n     75%    2.00ms\n     99%    1.02s \n  \
                    10 requests in 5.00s\nRequests/sec:   1234.50\nTransfer/sec:      1.00MB\n";
        assert_eq!(read(said), Some(Load { per_second: 1234.5, p50: 0.5, p99: 1020.0 }));
        assert_eq!(read("unable to connect"), None);
    }
}
