//! Pages for whoever sees some repositories only: rows that may not be seen are left out while reading.

use crate::{Operations, Result};
use domain::{Actor, Id, Visible};
use store::index::{Count, Listing, Page, Repository, RepositoryFilter, RepositorySort, Seek};

/// So often the index is asked for one page; what is left over then comes with the next.
const STEPS: usize = 100;

/// What the index is asked with where its answer is narrowed afterwards: nothing for those who see nothing.
pub(crate) fn asking(visible: &Visible) -> Visible {
    if visible.repositories_at_all() { Visible::to(&Actor::program()) } else { visible.clone() }
}

impl Operations {
    /// A page of a registry's repositories, and how many match.
    pub(super) async fn seen(
        &self,
        visible: &Visible,
        registry: Id,
        filter: &RepositoryFilter,
        listing: &Listing<RepositorySort>,
        counted: u32,
    ) -> Result<(Page<Repository>, Count)> {
        let index = self.0.store.index();
        if visible.only_matching().is_none() {
            let page = index.repositories(visible, registry, filter, listing).await?;
            return Ok((page, index.count_repositories(visible, registry, filter, counted).await?));
        }
        let (all, backwards) = (asking(visible), matches!(listing.seek, Seek::Before(_)));
        let mut rows: Vec<Repository> = Vec::new();
        let (mut seek, mut first, mut previous, mut next) = (listing.seek.clone(), true, None, None);
        for _ in 0..STEPS {
            // Never more than there is room for, so that the place after the last row read is that after the last shown.
            let room = listing.limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            let step = Listing { seek: seek.clone(), limit: room, ..listing.clone() };
            let page = index.repositories(&all, registry, filter, &step).await?;
            let seen = page.rows.into_iter().filter(|row| visible.repository(registry, &row.name));
            if backwards {
                rows.splice(0..0, seen);
            } else {
                rows.extend(seen);
            }
            if first || backwards {
                previous.clone_from(&page.previous);
            }
            if first || !backwards {
                next.clone_from(&page.next);
            }
            first = false;
            let further = if backwards { page.previous.map(Seek::Before) } else { page.next.map(Seek::After) };
            match further {
                Some(further) if rows.len() < listing.limit as usize => seek = further,
                _ => break,
            }
        }
        let matching = Count { number: rows.len() as u64, exact: previous.is_none() && next.is_none() };
        Ok((Page { rows, next, previous }, matching))
    }
}
