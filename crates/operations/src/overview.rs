//! Everything at a glance: how each registry is, how much is in it, what is new and what needs a look.

mod changed;
mod glance;

pub(crate) use changed::KeptDrift;

use crate::{Operations, Result, reading::Heard};
use domain::{
    Actor, Connection, Id, Permission, Place, RegistryName, RepositoryName, Tag, Timestamp, Trust, Visible,
    health::Check,
    permission::allows,
    probe::{Finding, ProbeReport, Tone, Topic, health},
    text,
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use store::{
    Generations, Sample,
    index::{Covered, Totals},
};

/// As many of the newest images are shown.
const NEWEST: u32 = 12;

/// A registry as the rail shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RailRow {
    /// Its name.
    pub name: RegistryName,
    /// How it is, in a tone and a word.
    pub health: (Tone, String),
    /// Repositories known; unknown before it was read.
    pub repositories: Option<u64>,
}

/// What a kept rail was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RailKey {
    visible: Visible,
    generation: i64,
    read: u64,
    second: i64,
}

/// The rail as it was shown last.
#[derive(Default)]
pub(crate) struct KeptRail(Mutex<Option<(RailKey, Vec<RailRow>)>>);

impl KeptRail {
    fn get(&self, key: &RailKey) -> Option<Vec<RailRow>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(made_from, _)| made_from == key).map(|(_, rows)| rows.clone())
    }
    fn keep(&self, key: RailKey, rows: &[RailRow]) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, rows.to_vec()));
    }
}

/// A registry in the overview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryRow {
    /// Its name.
    pub name: RegistryName,
    /// Where it is.
    pub address: String,
    /// How it is, in a tone and a word.
    pub health: (Tone, String),
    /// What it runs, where it told.
    pub software: Option<String>,
    /// Repositories known.
    pub repositories: Option<u64>,
    /// Tags in those whose tags were listed.
    pub tags: Option<u64>,
    /// When its repositories were listed.
    pub as_of: Option<Timestamp>,
    /// What is risky about the way it is reached.
    pub risk: Option<Risk>,
    /// Bytes stored, as far as read.
    pub stored: Option<u64>,
    /// By how many bytes that grew in thirty days, where it is known.
    pub grown: Option<i64>,
    /// How many percent of its tags are read.
    pub percent: Option<u64>,
    /// What is being read, in a word.
    pub at_work: Option<&'static str>,
}

/// What is risky about the way a registry is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Without TLS.
    Plain,
    /// Its certificate is left unchecked.
    Unverified,
}

impl Risk {
    /// What is risky about this connection.
    pub(crate) fn of(connection: &Connection) -> Option<Self> {
        match &connection.trust {
            _ if connection.address.is_plain() => Some(Self::Plain),
            Trust::Anybody => Some(Self::Unverified),
            _ => None,
        }
    }
}

/// One of the newest images known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestRow {
    /// In which registry.
    pub registry: RegistryName,
    /// In which repository.
    pub repository: RepositoryName,
    /// Under which tag.
    pub tag: Tag,
    /// When it was built.
    pub created: Timestamp,
}

/// Where to go from something that needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The registry's connection.
    Connection,
    /// The registry's page, which says what was tried.
    Tried,
    /// Where a check strikes.
    Findings(Check),
    /// What all checks found.
    Health,
    /// What changed about the registry's connection, as its probes saw it.
    Drift,
}

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// How urgently.
    pub tone: Tone,
    /// Where.
    pub registry: RegistryName,
    /// What is the matter, as a sentence that begins with the registry's name.
    pub sentence: String,
    /// Where to go.
    pub way: Way,
}

/// Everything at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The registries, by name.
    pub registries: Vec<RegistryRow>,
    /// The newest images known, newest first.
    pub newest: Vec<NewestRow>,
    /// What needs attention, the most urgent first.
    pub attention: Vec<Attention>,
    /// What all registries stored, a point a day over the last year, the last one being now.
    pub growth: Vec<Sample>,
}

/// A registry with what is known of it.
pub(crate) struct Known {
    pub(crate) record: store::Registry,
    pub(crate) report: Option<ProbeReport>,
    pub(crate) heard: Option<Heard>,
    pub(crate) totals: Option<Totals>,
    /// Does who asks see all of it?
    pub(crate) whole: bool,
}

