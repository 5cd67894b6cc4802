//! Everything at a glance: the registries, what needs attention, the newest images.

use crate::{
    api,
    base::to,
    context::actor,
    parts::{Bytes, Count, Denied, Head, RiskBadge, State, When, WhyNot, chart, chart::Growth, denied, page, place},
};
use domain::Permission;
use leptos::prelude::*;
use operations::overview::{Attention, NewestRow, Overview as Everything, RegistryRow, Way};

/// The page.
#[component]
pub fn Overview() -> impl IntoView {
    page(async move {
        let everything = api::overview::overview().await?;
        Ok(if everything.registries.is_empty() {
            if denied::may(Permission::RegistryManage) {
                view! { <Nothing/> }.into_any()
            } else {
                view! { <NothingSeen/> }.into_any()
            }
        } else {
            view! { <All everything=everything/> }.into_any()
        })
    })
}

/// The first thing one sees: there is no registry yet.
#[component]
fn Nothing() -> impl IntoView {
    view! {
        <Head title="Overview"/>
        <section class="empty stack" aria-labelledby="none">
            <h2 id="none">"No registry is connected"</h2>
            <p>"Wharfinger stands beside registries that run elsewhere. Connect one, and its repositories and images can be browsed here. Nothing in it is changed."</p>
            <p class="actions"><a class="button" data-tone="primary" href=to("/settings/registries/new")>"Add a registry"</a></p>
        </section>
    }
}

/// For those who see no registry: whether there is one is not told.
#[component]
fn NothingSeen() -> impl IntoView {
    let known = actor().is_known();
    view! {
        <Head title="Overview"/>
        <section class="empty stack" aria-labelledby="none">
            <h2 id="none">"There is nothing here that you may see yet"</h2>
            <p>"What a registry holds is shown to those who were granted it. Ask for what you need, or whoever invited you."</p>
            <p class="actions">{if known {
                view! { <a class="button" href=denied::why("repository.view", "everything")>"Why can’t I see more?"</a> }
            } else {
                view! { <a class="button" href=to("/sign-in")>"Sign in"</a> }
            }}</p>
        </section>
    }
}

