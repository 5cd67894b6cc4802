//! Finding a repository or an image by what one remembers of its name.

use crate::{
    api,
    base::{redirect, to},
    parts::{CopyButton, DigestText, Head, page, place},
};
use domain::{RegistryName, RepositoryName, text};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::search::{Exact, Found, TagFound};

/// The page. A text that names one thing leads there.
#[component]
pub fn Search() -> impl IntoView {
    let q = use_query_map().get_untracked().get("q").unwrap_or_default().trim().to_owned();
    page(async move {
        let found = api::search::search(&q).await?;
        if let Some(exact) = &found.exact {
            redirect(&match exact {
                Exact::Repository(registry, name) => place::repository_path(registry.as_str(), name),
                Exact::Tag(registry, name, tag) => {
                    format!("{}/tags/{tag}", place::repository_path(registry.as_str(), name))
                }
                Exact::Manifest(registry, name, digest) => {
                    format!("{}/manifests/{digest}", place::repository_path(registry.as_str(), name))
                }
            });
        }
        Ok(view! {
            <Head title="Search"/>
            <form class="filters" method="get" action=to("/search")>
                <label class="wide">"A repository, a tag, or the beginning of a digest"
                    <input name="q" type="search" value=q.clone() data-filter="" spellcheck="false" autocomplete="off"/>
                </label>
                <button data-tone="primary">"Search"</button>
            </form>
            {if q.is_empty() { view! { <Help/> }.into_any() } else { view! { <Hits q=q found=found/> }.into_any() }}
        })
    })
}

/// What one can ask for.
#[component]
fn Help() -> impl IntoView {
    view! {
        <section class="stack" aria-labelledby="how">
            <h2 id="how">"What you can ask for"</h2>
            <dl>
                <dt><code>"checkout"</code></dt><dd>"any part of a repository’s or a tag’s name"</dd>
                <dt><code>"60c5590f"</code></dt><dd>"a digest, by 6 or more of its first characters"</dd>
                <dt><code>"production/storefront/web:v4.18.2"</code></dt><dd>"a registry, a repository in it and a tag: leads straight there"</dd>
                <dt><code>"registry.example.com/storefront/web@sha256:…"</code></dt><dd>"the same with the registry’s address and a digest"</dd>
            </dl>
        </section>
    }
}

#[component]
fn Hits(
    /// What was asked for.
    q: String,
    /// What was found.
    found: Found,
) -> impl IntoView {
    let none = found.repositories.is_empty() && found.tags.is_empty();
    let (repositories, tags) = (found.repositories, found.tags);
    let (first, second) = (q.clone(), q.clone());
    view! {
        {none.then(|| view! {
            <div class="empty stack">
                <h2>"Nothing that is known here is like " <code>{text::visible(&q, 100)}</code></h2>
                <p>"Repositories are known once their registry was read, tags once their repository was opened. A name that the registry does not list can be opened on the registry’s page."</p>
            </div>
        })}
        {(!repositories.is_empty()).then(|| view! {
            <section class="stack" aria-labelledby="repositories">
                <h2 id="repositories">"Repositories"</h2>
                <table data-fold="">
                    <thead class="sr"><tr><th scope="col">"Repository"</th><th scope="col">"Registry"</th></tr></thead>
                    <tbody>{repositories.into_iter().map(|(registry, name)| view! { <RepositoryHit registry=registry name=name q=first.clone()/> }).collect_view()}</tbody>
                </table>
            </section>
        })}
        {(!tags.is_empty()).then(|| view! {
            <section class="stack" aria-labelledby="tags">
                <h2 id="tags">"Tags"</h2>
                <table data-fold="">
                    <thead class="sr"><tr><th scope="col">"Tag"</th><th scope="col">"Digest"</th><th scope="col">"Registry"</th></tr></thead>
                    <tbody>{tags.into_iter().map(|hit| view! { <TagHit hit=hit q=second.clone()/> }).collect_view()}</tbody>
                </table>
            </section>
        })}
        {found.more.then(|| view! { <p class="note">"There is more. A longer text finds less."</p> })}
    }
}

#[component]
fn RepositoryHit(registry: RegistryName, name: RepositoryName, q: String) -> impl IntoView {
    let href = place::repository(registry.as_str(), &name);
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href>{marked(name.as_str(), &q)}</a></th>
            <td class="note">{registry.to_string()}</td>
        </tr>
    }
}

#[component]
fn TagHit(hit: TagFound, q: String) -> impl IntoView {
    let href = place::tag(hit.registry.as_str(), &hit.repository, &hit.tag);
    let digest = hit.digest.map(|digest| {
        let (whole, short) = (digest.to_string(), digest.short().0.to_owned());
        view! { <DigestText digest=digest/> <CopyButton text=whole what=format!("digest {short}")/> }
    });
    view! {
        <tr>
            <th scope="row"><a class="mono" href=href><span class="quiet">{format!("{}:", hit.repository)}</span>{marked(hit.tag.as_str(), &q)}</a></th>
            <td class="nowrap">{digest}</td>
            <td class="note">{hit.registry.to_string()}</td>
        </tr>
    }
}

/// A name with what was asked for marked in it. Names are ASCII, so that small letters stand at the same places.
fn marked(name: &str, q: &str) -> impl IntoView + use<> {
    let at = name.to_ascii_lowercase().find(&q.to_ascii_lowercase()).filter(|_| !q.is_empty());
    let (before, hit, after) = match at {
        Some(at) => (&name[..at], &name[at..at + q.len()], &name[at + q.len()..]),
        None => (name, "", ""),
    };
    let hit = (!hit.is_empty()).then(|| view! { <mark>{hit.to_owned()}</mark> });
    view! { {before.to_owned()}{hit}{after.to_owned()} }
}
