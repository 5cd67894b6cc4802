//! The top of every page: where am I, what is it, its few facts, what can I do.

use leptos::prelude::*;
use leptos_meta::Title;

/// A step of the way down to this page.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What is read.
    pub text: String,
    /// Where it leads (already with the base).
    pub href: String,
}

impl Crumb {
    /// A crumb to one of our own paths.
    pub fn new(text: impl Into<String>, path: &str) -> Self {
        Self { text: text.into(), href: crate::base::to(path) }
    }
}

/// The head of a page. `title` is for the browser's tab; `children` are the facts below the heading.
#[component]
pub fn Head(
    /// The heading as a text, for the browser's title.
    #[prop(into)]
    title: String,
    /// The heading, where it is more than its text.
    #[prop(optional, into)]
    heading: Option<AnyView>,
    /// The way down to this page.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Buttons on the right.
    #[prop(optional, into)]
    actions: Option<AnyView>,
    /// At most five facts, each a `<span>`.
    #[prop(optional, into)]
    facts: Option<AnyView>,
) -> impl IntoView {
    let heading = heading.unwrap_or_else(|| title.clone().into_any());
    view! {
        <Title text=format!("{title} · Wharfinger")/>
        <header class="head">
            {(!crumbs.is_empty()).then(|| view! {
                <nav class="crumbs" aria-label="You are here">
                    <ol>{crumbs.into_iter().map(|c| view! { <li><a href=c.href>{c.text}</a></li> }).collect_view()}</ol>
                </nav>
            })}
            <h1>{heading}</h1>
            {facts.map(|facts| view! { <p class="facts">{facts}</p> })}
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </header>
    }
}
