//! Granting access: the form, what it would change, and the last step.

use super::{
    AccessTab, crumbs,
    grant_form::{Choices, GrantFields, Hidden, looks, typed},
    preview::PreviewTable,
};
use crate::{
    api,
    context::form_error,
    error::AppError,
    parts::{Denied, Head, PostForm, page},
};
use domain::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::error::Kind;

/// What there is to choose from.
pub async fn choices() -> Result<Choices, AppError> {
    Ok(Choices {
        subjects: api::grants::subjects().await?,
        roles: api::roles::list().await?,
        registries: api::overview::rail()
            .await?
            .into_iter()
            .map(|row| (row.name.to_string(), row.name.to_string()))
            .collect(),
    })
}

/// What can be said beside the form, instead of a page of its own.
pub fn is_about_the_form(error: &AppError) -> bool {
    matches!(error.kind, Kind::Invalid | Kind::Forbidden | Kind::Conflict)
}

/// The page.
#[component]
pub fn GrantNew() -> impl IntoView {
    let form = typed(&use_query_map().get_untracked());
    let (look, stale) = looks();
    let failed = form_error("/do/grant-create");
    page(async move {
        let choices = choices().await?;
        if !api::grants::may_grant() {
            return Ok(view! {
                <Head title="Grant access" crumbs=crumbs(AccessTab::Grants)/>
                <p>"Nobody gives more than they have, and you have nothing yet that you could give."</p>
                <p><Denied label="Grant access" permission=Permission::GrantManage/></p>
            }
            .into_any());
        }
        let looked = if look {
            match api::grants::preview(None, &form).await {
                Err(error) if is_about_the_form(&error) => Some(Err(error)),
                looked => Some(Ok(looked?)),
            }
        } else {
            None
        };
        let (looked, error) = match looked {
            Some(Ok(looked)) => (Some(looked), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let confirm = looked.map(|(row, preview)| {
            let (generation, subject, looked_at) = (preview.generation, row.subject.to_string(), form.clone());
            let words = format!("Grant {} to {}", row.role_name, row.subject_name);
            view! {
                <PreviewTable preview=preview stale=stale/>
                <PostForm action="/do/grant-create" error=failed>
                    <input type="hidden" name="subject" value=subject/>
                    <Hidden form=looked_at generation=generation/>
                    <p class="actions"><button data-tone="primary">{words}</button></p>
                </PostForm>
            }
        });
        Ok(view! {
            <Head title="Grant access" crumbs=crumbs(AccessTab::Grants)/>
            <div class="split" data-side="even">
                <section class="stack" aria-label="The grant">
                    <GrantFields path="/access/grants/new".to_owned() form=form choices=choices subject=true error=error/>
                </section>
                <div class="sided stack">
                    {match confirm {
                        Some(confirm) => confirm.into_any(),
                        None => view! {
                            <section class="stack" aria-labelledby="rules"><h2 id="rules">"Before anything is saved"</h2>
                                <p>"The next step shows who gains and who loses what, and where."</p>
                                <p class="note">"Nobody gives more than they have. What you hold for a time you can give for that time."</p>
                            </section>
                        }.into_any(),
                    }}
                </div>
            </div>
        }
        .into_any())
    })
}
