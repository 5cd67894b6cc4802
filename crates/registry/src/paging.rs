//! Lists that come in pages: followed by `Link` to their end, within the registry's own origin, without going round in
//! circles.

use crate::{
    Error, Registry, Result,
    error::Missing,
    items::{Room, Taken, items},
    transport::{JSON, Req, Scope},
    wire::Answer,
};
use http::{Method, header};
use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;
use url::Url;

/// The most that is asked for at once: distribution answers 400 above its maximum, which is 1,000 unless changed.
const PAGE: u32 = 1_000;
/// The most bytes of one page. 2.8 gives all tags in one; 1,000,000 of them still fit.
const PAGE_CAP: u64 = 64 * 1024 * 1024;
/// A page of at most this many bytes is read at any time.
const SMALL: u64 = 4 * 1024 * 1024;
/// Larger pages are read one at a time in this process, whatever registry they come from.
static LARGE: Semaphore = Semaphore::const_new(1);
/// The most that is kept of a whole listing.
const ROOM: Room = Room { items: 1_000_000, bytes: 64 * 1024 * 1024 };
/// The most pages of a whole listing, and the longest time for it: who has more, or is slower, gets an incomplete list.
const PAGES: u32 = 2_000;
const LONGEST: Duration = Duration::from_mins(15);
/// Pages without a single new item that are put up with in a row.
const IDLE_PAGES: u32 = 20;

/// A whole list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// Each item once, in the order they came (which is no order with some registries).
    pub items: Vec<T>,
    /// How many pages were read.
    pub pages: u32,
    /// How many items were left out because they are longer than any name can be.
    pub dropped: u64,
    /// Was the end reached? If not, the list was cut: at the most that is kept, that is asked for, or that it may take.
    pub complete: bool,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The page's items.
    pub items: Vec<T>,
    /// How many items were left out because they are longer than any name can be.
    pub dropped: u64,
    /// Was there more in it than there is room for?
    pub cut: bool,
    /// Where the next one is; without it, this was the last.
    pub next: Option<NextPage>,
}

/// Where a list goes on, as the registry said and we checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPage(pub(crate) Url);

/// A list: where it is, what it needs, and the field its items are in.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) path: String,
    pub(crate) scope: Scope,
    pub(crate) what: Missing,
    pub(crate) field: &'static str,
}

impl Registry {
    /// Reads a list to its end.
    pub(crate) async fn whole(&self, list: &List) -> Result<Listing<String>> {
        let mut listing = Listing { items: Vec::new(), pages: 0, dropped: 0, complete: false };
        // Sums in the place of texts and addresses, made with keys that nobody outside knows: a fraction of the memory.
        let sums = RandomState::new();
        let (mut known, mut seen) = (HashSet::new(), HashSet::new());
        let (mut next, mut idle, mut bytes) = (None, 0, 0);
        let begun = Instant::now();
        loop {
            let page = self.page(list, PAGE, next.as_ref()).await?;
            listing.pages += 1;
            listing.dropped += page.dropped;
            let before = listing.items.len();
            // Pages may overlap while somebody pushes.
            for item in page.items.into_iter().filter(|item| known.insert(sums.hash_one(item))) {
                bytes += item.len();
                if listing.items.len() >= ROOM.items || bytes > ROOM.bytes {
                    return Ok(listing);
                }
                listing.items.push(item);
            }
            if page.cut {
                return Ok(listing);
            }
            let Some(link) = page.next else {
                listing.complete = true;
                return Ok(listing);
            };
            idle = if listing.items.len() == before { idle + 1 } else { 0 };
            if !seen.insert(sums.hash_one(&link.0)) || idle > IDLE_PAGES {
                return Err(Error::BadLink { why: "its links lead in a circle".into() });
            }
            if listing.pages >= PAGES || begun.elapsed() > LONGEST {
                return Ok(listing);
            }
            next = Some(link);
        }
    }

