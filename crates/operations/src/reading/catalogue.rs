//! The repositories of a registry: its whole catalogue, and the names that people entered.

use super::{
    Ended, FRESH, PATIENCE, Subject, Trouble,
    absences::{Occasion, Within},
    leaving::said,
    listing::{Belief, broken},
    registry_topic,
};
use crate::{Error, Kind, Operations, Result};
use domain::{Actor, Id, RepositoryName, Timestamp, Visible, absence};
use std::{collections::HashSet, time::Duration};
use store::{Evidence, index::CatalogueList};

/// As many odd names are kept to be shown.
const ODD: usize = 200;
/// As many repositories that are missing from a catalogue are asked for one by one; the others wait for the next one.
const ASKED: usize = 200;

impl Operations {
    /// Reads the catalogue in the background unless that was done a moment ago, and waits for it where nothing is kept
    /// yet. Gives what stopped the last reading.
    pub(crate) async fn visit_catalogue(&self, record: &store::Registry, first: bool) -> Option<Trouble> {
        let subject = Subject::Catalogue(record.id);
        let flights = &self.0.reading.flights;
        let last = flights.ended(&subject);
        if last.as_ref().is_none_or(|ended| is_stale(ended.at, self.now())) {
            let under_way = match flights.take(&subject) {
                Ok((turn, under_way)) => {
                    let (operations, record) = (self.clone(), record.clone());
                    tokio::spawn(async move {
                        let came = match operations.client(&record).await {
                            Ok(client) => operations.read_catalogue(&record, client).await,
                            Err(error) => Err(error),
                        };
                        let trouble = came.err();
                        let at = operations.now();
                        turn.end(Ended { at, trouble: trouble.map(|error| Trouble::new(&error, at)) });
                        operations.tell(&registry_topic(record.id)).await;
                        operations.tell("overview").await;
                    });
                    under_way
                }
                Err(under_way) => under_way,
            };
            let patience = if first { PATIENCE } else { Duration::ZERO };
            under_way.within(patience).await;
        }
        flights.ended(&subject).and_then(|ended| ended.trouble)
    }

    /// Reads the whole catalogue into the index, and the names entered by hand with it.
    pub(crate) async fn read_catalogue(&self, record: &store::Registry, client: registry::Registry) -> Result<()> {
        let program = Visible::to(&Actor::program());
        let index = self.0.store.index();
        let pass = self.0.reading.gates.pass(record.id, record.version);
        for (name, _) in self.0.store.registries().manual_repositories(&program, record.id).await? {
            let _entered = pass.enter().await?;
            index.ensure_repository(record.id, &name, self.now()).await?;
        }
        let listing = match client.catalog_as_far().await {
            Ok(listing) => listing,
            Err(error) => {
                let error = if lacks_catalogue(&error) { no_catalogue(&error) } else { Error::from(error) };
                self.0.reading.hear(record.id, self.now(), Some(&Trouble::new(&error, self.now())));
                return Err(error);
            }
        };
        self.0.reading.hear(record.id, self.now(), None);
        let (names, odd) = parted::<RepositoryName>(listing.items);
        self.0.reading.rows.note_odd(Subject::Catalogue(record.id), odd);
        let broken = broken(listing.complete, listing.why_incomplete.as_deref());
        let now = self.now();
        let entered = pass.enter().await?;
        let compared = index.compare_catalogue(record.id, &names).await?;
        let doubt = absence::doubt(compared, broken, "repositories");
        let list = CatalogueList { names: &names, complete: broken.is_none(), doubt: doubt.as_deref() };
        let told = index.save_catalogue(record.id, list, now).await?;
        drop(entered);
        let belief = Belief::of(doubt.as_deref(), broken, names.is_empty());
        self.weigh_absent(record, told.missing, belief, now).await?;
        listing.trouble.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Absence from a catalogue is no proof. A repository goes when the registry says that it does not know it, or at the
    /// second complete, believed catalogue that lacks it.
    async fn weigh_absent(
        &self,
        record: &store::Registry,
        missing: Vec<(RepositoryName, Option<Timestamp>)>,
        belief: Belief,
        now: Timestamp,
    ) -> Result<()> {
        let (within, mut lacks, mut asked) = (Within::Registry(record.id), HashSet::new(), 0);
        for (name, since) in missing {
            let source = self.source(record, &name).await?;
            if belief == Belief::Believed && absence::is_proven(since, now) {
                let first = since.unwrap_or(now).utc();
                let detail = format!("The complete catalogues of {first} and of now lack it");
                self.repository_leaves(&source, Evidence::TwoLists, detail).await?;
                continue;
            }
            asked += 1;
            if asked > ASKED {
                continue;
            }
            match source.client.tags_page(&name, 1, None).await {
                Err(error) if error.is_absence() && error.code().is_some() => {
                    let detail = said(&format!("GET /v2/{name}/tags/list"), &error);
                    self.repository_denied(&source, detail).await?;
                    lacks.insert(name.to_string());
                }
                Ok(_) => self.0.reading.absences.answered(&within, name.as_str(), self.now()),
                // One that does not answer now is not asked for the next, either.
                Err(error) if error.is_temporary() => asked = ASKED,
                Err(_) => {}
            }
        }
        if !lacks.is_empty() {
            let occasion = if belief == Belief::Nothing { Occasion::Round } else { Occasion::List(&lacks) };
            self.weigh_denied(record, occasion).await?;
        }
        Ok(())
    }

    /// Is the catalogue of this registry being read?
    pub(crate) fn reads_catalogue(&self, registry: Id) -> bool {
        self.0.reading.flights.under_way(&Subject::Catalogue(registry)).is_some()
    }
}

/// Is something of this age to be asked for again?
pub(crate) fn is_stale(at: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(at.0) >= FRESH * 1_000_000
}

/// Names that follow the grammar, and the others as the texts they are (the first few of them).
pub(super) fn parted<T: std::str::FromStr>(texts: Vec<String>) -> (Vec<T>, Vec<String>) {
    let mut odd = Vec::new();
    let mut names = Vec::with_capacity(texts.len());
    for text in texts {
        match text.parse() {
            Ok(name) => names.push(name),
            Err(_) if odd.len() < ODD => odd.push(text),
            Err(_) => {}
        }
    }
    (names, odd)
}

/// Hosted registries answer 401, 403, 404 or 405 to everybody who asks for their catalogue.
fn lacks_catalogue(error: &registry::Error) -> bool {
    use registry::Error as E;
    matches!(error, E::Unauthorized { .. } | E::Denied { .. } | E::NotFound { .. } | E::Unsupported { .. })
}

fn no_catalogue(error: &registry::Error) -> Error {
    let said = error.said().map(ToString::to_string).unwrap_or_default();
    let message = "This registry does not list its repositories to this account. Open a repository by its name; it then stays in this list.";
    Error::new(Kind::Unsupported, message)
        .tried(format!("The registry answered {said} to the question for its catalogue."))
}
