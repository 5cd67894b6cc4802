//! A bare load loop: the same requests over as many kept connections, with nothing done to the answers. What a registry
//! gives to this is the most that anybody can get from it.

use crate::Outcome;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// One request of a list.
pub struct Request {
    pub method: String,
    pub path: String,
    /// What is known already (`If-None-Match`).
    pub known: Option<String>,
}

const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
                      application/vnd.docker.distribution.manifest.v2+json, application/json, */*";

/// Asks all of it once, over so many connections; gives the time it took.
pub fn run(address: &str, requests: &[Request], connections: usize) -> Outcome<Duration> {
    let host = address.strip_prefix("http://").ok_or("the registry is asked without TLS")?;
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    thread::scope(|scope| {
        let loops: Vec<_> = (0..connections).map(|_| scope.spawn(|| ask(host, requests, &next))).collect();
        loops.into_iter().try_for_each(|one| one.join().map_err(|_| "a connection's thread ended".to_owned())?)
    })?;
    Ok(started.elapsed())
}

fn ask(host: &str, requests: &[Request], next: &AtomicUsize) -> Result<(), String> {
    let stream = TcpStream::connect(host).map_err(|e| e.to_string())?;
    stream.set_nodelay(true).map_err(|e| e.to_string())?;
    let mut output = stream.try_clone().map_err(|e| e.to_string())?;
    let mut input = BufReader::with_capacity(64 * 1024, stream);
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let known = request.known.as_ref().map(|known| format!("If-None-Match: {known}\r\n")).unwrap_or_default();
        let text = format!(
            "{} {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bare\r\nAccept: {ACCEPT}\r\n{known}\r\n",
            request.method, request.path
        );
        output.write_all(text.as_bytes()).map_err(|e| e.to_string())?;
        answer(&mut input, request.method == "HEAD").map_err(|e| format!("{}: {e}", request.path))?;
    }
    Ok(())
}

/// Reads one answer to its end.
fn answer(input: &mut BufReader<TcpStream>, head: bool) -> Result<(), String> {
    let (mut line, mut length, mut status) = (String::new(), 0_u64, String::new());
    loop {
        line.clear();
        input.read_line(&mut line).map_err(|e| e.to_string())?;
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if status.is_empty() {
            text.split(' ').nth(1).unwrap_or_default().clone_into(&mut status);
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(|_| "an odd length".to_owned())?;
        }
    }
    if !status.starts_with(['2', '3']) {
        return Err(format!("answered {status}"));
    }
    if !head && status != "304" {
        let moved = std::io::copy(&mut input.take(length), &mut std::io::sink()).map_err(|e| e.to_string())?;
        if moved != length {
            return Err("ended early".to_owned());
        }
    }
    Ok(())
}