impl Operations {
    /// The registries as the rail shows them. It stands beside every page: within a second, and while nothing was read or
    /// changed, it costs one small question to our own memory.
    pub async fn rail(&self, actor: &Actor) -> Result<Vec<RailRow>> {
        if !actor.is_known() {
            return Ok(Vec::new());
        }
        let now = self.now();
        let key = RailKey {
            visible: Visible::to(actor),
            generation: self.0.store.generations().read(Generations::REGISTRIES).await?,
            read: self.0.reading.changes(),
            second: now.seconds(),
        };
        if let Some(rows) = self.0.reading.rail.get(&key) {
            return Ok(rows);
        }
        let row = |known: Known| RailRow {
            health: known.health(now),
            repositories: known.totals.map(|totals| totals.repositories),
            name: known.record.name,
        };
        let rows: Vec<RailRow> = self.known_registries(actor).await?.into_iter().map(row).collect();
        self.0.reading.rail.keep(key, &rows);
        Ok(rows)
    }

    /// Everything at a glance, as far as it may be seen. Nothing is asked of a registry for it.
    pub async fn overview(&self, actor: &Actor) -> Result<Overview> {
        // Who has no rights yet is shown that there is nothing, and is no stranger.
        if !actor.is_known() {
            allows(actor, Permission::RegistryView, Place::System)?;
        }
        let known = self.known_registries(actor).await?;
        let visible = Visible::to(actor);
        let catalogues = self.0.store.index().catalogues(&visible).await?;
        let names: HashMap<Id, RegistryName> = known.iter().map(|k| (k.record.id, k.record.name.clone())).collect();
        let ids: Vec<Id> = known.iter().map(|known| known.record.id).collect();
        let now = self.now();
        let newest = self.0.store.index().newest(&visible, &ids, now, NEWEST).await?;
        let newest = newest.into_iter().filter_map(|one| {
            let registry = names.get(&one.registry)?.clone();
            Some(NewestRow { registry, repository: one.repository, tag: one.tag, created: one.created })
        });
        let mut attention: Vec<Attention> = known.iter().flat_map(|known| known.attention(now)).collect();
        attention.extend(self.drifted(&visible, &known).await?);
        attention.extend(self.found_in_all(actor, &names).await?);
        let rank = |tone| [Tone::Danger, Tone::Warn].iter().position(|own| *own == tone).unwrap_or(2);
        attention.sort_by_key(|note| rank(note.tone));
        let growth = self.growth_of_all(&visible).await?;
        // What is stored is told of registries that are seen whole, as the samples of the days before are.
        let stored = known.iter().filter_map(|known| Some((known.record.id, known.totals?.bytes?)));
        let all = growth.of_all(stored);
        let row = |known: Known| RegistryRow {
            address: known.record.connection.address.authority(),
            health: known.health(now),
            software: known.software(),
            repositories: known.totals.map(|totals| totals.repositories),
            tags: known.totals.filter(|totals| totals.listed > 0).map(|totals| totals.tags),
            as_of: catalogues.get(&known.record.id).map(|catalogue| catalogue.listed_at),
            risk: Risk::of(&known.record.connection),
            stored: known.totals.filter(|totals| totals.listed > 0).and_then(|totals| totals.bytes),
            grown: known.totals.and_then(|totals| growth.in_a_month(known.record.id, &totals)),
            percent: known
                .totals
                .filter(|totals| totals.tags > 0)
                .map(|totals| Covered { tags: totals.tags, read: totals.tags.saturating_sub(totals.unread) }.percent()),
            at_work: self.at_work(known.record.id),
            name: known.record.name,
        };
        Ok(Overview {
            growth: all,
            newest: newest.collect(),
            attention,
            registries: known.into_iter().map(row).collect(),
        })
    }

    async fn known_registries(&self, actor: &Actor) -> Result<Vec<Known>> {
        let visible = Visible::to(actor);
        let records = self.0.store.registries().list(&visible).await?;
        let reports = self.0.store.probes().latest_of_all(&visible).await?;
        let mut reports: HashMap<Id, _> = reports.into_iter().collect();
        let totals = self.0.store.index().all_totals(&visible).await?;
        let known = records.into_iter().map(|record| Known {
            report: reports.remove(&record.id).and_then(|probe| serde_json::from_value(probe.report).ok()),
            heard: self.0.reading.heard(record.id),
            totals: totals.get(&record.id).copied(),
            whole: visible.in_registry(record.id).everything(),
            record,
        });
        Ok(known.collect())
    }

    /// One registry with what is known of it.
    pub(crate) async fn known_registry(&self, visible: &Visible, record: store::Registry) -> Result<Known> {
        let probe = self.0.store.probes().latest(visible, record.id).await?;
        let totals = self.0.store.index().totals(visible, record.id).await?;
        Ok(Known {
            report: probe.and_then(|probe| serde_json::from_value(probe.report).ok()),
            heard: self.0.reading.heard(record.id),
            totals: Some(totals).filter(|totals| totals.repositories > 0),
            whole: visible.in_registry(record.id).everything(),
            record,
        })
    }
}

