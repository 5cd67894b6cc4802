//! The registries as connections.

use crate::{
    api,
    base::to,
    parts::{Badge, Denied, Head, Icon, State, Tone, When, denied, page},
};
use domain::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::connections::ConnectionRow;

/// The list.
#[component]
pub fn Connections() -> impl IntoView {
    let removed = use_query_map().get_untracked().get("saved").is_some_and(|saved| saved == "removed");
    page(async move {
        let rows = api::connections::list().await?;
        let adds = denied::may(Permission::RegistryManage);
        let actions = if adds {
            view! { <a class="button" data-tone="primary" href=to("/settings/registries/new")>"Add a registry"</a> }
                .into_any()
        } else {
            view! { <Denied label="Add a registry" permission=Permission::RegistryManage place="everything"/> }
                .into_any()
        };
        Ok(view! {
            <Head title="Registries" actions=actions/>
            {removed.then(|| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>"The registry is removed from here."</p></div> })}
            {if rows.is_empty() {
                view! {
                    <div class="empty stack">
                        <p><b>"No registry yet."</b></p>
                        {adds.then(|| view! {
                            <p>"Add the first one: a plain docker registry, zot, Harbor, or one in the cloud."</p>
                            <p class="actions"><a class="button" href=to("/settings/registries/new")>"Add a registry"</a></p>
                        })}
                    </div>
                }.into_any()
            } else {
                view! {
                    <table data-fold="">
                        <thead><tr><th scope="col">"Registry"</th><th scope="col">"Health"</th><th scope="col">"Signs in"</th>
                            <th scope="col">"Trusts"</th><th scope="col" class="num">"Probed"</th></tr></thead>
                        <tbody>{rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
                    </table>
                }.into_any()
            }}
        })
    })
}

/// A registry.
#[component]
fn Row(
    /// Which.
    row: ConnectionRow,
) -> impl IntoView {
    let (tone, sentence) = row.health;
    view! {
        <tr>
            <th scope="row"><a href=to(&format!("/settings/registries/{}", row.name))>{row.name.to_string()}</a> " " <code class="quiet">{row.address}</code></th>
            <td data-fold="row"><State tone=tone.into() word=sentence/></td>
            <td class="note">{row.sign_in}</td>
            <td class="note">{if row.risky { view! { <Badge word=row.trust tone=Tone::Danger/> }.into_any() } else { row.trust.into_any() }}</td>
            <td class="note num" data-label="probed">{row.probed.map(|at| view! { <When at=at/> })}</td>
        </tr>
    }
}
