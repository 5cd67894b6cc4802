//! Lists that come in pages: followed by `Link` to their end, within the registry's own origin, without going round in
//! circles.

use crate::{
    Error, Registry, Result,
    error::Missing,
    gathering::{Gathering, Stop},
    items::{Room, Taken, items},
    transport::{JSON, Req, Scope},
    wire::Answer,
};
use http::{Method, header};
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
/// The most that is kept of one page.
const ROOM: Room = Room { items: 1_000_000, bytes: 64 * 1024 * 1024 };

/// A whole list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// Each item once, in the order they came (which is no order with some registries).
    pub items: Vec<T>,
    /// How many pages were read.
    pub pages: u32,
    /// How many items were left out because they are longer than any name can be: nothing with a name is missing for them.
    pub dropped: u64,
    /// How many items came more than once: pages overlap when somebody pushes while they are read.
    pub repeated: u64,
    /// Was the end reached? Only then can what is not in it be doubted.
    pub complete: bool,
    /// Why the end was not reached, in half a sentence for administrators ("it is longer than …").
    pub why_incomplete: Option<String>,
    /// What went wrong in the middle; the items before it are here.
    pub trouble: Option<Error>,
}

impl<T> Listing<T> {
    /// A list of which nothing has been read.
    pub(crate) fn empty() -> Self {
        Self {
            items: Vec::new(),
            pages: 0,
            dropped: 0,
            repeated: 0,
            complete: false,
            why_incomplete: None,
            trouble: None,
        }
    }
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
    /// Reads a list to its end; trouble on the way is an error.
    pub(crate) async fn whole(&self, list: &List) -> Result<Listing<String>> {
        let listing = self.as_far(list).await?;
        listing.trouble.clone().map_or(Ok(listing), Err)
    }

    /// Reads a list as far as it can be read. Only trouble with the first page is an error.
    pub(crate) async fn as_far(&self, list: &List) -> Result<Listing<String>> {
        let mut gathering = Gathering::new();
        let mut next: Option<NextPage> = None;
        loop {
            let page = match self.page(list, PAGE, next.as_ref()).await {
                Ok(page) => page,
                Err(error) if gathering.listing.pages == 0 => return Err(error),
                Err(error) => return Ok(gathering.broken(error)),
            };
            gathering.listing.dropped += page.dropped;
            let full = page.items.len() as u64 + page.dropped == u64::from(PAGE);
            let last = page.items.last().cloned();
            if let Err(why) = gathering.page(page.items, String::as_str) {
                return Ok(gathering.cut(why));
            }
            if page.cut {
                return Ok(gathering.cut("one page of it holds more than is kept of a list"));
            }
            let link = match (page.next, last) {
                (Some(link), _) => link,
                (None, Some(last)) if full => return self.after_full_page(list, gathering, last).await,
                (None, _) => return Ok(gathering.complete()),
            };
            match gathering.may_go_on(&link.0) {
                Ok(()) => next = Some(link),
                Err(Stop::Circle) => {
                    return Ok(gathering.broken(Error::BadLink { why: "its links lead in a circle".into() }));
                }
                Err(Stop::Bounds(why)) => return Ok(gathering.cut(why)),
            }
        }
    }

    /// A page of exactly as many items as were asked for, and no link: the end, by the specification. Some registries page
    /// and give no links (go-containerregistry's), so it is asked what comes after the last item until nothing new does.
    async fn after_full_page(
        &self,
        list: &List,
        mut gathering: Gathering<String>,
        mut last: String,
    ) -> Result<Listing<String>> {
        loop {
            let mut url = self.transport().url(&list.path);
            url.query_pairs_mut().append_pair("n", &PAGE.to_string()).append_pair("last", &last);
            let page = match gathering.may_go_on(&url) {
                Ok(()) => self.read_page(list, url).await,
                Err(Stop::Circle) => return Ok(gathering.complete()),
                Err(Stop::Bounds(why)) => return Ok(gathering.cut(why)),
            };
            let page = match page {
                Ok(page) => page,
                // It does not know the question, so it does not page like that.
                // A 404 without the registry's own code is some proxy's, and tells nothing.
                Err(error)
                    if matches!(error.status(), Some(400 | 405 | 501))
                        || (error.status() == Some(404) && error.code().is_some()) =>
                {
                    return Ok(gathering.complete());
                }
                Err(error) => return Ok(gathering.cut(format!("whether there is more can't be told: {error}"))),
            };
            let Some(next) = page.items.last().cloned() else { return Ok(gathering.complete()) };
            gathering.listing.dropped += page.dropped;
            match gathering.page(page.items, String::as_str) {
                Err(why) => return Ok(gathering.cut(why)),
                Ok(0) => return Ok(gathering.complete()),
                Ok(_) if page.cut => return Ok(gathering.cut("one page of it holds more than is kept of a list")),
                Ok(_) => last = next,
            }
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
