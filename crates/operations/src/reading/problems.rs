//! What is remembered of lists beside the index: rows that are being read, that could not be read, that came
//! since the last list, and names that follow no grammar. A restart forgets it, and the next reading finds it again.

use super::Subject;
use domain::{Digest, Id, RepositoryName, Tag};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// As many repositories are remembered.
const REPOSITORIES: usize = 1_000;
/// As many tags of one repository are remembered.
const TAGS: usize = 1_000;

pub(crate) type Key = (Id, RepositoryName);

#[derive(Default)]
struct Inner {
    problems: HashMap<Key, HashMap<String, String>>,
    taken: HashMap<Key, HashSet<String>>,
    came: HashMap<Key, HashSet<Tag>>,
    odd: HashMap<Subject, Vec<String>>,
}

/// What is remembered of rows.
#[derive(Clone, Default)]
pub(crate) struct Rows(Arc<Mutex<Inner>>);

/// Rows that were taken to be read; given back when it is dropped.
pub(crate) struct Taken {
    rows: Rows,
    key: Key,
    tags: Vec<String>,
}

impl Taken {
    /// Which.
    pub(crate) fn tags(&self) -> &[String] {
        &self.tags
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut all = self.rows.all();
        let Some(taken) = all.taken.get_mut(&self.key) else { return };
        for tag in &self.tags {
            taken.remove(tag);
        }
        if taken.is_empty() {
            all.taken.remove(&self.key);
        }
    }
}

impl Rows {
    fn all(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Takes those of `tags` that nobody is reading.
    pub(crate) fn take(&self, key: &Key, tags: Vec<String>) -> Taken {
        let mut all = self.all();
        let taken = all.taken.entry(key.clone()).or_default();
        let tags = tags.into_iter().filter(|tag| taken.insert(tag.clone())).collect();
        Taken { rows: self.clone(), key: key.clone(), tags }
    }
    /// Remembers why a tag could not be read, or that it could.
    pub(crate) fn note(&self, key: &Key, tag: &str, problem: Option<String>) {
        let mut all = self.all();
        make_room(&mut all.problems, key);
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
    /// Why tags of a repository could not be read.
    pub(crate) fn problems(&self, key: &Key) -> HashMap<String, String> {
        self.all().problems.get(key).cloned().unwrap_or_default()
    }
    /// Remembers tags that are new in a repository that was known, until it is known what they point to.
    pub(crate) fn note_came(&self, key: &Key, came: Vec<Tag>) {
        if came.is_empty() {
            return;
        }
        let mut all = self.all();
        make_room(&mut all.came, key);
        all.came.entry(key.clone()).or_default().extend(came);
    }
    /// Those of these tags that came; each is told once.
    pub(crate) fn take_came(&self, key: &Key, tags: &[(Tag, Digest)]) -> Vec<(Tag, Digest)> {
        let mut all = self.all();
        let Some(came) = all.came.get_mut(key) else { return Vec::new() };
        let taken = tags.iter().filter(|(tag, _)| came.remove(tag)).cloned().collect();
        if came.is_empty() {
            all.came.remove(key);
        }
        taken
    }
    /// Remembers the names of a list that follow no grammar.
    pub(crate) fn note_odd(&self, subject: Subject, names: Vec<String>) {
        let mut all = self.all();
        if names.is_empty() {
            all.odd.remove(&subject);
        } else {
            make_room(&mut all.odd, &subject);
            all.odd.insert(subject, names);
        }
    }
    /// The names of a list that follow no grammar.
    pub(crate) fn odd(&self, subject: &Subject) -> Vec<String> {
        self.all().odd.get(subject).cloned().unwrap_or_default()
    }
    /// Forgets all about a registry.
    pub(crate) fn forget(&self, registry: Id) {
        let mut all = self.all();
        all.problems.retain(|(id, _), _| *id != registry);
        all.came.retain(|(id, _), _| *id != registry);
        all.odd.retain(|subject, _| subject.registry() != registry);
    }
}

/// What is remembered is a help, no record: when it grows too large, it begins anew.
fn make_room<K: Eq + std::hash::Hash, V>(map: &mut HashMap<K, V>, key: &K) {
    if map.len() >= REPOSITORIES && !map.contains_key(key) {
        map.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        (1, "team/api".parse().expect("a name"))
    }

    #[test]
    fn a_row_is_read_by_one_at_a_time() {
        let rows = Rows::default();
        let first = rows.take(&key(), vec!["a".into(), "b".into()]);
        let second = rows.take(&key(), vec!["b".into(), "c".into()]);
        assert_eq!(second.tags(), ["c"]);
        drop(first);
        assert_eq!(rows.take(&key(), vec!["a".into(), "c".into()]).tags(), ["a"]);
    }

    #[test]
    fn a_problem_is_known_until_the_tag_is_read() {
        let rows = Rows::default();
        rows.note(&key(), "v1", Some("404".into()));
        assert_eq!(rows.problems(&key()).get("v1").map(String::as_str), Some("404"));
        rows.note(&key(), "v1", None);
        assert!(rows.problems(&key()).is_empty());
        for n in 0..(TAGS + 5) {
            rows.note(&key(), &format!("v{n}"), Some("404".into()));
        }
        assert_eq!(rows.problems(&key()).len(), TAGS);
    }
}
