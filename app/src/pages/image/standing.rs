//! How fresh an image is, and what became of its tag while the page was open. It follows what happens; the image itself stays
//! as it is, so that nobody loses their place in it.

use super::{full_name, troubles::Tried};
use crate::{
    base::to,
    context::path_and_query,
    parts::{DigestText, Icon, State, Tone, When, list::Address, place},
};
use domain::{Digest, Reference, Tag, text};
use leptos::prelude::*;
use operations::{
    Kind,
    images::{Became, Image, Trouble},
};

/// The line below the head of a tag's page. A digest never changes: it has none.
#[component]
pub fn Standing(
    /// The image.
    image: Image,
) -> impl IntoView {
    let Reference::Tag(tag) = image.reference.clone() else { return ().into_any() };
    let freshness = image.freshness.clone();
    let (registry, same) = (image.registry.to_string(), image.became == Became::Same);
    let asking = freshness.asking.then(|| format!("asking {registry} again"));
    // A notice says itself as of when it is.
    let at = freshness.checked.filter(|_| same && freshness.trouble.is_none());
    let trouble = freshness.trouble.filter(|_| same).map(|trouble| {
        view! { <Stale image=image.clone() tag=tag.clone() trouble=trouble/> }
    });
    view! {
        <div class="stack" id="standing" data-refresh="" data-topic=image.topic.clone() data-shows=image.digest.to_string()>
            <div role="status">{what_became(&image, &tag)}</div>
            {trouble}
            {(at.is_some() || asking.is_some()).then(|| view! {
                <p class="note">
                    {asking.map(|word| view! { <State tone=Tone::Accent word=word/> " " })}
                    {at.map(|at| view! { " as of " <When at=at/> })}
                </p>
            })}
        </div>
    }
    .into_any()
}

/// What the registry said last was another thing, or nothing: this is what it said before.
#[component]
fn Stale(
    /// The image.
    image: Image,
    /// The tag.
    tag: Tag,
    /// What stopped us.
    trouble: Trouble,
) -> impl IntoView {
    let registry = image.registry.to_string();
    let said = match trouble.kind {
        Kind::NotFound => format!("{registry} says that {tag} is not there."),
        _ => format!("{registry} could not be asked."),
    };
    view! {
        <div class="notice" data-tone="warn" role="status">
            <Icon name="alert"/>
            <p><b>{said}</b> " This is what it said "
                {match image.freshness.checked {
                    Some(at) => view! { <When at=at/> }.into_any(),
                    None => "before".into_any(),
                }}
                "."
                {image.freshness.tried.map(|at| view! { " Tried " <When at=at/> "." })}</p>
            <p>{text::visible(&trouble.message, 500)}</p>
            <Tried lines=trouble.tried/>
        </div>
    }
}

/// What became of the tag since the page was made: it says so, and shows what it showed.
fn what_became(image: &Image, tag: &Tag) -> Option<AnyView> {
    let repository = place::repository_path(image.registry.as_str(), &image.repository);
    let shown = image.digest.clone();
    match &image.became {
        Became::Same => None,
        Became::Moved(now) => Some(moved(image, tag, shown, now.clone())),
        Became::Gone => {
            let history = Address::new(format!("{repository}/history"), vec![("tag", tag.to_string())]).href();
            Some(
                view! {
                    <div class="notice" data-tone="warn">
                        <Icon name="alert"/>
                        <p><b>{format!("{tag} is not there any more.")}</b>" The registry says so. This page still shows what it was: " <DigestText digest=shown/> "."</p>
                        <p class="actions"><a class="button" data-size="small" href=history>"History"</a></p>
                    </div>
                }
                .into_any(),
            )
        }
    }
}

fn moved(image: &Image, tag: &Tag, shown: Digest, now: Digest) -> AnyView {
    let href = place::manifest(image.registry.as_str(), &image.repository, &now);
    let before = full_name(image, &Reference::Digest(shown.clone()));
    let compare = Address::new("/compare", vec![("a", before), ("b", full_name(image, &image.reference))]);
    let seen = image.freshness.checked;
    view! {
        <div class="notice" data-tone="warn">
            <Icon name="alert"/>
            <p><b>{format!("{tag} moved.")}</b>" It points to " <a href=href><DigestText digest=now/></a> " now"
                {seen.map(|at| view! { ", seen " <When at=at/> })}
                ". This page still shows " <DigestText digest=shown/> "."</p>
            <p class="actions">
                <a class="button" data-size="small" href=to(&path_and_query())>{format!("Show {tag} as it is now")}</a>
                <a class="button" data-size="small" href=compare.href()>"Compare both"</a>
            </p>
        </div>
    }
    .into_any()
}
