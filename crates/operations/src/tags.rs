//! The tags of a repository as a page shows them: what is kept at once, and how fresh and how whole that is.

pub use crate::reading::{Progress, Trouble};
use crate::{
    Error, Kind as Stop, Operations, Result, WayOut,
    lists::{self, Pairs},
    reading::{
        Basis, Subject, repository_topic,
        visit::{Kept, ROWS, View},
    },
    repositories::MOST_ROWS,
};
use domain::{
    Actor, Address, Digest, FieldErrors, Kind, Permission, Place, RegistryName, RepositoryName, Tag, Timestamp, Trust,
    Visible,
    filters::{Filters, List},
    permission::allows,
};
use std::collections::HashMap;
use store::index::{self, Listing, TagFilter, TagSort};

/// What is kept of a repository: its row, and the page that is looked at.
type Found = (index::Repository, index::Page<index::TagRow>);

/// As many other tags on the same digest are named in a row.
const SIBLINGS: u32 = 6;

/// What a person asked for, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagsQuery {
    /// What the list is filtered by.
    pub filters: Pairs,
    /// `name`, `version`, `created`, `size` or `moved`.
    pub sort: String,
    /// `asc` or `desc`; empty for what suits the column.
    pub order: String,
    /// A place from which to go on.
    pub after: String,
    /// A place before which to go back.
    pub before: String,
    /// Rows of a page, up to 500; without, as many as a page shows.
    pub limit: Option<u32>,
}

/// What a repository's page shows.
#[derive(Clone, Debug)]
pub struct Tags {
    /// The registry.
    pub registry: RegistryName,
    /// Its address, for commands.
    pub address: Address,
    /// Whom we trust there, for commands.
    pub trust: Trust,
    /// The repository.
    pub repository: RepositoryName,
    /// The rows.
    pub rows: Vec<TagRow>,
    /// Tags in the list, referrers included.
    pub total: u64,
    /// Tags that the filter lets through.
    pub matching: index::Count,
    /// Tags that are read.
    pub read: u64,
    /// Referrer tags, which are left out unless they are asked for; unknown where there are too many to count.
    pub referrers: Option<u64>,
    /// Manifests that the repository was seen to hold and no tag of it names.
    pub untagged: index::Count,
    /// The newest build known.
    pub newest: Option<Timestamp>,
    /// By what the rows are sorted: the value of `sort`.
    pub sort: &'static str,
    /// The largest first?
    pub descending: bool,
    /// What it is filtered by.
    pub filters: Filters,
    /// What is wrong with the filters: these are left out.
    pub errors: FieldErrors,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// When the list was read.
    pub listed_at: Option<Timestamp>,
    /// When the next look at the whole repository is due, if it is looked at in the background.
    pub next_at: Option<Timestamp>,
    /// Why the last list was not believed about what it lacks.
    pub doubt: Option<String>,
    /// Was it read to its end?
    pub complete: bool,
    /// Is the list, or are rows, being read right now?
    pub reading: bool,
    /// How far the reading of everything is, if it is under way.
    pub progress: Option<Progress>,
    /// What stopped the last reading.
    pub trouble: Option<Trouble>,
    /// Tags that follow no grammar, as the texts they are.
    pub odd: Vec<String>,
    /// Under which topic news of this page come.
    pub topic: String,
}

/// A tag in its row.
#[derive(Clone, Debug)]
pub struct TagRow {
    /// Its name.
    pub tag: Tag,
    /// Where it points, as far as that is known.
    pub digest: Option<Digest>,
    /// What it is.
    pub kind: Option<Kind>,
    /// Its artifact type.
    pub artifact_type: Option<String>,
    /// `linux/amd64`.
    pub platforms: Vec<String>,
    /// Bytes that a pull moves.
    pub size: Option<u64>,
    /// When it was built.
    pub created: Option<Timestamp>,
    /// When it was last seen to point elsewhere, or to come.
    pub moved_at: Option<Timestamp>,
    /// Other tags on the same digest, as far as they are known.
    pub siblings: Vec<Tag>,
    /// Is it a referrers tag?
    pub is_referrer: bool,
    /// Why it could not be read.
    pub problem: Option<String>,
}

impl TagsQuery {
    fn sort(&self) -> (TagSort, &'static str) {
        match self.sort.as_str() {
            "version" => (TagSort::Version, "version"),
            "created" => (TagSort::Created, "created"),
            "size" => (TagSort::Size, "size"),
            "moved" => (TagSort::Moved, "moved"),
            _ => (TagSort::Name, "name"),
        }
    }
}