impl Known {
    /// How it is: what it said last, or what the probe found, whichever is younger.
    pub(crate) fn health(&self, now: Timestamp) -> (Tone, String) {
        if !self.record.enabled {
            return (Tone::Idle, "Switched off".to_owned());
        }
        if self.record.held.unreadable {
            return (Tone::Danger, "Credentials unreadable".to_owned());
        }
        let probed = self.report.as_ref().map(|report| (report.at, self.tone(report)));
        let heard = self.heard.as_ref().filter(|heard| probed.is_none_or(|(at, _)| heard.at > at));
        match (heard.map(|heard| (heard, &heard.trouble)), probed) {
            (Some((heard, Some(trouble))), _) => {
                let word = if trouble.kind == crate::Kind::RegistryDown { "Down" } else { "Refuses us" };
                (Tone::Danger, format!("{word} {}", since(heard.since, now)))
            }
            // It answers now, whatever the probe found before.
            (Some((_, None)), None | Some((_, Tone::Danger | Tone::Idle))) | (_, Some((_, Tone::Good))) => {
                (Tone::Good, "Answers".to_owned())
            }
            (_, Some((_, Tone::Warn))) => (Tone::Warn, "Answers, needs a look".to_owned()),
            (None, Some((at, Tone::Danger))) => (Tone::Danger, format!("Down {}", since(at, now))),
            (None, None | Some((_, Tone::Idle))) => (Tone::Idle, "Not asked yet".to_owned()),
        }
    }

    /// What the probe's findings come to. Nobody stands between us and our own machine: there plain HTTP is no finding.
    fn tone(&self, report: &ProbeReport) -> Tone {
        match health(report).0 {
            Tone::Warn if self.worth_a_look(report).is_none() => Tone::Good,
            tone => tone,
        }
    }

    /// The first finding that needs a look.
    fn worth_a_look<'r>(&self, report: &'r ProbeReport) -> Option<&'r Finding> {
        let address = &self.record.connection.address;
        let own_machine = matches!(address.host(), "localhost" | "127.0.0.1" | "[::1]");
        let limits = [Topic::Catalogue, Topic::Deleting, Topic::Referrers, Topic::TagPaging];
        report.findings.iter().find(|finding| {
            let excused =
                limits.contains(&finding.topic) || (finding.topic == Topic::Tls && address.is_plain() && own_machine);
            matches!(finding.tone, Tone::Warn | Tone::Danger) && !excused
        })
    }

    /// What it runs, where it told.
    pub(crate) fn software(&self) -> Option<String> {
        let finding = self.report.as_ref()?.finding(Topic::Software)?;
        (finding.tone == Tone::Good).then(|| finding.seen.clone())
    }

    /// What needs attention about it.
    fn attention(&self, now: Timestamp) -> Vec<Attention> {
        let note = |tone, sentence: String, way| Attention { tone, registry: self.record.name.clone(), sentence, way };
        let mut notes = Vec::new();
        if !self.record.enabled {
            return notes;
        }
        if self.record.held.unreadable {
            let sentence = "has credentials that can’t be read: the key file has changed. Enter them again.";
            notes.push(note(Tone::Danger, sentence.to_owned(), Way::Connection));
        } else if let (Tone::Danger, word) = self.health(now) {
            let why =
                self.heard.as_ref().and_then(|heard| heard.trouble.as_ref()).map(|trouble| trouble.message.clone());
            // What the registry said may name what it was asked about.
            let why = why
                .filter(|_| self.whole)
                .or_else(|| self.report.as_ref().map(|report| health(report).1))
                .unwrap_or(word);
            let way = if self.heard.as_ref().is_some_and(|heard| heard.trouble.is_some()) {
                Way::Tried
            } else {
                Way::Connection
            };
            notes.push(note(Tone::Danger, format!("does not serve us. {why}"), way));
        }
        if Risk::of(&self.record.connection) == Some(Risk::Unverified) {
            let sentence =
                "is trusted without a look at its certificate: whoever stands between can change what it sends.";
            notes.push(note(Tone::Warn, sentence.to_owned(), Way::Connection));
        } else if notes.is_empty()
            && let Some(finding) = self.report.as_ref().and_then(|report| self.worth_a_look(report))
        {
            let seen = finding.seen.trim_end_matches('.');
            let sentence = match finding.topic {
                Topic::Tls if self.record.connection.address.is_plain() => {
                    "is reached without TLS: whoever stands between can read and change everything.".to_owned()
                }
                Topic::Tls => format!("has a certificate that ends soon: {seen}."),
                topic => format!("needs a look at {}: {seen}.", topic.name()),
            };
            notes.push(note(Tone::Warn, sentence, Way::Connection));
        }
        notes
    }
}

fn since(at: Timestamp, now: Timestamp) -> String {
    match now.0.saturating_sub(at.0) {
        ..10_000_000 => "just now".to_owned(),
        lasted => format!("for {}", text::duration(lasted)),
    }
}
