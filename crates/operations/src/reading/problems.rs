//! Tags that could not be read, with the reason, so that their rows can say it.

use domain::{Id, RepositoryName};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// As many repositories are remembered.
const REPOSITORIES: usize = 1_000;
/// As many tags of one repository are remembered.
const TAGS: usize = 1_000;

type Key = (Id, RepositoryName);

#[derive(Default)]
struct Inner {
    problems: HashMap<Key, HashMap<String, String>>,
    /// Tags that somebody is reading right now.
    taken: HashMap<Key, HashSet<String>>,
}

/// The rows that are being read, and those that could not be.
#[derive(Default)]
pub(crate) struct Rows(Mutex<Inner>);

impl Rows {
    fn all(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Takes those of `tags` that nobody is reading.
    pub(crate) fn take(&self, key: &Key, tags: Vec<String>) -> Vec<String> {
        let mut all = self.all();
        let taken = all.taken.entry(key.clone()).or_default();
        tags.into_iter().filter(|tag| taken.insert(tag.clone())).collect()
    }
    /// Gives back what was taken.
    pub(crate) fn give_back(&self, key: &Key, tags: &[String]) {
        let mut all = self.all();
        if let Some(taken) = all.taken.get_mut(key) {
            for tag in tags {
                taken.remove(tag);
            }
            if taken.is_empty() {
                all.taken.remove(key);
            }
        }
    }
    /// Remembers why a tag could not be read, or that it could.
    pub(crate) fn note(&self, key: &Key, tag: &str, problem: Option<String>) {
        let mut all = self.all();
        if all.problems.len() >= REPOSITORIES && !all.problems.contains_key(key) {
            all.problems.clear();
        }
        let problems = all.problems.entry(key.clone()).or_default();
        match problem {
            Some(problem) if problems.len() < TAGS || problems.contains_key(tag) => {
                problems.insert(tag.to_owned(), problem);
            }
            Some(_) => {}
            None => {
                problems.remove(tag);
            }
        }
        if problems.is_empty() {
            all.problems.remove(key);
        }
    }
    /// Why the tags of a repository could not be read.
    pub(crate) fn problems(&self, key: &Key) -> HashMap<String, String> {
        self.all().problems.get(key).cloned().unwrap_or_default()
    }
    /// Forgets all about a registry.
    pub(crate) fn forget(&self, registry: Id) {
        self.all().problems.retain(|(id, _), _| *id != registry);
    }
}