#[component]
fn All(
    /// What there is to show.
    everything: Everything,
) -> impl IntoView {
    let Everything { registries, newest, attention, growth } = everything;
    let sum = |of: fn(&RegistryRow) -> Option<u64>| registries.iter().filter_map(of).sum::<u64>();
    let (repositories, tags, stored) = (sum(|row| row.repositories), sum(|row| row.tags), sum(|row| row.stored));
    let grown: Option<i64> = registries.iter().filter_map(|row| row.grown).reduce(i64::saturating_add);
    let known: Vec<u64> = registries.iter().filter_map(|row| row.percent).collect();
    let whole = known.iter().filter(|percent| **percent == 100).count();
    let points = growth.iter().map(|sample| chart::Point { at: sample.at(), bytes: sample.bytes }).collect::<Vec<_>>();
    let count = registries.len() as u64;
    let facts = view! {
        <span><b><Count count=count/></b>{if count == 1 { " registry" } else { " registries" }}</span>
        <span><b><Count count=repositories/></b>" repositories"</span>
        <span><b><Count count=tags/></b>" tags known"</span>
        {(stored > 0).then(|| view! { <span><b><Bytes count=stored/></b>" stored"</span> })}
        {(!known.is_empty()).then(|| view! { <span>{format!("{whole} of {} read to the end", known.len())}</span> })}
    };
    let actions = if denied::may(Permission::RegistryManage) {
        view! { <a class="button" href=to("/settings/registries/new")>"Add a registry"</a> }.into_any()
    } else {
        view! { <Denied label="Add a registry" permission=Permission::RegistryManage place="everything"/> }.into_any()
    };
    // One line for all of them: each says what is the matter, and leads nowhere.
    let closed = attention.iter().find(|note| !leads(note)).map(|note| note.registry.to_string());
    view! {
        <Head title="Overview" facts=facts.into_any() actions=actions/>
        <section aria-label="Registries" id="registries" data-refresh="" data-topic="overview">
            <table data-fold="">
                <thead>
                    <tr>
                        <th scope="col">"Registry"</th>
                        <th scope="col">"Health"</th>
                        <th scope="col">"Software"</th>
                        <th scope="col" class="num">"Repositories"</th>
                        <th scope="col" class="num">"Tags known"</th>
                        <th scope="col" class="num">"Stored"</th>
                        <th scope="col" class="num">"30 days"</th>
                        <th scope="col" class="num">"As of"</th>
                    </tr>
                </thead>
                <tbody>{registries.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
                {(count > 1).then(|| view! {
                    <tfoot>
                        <tr>
                            <th scope="row" colspan="3">"All registries"</th>
                            <td class="num" data-label="repositories"><Count count=repositories/></td>
                            <td class="num" data-label="tags"><Count count=tags/></td>
                            <td class="num" data-label="stored"><Bytes count=stored/></td>
                            <td class="num" data-label="30 days">{grown.map(|grown| view! { <Grown by=grown/> })}</td>
                            <td></td>
                        </tr>
                    </tfoot>
                })}
            </table>
        </section>
        <div class="split" data-side="wide">
            <section class="stack" aria-labelledby="attention">
                <h2 id="attention">"Needs attention"</h2>
                {if attention.is_empty() {
                    view! { <p class="quiet">"Nothing."</p> }.into_any()
                } else {
                    view! { <ul class="notes">{attention.into_iter().map(|note| view! { <Note note=note/> }).collect_view()}</ul> }.into_any()
                }}
                {closed.map(|registry| view! { <p><WhyNot what=format!("open the connection of {registry}") permission=Permission::RegistryManage place=registry/></p> })}
            </section>
            <section class="stack sided" aria-labelledby="newest">
                <h2 id="newest">"Newest images known"</h2>
                {if newest.is_empty() {
                    view! { <p class="quiet">"None yet: open a repository, and what is read of it counts here."</p> }.into_any()
                } else {
                    view! { <Newest rows=newest/> }.into_any()
                }}
                <p class="note">"All, with filters: " <a href=to("/tags")>"tags"</a> ", " <a href=to("/repositories")>"repositories"</a></p>
            </section>
        </div>
        {(stored > 0).then(|| view! { <Growth points=points heading="Stored bytes, one year"/> })}
    }
}

/// By how much something grew, with its sign.
#[component]
fn Grown(
    /// Bytes.
    by: i64,
) -> impl IntoView {
    let sign = match by {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    view! { {sign}<Bytes count=by.unsigned_abs()/> }
}

#[component]
fn Row(
    /// Which.
    row: RegistryRow,
) -> impl IntoView {
    let href = to(&format!("/registries/{}", row.name));
    let percent = row.percent.filter(|percent| *percent < 100).map(|percent| format!("{percent} % read"));
    let part: Vec<String> = [percent, row.at_work.map(str::to_owned)].into_iter().flatten().collect();
    let part = (!part.is_empty()).then(|| format!(", {}", part.join(", ")));
    view! {
        <tr data-key=row.name.to_string()>
            <th scope="row"><a href=href>{row.name.to_string()}</a> " " <code class="quiet">{row.address}</code>
                <RiskBadge risk=row.risk/>
            </th>
            <td data-fold="row"><State tone=row.health.0.into() word=row.health.1/></td>
            <td class="note" data-fold="hide">{row.software}</td>
            <td class="num" data-label="repositories">{row.repositories.map(|count| view! { <Count count=count/> })}</td>
            <td class="num" data-label="tags">{row.tags.map(|count| view! { <Count count=count/> })}</td>
            <td class="num" data-label="stored">{row.stored.map(|stored| view! { <Bytes count=stored/> })}</td>
            <td class="num" data-label="30 days" data-fold="hide">{row.grown.map(|grown| view! { <Grown by=grown/> })}</td>
            <td class="note num" data-label="as of">{match row.as_of {
                Some(at) => view! { <When at=at/> }.into_any(),
                None => "never read".into_any(),
            }}{part}</td>
        </tr>
    }
}

/// Does it lead somewhere? The connection is for those who manage one.
fn leads(note: &Attention) -> bool {
    !matches!(note.way, Way::Connection) || denied::may_somewhere(Permission::RegistryManage)
}

#[component]
fn Note(
    /// What it says.
    note: Attention,
) -> impl IntoView {
    let name = note.registry.to_string();
    let (word, path) = match note.way {
        Way::Connection => ("Open connection", format!("/settings/registries/{name}")),
        Way::Drift => ("See what changed", format!("/settings/registries/{name}#changed")),
        Way::Tried => ("See what was tried", format!("/registries/{name}")),
        Way::Findings(check) => ("List them", format!("/health/{name}?check={}", check.as_str())),
        Way::Health => ("See the checks", format!("/health/{name}")),
    };
    let leads = leads(&note);
    let said = match note.tone {
        domain::probe::Tone::Danger => "Trouble:",
        domain::probe::Tone::Warn => "Needs a look:",
        _ => "For your time:",
    };
    view! {
        <li><State tone=note.tone.into() word=said quiet=true/><span><b>{name}</b>" "{note.sentence}</span>{leads.then(|| view! { <a href=to(&path)>{word}</a> })}</li>
    }
}

#[component]
fn Newest(
    /// The newest first.
    rows: Vec<NewestRow>,
) -> impl IntoView {
    view! {
        <table class="entries">
            <thead class="sr"><tr><th scope="col">"Built"</th><th scope="col">"Image"</th><th scope="col">"Registry"</th></tr></thead>
            <tbody>{rows.into_iter().map(|row| {
                let href = place::tag(row.registry.as_str(), &row.repository, &row.tag);
                view! {
                    <tr>
                        <td class="when"><When at=row.created/></td>
                        <th scope="row"><a class="mono" href=href>{row.repository.to_string()}<span class="quiet">{format!(":{}", row.tag)}</span></a></th>
                        <td class="note num">{row.registry.to_string()}</td>
                    </tr>
                }
            }).collect_view()}</tbody>
        </table>
    }
}
