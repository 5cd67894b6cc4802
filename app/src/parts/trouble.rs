//! A page that could not be made: what happened, what was tried, what to do.

use super::{Head, Icon, denied};
use crate::{base::to, context::path_and_query, error::AppError};
use domain::RepositoryName;
use leptos::prelude::*;
use operations::error::{Kind, WayOut};

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "That does not fit",
        Kind::SignInNeeded | Kind::WrongPassword => "Sign in to go on",
        Kind::Forbidden => "You may not do this",
        Kind::NotFound => "Nothing is here",
        Kind::Conflict => "Somebody changed it in between",
        Kind::TooMany => "Too often",
        Kind::RegistryDown => "The registry does not answer",
        Kind::RegistryRefused => "The registry refuses us",
        Kind::RegistryOdd => "The registry’s answer can’t be used",
        Kind::Unsupported => "The registry can’t do this",
        Kind::Setting => "A setting is missing",
        Kind::Internal => "Something went wrong on our side",
    }
}

fn way(out: &WayOut) -> (String, String) {
    match out {
        WayOut::Overview => ("Go to the overview".into(), to("/")),
        WayOut::SignIn => ("Sign in".into(), to("/sign-in")),
        WayOut::Connection(name) => {
            (format!("Open the connection of {name}"), to(&format!("/settings/registries/{name}")))
        }
        WayOut::Registry(name) => (format!("Go to {name}"), to(&format!("/registries/{name}"))),
        WayOut::Repository(registry, repository) => {
            let segment = repository.parse::<RepositoryName>().map(|r| r.to_segment()).unwrap_or_default();
            (format!("Go to {repository}"), to(&format!("/registries/{registry}/{segment}")))
        }
        WayOut::Explain(permission) => ("Why can’t I?".into(), denied::why(permission, &denied::here())),
        WayOut::Again => ("Try again".into(), to(&path_and_query())),
    }
}

/// The page.
#[component]
pub fn Trouble(
    /// What stopped it.
    error: AppError,
) -> impl IntoView {
    let (text, href) = way(error.way_out.as_ref().unwrap_or(&WayOut::Overview));
    let again = error.way_out.is_some()
        && matches!(error.kind, Kind::RegistryDown | Kind::RegistryOdd | Kind::TooMany | Kind::Internal);
    view! {
        <Head title=title(error.kind)/>
        <section class="stack">
            <div class="notice" data-tone="danger" role="alert">
                <Icon name="alert"/>
                <p><b>{error.message}</b></p>
                {error.retry_after.map(|seconds| view! { <p>{format!("Try again in {seconds} s.")}</p> })}
            </div>
            {(!error.tried.is_empty()).then(|| view! {
                <h2>"What was tried"</h2>
                <ol class="stack">{error.tried.into_iter().map(|line| view! { <li><code>{line}</code></li> }).collect_view()}</ol>
            })}
            <p class="actions">
                <a class="button" data-tone="primary" href=href>{text}</a>
                {again.then(|| view! { <a class="button" href=to(&path_and_query())>"Try again"</a> })}
            </p>
            {(!error.reference.is_empty()).then(|| view! {
                <p class="note">"Reference " <code>{error.reference}</code> ". It stands in the log beside the cause."</p>
            })}
        </section>
    }
}
