//! One grant: what it says, changing it, and revoking it with what is lost.

use super::{
    AccessTab, crumbs,
    grant_form::{GrantFields, Hidden, looks, typed},
    grant_new::{choices, is_about_the_form},
    grants_table::{Until, kind, last_day, subject_path},
    preview::PreviewTable,
};
use crate::{
    api,
    base::to,
    context::form_error,
    error::AppError,
    parts::{
        Head, Icon, PostForm, When, WhyNot, denied, nothing, page,
        slots::{Slots, Where, names},
    },
};
use domain::{Id, text};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::grants::{GrantForm, GrantRow};

/// A grant as its form shows it.
fn form_of(row: &GrantRow) -> GrantForm {
    GrantForm {
        subject: row.subject.to_string(),
        role: row.role.to_string(),
        registry: row.same_registry().unwrap_or_default(),
        repositories: row.scope.repositories().map(ToString::to_string).unwrap_or_default(),
        until: row.until.map(last_day).unwrap_or_default(),
        because: row.because.clone(),
    }
}

/// The page.
#[component]
pub fn Grant() -> impl IntoView {
    let id = use_params_map().get_untracked().get("grant").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let (look, stale) = looks();
    let (revoke, saved) = (query.get_str("revoke") == Some("yes"), query.get("saved"));
    let typed = look.then(|| typed(&query));
    page(async move {
        let id: Id = id.parse().map_err(|_| nothing("There is no such grant."))?;
        let row = api::grants::one(id).await?;
        let done = match saved.as_deref() {
            Some("added") => Some("The grant is made. It holds from now on."),
            Some("edited") => Some("The grant is changed."),
            _ => None,
        };
        let title = format!("{} for {}", row.role_name, row.subject_name);
        let facts = view! {
            <span>{format!("grant {id}")}</span>
            <span>"by " {text::visible(&row.by, 64)} ", " <When at=row.created/></span>
            {row.reviewed.map(|at| view! { <span>"looked at again " <When at=at/></span> })}
        };
        let may = row.may_change;
        let actions = (may && !revoke).then(|| view! {
            <a class="button" href=to(&format!("/access/grants/{id}?revoke=yes"))><span class="danger">"Revoke"</span></a>
        });
        let below = if !may {
            let place = denied::holding(&row.scope, row.registry.as_deref());
            let why = api::grants::missing(row.permissions, &row.scope)
                .map(|missing| view! { <WhyNot what="change it" permission=missing place=place/> });
            view! { <p class="note">"You can’t change it: nobody takes or gives what they do not have themselves in all of the place. " {why}</p> }.into_any()
        } else if revoke {
            revoking(id, &row, stale).await?
        } else {
            editing(id, &row, typed, stale).await?
        };
        let heading = title.clone();
        Ok(view! {
            <Head title=title heading=heading.into_any() crumbs=crumbs(AccessTab::Grants) facts=facts.into_any() actions=actions.into_any()/>
            {done.map(|text| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{text}</p></div> })}
            <Says row=row/>
            {below}
        })
    })
}

/// What a grant says.
#[component]
fn Says(
    /// Which.
    row: GrantRow,
) -> impl IntoView {
    view! {
        <dl>
            <dt>"Who"</dt><dd><a href=subject_path(&row.subject.to_string())>{text::visible(&row.subject_name, 80)}</a> " " <span class="note">{kind(row.subject)}</span></dd>
            <dt>"Role"</dt><dd><a href=to(&format!("/access/roles/{}", row.role))>{row.role_name}</a> " " <Slots permissions=row.permissions/>
                <div class="note"><code>{names(row.permissions)}</code></div></dd>
            <dt>"Where"</dt><dd><Where scope=row.scope registry=row.registry/></dd>
            <dt>"Until"</dt><dd><Until at=row.until ended=row.ended/></dd>
            <dt>"Because"</dt><dd>{if row.because.is_empty() { "nobody said".to_owned() } else { text::visible(&row.because, 300) }}</dd>
        </dl>
    }
}

/// What would be lost, and the last step.
async fn revoking(id: Id, row: &GrantRow, stale: bool) -> Result<AnyView, AppError> {
    let (_, preview) = api::grants::preview_revoke(id).await?;
    let error = form_error("/do/grant-revoke");
    let generation = preview.generation;
    let words = format!("Revoke {} from {}", row.role_name, row.subject_name);
    Ok(view! {
        <PreviewTable preview=preview stale=stale/>
        <PostForm action="/do/grant-revoke" error=error>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="generation" value=generation/>
            <p class="actions"><button data-tone="danger">{words}</button>
                <a class="button" data-tone="plain" href=to(&format!("/access/grants/{id}"))>"Keep it"</a></p>
        </PostForm>
    }
    .into_any())
}

/// The form, and once it was filled in what it would change, with the last step.
async fn editing(id: Id, row: &GrantRow, mut typed: Option<GrantForm>, stale: bool) -> Result<AnyView, AppError> {
    let mut choices = choices().await?;
    // The grant's own registry is chosen by number: its name may be another's by now, or not to be seen.
    if let (Some(value), Some(id)) = (row.same_registry(), row.scope.registry()) {
        let called = row.registry.clone().unwrap_or_else(|| format!("registry {id}, which you may not see"));
        if let Some(form) = typed.as_mut().filter(|form| form.registry == called) {
            form.registry.clone_from(&value);
        }
        choices.registries.retain(|(_, own)| *own != called);
        choices.registries.insert(0, (value, called));
    }
    let looked = match &typed {
        Some(form) => match api::grants::preview(Some(id), form).await {
            Err(error) if is_about_the_form(&error) => Some(Err(error)),
            looked => Some(Ok(looked?)),
        },
        None => None,
    };
    let (looked, error) = match looked {
        Some(Ok(looked)) => (Some(looked), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let open = typed.is_some();
    let form = typed.unwrap_or_else(|| form_of(row));
    let failed = form_error("/do/grant-edit");
    let last = looked.map(|(_, preview)| {
        let (generation, looked_at) = (preview.generation, form.clone());
        view! {
            <PreviewTable preview=preview stale=stale/>
            <PostForm action="/do/grant-edit" error=failed>
                <input type="hidden" name="id" value=id/>
                <Hidden form=looked_at generation=generation/>
                <p class="actions"><button data-tone="primary">{format!("Save grant {id}")}</button></p>
            </PostForm>
        }
    });
    Ok(view! {
        <details open=open><summary>"Change it"</summary>
            <GrantFields path=format!("/access/grants/{id}") form=form choices=choices subject=false error=error/>
        </details>
        {last}
    }
    .into_any())
}
