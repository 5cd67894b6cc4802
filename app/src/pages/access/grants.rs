//! The grants that one may know of: who has which role where.

use super::{AccessHead, AccessTab, grants_table::GrantsTable};
use crate::{
    api,
    base::to,
    parts::{Address, Chip, Denied, Icon, Pager, page},
};
use domain::{Permission, text};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::grants::GrantQuery;

/// What the address of the list holds.
const FIELDS: [&str; 7] = ["subject", "role", "registry", "repositories", "ended", "after", "before"];

/// What an address asks for.
pub fn asked(address: &Address) -> GrantQuery {
    let get = |name: &str| address.get(name).to_owned();
    GrantQuery {
        subject: get("subject"),
        role: get("role"),
        registry: get("registry"),
        repositories: get("repositories"),
        ended: get("ended"),
        after: get("after").parse().ok(),
        before: get("before").parse().ok(),
        limit: None,
    }
}

/// The page.
#[component]
pub fn Grants() -> impl IntoView {
    let address = Address::here("/access/grants", &FIELDS);
    let query = use_query_map().get_untracked();
    let revoked =
        query.get("saved").is_some_and(|saved| saved == "revoked").then(|| query.get("was").unwrap_or_default());
    page(async move {
        let asked = asked(&address);
        let found = api::grants::list(&asked).await?;
        let roles = api::roles::list().await?;
        let registries: Vec<String> =
            api::overview::rail().await?.into_iter().map(|row| row.name.to_string()).collect();
        let may_grant = api::grants::may_grant();
        let role_name = roles.iter().find(|row| row.role.id.to_string() == asked.role).map(|row| row.role.name.clone());
        let ended = match asked.ended.as_str() {
            "yes" => "ended",
            "no" => "in force",
            _ => "",
        };
        let chips = [
            ("subject", format!("who {}", asked.subject), !asked.subject.is_empty()),
            ("role", format!("role {}", role_name.unwrap_or_else(|| asked.role.clone())), !asked.role.is_empty()),
            ("registry", format!("in {}", asked.registry), !asked.registry.is_empty()),
            ("repositories", format!("on {}", asked.repositories), !asked.repositories.is_empty()),
            ("ended", ended.to_owned(), !ended.is_empty()),
        ];
        let chips: Vec<_> = chips
            .into_iter()
            .filter(|(_, _, used)| *used)
            .map(|(name, word, _)| (text::visible(&word, 80), address.with(name, "").href()))
            .collect();
        let export = Address::new(
            "/exports/grants.csv",
            FIELDS[..5].iter().map(|name| (*name, address.get(name).to_owned())).collect(),
        );
        let actions = view! {
            <a class="button" href=export.href() download="">"Export CSV"</a>
            {if may_grant {
                view! { <a class="button" data-tone="primary" href=to("/access/grants/new")>"Grant access"</a> }.into_any()
            } else {
                view! { <Denied label="Grant access" permission=Permission::GrantManage/> }.into_any()
            }}
        };
        let place = |name, id: Option<domain::Id>| id.map(|id| address.with(name, &id.to_string()).href());
        let (previous, next) = (place("before", found.before), place("after", found.after));
        let shown = match found.rows.len() {
            n if n == found.total => format!("{} in all", text::count(found.total as u64)),
            n => format!("{n} of {}", text::count(found.total as u64)),
        };
        let (narrowed, none) = (!chips.is_empty(), found.rows.is_empty());
        Ok(view! {
            <AccessHead tab=AccessTab::Grants actions=actions.into_any()/>
            {revoked.map(|id| view! {
                <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{format!("Grant {} is revoked.", text::visible(&id, 20))}</p></div>
            })}
            <section class="stack" aria-label="Grants">
                <form class="filters" action=to("/access/grants")>
                    <label class="wide">"Who"<input name="subject" type="search" value=asked.subject placeholder="person, team or robot"/></label>
                    <label>"Role"
                        <select name="role">
                            <option value="">"any role"</option>
                            {roles.into_iter().map(|row| {
                                let id = row.role.id.to_string();
                                view! { <option value=id.clone() selected=id == asked.role>{row.role.name}</option> }
                            }).collect_view()}
                        </select>
                    </label>
                    <label>"Registry"
                        <select name="registry">
                            <option value="">"any registry"</option>
                            {registries.into_iter().map(|name| view! { <option value=name.clone() selected=name == asked.registry>{name.clone()}</option> }).collect_view()}
                        </select>
                    </label>
                    <label class="wide">"Holds for"<input class="mono" name="repositories" type="search" value=asked.repositories placeholder="team-a/**"/></label>
                    <label>"In force"
                        <select name="ended">
                            {[("", "or ended"), ("no", "in force"), ("yes", "ended")].map(|(value, word)| view! {
                                <option value=value selected=value == asked.ended>{word}</option> }).collect_view()}
                        </select>
                    </label>
                    <button>"Filter"</button>
                </form>
                {narrowed.then(|| view! {
                    <div class="cluster">{chips.into_iter().map(|(word, href)| view! { <Chip word=word href=href/> }).collect_view()}</div>
                })}
                {if none {
                    view! {
                        <div class="empty stack"><p><b>{if narrowed { "No grant fits." } else { "There is no grant that you may look at." }}</b></p>
                            {narrowed.then(|| view! { <p>"Take a filter away, or look at " <a href=to("/access/grants")>"all grants"</a> "."</p> })}
                        </div>
                    }.into_any()
                } else {
                    view! { <GrantsTable rows=found.rows label="Grants"/> <Pager shown=shown previous=previous next=next/> }.into_any()
                }}
            </section>
        })
    })
}
