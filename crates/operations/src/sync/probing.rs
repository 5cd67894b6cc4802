//! The probe on a schedule: what a registry can do is looked at some times a day, and sooner while it is unusable.

use super::Watched;
use crate::Operations;
use domain::{
    Actor, Timestamp, Visible, heat,
    probe::{ProbeReport, Tone, health},
};

impl Operations {
    /// Probes the registry if that is due, and says when it is due next.
    pub(super) async fn probe_when_due(&self, watched: &Watched) -> Timestamp {
        let record = &watched.record;
        let last = self.0.store.probes().latest(&Visible::to(&Actor::program()), record.id).await.ok().flatten();
        let report = last.and_then(|probe| serde_json::from_value::<ProbeReport>(probe.report).ok());
        let failures = watched.live.get().probe_failures;
        let wait = if failures > 0 { heat::after_failures(failures) } else { heat::PROBE };
        // The same tenth more or less each time it is asked: that of the last probe's own moment.
        let spread = |at: Timestamp| heat::spread(wait, chance_of(at));
        let due = report.as_ref().map_or(self.now(), |report| report.at.plus_seconds(spread(report.at)));
        if due > self.now() || self.0.probing.is_under_way(record.id) || watched.stop.is_cancelled() {
            return due.max(self.now().plus_seconds(1));
        }
        if self.0.store.sync_settings().paused_at(record.id).await.is_ok_and(|paused| paused.is_some()) {
            return due.plus_seconds(wait);
        }
        let came = tokio::select! {
            came = Box::pin(self.clone().probe_and_keep(record.clone())) => came,
            () = watched.stop.cancelled() => return due,
        };
        let unusable = match came {
            Ok(report) => health(&report).0 == Tone::Danger,
            Err(error) => {
                tracing::info!(registry = %record.name, %error, "the scheduled probe could not be made");
                true
            }
        };
        let mut inner = watched.live.get();
        inner.probe_failures = if unusable { inner.probe_failures.saturating_add(1) } else { 0 };
        let wait = if unusable { heat::after_failures(inner.probe_failures) } else { heat::PROBE };
        self.now().plus_seconds(wait)
    }
}

/// Half a number between 0 and 1, from a moment: its microseconds are as good as chance.
fn chance_of(at: Timestamp) -> f64 {
    f64::from(u32::try_from(at.0.rem_euclid(1_000_000)).unwrap_or_default()) / 1_000_000.0
}
