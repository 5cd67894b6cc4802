//! The audit log: what was done, tried and refused, newest first.

use crate::{
    api,
    base::to,
    parts::{Badge, Head, Pager, State, Tone, When, page},
};
use domain::{
    Id, Timestamp,
    audit::{Outcome, Stage},
    text,
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use operations::{
    audit::{AuditEntry, AuditQuery},
    error::Kind,
};

/// What the address asks for.
fn asked(query: &ParamsMap) -> AuditQuery {
    let get = |name: &str| query.get(name).unwrap_or_default();
    AuditQuery {
        text: get("q"),
        actor: get("actor"),
        act: get("act"),
        outcome: get("outcome"),
        registry: get("registry").parse().ok(),
        from: get("from"),
        to: get("to"),
        below: get("below").parse().ok(),
        above: get("above").parse().ok(),
        limit: None,
    }
}

/// The address of this list with one thing changed; places in the list go with any change of the filter.
fn with(query: &ParamsMap, name: &str, value: &str) -> String {
    let mut next = ParamsMap::new();
    for (key, old) in query.clone() {
        if !matches!(key.as_ref(), "below" | "above") && key != name && !old.is_empty() {
            next.insert(key, old);
        }
    }
    if !value.is_empty() {
        next.insert(name.to_owned(), value.to_owned());
    }
    to(&format!("/audit{}", next.to_query_string()))
}

/// The page.
#[component]
pub fn Audit() -> impl IntoView {
    let query = use_query_map().get_untracked();
    page(async move {
        let asked = asked(&query);
        let names = api::audit::registries().await?;
        // A day that is none is said beside its field; the rest of the filter stays as it was typed.
        let (found, error) = match api::audit::list(asked.clone()).await {
            Err(error) if error.kind == Kind::Invalid => (None, Some(error)),
            found => (Some(found?), None),
        };
        let wrong = |field: &str| error.as_ref().and_then(|error| error.of(field));
        let (from_wrong, to_wrong) = (wrong("from"), wrong("to"));
        let name_of = |id: Id| names.iter().find(|(own, _)| *own == id).map(|(_, name)| name.clone());
        let about = asked.registry.and_then(name_of).unwrap_or_default();
        let outcomes = [
            ("", "any outcome"),
            ("done", "done"),
            ("refused", "refused"),
            ("failed", "failed"),
            ("unknown", "unknown"),
        ];
        let chips: Vec<(String, String)> = [
            ("q", "about", &asked.text),
            ("actor", "by", &asked.actor),
            ("act", "act", &asked.act),
            ("outcome", "outcome", &asked.outcome),
            ("registry", "registry", &about),
            ("from", "from", &asked.from),
            ("to", "to", &asked.to),
        ]
        .into_iter()
        .filter(|(_, _, value)| !value.is_empty())
        .map(|(key, word, value)| (format!("{word} {}", text::visible(value, 60)), with(&query, key, "")))
        .collect();
        let place = |key: &str, sequence: Option<Id>| sequence.map(|n| with(&query, key, &n.to_string()));
        let (older, newer) =
            found.as_ref().map_or((None, None), |f| (place("below", f.older), place("above", f.newer)));
        let looked = found.as_ref().and_then(|found| found.looked);
        let rows: Vec<_> = found
            .into_iter()
            .flat_map(|found| found.entries)
            .map(|entry| (entry.entry.registry_id.and_then(name_of), entry))
            .collect();
        let count = rows.len();
        let shown = match count {
            0 => "nothing".to_owned(),
            1 => "1 entry".to_owned(),
            n => format!("{n} entries"),
        };
        let facts = view! { <span>"Each entry carries the hash of the one before. "<code>"wharfinger audit verify"</code>" checks them."</span> };
        Ok(view! {
            <Head title="Audit" facts=facts.into_any()/>
            <section class="stack" aria-label="Entries">
                <form class="filters" action=to("/audit")>
                    <label class="wide">"Anything in it"<input name="q" type="search" value=asked.text/></label>
                    <label>"By"<input name="actor" value=asked.actor/></label>
                    <label>"Act"<input name="act" value=asked.act placeholder="registry."/></label>
                    <label>"Outcome"
                        <select name="outcome">
                            {outcomes.map(|(value, word)| view! { <option value=value selected=value == asked.outcome>{word}</option> }).collect_view()}
                        </select>
                    </label>
                    <label>"Registry"
                        <select name="registry">
                            <option value="">"any registry"</option>
                            {names.iter().map(|(id, name)| view! {
                                <option value=*id selected=asked.registry == Some(*id)>{called(&names, *id, name)}</option>
                            }).collect_view()}
                        </select>
                    </label>
                    <Day name="from" label="From" value=asked.from error=from_wrong/>
                    <Day name="to" label="To" value=asked.to error=to_wrong/>
                    <button>"Filter"</button>
                </form>
                {(!chips.is_empty()).then(|| view! {
                    <div class="cluster">
                        {chips.into_iter().map(|(words, href)| view! {
                            <a class="chip" href=href><span class="sr">"Take away: "</span>{words}" "<crate::parts::Icon name="x"/></a>
                        }).collect_view()}
                    </div>
                })}
                {if error.is_some() {
                    view! { <p class="note">"Nothing is shown until the days are right."</p> }.into_any()
                } else if let (0, Some(looked)) = (count, looked) {
                    view! {
                        <p class="note">{format!("None of the {looked} entries that were looked through fits; there are more to look through.")}</p>
                        <Pager shown=shown previous=newer next=older/>
                    }.into_any()
                } else if count == 0 {
                    view! { <div class="empty stack"><p><b>"No entry fits."</b></p><p>"Take a filter away, or look at " <a href=to("/audit")>"all entries"</a> "."</p></div> }.into_any()
                } else {
                    view! {
                        <table class="entries" data-fold="">
                            <thead><tr><th scope="col" class="when">"When"</th><th scope="col">"What"</th><th scope="col">"Who"</th>
                                <th scope="col">"From"</th><th scope="col">"Outcome"</th></tr></thead>
                            <tbody>{rows.into_iter().map(|(registry, entry)| view! { <Row entry=entry registry=registry/> }).collect_view()}</tbody>
                        </table>
                        {looked.map(|looked| view! { <p class="note">{format!("{looked} entries were looked through; there are more to look through.")}</p> })}
                        <Pager shown=shown previous=newer next=older/>
                    }.into_any()
                }}
            </section>
        })
    })
}

/// How an entry ended, as a mark and a word.
pub fn ended(entry: &AuditEntry) -> (Tone, &'static str) {
    match (entry.entry.stage, entry.outcome) {
        (Stage::Gap, _) => (Tone::Danger, "entries are missing here"),
        (_, Outcome::Done) => (Tone::Good, "done"),
        (_, Outcome::Refused) => (Tone::Warn, "refused"),
        (_, Outcome::Failed) => (Tone::Danger, "failed"),
        (_, Outcome::Unknown) => (Tone::Warn, "unknown"),
    }
}

/// A registry's name; where a former one was called the same, with its number.
fn called(names: &[(Id, String)], id: Id, name: &str) -> String {
    let same = names.iter().filter(|(_, other)| other == name).count();
    if same > 1 { format!("{name} ({id})") } else { name.to_owned() }
}

/// A day to filter by.
#[component]
fn Day(
    /// The name it goes under.
    name: &'static str,
    /// The label.
    label: &'static str,
    /// What stands in it.
    value: String,
    /// What is wrong with it.
    error: Option<String>,
) -> impl IntoView {
    let id = format!("{name}-error");
    let (invalid, described) = (error.as_ref().map(|_| "true"), error.as_ref().map(|_| id.clone()));
    view! {
        <label>{label}<input name=name type="date" value=value aria-invalid=invalid aria-describedby=described/>
            {error.map(|error| view! { <span class="error" id=id><crate::parts::Icon name="alert"/>{error}</span> })}</label>
    }
}

/// One line of the log.
#[component]
fn Row(
    /// Which.
    entry: AuditEntry,
    /// The present name of the registry it concerned.
    registry: Option<String>,
) -> impl IntoView {
    // Most targets name it already.
    let registry = registry.filter(|name| !entry.entry.target.split(' ').any(|word| word == name));
    let (tone, word) = ended(&entry);
    let at: Timestamp = entry.entry.at;
    let detail = entry.detail.clone().map(|detail| text::visible(&detail, 160));
    let href = to(&format!("/audit/{}", entry.entry.sequence));
    view! {
        <tr>
            <td class="when"><When at=at/></td>
            <th scope="row"><a href=href><code>{entry.entry.act.clone()}</code></a> " " {text::visible(&entry.entry.target, 120)}
                {registry.map(|name| view! { " " <span class="note">"on " {name}</span> })}
                {detail.map(|detail| view! { " " <span class="note">{detail}</span> })}</th>
            <td data-label="by">{text::visible(&entry.actor_name, 64)} " "
                {(entry.entry.actor_kind != "person").then(|| view! { <Badge word=entry.entry.actor_kind.clone()/> })}</td>
            <td class="note" data-fold="hide"><code>{entry.address.clone()}</code></td>
            <td><State tone=tone word=word/></td>
        </tr>
    }
}
