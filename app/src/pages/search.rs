//! Search over everything: what was found by kind, where a digest is, and what one can ask for.

mod groups;
mod marked;
mod whereabouts;

pub use groups::search_for;

use crate::{
    api::{self, search::path_of},
    base::{redirect, to},
    parts::{Head, list::Address, page},
};
use domain::text;
use groups::{count, word};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::search::{Exact, Found, Kind, SHORTEST, SearchQuery, TagsAsked};
use whereabouts::WhereIs;

/// The page. A text that names one thing that is known leads there.
#[component]
pub fn Search() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let of = |name: &str| query.get_str(name).unwrap_or_default().trim().to_owned();
    let asked = SearchQuery { text: of("q"), kind: of("kind"), registry: of("registry") };
    page(async move {
        let found = api::search::search(&asked).await?;
        if let Some(exact) = &found.exact {
            redirect(&path_of(exact));
        }
        let address = SearchAddress::new(&asked, found.kind);
        let hits = (!asked.text.is_empty()).then(|| view! { <Hits found=found.clone() address=address.clone()/> });
        Ok(view! {
            <Head title="Search"/>
            <Form asked=asked.clone() found=found.clone()/>
            {hits.is_some().then(|| view! { <KindTabs found=found.clone() address=address.clone()/> })}
            <div class="split">
                <div class="stack" data-gap="wide">{hits}</div>
                <Aside found=found searched=!asked.text.is_empty()/>
            </div>
        })
    })
}

/// The search as its address says it.
#[derive(Clone, Debug)]
pub struct SearchAddress {
    address: Address,
    kind: Option<Kind>,
}

impl SearchAddress {
    fn new(asked: &SearchQuery, kind: Option<Kind>) -> Self {
        let pairs = vec![("q", asked.text.clone()), ("kind", asked.kind.clone()), ("registry", asked.registry.clone())];
        Self { address: Address::new("/search", pairs), kind }
    }
    /// Is this the kind of which there are many?
    pub fn chosen(&self, kind: Kind) -> bool {
        self.kind == Some(kind)
    }
    /// The same search for many of one kind, or for a few of each.
    pub fn of_kind(&self, kind: Option<Kind>) -> String {
        self.address.with("kind", kind.map_or("", Kind::as_str)).href()
    }
    /// A search for another text in the same registries.
    pub fn of_text(&self, text: &str) -> String {
        self.address.with("kind", "").with("q", text).href()
    }
}

#[component]
fn Form(
    /// What was asked.
    asked: SearchQuery,
    /// What was found.
    found: Found,
) -> impl IntoView {
    let only = found.only.as_ref().map(ToString::to_string).unwrap_or_default();
    let choice = found.registries.iter().map(|name| {
        let name = name.to_string();
        view! { <option value=name.clone() selected=name == only>{name.clone()}</option> }
    });
    view! {
        <form class="filters" method="get" action=to("/search")>
            <label class="wide">"Search everything"
                <input name="q" type="search" value=asked.text data-filter="" data-suggest="" spellcheck="false" autocomplete="off" maxlength="256"/>
            </label>
            <label>"Registry"
                <select name="registry"><option value="">"all you may see"</option>{choice.collect_view()}</select>
            </label>
            <button data-tone="primary">"Search"</button>
        </form>
    }
}

/// The kinds of which something was found.
#[component]
fn KindTabs(
    /// What was found.
    found: Found,
    /// The search.
    address: SearchAddress,
) -> impl IntoView {
    let counts = Kind::ALL.iter().map(|kind| (*kind, counted(&found, *kind)));
    let shown = counts.filter(|(kind, (number, _))| *number > 0 || address.chosen(*kind));
    let tabs = shown.map(|(kind, (_, said))| {
        let word = word(kind, 2);
        let title = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
        let current = address.chosen(kind).then_some("page");
        view! { <a href=address.of_kind(Some(kind)) aria-current=current>{title} " " <span>{said}</span></a> }
    });
    let tabs = tabs.collect_view();
    let all = address.kind.is_none().then_some("page");
    view! {
        <nav class="tabs" aria-label="Kinds of hits">
            <a href=address.of_kind(None) aria-current=all>"All"</a>
            {tabs}
        </nav>
    }
}

/// How many of a kind there are, and how that is written.
fn counted(found: &Found, kind: Kind) -> (usize, String) {
    let of = match kind {
        Kind::Repositories => (found.repositories.found, count(&found.repositories)),
        Kind::Tags => (found.tags.found, count(&found.tags)),
        Kind::Digests => (found.digests.found, count(&found.digests)),
        Kind::Labels => (found.labels.found, count(&found.labels)),
        Kind::Bases => (found.bases.found, count(&found.bases)),
        Kind::Images => match &found.images {
            Some(images) => (images.hits.found, count(&images.hits)),
            None => (0, "0".to_owned()),
        },
    };
    if found.late.contains(&kind) { (1, "late".to_owned()) } else { of }
}