impl From<index::TagRow> for TagRow {
    fn from(row: index::TagRow) -> Self {
        let (kind, artifact_type, platforms, size, created) = match row.summary {
            Some(s) => (Some(s.kind), s.artifact_type, s.platforms, Some(s.size), s.created),
            None => (None, None, Vec::new(), None, None),
        };
        Self {
            tag: row.tag,
            digest: row.digest,
            kind,
            artifact_type,
            platforms,
            size,
            created,
            moved_at: row.moved_at,
            siblings: Vec::new(),
            is_referrer: row.is_referrer,
            problem: None,
        }
    }
}

impl Operations {
    /// The tags of a repository. What is kept is given at once; a visit (`live` is none, it follows what happens) also
    /// starts a reading in the background, and the first one waits for it.
    pub async fn tags(
        &self,
        actor: &Actor,
        registry: &str,
        repository: &RepositoryName,
        query: &TagsQuery,
        live: bool,
    ) -> Result<Tags> {
        let record = self.record(actor, registry).await?;
        allows(actor, Permission::RepositoryView, Place::Repository(record.id, repository.clone()))?;
        let visible = Visible::to(actor).in_repository(record.id, repository);
        let (filters, errors) = lists::read(List::Tags, &query.filters);
        lists::may_ask(actor, &filters, Place::Repository(record.id, repository.clone()))?;
        let filter = lists::of_tags(&filters, self.now());
        let (sort, sort_name) = query.sort();
        let descending = lists::descending(&query.order, sort != TagSort::Name);
        let limit = query.limit.unwrap_or(ROWS).clamp(1, MOST_ROWS);
        let view = View {
            filter,
            listing: Listing { sort, descending, seek: lists::seek(&query.after, &query.before), limit },
        };
        // A page that is open and follows what happens is one look, not hundreds.
        if !live {
            self.note_use_of(actor, record.id, repository, Permission::RepositoryView);
        }
        let mut kept = self.kept(&visible, &record, repository, &view).await?;
        if record.enabled && self.is_due(&record, repository, kept.as_ref(), live) {
            let have = match &kept {
                _ if live => Kept::Rows,
                None => Kept::Nothing,
                Some((_, page)) if page.rows.iter().any(|row| row.summary.is_none()) => Kept::List,
                Some(_) => Kept::Rows,
            };
            self.visit_tags(&record, repository, &view, have).await;
            if have != Kept::Rows {
                kept = self.kept(&visible, &record, repository, &view).await?;
            }
        }
        let subject = Subject::Tags(record.id, repository.clone());
        let trouble = self.trouble_of(&record, &subject);
        let Some((known, page)) = kept else {
            return match trouble {
                Some(trouble) => Err(nothing_kept(&trouble, &record, repository)),
                None => Ok(Tags { filters, errors, ..self.not_yet(&record, repository, sort_name, descending) }),
            };
        };
        if !live {
            self.was_viewed(&known);
        }
        let progress = known.progress();
        if !live && trouble.is_none() {
            self.read_for(&record, &known, &view, progress).await;
        }
        let basis = Basis { repository: known.id, listed_at: known.tags_listed_at, progress };
        let plain = self.count(&visible, basis, &TagFilter::default()).await?;
        let matching = self.count(&visible, basis, &view.filter).await?;
        let referrers = plain.exact.then(|| progress.tags.saturating_sub(plain.number));
        let untagged = self.count_untagged(&visible, basis).await?;
        Ok(Tags {
            rows: self.rows(&visible, &record, repository, known.id, page.rows).await?,
            total: progress.tags,
            matching,
            read: progress.read,
            referrers,
            newest: known.newest,
            untagged,
            filters,
            errors,
            previous: page.previous,
            next: page.next,
            listed_at: known.tags_listed_at,
            next_at: self.0.syncs.watches(record.id).then_some(known.due_at).filter(|due| *due > self.now()),
            doubt: known.doubt,
            complete: known.tags_complete,
            trouble,
            ..self.not_yet(&record, repository, sort_name, descending)
        })
    }

    fn is_due(&self, record: &store::Registry, repository: &RepositoryName, kept: Option<&Found>, live: bool) -> bool {
        let key = (record.id, repository.clone());
        let rows = kept.map_or(&[][..], |(_, page)| &page.rows);
        let problems = if rows.is_empty() { HashMap::new() } else { self.0.reading.rows.problems(&key) };
        self.is_visit_due(&key, rows, &problems, live)
    }

