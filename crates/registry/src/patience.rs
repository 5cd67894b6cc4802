//! When to ask again: only what changes nothing, only after failures that pass, with growing pauses of random length, and
//! never sooner than the server asked for.

use crate::{
    Error,
    clock::wall,
    wire::{Answer, Sent, Wire},
};
use http::{StatusCode, header};
use ring::rand::{SecureRandom, SystemRandom};
use std::{
    sync::Mutex,
    time::{Duration, Instant, SystemTime},
};

/// How often a request is repeated at most.
const REPEATS: u32 = 3;
/// The first pause is at most this long, the next twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause, also when the server asks for it: beyond, the caller is told.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The longest that a registry can silence us: a day is long enough to say "later", and keeps the arithmetic safe.
const LONGEST_SILENCE: Duration = Duration::from_hours(24);

/// Until when a registry asked us to be quiet. All requests to it wait together.
#[derive(Default)]
pub(crate) struct Quiet(Mutex<Option<Instant>>);

impl Quiet {
    fn remaining(&self) -> Duration {
        let until = *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        until.map(|until| until.saturating_duration_since(Instant::now())).unwrap_or_default()
    }
    fn extend(&self, by: Duration) {
        let mut until = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *until = (*until).max(Instant::now().checked_add(by));
    }
}

/// Sends, and repeats while that is safe and makes sense. Repeats end with the time for a request, counted from the first.
pub(crate) async fn send(wire: &Wire, quiet: &Quiet, sent: &Sent) -> Result<Answer, Error> {
    let end = Instant::now() + wire.request_timeout();
    let mut repeat = 0;
    loop {
        let wait = quiet.remaining();
        if wait > LONGEST_PAUSE || Instant::now() + wait > end {
            return Err(Error::RateLimited { retry_after: Some(wait) });
        }
        tokio::time::sleep(wait).await;
        let outcome = wire.send(sent).await;
        let asked = outcome.as_ref().ok().and_then(retry_after);
        let limited = outcome.as_ref().is_ok_and(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
        if limited && let Some(asked) = asked {
            quiet.extend(asked);
        }
        let pause = asked.unwrap_or_else(|| jitter(FIRST_PAUSE * 2_u32.pow(repeat)));
        let again = sent.is_safe() && passes(&outcome) && repeat < REPEATS;
        if again && pause <= LONGEST_PAUSE && Instant::now() + pause < end {
            repeat += 1;
            tokio::time::sleep(pause).await;
            continue;
        }
        return if limited { Err(Error::RateLimited { retry_after: asked }) } else { outcome };
    }
}

/// Is this a failure that may pass by itself? Timeouts are not: they have cost their time already.
fn passes(outcome: &Result<Answer, Error>) -> bool {
    match outcome {
        Ok(answer) => matches!(answer.status.as_u16(), 429 | 502 | 503 | 504),
        Err(error) => matches!(error, Error::Refused { .. } | Error::Unreachable { .. }),
    }
}

/// `Retry-After`, in seconds or as a date, or Docker Hub's `X-Retry-After` in Unix time; at most a day.
fn retry_after(answer: &Answer) -> Option<Duration> {
    if !matches!(answer.status.as_u16(), 429 | 503) {
        return None;
    }
    let from_now = |at: SystemTime| at.duration_since(wall()).unwrap_or_default();
    let hub = || {
        let at = answer.header("x-retry-after")?.trim().parse().ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(at)).map(from_now)
    };
    let asked = match answer.header(header::RETRY_AFTER).map(str::trim) {
        Some(text) => {
            let date = || httpdate::parse_http_date(text).ok().map(from_now);
            text.parse().ok().map(Duration::from_secs).or_else(date)
        }
        None => hub(),
    };
    asked.map(|asked| asked.min(LONGEST_SILENCE))
}

/// A random time up to `most`: callers that failed together do not come back together.
fn jitter(most: Duration) -> Duration {
    let mut bytes = [0; 4];
    let share = match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    };
    most.min(LONGEST_PAUSE).mul_f64(share)
}
