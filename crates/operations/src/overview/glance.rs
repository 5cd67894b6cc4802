//! What the overview says of storage, of the reading in the background, and of the content's health.

use super::{Attention, Way};
use crate::{Operations, Result, sync::Phase};
use domain::{
    Actor, Id, RegistryName, Visible,
    health::{Check, CheckSet, Level},
    probe::Tone,
    text,
};
use std::collections::{BTreeMap, HashMap};
use store::{
    Sample,
    index::{Count, Totals},
};

/// Growth is told over so many days.
const MONTH: i64 = 30;
/// And drawn over so many.
const YEAR: i64 = 365;
/// Findings are counted no further than this.
const COUNTED: u32 = 1_000;

/// What registries held over the last year.
pub(super) struct Growth {
    today: i64,
    samples: Vec<(Id, Sample)>,
}

impl Operations {
    /// The samples of the last year, in one look.
    pub(super) async fn growth_of_all(&self, visible: &Visible) -> Result<Growth> {
        let today = Sample::day_of(self.now());
        let mut samples = self.0.store.storage_samples().of_registries(visible, today - YEAR, today - 1).await?;
        // Days on which much was unread yet would look like growth.
        samples.retain(|(_, sample)| sample.read.saturating_mul(10) >= sample.tags.saturating_mul(9));
        Ok(Growth { today, samples })
    }

    /// What is being read of a registry just now, in a word.
    pub(super) fn at_work(&self, registry: Id) -> Option<&'static str> {
        match self.0.syncs.live(registry).get().phase {
            Phase::Filling => Some("reading"),
            Phase::Paused => Some("paused"),
            Phase::DiskFull { .. } => Some("disk full"),
            _ => None,
        }
    }

    /// How often each check strikes in these registries, where the actor sees it: what tells of configurations where they may
    /// look inside.
    pub(crate) async fn strikes_of(&self, actor: &Actor, registries: &[Id]) -> Result<HashMap<(Id, Check), Count>> {
        let index = self.0.store.index();
        let plain = CheckSet::ALL.shown_to(false);
        let mut counts = index.count_strikes(&Visible::to(actor), registries, plain, COUNTED).await?;
        let inside = Visible::inside(actor);
        let some = registries.iter().copied().filter(|id| inside.in_registry(*id).repositories_at_all());
        let some: Vec<Id> = some.collect();
        counts.extend(index.count_strikes(&inside, &some, CheckSet::NEEDS_PULL, COUNTED).await?);
        Ok(counts)
    }

    /// What the checks found in all these registries, in one look.
    pub(super) async fn found_in_all(
        &self,
        actor: &Actor,
        registries: &HashMap<Id, RegistryName>,
    ) -> Result<Vec<Attention>> {
        let ids: Vec<Id> = registries.keys().copied().collect();
        let mut counts = self.strikes_of(actor, &ids).await?;
        for (registry, check) in self.0.store.checks_off().all().await? {
            counts.retain(|(id, own), _| *own != check || (registry != 0 && *id != registry));
        }
        let mut found: BTreeMap<&RegistryName, Vec<(Check, Count)>> = BTreeMap::new();
        for ((id, check), count) in counts {
            if let Some(name) = registries.get(&id).filter(|_| count.number > 0) {
                found.entry(name).or_default().push((check, count));
            }
        }
        Ok(found.into_iter().flat_map(|(name, found)| notes(name, found)).collect())
    }
}

