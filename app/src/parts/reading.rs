//! What the reading of a registry in the background is doing, in a line and in full.

use super::{Count, Due, State, Tone};
use domain::text;
use leptos::prelude::*;
use operations::sync::{Phase, Sync, SyncState};

/// In a tone and a word or two.
fn word(sync: &Sync) -> (Tone, String) {
    match &sync.state {
        SyncState::Off | SyncState::Running(Phase::Off) => (Tone::Idle, "Not read in the background".to_owned()),
        SyncState::Paused(_) | SyncState::Running(Phase::Paused) => (Tone::Idle, "Paused".to_owned()),
        SyncState::Running(Phase::Filling | Phase::Refreshing) if sync.pause.is_some() => {
            (Tone::Warn, "Waiting for the registry".to_owned())
        }
        SyncState::Running(Phase::Filling) => (Tone::Accent, "Read for the first time".to_owned()),
        SyncState::Running(Phase::Refreshing) => (Tone::Accent, "Being refreshed".to_owned()),
        SyncState::Running(Phase::Resting) => (Tone::Good, "Up to date".to_owned()),
        SyncState::Running(Phase::Elsewhere) => (Tone::Idle, "Read by another process".to_owned()),
        SyncState::Running(Phase::Waiting { .. }) => (Tone::Warn, "Waiting for the registry".to_owned()),
        SyncState::Running(Phase::Stopped { .. }) => (Tone::Danger, "Stopped".to_owned()),
        SyncState::Running(Phase::DiskFull { .. }) => (Tone::Danger, "The disk is full".to_owned()),
    }
}

/// What it is doing, in a line.
#[component]
pub fn ReadingState(
    /// How the reading is.
    sync: Sync,
) -> impl IntoView {
    let (tone, word) = word(&sync);
    view! { <State tone=tone word=word/> }
}

/// Why it does not go on, and when it will.
#[component]
pub fn ReadingTrouble(
    /// How the reading is.
    sync: Sync,
) -> impl IntoView {
    let (sentence, until) = match sync.state {
        SyncState::Running(Phase::Waiting { until, why }) => (format!("Nothing is asked now: {why}."), until),
        SyncState::Running(Phase::Stopped { trouble, until }) => (trouble.message, until),
        SyncState::Running(Phase::DiskFull { until }) => (
            "There is no room for more of the index. What was read stays and is shown; make room on the disk that holds the data directory."
                .to_owned(),
            until,
        ),
        SyncState::Running(Phase::Filling | Phase::Refreshing) => match sync.pause {
            Some((until, why)) => (format!("Nothing is asked now: {why}."), until),
            None => return ().into_any(),
        },
        _ => return ().into_any(),
    };
    view! { <p>{sentence}" Tried again "<Due at=until/>"."</p> }.into_any()
}

/// How far it is: done, of how many, how fast, how long still.
#[component]
pub fn ReadingProgress(
    /// How the reading is.
    sync: Sync,
) -> impl IntoView {
    let totals = sync.totals;
    let read = totals.tags.saturating_sub(totals.unread);
    let unlisted = totals.repositories.saturating_sub(totals.listed);
    let whole = unlisted == 0 && totals.unread == 0;
    let at_work = sync.state.is_at_work();
    let left = sync.left.and_then(|seconds| i64::try_from(seconds).ok());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is no negative number")]
    let rate = sync.per_second.round() as u64;
    view! {
        <p>
            <b><Count count=totals.listed/></b>" of "{text::counted(totals.repositories, "repository", "repositories")}" listed, "
            <b><Count count=read/></b>" of "{text::counted(totals.tags, "tag", "tags")}" read"
            {(at_work && rate > 0).then(|| format!(", {} a second", text::counted(rate, "tag", "tags")))}
            {left.map(|left| format!(", about {} left", text::duration(left.saturating_mul(1_000_000))))}
            "."
        </p>
        {(at_work && !whole).then(|| view! {
            <progress max=totals.tags.max(1).to_string() value=read.to_string() aria-label="Tags that are read"></progress>
        })}
    }
}

/// How the registry is being asked, for whoever manages it: how much at a time, how it bears that, what went wrong.
#[component]
pub fn ReadingPace(
    /// How the reading is.
    sync: Sync,
) -> impl IntoView {
    let pace = sync.pace.filter(|pace| pace.requests > 0)?;
    let errors = match pace.errors {
        0 => "none of them".to_owned(),
        errors => format!("{} of them", text::count(errors)),
    };
    Some(view! {
        <p class="note">
            {format!("At most {} of the {} requests at a time that the connection allows", pace.limit, pace.cap)}
            {(pace.slowness >= 1.05).then(|| format!("; answers take {:.1} times as long as the best seen lately", pace.slowness))}
            "; "{text::counted(pace.requests, "request", "requests")}" since the start, "{errors}" refused or failed."
        </p>
    })
}
