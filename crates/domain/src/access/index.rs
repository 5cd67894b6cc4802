//! Which of many rights can concern a repository, found by its name instead of by trying each pattern.

use super::Held;
use std::{collections::HashMap, sync::Arc};

/// Rights by what their patterns begin with.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Those for exactly one name.
    exact: HashMap<Box<str>, Vec<usize>>,
    /// Those whose pattern fixes the first segment, as `team-a/**` does.
    by_first: HashMap<Box<str>, Vec<usize>>,
    /// The rest: any name could match.
    rest: Vec<usize>,
}

/// The first segment of a name, if there is more than one.
fn first(name: &str) -> Option<&str> {
    name.split_once('/').map(|(first, _)| first)
}

impl Index {
    pub(super) fn of(held: &[Arc<Held>]) -> Self {
        let mut index = Self::default();
        for (at, one) in held.iter().enumerate() {
            match one.scope.repositories() {
                Some(pattern) if pattern.is_literal() => {
                    index.exact.entry(pattern.as_str().into()).or_default().push(at);
                }
                Some(pattern) => match first(pattern.prefix()) {
                    Some(first) => index.by_first.entry(first.into()).or_default().push(at),
                    None => index.rest.push(at),
                },
                None => index.rest.push(at),
            }
        }
        index
    }

    /// Where those stand that can concern this name.
    pub(super) fn candidates(&self, name: &str) -> impl Iterator<Item = usize> {
        let exact = self.exact.get(name).map_or(&[][..], Vec::as_slice);
        let by_first = first(name).and_then(|first| self.by_first.get(first)).map_or(&[][..], Vec::as_slice);
        self.rest.iter().chain(exact).chain(by_first).copied()
    }
}
