//! Digests, and texts to be pasted elsewhere.

use super::Icon;
use domain::Digest;
use leptos::prelude::*;

/// A digest: the whole of it is in the page, its ends are shown.
#[component]
pub fn DigestText(
    /// Which.
    digest: Digest,
    /// With a button that copies it.
    #[prop(optional)]
    copy: bool,
    /// With its algorithm in sight, as in a command.
    #[prop(optional)]
    scheme: bool,
) -> impl IntoView {
    let encoded = digest.encoded().to_owned();
    let cut = encoded.len() > 12 && encoded.is_ascii();
    let (start, middle, end) = if cut {
        (encoded[..8].to_owned(), encoded[8..encoded.len() - 4].to_owned(), encoded[encoded.len() - 4..].to_owned())
    } else {
        (encoded, String::new(), String::new())
    };
    let whole = digest.to_string();
    let algorithm = format!("{}:", digest.algorithm());
    let algorithm = if scheme { algorithm.into_any() } else { view! { <span>{algorithm}</span> }.into_any() };
    view! {
        <code class="digest">{algorithm}{start}
            {cut.then(|| view! { <span class="mid">{middle}</span> })}{end}</code>
        {copy.then(|| view! { <CopyButton text=whole what="digest"/> })}
    }
}

/// A button that copies `text`. It does its work with WebAssembly only, and is hidden without.
#[component]
pub fn CopyButton(
    /// What it copies.
    #[prop(into)]
    text: String,
    /// What that is, for its name.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <button type="button" class="copy" data-copy=text aria-label=format!("Copy {what}")><Icon name="copy"/></button>
    }
}

/// A command or a text to be pasted elsewhere, with a caption read out for it.
#[component]
pub fn TextCommand(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <div class="command">
            <pre tabindex="0" aria-label=what.clone()>{text.clone()}</pre>
            <CopyButton text=text what=what/>
        </div>
    }
}
