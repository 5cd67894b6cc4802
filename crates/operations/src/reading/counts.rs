//! The tag lists of repositories that nobody opened yet: so that a page of repositories can say how many tags each has.

use super::{Ended, Subject, Trouble, registry_topic};
use crate::Operations;
use domain::RepositoryName;
use futures_util::{StreamExt as _, future, stream};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lists read between two messages to open pages.
const TOLD: usize = 8;

impl Operations {
    /// Lists, in the background, the tags of those `rows` whose tags were never asked for. One page at a time for each
    /// registry.
    pub(crate) fn count_tags_of(&self, record: &store::Registry, rows: &[store::index::Repository]) {
        let flights = &self.0.reading.flights;
        let untried = |name: &RepositoryName| flights.ended(&Subject::Tags(record.id, name.clone())).is_none();
        let names =
            rows.iter().filter(|row| row.tags_listed_at.is_none() && untried(&row.name)).map(|row| row.name.clone());
        let names: Vec<RepositoryName> = names.collect();
        if names.is_empty() {
            return;
        }
        let Ok((turn, _)) = flights.take(&Subject::Counts(record.id)) else { return };
        let (operations, record) = (self.clone(), record.clone());
        tokio::spawn(async move {
            let at_once = usize::try_from(record.connection.concurrency / 2).unwrap_or(1).clamp(1, TOLD);
            let done = AtomicUsize::new(0);
            // Each tells by itself: nothing is waited for between two looks at those that are under way, or one that waits with
            // a connection to our own memory in its hand would wait for us.
            let count = async |name| {
                let answered = operations.count_tags(&record, name).await;
                if answered && (done.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(TOLD) {
                    operations.tell(&registry_topic(record.id)).await;
                }
                answered
            };
            // Those that are under way when the registry is found away are dropped with this.
            let each = stream::iter(names).map(count).buffer_unordered(at_once);
            each.take_while(|answered| future::ready(*answered)).for_each(|_| future::ready(())).await;
            turn.end(Ended { at: operations.now(), trouble: None });
            operations.tell(&registry_topic(record.id)).await;
        });
    }

    /// Lists the tags of one repository, unless somebody is at it. Does the registry answer?
    async fn count_tags(&self, record: &store::Registry, name: RepositoryName) -> bool {
        let Ok((turn, _)) = self.0.reading.flights.take(&Subject::Tags(record.id, name.clone())) else { return true };
        let came = match self.source(record, &name).await {
            Ok(source) => self.look_at_tag_list(record, &source).await.map(|_| ()),
            Err(error) => Err(error),
        };
        let trouble = came.err().map(|error| Trouble::new(&error, self.now()));
        let answers = trouble.as_ref().is_none_or(|trouble| !trouble.is_about_the_registry());
        turn.end(Ended { at: self.now(), trouble });
        answers
    }
}
