//! The last question before somebody loses what they have: what goes, who loses what where, and the button.

use super::preview::PreviewTable;
use crate::{
    base::to,
    context::form_error,
    parts::{Crumb, Field, Head, PostForm},
};
use leptos::prelude::*;
use operations::what_if::Preview;

/// The page below the page of whom or what it is about.
#[component]
pub fn Asking(
    /// What is about to be done: `Disable alan`.
    title: String,
    /// The way down to this page; the last step is also the way back.
    crumbs: Vec<Crumb>,
    /// What goes beside rights, and what stays, a sentence each.
    goes: Vec<String>,
    /// Who loses what where; nothing where whoever looks may look at nobody’s rights.
    #[prop(optional_no_strip)]
    preview: Option<Preview>,
    /// Where the button posts to.
    action: &'static str,
    /// What it posts.
    fields: Vec<(&'static str, String)>,
    /// What has to be typed before.
    #[prop(optional_no_strip)]
    confirm: Option<String>,
    /// The button’s words.
    button: String,
    /// Where it leads to leave all as it is: a path of ours.
    back: String,
) -> impl IntoView {
    let error = form_error(action);
    let problem = error.as_ref().and_then(|error| error.of("confirm"));
    let hidden = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    let hidden = hidden.collect_view();
    view! {
        <Head title=title crumbs=crumbs/>
        <section class="stack" aria-label="What goes">
            {goes.into_iter().map(|one| view! { <p>{one}</p> }).collect_view()}
        </section>
        {preview.map(|preview| view! { <PreviewTable preview=preview/> })}
        <PostForm action=action error=error class="stack">
            {hidden}
            {confirm.map(|name| view! {
                <Field name="confirm" label=format!("Type {name} to confirm") error=problem mono=true required=true/>
            })}
            <p class="actions"><button data-tone="danger">{button}</button>
                <a class="button" data-tone="plain" href=to(&back)>"Leave all as it is"</a></p>
        </PostForm>
    }
}