/// What fails stands by itself; the rest is one line.
fn notes(registry: &RegistryName, mut found: Vec<(Check, Count)>) -> Vec<Attention> {
    found.sort_by_key(|(check, _)| check.bit());
    let (danger, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(|(check, _)| check.level() == Level::Danger);
    let note = |tone, sentence, way| Attention { tone, registry: registry.clone(), sentence, way };
    let mut notes: Vec<Attention> = danger
        .into_iter()
        .map(|(check, count)| {
            let number = format!("{}{}", text::count(count.number), if count.exact { "" } else { "+" });
            let one = count.number == 1 && count.exact;
            let sentence = match (check, one) {
                (Check::MissingChildren, true) => "has 1 index that names images which are gone.".to_owned(),
                (Check::MissingChildren, false) => format!("has {number} indexes that name images which are gone."),
                (Check::ConfigGone, true) => "has 1 image whose configuration is gone. It can’t be pulled.".to_owned(),
                (Check::ConfigGone, false) => {
                    format!("has {number} images whose configuration is gone. They can’t be pulled.")
                }
                (check, _) => format!("has {number} findings: {}.", check.title()),
            };
            note(Tone::Warn, sentence, Way::Findings(check))
        })
        .collect();
    if !rest.is_empty() {
        let other = if notes.is_empty() { "" } else { "other " };
        let checks = text::counted(rest.len() as u64, &format!("{other}check"), &format!("{other}checks"));
        notes.push(note(Tone::Idle, format!("has findings of {checks} in its content."), Way::Health));
    }
    notes
}

impl Growth {
    /// By how much a registry grew in a month; unknown where its record is shorter.
    pub(super) fn in_a_month(&self, registry: Id, now: &Totals) -> Option<i64> {
        let then = self.today - MONTH;
        let of = self.samples.iter().filter(|(id, sample)| *id == registry && sample.day <= then);
        let before = of.map(|(_, sample)| sample).max_by_key(|sample| sample.day)?;
        Some(signed(now.bytes?).saturating_sub(signed(before.bytes)))
    }

    /// What all of them held, a point a day, the last one being now. A registry without a sample of a day counts as on the
    /// day before.
    pub(super) fn of_all(&self, now: impl Iterator<Item = (Id, u64)>) -> Vec<Sample> {
        let mut held: HashMap<Id, u64> = HashMap::new();
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        // Samples come in the order of their days.
        for (registry, sample) in &self.samples {
            held.insert(*registry, sample.bytes);
            days.insert(sample.day, held.values().sum());
        }
        let today: u64 = now.map(|(_, bytes)| bytes).sum();
        days.insert(self.today, today);
        days.into_iter().map(|(day, bytes)| Sample { day, bytes, ..Sample::default() }).collect()
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(samples: &[(Id, i64, u64)]) -> Growth {
        let sample =
            |(id, day, bytes): &(Id, i64, u64)| (*id, Sample { day: *day, bytes: *bytes, ..Sample::default() });
        Growth { today: 1_000, samples: samples.iter().map(sample).collect() }
    }

    #[test]
    fn a_month_is_told_only_where_the_record_is_long_enough() {
        let now = Totals { bytes: Some(70), ..Totals::default() };
        let record = growth(&[(1, 960, 40), (1, 969, 50), (1, 980, 90), (2, 980, 5)]);
        assert_eq!(record.in_a_month(1, &now), Some(20));
        assert_eq!(record.in_a_month(2, &now), None);
        assert_eq!(growth(&[(1, 900, 100)]).in_a_month(1, &now), Some(-30));
    }

    #[test]
    fn a_registry_without_a_sample_of_a_day_counts_as_the_day_before() {
        let all = growth(&[(1, 998, 10), (2, 998, 1), (1, 999, 20)]).of_all([(1, 30), (2, 2)].into_iter());
        let told: Vec<(i64, u64)> = all.iter().map(|sample| (sample.day, sample.bytes)).collect();
        assert_eq!(told, [(998, 11), (999, 21), (1_000, 32)]);
    }

    #[test]
    fn what_fails_stands_by_itself_and_the_rest_is_one_line() {
        let count = |number, exact| Count { number, exact };
        let name: RegistryName = "lab".parse().expect("a name");
        let found = vec![
            (Check::RunsAsRoot, count(9, true)),
            (Check::MissingChildren, count(1_000, false)),
            (Check::OldTag, count(2, true)),
        ];
        let notes = notes(&name, found);
        let told: Vec<_> = notes.iter().map(|note| (note.tone, note.sentence.as_str())).collect();
        assert_eq!(
            told,
            [
                (Tone::Warn, "has 1,000+ indexes that name images which are gone."),
                (Tone::Idle, "has findings of 2 other checks in its content.")
            ]
        );
    }
}
