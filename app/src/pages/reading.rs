//! How a registry is read in the background: what it is doing, what it does not believe, and what left.

use crate::{
    api,
    base::to,
    context::form_error,
    parts::{
        Crumb, Denied, Due, Head, Pager, PostForm, When, page, place,
        reading::{ReadingPace, ReadingProgress, ReadingState, ReadingTrouble},
    },
};
use domain::{Permission, text};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use operations::sync::{Departures, DeparturesQuery, Sync, SyncState};

/// The page.
#[component]
pub fn Reading() -> impl IntoView {
    let name = use_params_map().get_untracked().get("registry").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
    let asked = DeparturesQuery { below: number("below"), above: number("above"), limit: None };
    page(async move {
        let sync = api::sync::sync(&name).await?;
        let left = if sync.manage { Some(api::sync::departures(&name, asked).await?) } else { None };
        let crumbs = vec![Crumb::new("Registries", "/"), Crumb::new(name.clone(), &place::registry_path(&name))];
        let topic = sync.topic.clone();
        Ok(view! {
            <Head title="Reading" crumbs=crumbs/>
            <section class="stack" id="reading" aria-label="State" data-refresh="" data-topic=topic>
                <State sync=sync.clone()/>
            </section>
            <Controls name=name sync=sync/>
            {left.map(|left| view! { <Left left=left/> })}
        })
    })
}

/// What it is doing, how far it is, what it does not believe.
#[component]
fn State(
    /// How the reading is.
    sync: Sync,
) -> impl IntoView {
    let doubt = sync.catalogue.as_ref().and_then(|catalogue| catalogue.doubt.clone());
    let listed_at = sync.catalogue.as_ref().map(|catalogue| catalogue.listed_at);
    let (registry, in_trouble, next) = (sync.registry.to_string(), sync.in_trouble.clone(), sync.next);
    view! {
        <p><ReadingState sync=sync.clone()/></p>
        <ReadingTrouble sync=sync.clone()/>
        <ReadingProgress sync=sync.clone()/>
        <ReadingPace sync=sync/>
        <p class="note">
            {listed_at.map(|at| view! { "Repositories listed " <When at=at/> ". " })}
            {next.map(|at| view! { "The next look is due " <Due at=at/> "." })}
        </p>
        <p class="note">
            "The first reading fetches each manifest and configuration once, and a registry that counts pulls counts that. Later looks ask only where tags point, by HEAD, which counts nowhere; what is new is fetched once."
        </p>
        {doubt.map(|doubt| view! {
            <div class="notice" data-tone="warn" role="status">
                <p><b>"The last list of repositories is not believed."</b></p>
                <p>{doubt}" Nothing left because of it."</p>
            </div>
        })}
        {(!in_trouble.is_empty()).then(|| view! {
            <h2>"In trouble or in doubt"</h2>
            <ul>
                {in_trouble.into_iter().map(|one| {
                    let why = [one.doubt, one.trouble].into_iter().flatten().collect::<Vec<_>>().join(" ");
                    view! { <li><a href=to(&place::repository_path(&registry, &one.name))>{one.name.to_string()}</a>": "{why}</li> }
                }).collect_view()}
            </ul>
        })}
    }
}

/// What one can do about it.
#[component]
fn Controls(
    /// The registry.
    name: String,
    /// How the reading is.
    sync: Sync,
) -> impl IntoView {
    let paused = matches!(sync.state, SyncState::Paused(_));
    let error = form_error("/do/sync-refresh");
    let own = name.clone();
    let (action, words) =
        if paused { ("/do/sync-resume", "Go on reading") } else { ("/do/sync-pause", "Pause reading") };
    if !sync.manage {
        return view! {
            <p class="actions">
                <Denied label="Refresh everything now" permission=Permission::RegistryManage/>
                <Denied label=words permission=Permission::RegistryManage/>
            </p>
        }
        .into_any();
    }
    view! {
        <div class="actions">
            {(!paused).then(|| view! {
                <PostForm action="/do/sync-refresh" error=error>
                    <input type="hidden" name="registry" value=name/><button>"Refresh everything now"</button>
                </PostForm>
            })}
            <PostForm action=action><input type="hidden" name="registry" value=own/><button>{words}</button></PostForm>
        </div>
    }
    .into_any()
}

/// What left the index, and on what evidence.
#[component]
fn Left(
    /// A page of it.
    left: Departures,
) -> impl IntoView {
    let path = place::reading_path(left.registry.as_str());
    let previous = left.newer.map(|id| to(&format!("{path}?above={id}")));
    let next = left.older.map(|id| to(&format!("{path}?below={id}")));
    let shown = text::counted(left.rows.len() as u64, "departure", "departures");
    let empty = left.rows.is_empty();
    view! {
        <section class="section stack" aria-labelledby="left">
            <h2 id="left">"What left"</h2>
            <p class="note">"A tag or repository leaves only when the registry itself says that it is not there, or when two complete lists lack it."</p>
            {if empty {
                view! { <p>"Nothing left yet."</p> }.into_any()
            } else {
                view! {
                    <div class="scroll">
                        <table>
                            <thead><tr><th scope="col">"When"</th><th scope="col">"What"</th><th scope="col">"Evidence"</th></tr></thead>
                            <tbody>
                                {left.rows.into_iter().map(|row| {
                                    let one = row.departure;
                                    let what = one.tag.map_or_else(|| one.repository.to_string(), |tag| format!("{}:{tag}", one.repository));
                                    view! {
                                        <tr>
                                            <td><When at=row.at/></td>
                                            <th scope="row" class="mono">{what}</th>
                                            <td>{text::visible(&one.detail, 300)}"."</td>
                                        </tr>
                                    }
                                }).collect_view()}
                            </tbody>
                        </table>
                    </div>
                    <Pager shown=shown previous=previous next=next/>
                }.into_any()
            }}
        </section>
    }
}
