//! Documents as they came, folded.

use super::troubles::{Needs, PartTrouble};
use crate::parts::Json;
use domain::text;
use leptos::prelude::*;
use operations::images::{Part, Raw};

/// A document as it came.
#[component]
pub fn RawDocument(
    /// The document.
    raw: Part<Raw>,
    /// What it is.
    what: &'static str,
    /// Where it can be had byte by byte.
    href: String,
    /// Unfolded?
    open: bool,
) -> impl IntoView {
    match raw {
        Part::Here(raw) => {
            let label = format!("Raw {what}");
            view! {
                <details open=open>
                    <summary>{format!("Raw {what}, {} bytes", text::count(raw.size as u64))}</summary>
                    <div class="stack">
                        <p class="note">"Served as " <code>{text::visible(&raw.media_type, 120)}</code> ". Indented for reading; "
                            <a href=href>"the bytes as they came"</a> "."</p>
                        <Json text=raw.text what=label/>
                    </div>
                </details>
            }
            .into_any()
        }
        Part::Needs(permission) => view! { <Needs permission=permission/> }.into_any(),
        Part::Failed(trouble) => {
            view! { <PartTrouble what="The document could not be read." trouble=trouble/> }.into_any()
        }
        Part::None => ().into_any(),
    }
}
