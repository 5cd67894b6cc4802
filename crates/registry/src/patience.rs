//! When to ask again: only what changes nothing, only after failures that pass, with growing pauses of random length, and
//! never sooner than the server asked for.

use crate::{
    Error,
    clock::wall,
    latency::Kind,
    pace::{Class, Ended},
    quota::Quota,
    turns::{LONGEST_PAUSE, Turn, Turns},
    wire::{Answer, Sent, Wire},
};
use http::{StatusCode, header};
use ring::rand::{SecureRandom, SystemRandom};
use std::time::{Duration, Instant, SystemTime};

/// How often a request is repeated at most.
const REPEATS: u32 = 3;
/// How often one of background work is that failed for no reason that was told: it waits longer each time, and whoever made
/// it can come back to it.
const REPEATS_BEHIND: u32 = 2;
/// The first pause is at most this long, the next twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest that a registry can silence us: a day is long enough to say "later", and keeps the arithmetic safe.
const LONGEST_SILENCE: Duration = Duration::from_hours(24);

/// Sends, and repeats while that is safe and makes sense. A person's repeats end with the time for a request, counted from
/// the first; background work waits as long as it is asked to.
pub(crate) async fn send<'a>(
    wire: &Wire,
    turns: &'a Turns,
    class: Class,
    first: Option<Turn<'a>>,
    sent: &Sent,
) -> Result<Answer, Error> {
    let (mut first, mut end, mut repeat) = (first, None, 0);
    loop {
        let mut turn = match first.take() {
            Some(turn) => turn,
            None => turns.take(class, end).await?,
        };
        turn.sent();
        let end = *end.get_or_insert_with(|| Instant::now() + wire.request_timeout());
        let outcome = wire.send(sent).await;
        let asked = outcome.as_ref().ok().and_then(retry_after);
        let limited = outcome.as_ref().is_ok_and(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
        if limited && let Some(asked) = asked {
            turns.be_quiet(asked);
        }
        let (kind, quota) = seen(wire, sent, &outcome);
        turn.ended(ended(&outcome, asked), kind, quota);
        drop(turn);
        let most = if class == Class::Background && asked.is_none() { REPEATS_BEHIND } else { REPEATS };
        let again = sent.is_safe() && passes(&outcome) && repeat < most;
        let pause = match (class, asked) {
            // Its next turn comes when the registry wants it.
            (Class::Background, Some(_)) => Duration::ZERO,
            (_, asked) => asked.unwrap_or_else(|| jitter(FIRST_PAUSE * 2_u32.pow(repeat))),
        };
        let fits = class == Class::Background || Instant::now() + pause < end;
        if again && pause <= LONGEST_PAUSE && fits {
            repeat += 1;
            tokio::time::sleep(pause).await;
            continue;
        }
        return if limited { Err(Error::RateLimited { retry_after: asked }) } else { outcome };
    }
}

/// What the outcome says about how much the registry can take.
fn ended(outcome: &Result<Answer, Error>, asked: Option<Duration>) -> Ended {
    match outcome {
        Ok(answer) => match answer.status.as_u16() {
            429 | 502 | 503 | 504 => Ended::Refused(asked),
            500.. => Ended::Faulty,
            _ => Ended::Answered,
        },
        Err(error) => failed(error),
    }
}

/// What a failure says about it.
pub(crate) fn failed(error: &Error) -> Ended {
    match error {
        Error::RateLimited { retry_after } => Ended::Refused(*retry_after),
        Error::Timeout { .. }
        | Error::ConnectTimeout { .. }
        | Error::Refused { .. }
        | Error::Unreachable { .. }
        | Error::Interrupted { .. } => Ended::Failed,
        _ => Ended::Faulty,
    }
}

/// What the time of an answer can be compared with, and its word on quotas: only of the registry's own answers.
fn seen(wire: &Wire, sent: &Sent, outcome: &Result<Answer, Error>) -> (Option<Kind>, Option<Quota>) {
    let Some(answer) = outcome.as_ref().ok().filter(|answer| wire.is_home(&answer.url)) else { return (None, None) };
    let good = answer.status.is_success() || answer.status == StatusCode::NOT_MODIFIED;
    let quota =
        answer.headers.keys().any(|name| name.as_str().contains("rate")).then(|| Quota::read(&answer.headers, wall()));
    (sent.kind.filter(|_| good), quota.flatten())
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
