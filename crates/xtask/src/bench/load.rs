//! Load on one address: as much as it takes, or at a steady rate that does not wait for the answers.

use crate::Outcome;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// What is asked for, one after the other, again and again.
pub struct Asked<'a> {
    /// `host:port`.
    pub host: &'a str,
    /// Whole requests, as they go over the wire.
    pub requests: &'a [String],
    /// The status that a right answer has.
    pub status: &'a str,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Went {
    /// Right answers.
    pub answers: usize,
    /// From the first request to the last answer.
    pub took: Duration,
    /// Each answer's time, sorted. At a steady rate it counts from the moment at which the request was due.
    pub times: Vec<Duration>,
}

impl Went {
    /// Right answers a second.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }
    /// The time within which this share of the answers came.
    pub fn within(&self, share: f64) -> Duration {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index below the length"
        )]
        let at = ((self.times.len() as f64 * share) as usize).min(self.times.len().saturating_sub(1));
        self.times.get(at).copied().unwrap_or_default()
    }
}

/// When requests are sent.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each connection asks again as soon as it was answered.
    Saturating,
    /// So many a second over all connections, whether answers come or not: who waits is counted as waiting.
    Steady(u32),
}

/// Loads it over so many kept connections for so long.
pub fn run(asked: &Asked<'_>, pace: Pace, connections: usize, time: Duration) -> Outcome<Went> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let started = Instant::now();
    let all = thread::scope(|scope| {
        let one = || scope.spawn(|| connection(asked, pace, started, time, &next, &stop));
        let threads: Vec<_> = (0..connections).map(|_| one()).collect();
        let mut all = Vec::new();
        for thread in threads {
            match thread.join().map_err(|_| "a connection's thread ended".to_owned()).and_then(|times| times) {
                Ok(times) => all.extend(times),
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(all)
    });
    let mut times = all?;
    let took = started.elapsed();
    times.sort_unstable();
    Ok(Went { answers: times.len(), took, times })
}

fn connection(
    asked: &Asked<'_>,
    pace: Pace,
    started: Instant,
    time: Duration,
    next: &AtomicUsize,
    stop: &AtomicBool,
) -> Result<Vec<Duration>, String> {
    let stream = TcpStream::connect(asked.host).map_err(|e| e.to_string())?;
    stream.set_nodelay(true).map_err(|e| e.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(|e| e.to_string())?;
    let mut output = stream.try_clone().map_err(|e| e.to_string())?;
    let mut input = BufReader::with_capacity(16 * 1024, stream);
    let mut times = Vec::new();
    let mut line = String::new();
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let due = match pace {
            Pace::Saturating => Instant::now(),
            Pace::Steady(rate) => started + Duration::from_secs(1) * u32::try_from(number).unwrap_or(u32::MAX) / rate,
        };
        if due.duration_since(started) >= time {
            break;
        }
        let early = due.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            super::running::pause(early);
        }
        let request = &asked.requests[number % asked.requests.len()];
        output.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
        let status = answer(&mut input, &mut line)?;
        if status != asked.status {
            return Err(format!("answered {status} where {} is right:\n{request}", asked.status));
        }
        times.push(due.elapsed());
    }
    Ok(times)
}

/// Reads one answer to its end; gives its status.
fn answer(input: &mut BufReader<TcpStream>, line: &mut String) -> Result<String, String> {
    let (mut length, mut status) = (0_u64, String::new());
    loop {
        line.clear();
        if input.read_line(line).map_err(|e| e.to_string())? == 0 {
            return Err("the connection ended".to_owned());
        }
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
    let moved = std::io::copy(&mut input.take(length), &mut std::io::sink()).map_err(|e| e.to_string())?;
    if moved == length { Ok(status) } else { Err("ended early".to_owned()) }
}
