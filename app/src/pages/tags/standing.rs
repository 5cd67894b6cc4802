//! The line between the filters of tags and their table.

use crate::parts::{Address, Chip, Due, PostForm, State, Tone, When, filters::Chips};
use domain::{
    filters::{Referrers, field},
    text,
};
use leptos::prelude::*;
use operations::tags::Tags as Shown;

/// A number behind a comma, where it is known.
fn number(count: Option<u64>) -> String {
    count.map(|count| format!(", {}", text::count(count))).unwrap_or_default()
}

/// The line between filter and table: how many, what is left out, what is being read, as of when.
#[component]
pub fn Standing(
    /// The list.
    address: Address,
    /// What it shows.
    shown: Shown,
) -> impl IntoView {
    let plus = if shown.matching.exact { "" } else { "+" };
    let referrers = match (shown.filters.referrers, shown.referrers) {
        (_, Some(0)) | (Referrers::Only, _) => None,
        (Referrers::Shown, count) => Some((format!("with signatures and SBOMs{}", number(count)), "")),
        (Referrers::Hidden, count) => Some((format!("without signatures and SBOMs{}", number(count)), "shown")),
    };
    let referrers =
        referrers.map(|(word, turned)| view! { <Chip word=word href=address.with(field::REFERRERS, turned).href()/> });
    let untagged = (shown.untagged.number > 0).then(|| {
        let plus = if shown.untagged.exact { "" } else { "+" };
        let word = format!("{}{plus} without a tag", text::count(shown.untagged.number));
        view! { <a class="note" href=address.only(&[]).with(field::TAGGED, "no").href()>{word}</a> }
    });
    let part = shown.read < shown.total;
    let working = match (&shown.progress, shown.reading) {
        (Some(progress), _) => Some(match progress.of {
            0 => "Reading the rest".to_owned(),
            of => format!("Reading the rest, {} of {}", text::count(progress.done), text::count(of)),
        }),
        (None, true) => Some("Reading".to_owned()),
        (None, false) => None,
    };
    let bar = shown.progress.as_ref().filter(|progress| progress.of > 0).map(|progress| {
        view! {
            <progress max=progress.of value=progress.done aria-label="Tags read"></progress>
        }
    });
    let (own, repository) = (shown.registry.to_string(), shown.repository.to_string());
    let rest = (part && shown.progress.is_none() && shown.listed_at.is_some()).then(|| {
        let next = crate::context::path_and_query();
        view! {
            <PostForm action="/do/repository-read" class="cluster">
                <input type="hidden" name="registry" value=shown.registry.to_string()/>
                <input type="hidden" name="repository" value=shown.repository.to_string()/>
                <input type="hidden" name="next" value=next/>
                <span>{format!("{} of {} read", text::count(shown.read), text::count(shown.total))}</span>
                <button data-size="small">"Read the rest"</button>
            </PostForm>
        }
    });
    view! {
        <div class="cluster">
            <span><b>{format!("{}{plus}", text::count(shown.matching.number))}</b>{format!(" of {}", text::counted(shown.total, "tag", "tags"))}</span>
            <Chips address=address filters=shown.filters.clone()/>
            {referrers}
            {untagged}
            <span class="note push">
                {working.map(|word| view! { <State tone=Tone::Accent word=word/> " " })}
                {bar}
                {shown.listed_at.map(|at| view! { " as of " <When at=at/> })}
                {shown.next_at.map(|at| view! { ", next look due " <Due at=at/> })}
                {(shown.listed_at.is_some() && !shown.complete).then_some(", not to its end")}
            </span>
            {rest}
            {shown.listed_at.is_some().then(|| view! {
                <PostForm action="/do/repository-refresh">
                    <input type="hidden" name="registry" value=own/><input type="hidden" name="repository" value=repository/>
                    <button data-size="small">"Refresh now"</button>
                </PostForm>
            })}
        </div>
        {shown.doubt.map(|doubt| view! { <p class="note">{doubt}" Nothing left because of it."</p> })}
    }
}
