//! A visit to a repository: its list and the rows that are looked at, read once for all who look at the same time.

use super::{
    Ended, PATIENCE, Subject, Trouble, catalogue::is_stale, flights::Turn, problems::Key, registry_topic,
    repository_topic,
};
use crate::{Operations, Result};
use domain::{
    Actor, Id, RepositoryName, Timestamp, Visible,
    heat::{self, Heat},
};
use std::{collections::HashMap, time::Duration};
use store::index::{self, Listing, TagFilter, TagRow, TagSort};

/// Rows of a page.
pub(crate) const ROWS: u32 = 50;
/// How long a page with rows that were never read waits for them.
const ROWS_PATIENCE: Duration = Duration::from_millis(1_500);

/// Which rows are looked at.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Which tags.
    pub filter: TagFilter,
    /// In which order, and from where.
    pub listing: Listing<TagSort>,
}

impl View {
    /// Does it need to know what stands behind every tag?
    fn needs_all(&self) -> bool {
        let filter = &self.filter;
        matches!(self.listing.sort, TagSort::Created | TagSort::Size)
            || filter.kind.is_some()
            || filter.platform.is_some()
            || filter.created_from.or(filter.created_before).is_some()
            || filter.size_least.or(filter.size_most).is_some()
            || !filter.labels.is_empty()
            || filter.check.is_some()
    }
}

impl Operations {
    /// Brings what a visitor looks at up to date, in the background. Waits for it where nothing is kept: some seconds for
    /// the first list, a moment for rows that were never read.
    pub(crate) async fn visit_tags(
        &self,
        record: &store::Registry,
        repository: &RepositoryName,
        view: &View,
        kept: Kept,
    ) {
        let patience = match kept {
            Kept::Nothing => PATIENCE,
            Kept::List => ROWS_PATIENCE,
            Kept::Rows => Duration::ZERO,
        };
        let begun = tokio::time::Instant::now();
        let subject = Subject::Tags(record.id, repository.clone());
        // Twice: somebody else may be reading this list, and the rows that they look at. Then ours come after theirs.
        for _ in 0..2 {
            let left = patience.saturating_sub(begun.elapsed());
            match self.0.reading.flights.take(&subject) {
                Ok((turn, under_way)) => {
                    let (operations, record, repository, view) =
                        (self.clone(), record.clone(), repository.clone(), view.clone());
                    tokio::spawn(async move { operations.bring_up_to_date(&record, &repository, &view, turn).await });
                    under_way.within(left).await;
                    return;
                }
                // Who does not wait hears of it, and asks then.
                Err(under_way) => {
                    if !under_way.within(left).await || self.is_read(record.id, repository, view).await {
                        return;
                    }
                }
            }
        }
    }

    /// Is what is looked at read, so that there is nothing to wait for?
    async fn is_read(&self, registry: Id, repository: &RepositoryName, view: &View) -> bool {
        let failed = self
            .0
            .reading
            .flights
            .ended(&Subject::Tags(registry, repository.clone()))
            .is_some_and(|ended| ended.trouble.is_some());
        let (program, index) = (Visible::to(&Actor::program()), self.0.store.index());
        let Ok(Some(known)) = index.repository(&program, registry, repository).await else { return failed };
        let page = index.tags(&program, known.id, &view.filter, &view.listing).await;
        failed || page.is_ok_and(|page| page.rows.iter().all(|row| row.summary.is_some()))
    }

    async fn bring_up_to_date(&self, record: &store::Registry, repository: &RepositoryName, view: &View, turn: Turn) {
        let last = self.0.reading.flights.ended(&Subject::Tags(record.id, repository.clone()));
        let last = last.filter(|last| !is_stale(last.at, self.now()));
        let came = self.list_and_rows(record, repository, view, last.as_ref()).await;
        let at = self.now();
        // Rows that were read after a list do not make the list younger.
        let listed = last.filter(|last| last.trouble.is_none()).map_or(at, |last| last.at);
        turn.end(match came {
            Ok(()) => Ended { at: listed, trouble: None },
            Err(error) => Ended { at, trouble: Some(Trouble::new(&error, at)) },
        });
        self.tell(&repository_topic(record.id, repository)).await;
        self.tell(&registry_topic(record.id)).await;
    }

