//! One role: what it gives, who has it, changing and removing it.

use super::{
    AccessTab, crumbs,
    grant_form::looks,
    grant_new::is_about_the_form,
    grants_table::GrantsTable,
    preview::PreviewTable,
    role_form::{Hidden, RoleFields, typed},
    roles::{Has, has},
};
use crate::{
    api,
    base::to,
    context::form_error,
    error::AppError,
    parts::{Badge, Denied, Head, Icon, PostForm, When, WhyNot, page},
};
use domain::{Permission, access::Scope, text};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::roles::{RoleDetails, RoleForm};

/// The page.
#[component]
pub fn Role() -> impl IntoView {
    let id = use_params_map().get_untracked().get("role").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let (look, stale) = looks();
    let saved = query.get("saved");
    let typed = look.then(|| typed(&query));
    page(async move {
        let details = api::roles::one(&id).await?;
        let done = match saved.as_deref() {
            Some("added") => Some("The role is made. Nobody has it until you grant it."),
            Some("edited") => Some("The role is changed, for all who have it."),
            _ => None,
        };
        let name = text::visible(&details.row.role.name, 64);
        let built_in = details.row.built_in;
        let count = details.row.grants;
        let facts = view! {
            {built_in.then(|| view! { <Badge word="built in"/> })}
            <span><b>{count.to_string()}</b>{if count == 1 { " grant" } else { " grants" }}</span>
            {details.created.map(|at| view! { <span>"made " <When at=at/></span> })}
            {details.updated.filter(|at| Some(*at) != details.created).map(|at| view! { <span>"changed " <When at=at/></span> })}
        };
        let grant = if api::grants::may_grant() {
            view! { <a class="button" href=to(&format!("/access/grants/new?role={id}"))>"Grant it"</a> }.into_any()
        } else {
            view! { <Denied label="Grant it" permission=Permission::GrantManage/> }.into_any()
        };
        let gives = Permission::ALL.iter().copied().filter_map(|one| match has(details.row.role.permissions, one) {
            Has::No => None,
            Has::Itself => Some((one, None)),
            Has::Brought => Some((one, Some("brought along"))),
        });
        let gives = gives.map(|(one, how)| view! {
            <tr><th scope="row"><code>{one.as_str()}</code></th><td class="note" data-fold="row">{one.purpose()}</td><td class="note">{how}</td></tr>
        });
        let gives = gives.collect_view();
        let description = text::visible(&details.row.role.description, 200);
        let rows = details.grants.clone();
        let more = count > rows.len();
        let below = if details.row.may_change {
            changing(&id, details, typed, stale).await?
        } else if built_in {
            view! { <p class="note">"A built-in role stays as it is."</p> }.into_any()
        } else {
            let why = api::grants::missing(details.row.role.permissions, Scope::EVERYTHING)
                .map(|missing| view! { <WhyNot what="change it" permission=missing place="everything"/> });
            view! { <p class="note">"You can’t change it: a role holds anywhere, and you do not hold all of it everywhere. " {why}</p> }.into_any()
        };
        let heading = name.clone();
        Ok(view! {
            <Head title=name heading=heading.into_any() crumbs=crumbs(AccessTab::Roles) facts=facts.into_any() actions=grant/>
            {done.map(|text| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{text}</p></div> })}
            <section class="stack" aria-label="What it gives">
                <p>{description}</p>
                <table data-fold="" aria-label="What it gives"><thead><tr><th scope="col">"Permission"</th><th scope="col">"What it is for"</th><th scope="col"><span class="sr">"How"</span></th></tr></thead>
                    <tbody>{gives}</tbody></table>
            </section>
            {below}
            <section class="stack" aria-labelledby="who">
                <h2 id="who">"Who has it"</h2>
                {if rows.is_empty() {
                    view! { <p class="note">"Nobody, as far as you may look."</p> }.into_any()
                } else {
                    view! { <GrantsTable rows=rows label="Grants of it"/> }.into_any()
                }}
                {more.then(|| view! { <p><a href=to(&format!("/access/grants?role={id}"))>{format!("All {count} grants of it")}</a></p> })}
            </section>
        })
    })
}

/// The form, what it would change, the last step; and removing.
async fn changing(id: &str, details: RoleDetails, typed: Option<RoleForm>, stale: bool) -> Result<AnyView, AppError> {
    let looked = match &typed {
        Some(form) => match api::roles::preview(id, form).await {
            Err(error) if is_about_the_form(&error) => Some(Err(error)),
            looked => Some(Ok(looked?)),
        },
        None => None,
    };
    let (preview, error) = match looked {
        Some(Ok(preview)) => (Some(preview), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let (open, role, version) = (typed.is_some(), details.row.role, details.version);
    let form = typed.unwrap_or_else(|| RoleForm {
        name: role.name.clone(),
        description: role.description.clone(),
        permissions: role.permissions.iter().map(|one| one.as_str().to_owned()).collect(),
    });
    let (failed, unremoved) = (form_error("/do/role-edit"), form_error("/do/role-remove"));
    let name = text::visible(&role.name, 64);
    let last = preview.map(|preview| {
        let (generation, looked_at, own) = (preview.generation, form.clone(), id.to_owned());
        let words = format!("Save role {name}");
        view! {
            <PreviewTable preview=preview stale=stale/>
            <PostForm action="/do/role-edit" error=failed>
                <input type="hidden" name="id" value=own/>
                <input type="hidden" name="version" value=version/>
                <Hidden form=looked_at/>
                <input type="hidden" name="generation" value=generation/>
                <p class="actions"><button data-tone="primary">{words}</button></p>
            </PostForm>
        }
    });
    let (action, words) = (to(&format!("/access/roles/{id}")), format!("Remove role {name}"));
    let tried = unremoved.is_some();
    let id = id.to_owned();
    Ok(view! {
        <details open=open><summary>"Change it"</summary>
            <form class="stack" action=action>
                <input type="hidden" name="look" value="yes"/>
                <RoleFields form=form error=error/>
                <p class="actions"><button>"See what it changes"</button></p>
            </form>
        </details>
        {last}
        <details open=tried><summary>"Remove it"</summary>
            <PostForm action="/do/role-remove" error=unremoved>
                <input type="hidden" name="id" value=id/>
                <p class="note">"Only a role that no grant uses can be removed."</p>
                <p class="actions"><button data-tone="danger">{words}</button></p>
            </PostForm>
        </details>
    }
    .into_any())
}
