//! A list as it grows from page to page: each item once, within bounds, without going in circles.

use crate::{Error, paging::Listing};
use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
    time::{Duration, Instant},
};
use url::Url;

/// The most that is kept of a whole listing: items, and bytes of them.
const ITEMS: usize = 1_000_000;
const BYTES: usize = 64 * 1024 * 1024;
/// The most pages of a whole listing, and the longest time for it: who has more, or is slower, gets an incomplete list.
const PAGES: u32 = 2_000;
const LONGEST: Duration = Duration::from_mins(15);
/// Pages without a single new item that are put up with in a row.
const IDLE_PAGES: u32 = 20;

/// The list so far, and what keeps it within bounds.
pub(crate) struct Gathering<T> {
    pub(crate) listing: Listing<T>,
    /// Sums in the place of texts and addresses, made with keys that nobody outside knows: a fraction of the memory.
    sums: RandomState,
    known: HashSet<u64>,
    seen: HashSet<u64>,
    bytes: usize,
    idle: u32,
    begun: Instant,
}

impl<T> Gathering<T> {
    pub(crate) fn new() -> Self {
        Self {
            listing: Listing::empty(),
            sums: RandomState::new(),
            known: HashSet::new(),
            seen: HashSet::new(),
            bytes: 0,
            idle: 0,
            begun: Instant::now(),
        }
    }

    /// Takes in a page's items, each under the text that makes it one of a kind; gives how many are new. Pages may overlap
    /// while somebody pushes. An error says that there is no room for more.
    pub(crate) fn page(&mut self, items: impl IntoIterator<Item = T>, key: fn(&T) -> &str) -> Result<usize, String> {
        self.listing.pages += 1;
        let before = self.listing.items.len();
        for item in items {
            let text = key(&item);
            if !self.known.insert(self.sums.hash_one(text)) {
                self.listing.repeated += 1;
                continue;
            }
            self.bytes += text.len();
            if self.listing.items.len() >= ITEMS || self.bytes > BYTES {
                return Err(format!("it is longer than the {ITEMS} items that are kept of a list"));
            }
            self.listing.items.push(item);
        }
        let new = self.listing.items.len() - before;
        self.idle = if new == 0 { self.idle + 1 } else { 0 };
        Ok(new)
    }

    /// May the list go on there?
    pub(crate) fn may_go_on(&mut self, next: &Url) -> Result<(), Stop> {
        if !self.seen.insert(self.sums.hash_one(next)) || self.idle > IDLE_PAGES {
            return Err(Stop::Circle);
        }
        if self.listing.pages >= PAGES {
            return Err(Stop::Bounds(format!("it has more than the {PAGES} pages that are read of a list")));
        }
        if self.begun.elapsed() > LONGEST {
            return Err(Stop::Bounds(format!("it took longer than {} minutes", LONGEST.as_secs() / 60)));
        }
        Ok(())
    }

    /// The end was reached.
    pub(crate) fn complete(mut self) -> Listing<T> {
        self.listing.complete = true;
        self.listing
    }

    /// The end was not reached, and this is why.
    pub(crate) fn cut(mut self, why: impl Into<String>) -> Listing<T> {
        self.listing.why_incomplete = Some(why.into());
        self.listing
    }

    /// It went wrong in the middle.
    pub(crate) fn broken(mut self, error: Error) -> Listing<T> {
        self.listing.why_incomplete = Some(format!("page {} could not be read: {error}", self.listing.pages + 1));
        self.listing.trouble = Some(error);
        self.listing
    }
}

/// Why a list does not go on.
pub(crate) enum Stop {
    /// Its links lead back, or nowhere.
    Circle,
    /// It is larger than what is read.
    Bounds(String),
}
