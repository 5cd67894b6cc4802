//! Finding a repository or an image by what one remembers of its name. A first search: names and digests that are known.

use crate::{Operations, Result, repositories::asking};
use domain::{Actor, Digest, Id, Permission, Place, RegistryName, RepositoryName, Tag, Visible, permission::allows};
use std::collections::HashMap;

/// As many hits of a kind are shown.
const HITS: u32 = 30;
/// As many are asked for where some may not be seen.
const NARROWED: u32 = 1_000;
/// The longest text that is looked for, in bytes.
const LONGEST: usize = 256;
/// A digest is recognised by at least so many of its digits.
const DIGITS: usize = 6;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The text names one thing exactly: go there.
    pub exact: Option<Exact>,
    /// Repositories, the closest first.
    pub repositories: Vec<(RegistryName, RepositoryName)>,
    /// Tags, the closest first.
    pub tags: Vec<TagFound>,
    /// Is there more than is shown?
    pub more: bool,
}

/// One thing that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exact {
    /// A repository.
    Repository(RegistryName, RepositoryName),
    /// A tag.
    Tag(RegistryName, RepositoryName, Tag),
    /// A manifest.
    Manifest(RegistryName, RepositoryName, Digest),
}

/// A tag that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFound {
    /// In which registry.
    pub registry: RegistryName,
    /// In which repository.
    pub repository: RepositoryName,
    /// Which.
    pub tag: Tag,
    /// Where it points, as far as that is known.
    pub digest: Option<Digest>,
}

impl Operations {
    /// Looks for `q` among the names that are known and may be seen.
    pub async fn search(&self, actor: &Actor, q: &str) -> Result<Found> {
        allows(actor, Permission::RegistryView, Place::System)?;
        let q = q.trim();
        if q.is_empty() || q.len() > LONGEST {
            return Ok(Found::default());
        }
        let visible = Visible::to(actor);
        let records = self.0.store.registries().list(&visible).await?;
        let exact = exact(q, &records);
        let names: HashMap<Id, &RegistryName> = records.iter().map(|record| (record.id, &record.name)).collect();
        let ids: Vec<Id> = records.iter().map(|record| record.id).collect();
        let (index, text) = (self.0.store.index(), q.to_lowercase());
        // What may not be seen is left out of more than is shown.
        let limit = if visible.only_matching().is_some() { NARROWED } else { HITS + 1 };
        let asking = asking(&visible);
        let mut repositories = index.find_repositories(&asking, &ids, &text, limit).await?;
        let mut tags = match digest_beginning(&text) {
            Some(beginning) => index.find_digests(&asking, &ids, &beginning, limit).await?,
            None => index.find_tags(&asking, &ids, &text, limit).await?,
        };
        repositories.retain(|(registry, name)| visible.repository(*registry, name));
        tags.retain(|hit| visible.repository(hit.registry, &hit.repository));
        let most = HITS as usize;
        let more = repositories.len() > most || tags.len() > most;
        let named = |id: Id| names.get(&id).map(|name| (*name).clone());
        let repositories = repositories.into_iter().take(most).filter_map(|(id, name)| Some((named(id)?, name)));
        let tags = tags.into_iter().take(most).filter_map(|hit| {
            Some(TagFound {
                registry: named(hit.registry)?,
                repository: hit.repository,
                tag: hit.tag,
                digest: hit.digest,
            })
        });
        Ok(Found { exact, repositories: repositories.collect(), tags: tags.collect(), more })
    }
}

/// `sha256:60c5…` or `60c559…`.
fn digest_beginning(text: &str) -> Option<String> {
    let (algorithm, digits) = text.split_once(':').unwrap_or(("sha256", text));
    let hex = digits.len() >= DIGITS && digits.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
    (hex && matches!(algorithm, "sha256" | "sha512")).then(|| format!("{algorithm}:{digits}"))
}

/// `registry/repository:tag`, `registry/repository@digest`, `registry/repository`: the registry by the name it has here,
/// or by its address.
fn exact(q: &str, records: &[store::Registry]) -> Option<Exact> {
    records.iter().find_map(|record| {
        let below = |start: &str| q.strip_prefix(start).and_then(|rest| rest.strip_prefix('/'));
        let rest = below(record.name.as_str()).or_else(|| below(&record.connection.address.authority()))?;
        let registry = record.name.clone();
        if let Some((name, digest)) = rest.split_once('@') {
            // `name:tag@digest` is what some tools print: the digest decides.
            let name = name.split(':').next().unwrap_or_default();
            return Some(Exact::Manifest(registry, name.parse().ok()?, digest.parse().ok()?));
        }
        match rest.split_once(':') {
            Some((name, tag)) => Some(Exact::Tag(registry, name.parse().ok()?, tag.parse().ok()?)),
            None => Some(Exact::Repository(registry, rest.parse().ok()?)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_recognised_by_its_beginning() {
        assert_eq!(digest_beginning("60c559"), Some("sha256:60c559".to_owned()));
        assert_eq!(digest_beginning("sha256:60c5590f72"), Some("sha256:60c5590f72".to_owned()));
        for text in ["60c55", "v1.2.3", "latest", "md5:60c5590f", "sha256:xyz"] {
            assert_eq!(digest_beginning(text), None, "{text}");
        }
    }
}
