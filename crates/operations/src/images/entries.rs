//! What an index holds: images for platforms, attestations about them, and what is no longer there.

use super::{View, lookup::At};
use crate::{Kind, Operations, content::Learned};
use domain::{
    Summary,
    manifest::{Child, Document, Role},
};
use futures_util::{StreamExt as _, stream};

/// As many entries of an index are read for their size; the rest is named only.
const MOST_READ: usize = 100;
/// So many at once; the registry's own cap holds besides.
const AT_ONCE: usize = 6;

/// An entry of an index.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the index says of it.
    pub child: Child,
    /// What is known of it.
    pub state: EntryState,
    /// Is it the one shown?
    pub chosen: bool,
    /// What an attestation holds: its predicate types.
    pub predicates: Vec<String>,
}

/// What is known of an entry of an index.
#[derive(Clone, Debug)]
pub enum EntryState {
    /// It was read.
    Read(Summary),
    /// The registry no longer has it.
    Gone,
    /// It could not be read, or was not.
    Unread(Option<String>),
}

impl Entry {
    /// Is it an attestation?
    pub fn is_attestation(&self) -> bool {
        matches!(self.child.role, Role::Attestation { .. })
    }
    /// Is it an image for a platform?
    pub fn is_platform(&self) -> bool {
        matches!(self.child.role, Role::Platform(_))
    }
    /// Is it no longer there?
    pub fn is_gone(&self) -> bool {
        matches!(self.state, EntryState::Gone)
    }
}

impl Operations {
    /// The entries of an index, read where that is worth it; none of anything else.
    pub(crate) async fn entries(&self, at: &At, view: &View) -> Vec<Entry> {
        let Some(index) = at.found().document.index() else { return Vec::new() };
        let children = index.children();
        let chosen = choose(&children, view);
        let reading: Vec<_> = children
            .into_iter()
            .enumerate()
            .map(|(n, child)| async move {
                let worth =
                    n < MOST_READ && (!matches!(child.role, Role::Attestation { .. }) || *view == View::Attestations);
                let read =
                    if worth { Some(self.learn_beside(&at.beside, &child.descriptor.digest).await) } else { None };
                entry(child, read, chosen == Some(n))
            })
            .collect();
        stream::iter(reading).buffered(AT_ONCE).collect().await
    }
}

/// The entry for the platform asked for, else the first image, else the first entry that is no attestation.
fn choose(children: &[Child], view: &View) -> Option<usize> {
    if matches!(view, View::Attestations | View::Raw) {
        return None;
    }
    let named = match view {
        View::Platform(name) => children.iter().position(|child| child.name == *name),
        _ => None,
    };
    named
        .or_else(|| children.iter().position(|child| matches!(child.role, Role::Platform(_))))
        .or_else(|| children.iter().position(|child| !matches!(child.role, Role::Attestation { .. })))
}

fn entry(child: Child, read: Option<crate::Result<Learned>>, chosen: bool) -> Entry {
    let mut predicates = Vec::new();
    let state = match read {
        None => EntryState::Unread(None),
        Some(Ok(learned)) => {
            predicates = predicate_types(&learned.found.document);
            EntryState::Read(learned.summary)
        }
        Some(Err(error)) if error.kind == Kind::NotFound => EntryState::Gone,
        Some(Err(error)) => EntryState::Unread(Some(error.message)),
    };
    Entry { child, state, chosen, predicates }
}

/// What BuildKit's attestation holds, by the annotations of its layers.
fn predicate_types(document: &Document) -> Vec<String> {
    let types = document.layers().iter().filter_map(|layer| layer.annotation("in-toto.io/predicate-type"));
    types.map(str::to_owned).collect()
}