/// Everything that was found, a kind after the other.
#[component]
fn Hits(
    /// What was found.
    found: Found,
    /// The search.
    address: SearchAddress,
) -> impl IntoView {
    let asked = &found.asked;
    let shown = |kind: Kind| address.kind.is_none_or(|chosen| chosen == kind);
    let name = asked.repositories.as_deref().unwrap_or_default();
    let tag = match &asked.tags {
        Some(TagsAsked::Anywhere(text) | TagsAsked::Within(_, text)) => text.as_str(),
        None => "",
    };
    let label = asked.labels.as_deref().unwrap_or_default();
    let base = asked.bases.as_deref().unwrap_or_default();
    let where_is = found.whereabouts.clone().filter(|_| shown(Kind::Digests));
    let mut parts: Vec<AnyView> = Vec::new();
    if let Some(unknown) = &found.unknown {
        parts.push(view! { <Unknown target=unknown.clone()/> }.into_any());
    }
    // `label:team=web` asks for a kind and for its images.
    if shown(Kind::Images) || asked.kind == address.kind {
        parts.extend(found.images.as_ref().map(|images| groups::images_found(images, &address)));
    }
    match where_is {
        Some(where_is) => parts.push(view! { <WhereIs found=where_is/> }.into_any()),
        None if shown(Kind::Digests) && !found.digests.rows.is_empty() => {
            parts.push(groups::digests(&found.digests, &address));
        }
        None => {}
    }
    if shown(Kind::Repositories) && !found.repositories.rows.is_empty() {
        parts.push(groups::repositories(&found.repositories, name, &address));
    }
    if shown(Kind::Tags) && !found.tags.rows.is_empty() {
        parts.push(groups::tags(&found.tags, tag, &address));
    }
    if shown(Kind::Labels) && !found.labels.rows.is_empty() {
        parts.push(groups::labels(&found.labels, label, &address));
    }
    if shown(Kind::Bases) && !found.bases.rows.is_empty() {
        parts.push(groups::bases(&found.bases, base, &address));
    }
    if parts.is_empty() {
        parts.push(view! { <Nothing found=found.clone()/> }.into_any());
    }
    let late: Vec<&str> = found.late.iter().map(|kind| word(*kind, 2)).collect();
    view! {
        {(!late.is_empty()).then(|| view! {
            <div class="notice" data-tone="warn" role="status"><p>{format!("Looking for {} took too long and was stopped. A longer text is found faster.", late.join(", "))}</p></div>
        })}
        {parts}
        {found.short.then(|| view! { <p class="note">{format!("With less than {SHORTEST} characters only whole names and beginnings are found.")}</p> })}
    }
}

/// What was named in full, and is not known here.
#[component]
fn Unknown(
    /// What was named.
    target: Exact,
) -> impl IntoView {
    let href = to(&path_of(&target));
    let name = match &target {
        Exact::Repository(registry, name) => format!("{registry}/{name}"),
        Exact::Tag(registry, name, tag) => format!("{registry}/{name}:{tag}"),
        Exact::Manifest(registry, name, digest) => format!("{registry}/{name}@{}", digest.short().0),
    };
    view! {
        <p>"Nothing called " <code>{name}</code> " is known here yet. " <a href=href>"Ask the registry for it"</a></p>
    }
}

#[component]
fn Nothing(
    /// What was found.
    found: Found,
) -> impl IntoView {
    let asked = &found.asked;
    let kind = found.kind.map_or("Nothing", |kind| match kind {
        Kind::Repositories => "No repository",
        Kind::Tags => "No tag",
        Kind::Digests => "No digest",
        Kind::Labels => "No label",
        Kind::Bases => "No base image",
        Kind::Images => "No image",
    });
    let place = asked.registry.as_ref().or(found.only.as_ref()).map(|registry| format!(" on {registry}"));
    view! {
        <div class="empty stack">
            <h2>{kind} " that is known" {place} " fits this"</h2>
            <p>"Repositories are known once their registry was read, tags and labels once their repository was. What a registry does not list can be opened by its whole name: registry/repository:tag."</p>
        </div>
    }
}

/// What one can ask for, and how much was searched.
#[component]
fn Aside(
    /// What was found.
    found: Found,
    /// Was anything asked?
    searched: bool,
) -> impl IntoView {
    let partly = found.partly.iter().map(|(registry, read)| match read {
        Some(read) => view! { <b>{registry.to_string()}</b> {format!(" is read to {read}\u{a0}%; what is missing there may still turn up. ")} }.into_any(),
        None => view! { <b>{registry.to_string()}</b> " was not read yet. " }.into_any(),
    });
    let searched = searched.then(|| {
        format!("Searched {} in {} ms. ", text::counted(found.searched, "tag", "tags"), found.took.as_millis().max(1))
    });
    view! {
        <aside class="sided stack" aria-labelledby="how">
            <h2 id="how">"What you can ask for"</h2>
            <dl>
                <dt><code>"checkout"</code></dt><dd>"any part of a name, a label or a base image"</dd>
                <dt><code>"team/api:v1"</code></dt><dd>"a tag of a repository, by its beginning"</dd>
                <dt><code>"60c5590f"</code></dt><dd>"a digest, by 6 or more of its first characters; a whole one says where it is"</dd>
                <dt><code>"layer:8a1d…"</code></dt><dd>"images that contain this layer"</dd>
                <dt><code>"base:debian:12"</code></dt><dd>"images built on this one"</dd>
                <dt><code>"label:team=web"</code></dt><dd>"a label with its value"</dd>
                <dt><code>"production/…"</code></dt><dd>"only in this registry; a whole name leads straight there"</dd>
            </dl>
            <p class="note">{searched}{partly.collect_view()}</p>
        </aside>
    }
}