    /// Reads one page: the first of at most `n` items, or the one a link led to.
    pub(crate) async fn page(&self, list: &List, n: u32, after: Option<&NextPage>) -> Result<Page<String>> {
        if let Some(NextPage(url)) = after {
            return self.read_page(list, url.clone()).await;
        }
        let bare = self.transport().url(&list.path);
        let mut asked = bare.clone();
        asked.set_query(Some(&format!("n={}", n.clamp(1, PAGE))));
        match self.read_page(list, asked).await {
            // distribution 3.1.0 and others with a smaller maximum refuse a larger n instead of giving less.
            Err(Error::Rejected { said } | Error::Unsupported { said }) if said.status == 400 => {
                self.read_page(list, bare).await
            }
            other => other,
        }
    }

    async fn read_page(&self, list: &List, url: Url) -> Result<Page<String>> {
        match self.read_upto(list, &url, SMALL).await {
            Err(Error::TooLarge { .. }) => {
                // Never closed: there is nothing to do about a failure but to read on.
                let _alone = LARGE.acquire().await;
                self.read_upto(list, &url, PAGE_CAP).await
            }
            other => other,
        }
    }

    async fn read_upto(&self, list: &List, url: &Url, cap: u64) -> Result<Page<String>> {
        let req = Req::new(Method::GET, url.clone(), list.scope.clone(), list.what).accept(JSON).reading("list", cap);
        let answer = self.transport().ask(req).await?;
        let Taken { texts, dropped, cut, .. } = items(&answer.body, &answer.content_type(), list.field, ROOM)?;
        Ok(Page { items: texts, dropped, cut, next: self.next(&answer, url, list)? })
    }

    /// The next page, from `Link: <…>; rel="next"` (RFC 8288). It has to stay with the registry.
    pub(crate) fn next(&self, answer: &Answer, asked: &Url, list: &List) -> Result<Option<NextPage>> {
        let bad = |why: &str| Err(Error::BadLink { why: why.to_owned() });
        let Some(target) = answer.headers.get_all(header::LINK).iter().find_map(|v| next_target(v.to_str().ok()?))
        else {
            return Ok(None);
        };
        let Ok(mut url) = asked.join(target) else { return bad("its link is no address") };
        url.set_fragment(None);
        if !self.transport().is_home(&url) || !url.username().is_empty() || url.password().is_some() {
            return bad("its link leads to another host");
        }
        let own = self.transport().url(&list.path);
        if url.path() != own.path() {
            // Behind a proxy that strips a prefix the link lacks it (seen with distribution 2.8 behind nginx).
            if !own.path().ends_with(url.path()) {
                return bad("its link leads to something else");
            }
            url.set_path(own.path());
        }
        Ok(Some(NextPage(url)))
    }
}

/// The address of the first link whose relation is `next`.
fn next_target(value: &str) -> Option<&str> {
    let mut rest = value;
    loop {
        let start = rest.find('<')?;
        let end = start + rest[start..].find('>')?;
        let target = &rest[start + 1..end];
        let after = &rest[end + 1..];
        let parameters = &after[..after.find('<').unwrap_or(after.len())];
        let is_next = parameters.split([';', ',']).any(|p| {
            let (name, value) = p.split_once('=').unwrap_or((p, ""));
            let mut words = value.trim().trim_matches('"').split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("rel") && words.any(|word| word.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::next_target;

    #[test]
    fn the_next_link_is_found_in_its_spellings() {
        assert_eq!(next_target(r#"</v2/_catalog?last=a%2Fb&n=3>; rel="next""#), Some("/v2/_catalog?last=a%2Fb&n=3"));
        assert_eq!(next_target("</x>;rel=next"), Some("/x"));
        assert_eq!(next_target(r#"</p>; rel="prev", </n>; title="a"; REL="last next""#), Some("/n"));
        assert_eq!(next_target(r#"</p>; rel="prev""#), None);
        assert_eq!(next_target("nonsense"), None);
        assert_eq!(next_target("<open"), None);
    }
}