    async fn list_and_rows(
        &self,
        record: &store::Registry,
        repository: &RepositoryName,
        view: &View,
        fresh: Option<&Ended>,
    ) -> Result<()> {
        let source = self.source(record, repository).await?;
        let program = Visible::to(&Actor::program());
        let index = self.0.store.index();
        let known =
            index.repository(&program, record.id, repository).await?.filter(|known| known.tags_listed_at.is_some());
        let id = match (known, fresh) {
            (Some(known), Some(Ended { trouble: None, .. })) => known.id,
            (_, Some(Ended { trouble: Some(trouble), .. })) => return Err(trouble.to_error()),
            _ => self.look_at_tag_list(record, &source).await?,
        };
        let page = index.tags(&program, id, &view.filter, &view.listing).await?;
        let rows = page.rows.into_iter().filter(|row| is_row_stale(row, self.now()));
        // A row that could not be read is tried again with the next list, not before.
        let known_bad = if fresh.is_some() {
            self.0.reading.rows.problems(&(record.id, repository.clone()))
        } else {
            HashMap::new()
        };
        let rows: Vec<_> = rows.filter(|row| !known_bad.contains_key(row.tag.as_str())).collect();
        if !rows.is_empty() {
            let came = self.read_rows(&source, id, rows.into_iter().map(|row| (row.tag, row.digest)).collect()).await?;
            if let Some(error) = came.stop {
                let error = crate::Error::from(error);
                self.0.reading.hear(record.id, self.now(), Some(&Trouble::new(&error, self.now())));
                return Err(error);
            }
        }
        let progress = index.progress(&program, id).await?;
        if !progress.is_complete() && (view.needs_all() || progress.tags <= super::rest::SMALL) {
            self.start_rest(source, id, false);
        }
        Ok(())
    }

    /// Starts reading the rest where the order that is looked at needs it.
    pub(crate) async fn read_for(
        &self,
        record: &store::Registry,
        known: &store::index::Repository,
        view: &View,
        progress: index::Progress,
    ) {
        if progress.is_complete() || !view.needs_all() || !record.enabled {
            return;
        }
        match self.source(record, &known.name).await {
            Ok(source) => self.start_rest(source, known.id, false),
            Err(error) => tracing::debug!(%error, "the rest of a repository can't be read now"),
        }
    }

    /// Remembers that somebody looked at a repository: the reading in the background comes to it soon, and more often for a
    /// while. Written at most once in the shortest interval there is, and behind the page, which never waits for the one
    /// that writes; where nothing can be written, people read on.
    pub(crate) fn was_viewed(&self, known: &index::Repository) {
        let now = self.now();
        if known.viewed_at.is_some_and(|at| at.plus_seconds(heat::VIEWED) > now) {
            return;
        }
        let Some(noting) = self.0.reading.viewed.begin(known.id) else { return };
        let heat = Heat { viewed_at: Some(now), tags: known.tag_count.unwrap_or_default(), ..Heat::default() };
        let due = heat::due(&heat, now, self.chance());
        let (operations, registry, name) = (self.clone(), known.registry, known.name.clone());
        tokio::spawn(async move {
            match operations.0.store.index().viewed(noting.repository, now, due).await {
                Ok(()) => operations.0.syncs.live(registry).wake.notify_one(),
                Err(error) => tracing::warn!(repository = %name, %error, "a view could not be noted"),
            }
        });
    }

    /// Is there anything to bring up to date? A page that follows (`live`) asks only for what was never read: else each
    /// open page would keep the registry busy.
    pub(crate) fn is_visit_due(
        &self,
        key: &Key,
        rows: &[TagRow],
        problems: &HashMap<String, String>,
        live: bool,
    ) -> bool {
        let ended = self.0.reading.flights.ended(&Subject::Tags(key.0, key.1.clone()));
        let unread = |row: &TagRow| row.summary.is_none() && !problems.contains_key(row.tag.as_str());
        match ended.filter(|ended| live || !is_stale(ended.at, self.now())) {
            // What failed a moment ago is not tried again at once.
            Some(Ended { trouble: Some(_), .. }) => false,
            Some(_) if live => rows.iter().any(unread),
            Some(_) => {
                let stale = |row: &TagRow| is_row_stale(row, self.now()) && !problems.contains_key(row.tag.as_str());
                rows.iter().any(stale)
            }
            None => !live || rows.iter().any(unread),
        }
    }
}

/// What there is to show before anything is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Not even a list.
    Nothing,
    /// The list, and rows that were never read.
    List,
    /// All that is looked at.
    Rows,
}

/// Is it time to ask again where the tag points?
fn is_row_stale(row: &TagRow, now: Timestamp) -> bool {
    row.summary.is_none() || row.checked_at.is_none_or(|at| is_stale(at, now))
}
