//! How fresh and how sure a list is, and what stopped its last reading.

use super::{Badge, Icon, Tone, When, WhyNot, denied};
use crate::{
    base::to,
    context::{path_and_query, request_id},
};
use domain::{Permission, Timestamp};
use leptos::prelude::*;
use operations::{error::Kind, overview::Risk, tags::Trouble};

/// What stopped the last reading, above what is still shown from before.
#[component]
pub fn Stale(
    /// What stopped it.
    trouble: Trouble,
    /// As of when the page shows what it shows.
    #[prop(optional_no_strip)]
    as_of: Option<Timestamp>,
    /// The registry, whose connection may need a look.
    registry: String,
) -> impl IntoView {
    let what = match trouble.kind {
        Kind::RegistryDown => "does not answer",
        Kind::RegistryRefused => "refuses us",
        Kind::TooMany => "asks us to wait",
        _ => "could not be read",
    };
    // A line that only says again what the sentence says is no help.
    let tried: Vec<String> =
        trouble.tried.into_iter().filter(|line| !trouble.message.contains(line.as_str())).collect();
    let tone = if matches!(trouble.kind, Kind::RegistryDown | Kind::RegistryRefused) { "danger" } else { "warn" };
    view! {
        <div class="notice" data-tone=tone role="status">
            <Icon name="alert"/>
            <p><b>{format!("{registry} {what}.")}</b></p>
            <p>{trouble.message}</p>
            {tried.into_iter().map(|line| view! { <p><code>{line}</code></p> }).collect_view()}
            {as_of.map(|at| view! { <p>"What you see is as of " <When at=at/> ". Tried " <When at=trouble.at/> "."</p> })}
            {trouble.retry_after.map(|seconds| view! { <p>{format!("It asks to be left alone for {seconds} s.")}</p> })}
            <p class="small quiet">"Quote " <code>{request_id()}</code> " when you ask for help."</p>
            <p class="actions">
                <a class="button" data-size="small" href=to(&path_and_query())>"Try again"</a>
                {if denied::may_somewhere(Permission::RegistryManage) {
                    view! { <a class="button" data-size="small" href=to(&format!("/settings/registries/{registry}"))>"Open connection"</a> }.into_any()
                } else {
                    view! { <WhyNot what="open its connection" permission=Permission::RegistryManage place=registry/> }.into_any()
                }}
            </p>
        </div>
    }
}

/// Names that follow no grammar: shown as they are, and nothing can be asked for them.
#[component]
pub fn Odd(
    /// The names.
    names: Vec<String>,
    /// What they should have been: "repository", "tag".
    what: &'static str,
) -> impl IntoView {
    (!names.is_empty()).then(|| view! {
        <details class="section">
            <summary>{domain::text::counted(names.len() as u64, "name", "names")}{format!(" that no {what} may have")}</summary>
            <p class="note">{"The registry lists them, and the specification does not allow them. They can’t be opened. What can’t be seen in them is written out."}</p>
            <ul>{names.into_iter().map(|name| view! { <li><code>{domain::text::visible(&name, 200)}</code></li> }).collect_view()}</ul>
        </details>
    })
}

/// What is risky about the way a registry is reached, said wherever the registry is named.
#[component]
pub fn RiskBadge(
    /// What, if anything.
    risk: Option<Risk>,
) -> impl IntoView {
    risk.map(|risk| match risk {
        Risk::Plain => view! { " " <Badge word="plain HTTP" tone=Tone::Warn/> }.into_any(),
        Risk::Unverified => view! { " " <Badge word="TLS not verified" tone=Tone::Danger/> }.into_any(),
    })
}
