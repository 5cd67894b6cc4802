//! The tags of a repository: their list, and what to believe when some are missing from it.

use super::{
    Subject, Trouble,
    absences::{Occasion, Within},
    catalogue::parted,
    content::Source,
    leaving::{Leaving, Presence, presence, said},
};
use crate::{Error, Operations, Result, WayOut};
use domain::{Id, RepositoryName, Tag, Timestamp, absence};
use futures_util::{StreamExt as _, stream};
use store::{Evidence, index::TagList};

/// As many tags that are missing from a list are asked for one by one; the others wait for the next list.
const ASKED: usize = 200;

impl Operations {
    /// What is needed to read a repository.
    pub(crate) async fn source(&self, record: &store::Registry, repository: &RepositoryName) -> Result<Source> {
        let client = self.client(record).await?;
        let at_once = usize::try_from(record.connection.concurrency).unwrap_or(1).clamp(1, 32);
        let pass = self.0.reading.gates.pass(record.id, record.version);
        Ok(Source {
            registry: record.id,
            repository: repository.clone(),
            client,
            at_once,
            pass,
            clock: self.0.clock.clone(),
        })
    }

    /// Reads the list of tags into the index, and gives the repository's row there.
    pub(crate) async fn read_tag_list(&self, record: &store::Registry, source: &Source) -> Result<Id> {
        let listing = match source.client.tags_as_far(&source.repository).await {
            Ok(listing) => listing,
            // A proxy's own 404 is no word of the registry: only one with its code counts.
            Err(error) if error.is_absence() && error.code().is_some() => {
                self.0.reading.hear(record.id, self.now(), None);
                let detail = said(&format!("GET /v2/{}/tags/list", source.repository), &error);
                self.repository_denied(source, detail).await?;
                return Err(Error::from(error).way_out(WayOut::Registry(record.name.to_string())));
            }
            Err(error) => {
                let error = Error::from(error).way_out(WayOut::Connection(record.name.to_string()));
                self.0.reading.hear(record.id, self.now(), Some(&Trouble::new(&error, self.now())));
                return Err(error);
            }
        };
        self.0.reading.hear(record.id, self.now(), None);
        let within = Within::Registry(record.id);
        self.0.reading.absences.answered(&within, source.repository.as_str(), self.now());
        let (tags, odd) = parted::<Tag>(listing.items);
        self.0.reading.rows.note_odd(Subject::Tags(record.id, source.repository.clone()), odd);
        let id = self.take_in_tags(source, &tags, broken(listing.complete, listing.why_incomplete.as_deref())).await?;
        match listing.trouble {
            None => Ok(id),
            Some(error) => Err(Error::from(error).way_out(WayOut::Connection(record.name.to_string()))),
        }
    }

    /// Takes in a list of tags. `broken`: why it was not read to its end.
    async fn take_in_tags(&self, source: &Source, tags: &[Tag], broken: Option<&str>) -> Result<Id> {
        let (index, now) = (self.0.store.index(), self.now());
        let entered = source.pass.enter().await?;
        let id = index.ensure_repository(source.registry, &source.repository, now).await?;
        let compared = index.compare_tags(id, tags).await?;
        let doubt = absence::doubt(compared, broken, "tags");
        let list = TagList { tags, complete: broken.is_none(), doubt: doubt.as_deref() };
        let listed = index.save_tag_list(id, list, now).await?;
        drop(entered);
        self.0.reading.rows.note_came(&(source.registry, source.repository.clone()), listed.came);
        let belief = Belief::of(doubt.as_deref(), broken, tags.is_empty());
        self.weigh_missing(source, id, listed.missing, belief, now).await?;
        Ok(id)
    }

    /// Absence from a list is no proof. A tag goes when the registry answers 404 for it, or at the second complete,
    /// believed list that lacks it.
    async fn weigh_missing(
        &self,
        source: &Source,
        id: Id,
        missing: Vec<(Tag, Option<Timestamp>)>,
        belief: Belief,
        now: Timestamp,
    ) -> Result<()> {
        let believed = belief == Belief::Believed;
        let (proven, open): (Vec<_>, Vec<_>) =
            missing.into_iter().partition(|(_, since)| believed && absence::is_proven(*since, now));
        let two_lists = |(tag, since): (Tag, Option<Timestamp>)| {
            let first = since.unwrap_or(now).utc();
            Leaving {
                tag,
                evidence: Evidence::TwoLists,
                detail: format!("The complete lists of {first} and of now lack it"),
            }
        };
        let mut leaving: Vec<Leaving> = proven.into_iter().map(two_lists).collect();
        let asked = stream::iter(open.into_iter().take(ASKED)).map(|(tag, _)| async move {
            let presence = presence(source, &tag).await;
            (tag, presence)
        });
        let answers: Vec<_> = asked.buffer_unordered(source.at_once).collect().await;
        let gone = if believed { gone(answers) } else { self.weigh_answers(source, id, answers, belief).await? };
        leaving.extend(gone.into_iter().map(|(tag, detail)| Leaving { tag, evidence: Evidence::NotFound, detail }));
        self.tags_leave(source, id, leaving).await
    }

    /// What a doubted list lacks, and the registry answers 404 for: not all of it leaves where that is much.
    async fn weigh_answers(
        &self,
        source: &Source,
        id: Id,
        answers: Vec<(Tag, Presence)>,
        belief: Belief,
    ) -> Result<Vec<(Tag, String)>> {
        let within = Within::Repository(source.registry, source.repository.clone());
        let (absences, now) = (&self.0.reading.absences, self.now());
        let here: Vec<Tag> = answers
            .iter()
            .filter(|(_, presence)| matches!(presence, Presence::Here))
            .map(|(tag, _)| tag.clone())
            .collect();
        let gone = gone(answers);
        let lacks = gone.iter().map(|(tag, _)| tag.to_string()).collect();
        for (tag, detail) in gone {
            absences.denied(&within, tag.as_str(), detail, now);
        }
        for tag in &here {
            absences.answered(&within, tag.as_str(), now);
        }
        let occasion = if belief == Belief::Whole { Occasion::List(&lacks) } else { Occasion::Round };
        let weighed = absences.weigh(&within, occasion, now);
        if let Some(doubt) = weighed.doubt {
            let _entered = source.pass.enter().await?;
            self.0.store.index().note_doubt(id, &doubt).await?;
        }
        weighed.leaving.into_iter().map(|(tag, detail)| Ok((tag.parse()?, detail))).collect()
    }
}

/// The tags that the registry answered 404 for, and what it said.
fn gone(answers: Vec<(Tag, Presence)>) -> Vec<(Tag, String)> {
    let gone = |(tag, presence)| if let Presence::Gone(detail) = presence { Some((tag, detail)) } else { None };
    answers.into_iter().filter_map(gone).collect()
}

/// What a list says about what it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belief {
    /// It is believed.
    Believed,
    /// It lacks too much to be believed, but was read to its end and names something: a second one like it counts.
    Whole,
    /// Nothing.
    Nothing,
}

impl Belief {
    /// Of a list that is doubted for this reason, and that was or was not read to its end.
    pub(super) fn of(doubt: Option<&str>, broken: Option<&str>, is_empty: bool) -> Self {
        match (doubt, broken) {
            (None, _) => Self::Believed,
            (Some(_), None) if !is_empty => Self::Whole,
            _ => Self::Nothing,
        }
    }
}

/// Why a list was not read to its end, if it was not.
pub(super) fn broken(complete: bool, why: Option<&str>) -> Option<&str> {
    (!complete).then(|| why.unwrap_or("its end did not come"))
}
