//! Forms: one column; label, hint, field, error, in that order.

use super::Icon;
use crate::{context::post_to, error::AppError};
use leptos::prelude::*;

/// A form that posts to one of our server functions. It works as it stands; with WebAssembly errors show in place.
#[component]
pub fn PostForm(
    /// The server function's address, such as `/do/session-create`.
    action: &'static str,
    /// The error that the last try brought back.
    #[prop(optional_no_strip)]
    error: Option<AppError>,
    /// One more class.
    #[prop(optional)]
    class: &'static str,
    /// For `.split` and the like.
    #[prop(optional)]
    side: Option<&'static str>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! {
        <form method="post" action=post_to(action) class=class data-side=side data-live="">
            {error.map(|error| view! { <FormError error=error/> })}
            {children()}
        </form>
    }
}

/// What stopped a form, above its fields.
#[component]
pub fn FormError(
    /// What stopped it.
    error: AppError,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone="danger" role="alert">
            <Icon name="alert"/>
            <p><b>{error.message}</b></p>
            {error.tried.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
            {(!error.reference.is_empty()).then(|| view! { <p class="note">"Reference " <code>{error.reference}</code></p> })}
        </div>
    }
}

/// A field with its label, hint and error.
#[component]
pub fn Field(
    /// The name it posts under; also its id.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: String,
    /// A sentence below the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What stands in it. Never a secret.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// `text`, `password`, `url`, `number`, `area`.
    #[prop(default = "text")]
    kind: &'static str,
    /// The browser's hint for filling it in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Must it be filled in?
    #[prop(optional)]
    required: bool,
    /// Is it something one could type into a terminal?
    #[prop(optional)]
    mono: bool,
    /// Shown while it is empty.
    #[prop(optional)]
    placeholder: Option<&'static str>,
) -> impl IntoView {
    let hint = hint.filter(|hint| !hint.is_empty());
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described: Vec<String> = [hint.as_ref().map(|_| hint_id.clone()), error.as_ref().map(|_| error_id.clone())]
        .into_iter()
        .flatten()
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let invalid = error.as_ref().map(|_| "true");
    let class = mono.then_some("mono");
    view! {
        <p class="field">
            <label for=name>{label}</label>
            {hint.map(|hint| view! { <span class="note" id=hint_id>{hint}</span> })}
            {if kind == "area" {
                view! {
                    <textarea id=name name=name rows="3" class=class spellcheck="false" autocomplete=autocomplete placeholder=placeholder
                        required=required aria-describedby=described aria-invalid=invalid>{value}</textarea>
                }.into_any()
            } else {
                view! {
                    <input id=name name=name type=kind class=class autocomplete=autocomplete placeholder=placeholder required=required
                        value=value aria-describedby=described aria-invalid=invalid spellcheck="false"/>
                }.into_any()
            }}
            {error.map(|error| view! { <span class="error" id=error_id><Icon name="alert"/>{error}</span> })}
        </p>
    }
}
