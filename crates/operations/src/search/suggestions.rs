//! The best few hits for what somebody is typing.

use super::{Exact, Kind, TagsAsked, checked};
use crate::{Operations, Result};
use domain::{Actor, Permission, Place, Visible, permission::allows};
use store::index::{Among, Rank, Thing};

/// As many are suggested.
const BEST: usize = 8;

/// Something that the text may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What it is.
    pub target: Exact,
    /// Among which kind it was found.
    pub kind: Kind,
}

impl Operations {
    /// The eight best repositories, tags and digests for a text that may not be finished; the closest first.
    pub async fn suggest(&self, actor: &Actor, text: &str) -> Result<Vec<Suggestion>> {
        allows(actor, Permission::RegistryView, Place::System)?;
        let visible = Visible::to(actor);
        let searched = self.searched(&visible).await?;
        let asked = searched.asked(&checked(text)?);
        let among = Among::new(&visible, &searched.ids(asked.registry.as_ref()), BEST).quick();
        let (repositories, tags, digests) = tokio::try_join!(
            self.repositories_like(&among, asked.repositories.as_deref()),
            self.tags_like(&among, asked.tags.as_ref()),
            self.digests_like(&among, asked.digests.as_deref()),
        )?;
        let small = match &asked.tags {
            Some(TagsAsked::Anywhere(text) | TagsAsked::Within(_, text)) => text.to_lowercase(),
            None => String::new(),
        };
        let mut best: Vec<(u8, Suggestion)> = Vec::new();
        for hit in repositories.rows {
            let target = Exact::Repository(searched.name(hit.registry), hit.name);
            // A repository comes before the tags that fit as closely.
            best.push((closeness(hit.rank) * 2, Suggestion { target, kind: Kind::Repositories }));
        }
        for hit in tags.rows {
            let Some(tag) = hit.tag else { continue };
            let name = tag.as_str().to_lowercase();
            let rank = match () {
                () if name == small => Rank::Exact,
                () if name.starts_with(&small) => Rank::Prefix,
                () => Rank::Infix,
            };
            let target = Exact::Tag(searched.name(hit.registry), hit.repository, tag);
            best.push((closeness(rank) * 2 + 1, Suggestion { target, kind: Kind::Tags }));
        }
        for hit in digests.rows.into_iter().filter(|hit| matches!(hit.thing, Thing::Manifest(_))) {
            let target = Exact::Manifest(searched.name(hit.registry), hit.place.0, hit.digest);
            best.push((0, Suggestion { target, kind: Kind::Digests }));
        }
        // Within one rank the store's own order stays.
        best.sort_by_key(|(place, _)| *place);
        Ok(best.into_iter().take(BEST).map(|(_, suggestion)| suggestion).collect())
    }
}

fn closeness(rank: Rank) -> u8 {
    match rank {
        Rank::Exact => 1,
        Rank::Component => 2,
        Rank::Prefix => 3,
        Rank::Infix => 4,
    }
}