    /// The repository's row and the wanted page, if its tags were ever listed.
    async fn kept(
        &self,
        visible: &Visible,
        record: &store::Registry,
        repository: &RepositoryName,
        view: &View,
    ) -> Result<Option<Found>> {
        let index = self.0.store.index();
        let known =
            index.repository(visible, record.id, repository).await?.filter(|known| known.tags_listed_at.is_some());
        let Some(known) = known else { return Ok(None) };
        let page = index.tags(visible, known.id, &view.filter, &view.listing).await?;
        Ok(Some((known, page)))
    }

    /// What stopped the last reading; a registry that is switched off is never asked.
    pub(crate) fn trouble_of(&self, record: &store::Registry, subject: &Subject) -> Option<Trouble> {
        if record.enabled {
            return self.0.reading.flights.ended(subject).and_then(|ended| ended.trouble);
        }
        let error =
            Error::new(Stop::RegistryDown, format!("{} is switched off: nothing new is read from it.", record.name));
        Some(Trouble::new(&error.way_out(WayOut::Connection(record.name.to_string())), record.updated))
    }

    /// A page whose list is still being read.
    fn not_yet(
        &self,
        record: &store::Registry,
        repository: &RepositoryName,
        sort: &'static str,
        descending: bool,
    ) -> Tags {
        let subject = Subject::Tags(record.id, repository.clone());
        Tags {
            registry: record.name.clone(),
            address: record.connection.address.clone(),
            trust: record.connection.trust.clone(),
            repository: repository.clone(),
            rows: Vec::new(),
            total: 0,
            matching: index::Count { number: 0, exact: true },
            read: 0,
            referrers: None,
            untagged: index::Count { number: 0, exact: true },
            newest: None,
            sort,
            descending,
            filters: Filters::default(),
            errors: FieldErrors::new(),
            previous: None,
            next: None,
            listed_at: None,
            next_at: None,
            doubt: None,
            complete: false,
            reading: self.0.reading.flights.under_way(&subject).is_some(),
            progress: self.0.reading.jobs.progress(record.id, repository),
            trouble: None,
            odd: self.0.reading.rows.odd(&subject),
            topic: repository_topic(record.id, repository),
        }
    }

    async fn rows(
        &self,
        visible: &Visible,
        record: &store::Registry,
        repository: &RepositoryName,
        id: domain::Id,
        rows: Vec<index::TagRow>,
    ) -> Result<Vec<TagRow>> {
        let digests: Vec<Digest> = rows.iter().filter_map(|row| row.digest.clone()).collect();
        // One's own among them, and one more so that a row can say that there are more.
        let siblings = self.0.store.index().siblings(visible, id, &digests, SIBLINGS + 2).await?;
        let problems = self.0.reading.rows.problems(&(record.id, repository.clone()));
        let row = |row: index::TagRow| {
            let on_it = row.digest.as_ref().and_then(|digest| siblings.get(digest)).map_or(&[][..], Vec::as_slice);
            let others = on_it.iter().filter(|tag| **tag != row.tag).take(SIBLINGS as usize + 1).cloned().collect();
            let problem = problems.get(row.tag.as_str()).cloned();
            TagRow { siblings: others, problem, ..TagRow::from(row) }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// How many tags a filter lets through.
    async fn count(&self, visible: &Visible, basis: Basis, filter: &TagFilter) -> Result<index::Count> {
        if let Some(count) = self.0.reading.counted.get(&basis, filter) {
            return Ok(count);
        }
        let count = self.0.store.index().count_tags(visible, basis.repository, filter, lists::COUNTED).await?;
        self.0.reading.counted.keep(basis, filter, count);
        Ok(count)
    }

    /// Reads the rest of a repository's tags in the background: sizes, times, what stands on the same digest.
    pub async fn read_rest(&self, actor: &Actor, registry: &str, repository: &RepositoryName) -> Result<()> {
        let target = self.target(actor, registry, repository, Permission::RepositoryView).await?;
        let visible = Visible::to(actor).in_repository(target.record.id, repository);
        let known = self.0.store.index().repository(&visible, target.record.id, repository).await?;
        let known =
            known.ok_or_else(|| Error::not_found(format!("repository {repository} on {}", target.record.name)))?;
        let source = self.source(&target.record, repository).await?;
        self.start_rest(source, known.id, true);
        Ok(())
    }
}

/// There is nothing to show: what stopped the reading is the page.
fn nothing_kept(trouble: &Trouble, record: &store::Registry, repository: &RepositoryName) -> Error {
    let error = trouble.to_error();
    if error.kind != Stop::NotFound {
        return error;
    }
    let way = WayOut::Registry(record.name.to_string());
    Error { message: format!("There is no repository {repository} on {}.", record.name), ..error }.way_out(way)
}
