//! What the overview says of registries that are not what they were: what the last probes saw change.

use super::{Attention, Known, Way};
use crate::{Operations, Result};
use domain::{
    Id, Timestamp, Visible,
    probe::{Drift, ProbeReport, Tone, drift},
    text,
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// As many probes are looked back at: more than a week of those that are made by schedule.
const LOOKED_BACK: u32 = 40;
/// A change needs attention for so long, in seconds: a week.
const FRESH: i64 = 7 * 86_400;
/// As many changes of a registry are told; its own page has the others.
const TOLD: usize = 2;

/// From the last edit of a registry to its last probe.
type Stretch = (Timestamp, Timestamp);

/// What the probes of registries saw change.
#[derive(Default)]
pub(crate) struct KeptDrift(Mutex<HashMap<Id, (Stretch, Vec<Drift>)>>);

impl KeptDrift {
    fn get(&self, registry: Id, stretch: Stretch) -> Option<Vec<Drift>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&registry).filter(|(own, _)| *own == stretch).map(|(_, drift)| drift.clone())
    }
    fn keep(&self, registry: Id, stretch: Stretch, drift: &[Drift]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(registry, (stretch, drift.to_vec()));
    }
}

impl Operations {
    /// What changed for the worse about these registries within a week. A registry that was edited since is another one.
    pub(super) async fn drifted(&self, visible: &Visible, known: &[Known]) -> Result<Vec<Attention>> {
        let now = self.now();
        let since = now.plus_seconds(-FRESH);
        let mut notes = Vec::new();
        for one in known.iter().filter(|one| one.record.enabled) {
            let Some(latest) = one.report.as_ref().map(|report| report.at) else { continue };
            let drift = self.drift_of(visible, one.record.id, (one.record.updated, latest)).await?;
            let fresh: Vec<Drift> = drift.into_iter().filter(|drift| drift.at > since).collect();
            notes.extend(sentence(&fresh, now).map(|sentence| Attention {
                tone: Tone::Warn,
                registry: one.record.name.clone(),
                sentence,
                way: Way::Drift,
            }));
        }
        Ok(notes)
    }

    async fn drift_of(&self, visible: &Visible, registry: Id, stretch: Stretch) -> Result<Vec<Drift>> {
        if let Some(drift) = self.0.drift.get(registry, stretch) {
            return Ok(drift);
        }
        let probes = self.0.store.probes().list(visible, registry, LOOKED_BACK).await?;
        let since_edit = probes.into_iter().rev().filter(|probe| probe.at >= stretch.0);
        let reports = since_edit.filter_map(|probe| serde_json::from_value(probe.report).ok());
        let reports: Vec<ProbeReport> = reports.collect();
        let drift = drift(&reports);
        self.0.drift.keep(registry, stretch, &drift);
        Ok(drift)
    }
}

/// What holds of these changes and is for the worse, the newest first.
fn sentence(fresh: &[Drift], now: Timestamp) -> Option<String> {
    let overtaken = |at: usize| fresh.iter().skip(at + 1).any(|later| later.topic == fresh[at].topic);
    let holds = |(at, one): &(usize, &Drift)| one.tone == Tone::Warn && !overtaken(*at);
    let holding: Vec<&Drift> = fresh.iter().enumerate().filter(holds).map(|(_, one)| one).rev().collect();
    let ago = text::ago(holding.first()?.at, now);
    let more = holding.len().saturating_sub(TOLD);
    let mut told: Vec<String> = holding.into_iter().take(TOLD).map(|one| one.sentence.clone()).collect();
    if more > 0 {
        told.push(format!("And {}.", text::counted(more as u64, "other change", "other changes")));
    }
    Some(format!("was found changed {ago}. {}", told.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::probe::Topic;

    #[test]
    fn what_holds_of_the_changes_is_told_the_newest_first() {
        let hour = |n: i64| Timestamp(n * 3_600_000_000);
        let one = |n, topic, tone| Drift { at: hour(n), topic, tone, sentence: format!("Change {n}.") };
        let bad = |n, topic| one(n, topic, Tone::Warn);
        assert_eq!(sentence(&[], hour(9)), None);
        assert_eq!(sentence(&[bad(1, Topic::Deleting), one(2, Topic::Deleting, Tone::Good)], hour(9)), None);
        let many = [Topic::Tls, Topic::Catalogue, Topic::Deleting, Topic::Software].map(|topic| bad(3, topic));
        let told =
            sentence(&[vec![bad(1, Topic::Tls)], many.to_vec(), vec![bad(7, Topic::TagPaging)]].concat(), hour(9));
        assert_eq!(told.expect("a sentence"), "was found changed 2 h ago. Change 7. Change 3. And 3 other changes.");
    }
}
