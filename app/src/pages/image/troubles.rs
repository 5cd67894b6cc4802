//! What can be wrong with a part of an image, and what to do about it.

use super::{crumbs, full_name};
use crate::{
    base::to,
    error::AppError,
    parts::{DigestText, Head, Icon, WhyNot, list::Address, place},
};
use domain::{Permission, Reference, RepositoryName, manifest::Document, text};
use leptos::prelude::*;
use operations::images::{Image, Part, Trouble};

/// The registry answers that it has no such image.
#[component]
pub fn NotThere(
    /// Which registry.
    registry: String,
    /// Which repository.
    repository: RepositoryName,
    /// What was asked for.
    reference: Reference,
    /// What the registry said.
    error: AppError,
) -> impl IntoView {
    let separator = if matches!(reference, Reference::Tag(_)) { ':' } else { '@' };
    let name = format!("{repository}{separator}{reference}");
    let tags = place::repository(&registry, &repository);
    let search = Address::new("/search", vec![("q", reference.to_string())]).href();
    let again = to(&crate::context::path_and_query());
    // The heading says the first half of the sentence, the paragraph the rest.
    let rest = error.message.split_once(" is not there. ").map_or(error.message.clone(), |(_, rest)| rest.to_owned());
    view! {
        <Head title=name.clone() crumbs=crumbs(&registry, &repository)/>
        <section class="empty stack" aria-labelledby="gone">
            <h2 id="gone"><code>{name}</code> " is not there"</h2>
            <p role="status">{capital(&rest)}</p>
            {(!error.tried.is_empty()).then(|| view! {
                <ol class="stack" aria-label="What was tried">{error.tried.into_iter().map(|line| view! { <li><code>{text::visible(&line, 400)}</code></li> }).collect_view()}</ol>
            })}
            <p class="actions">
                <a class="button" data-tone="primary" href=tags>{format!("All tags of {}", repository.last())}</a>
                <a class="button" href=search>"Search for " {reference_word(&reference)}</a>
                <a class="button" href=again>"Try again"</a>
            </p>
            <p class="note">"Reference " <code>{error.reference}</code></p>
        </section>
    }
}

fn reference_word(reference: &Reference) -> String {
    match reference {
        Reference::Tag(tag) => tag.to_string(),
        Reference::Digest(digest) => {
            let (start, end) = digest.short();
            format!("{start}…{end}")
        }
    }
}

/// A part of a page that could not be read.
#[component]
pub fn PartTrouble(
    /// Which, in a sentence.
    what: &'static str,
    /// What stopped it.
    trouble: Trouble,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone="warn">
            <Icon name="alert"/>
            <p><b>{what}</b> " " {text::visible(&trouble.message, 500)}</p>
            <Tried lines=trouble.tried/>
        </div>
    }
}

/// What was tried and what came back, folded.
#[component]
pub fn Tried(
    /// Line by line.
    lines: Vec<String>,
) -> impl IntoView {
    (!lines.is_empty()).then(|| view! {
        <details>
            <summary>"What was tried"</summary>
            <ol>{lines.into_iter().map(|line| view! { <li><code>{text::visible(&line, 400)}</code></li> }).collect_view()}</ol>
        </details>
    })
}

/// A part that needs a permission which is missing.
#[component]
pub fn Needs(
    /// Which.
    permission: Permission,
) -> impl IntoView {
    view! {
        <div class="notice">
            <Icon name="lock"/>
            <p><b>"You need " <code>{permission.as_str()}</code> "."</b> " It lets you " {lower(permission.purpose())} " "
                <WhyNot what="see this" permission=permission/></p>
        </div>
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Entries of an index that the registry no longer has.
#[component]
pub fn Gone(
    /// The image.
    image: Image,
) -> impl IntoView {
    let gone: Vec<_> = image.entries.iter().filter(|entry| entry.is_gone()).cloned().collect();
    let count = gone.len() as u64;
    view! {
        <div class="notice" data-tone="danger" role="status">
            <Icon name="alert"/>
            <p><b>{format!("{} of this index {} gone.", text::counted(count, "entry", "entries"), if count == 1 { "is" } else { "are" })}</b>
                " The index names what the registry no longer has; pulls of it fail. Push the image again, or delete the index."</p>
            <ul>{gone.into_iter().map(|entry| view! {
                <li>{text::visible(&entry.child.name, 60)} " " <DigestText digest=entry.child.descriptor.digest/></li>
            }).collect_view()}</ul>
        </div>
    }
}

/// A document that can't be read: what was asked for, what came, what to do.
#[component]
pub fn Unreadable(
    /// The image.
    image: Image,
) -> impl IntoView {
    let Document::Unknown { media_type, why } = &image.document else { return ().into_any() };
    let size = match &image.raw {
        Part::Here(raw) => format!("{} bytes", text::count(raw.size as u64)),
        _ => "a document".to_owned(),
    };
    let kind = if media_type.is_empty() { "no media type".to_owned() } else { text::visible(media_type, 120) };
    let why = text::visible(why, 300);
    let registry = image.registry.to_string();
    let tags = place::repository(&registry, &image.repository);
    let asked = full_name(&image, &image.reference);
    view! {
        <section class="stack" aria-labelledby="odd">
            <div class="notice" data-tone="warn" role="status">
                <Icon name="alert"/>
                <p><b id="odd">"This document is too odd to be read."</b> " " {why}</p>
            </div>
            <dl>
                <dt>"Asked for"</dt><dd class="mono">{asked}</dd>
                <dt>"Came back"</dt><dd>{size} ", " <code>{kind}</code> ", with the right digest"</dd>
                <dt>"What to do"</dt>
                <dd>"Look at the document below. If it is a page of somebody else’s, something answers in the registry’s place: check its address. \
                    Else it was pushed like this, and whoever pushed it can say what it is."</dd>
            </dl>
            <p class="actions"><a class="button" href=tags>{format!("All tags of {}", image.repository.last())}</a></p>
        </section>
    }
    .into_any()
}
