//! The audit log: what was done, tried and refused, newest first.

use crate::{
    api,
    base::to,
    parts::{Badge, Head, Pager, State, Tone, When, page},
};
use domain::{Timestamp, audit::{Outcome, Stage}, text};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use operations::audit::{AuditEntry, AuditQuery};

/// What the address asks for.
fn asked(query: &ParamsMap) -> AuditQuery {
    let get = |name: &str| query.get(name).unwrap_or_default();
    AuditQuery {
        text: get("q"),
        actor: get("actor"),
        act: get("act"),
        outcome: get("outcome"),
        from: get("from"),
        to: get("to"),
        below: get("below").parse().ok(),
        above: get("above").parse().ok(),
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
        let found = api::audit::list(asked.clone()).await?;
        let outcomes = [("", "any outcome"), ("done", "done"), ("refused", "refused"), ("failed", "failed"), ("unknown", "unknown")];
        let chips: Vec<(String, String)> = [
            ("q", "about", &asked.text), ("actor", "by", &asked.actor), ("act", "act", &asked.act), ("outcome", "outcome", &asked.outcome),
            ("from", "from", &asked.from), ("to", "to", &asked.to),
        ].into_iter().filter(|(_, _, value)| !value.is_empty())
            .map(|(key, word, value)| (format!("{word} {}", text::visible(value, 60)), with(&query, key, ""))).collect();
        let older = found.older.map(|n| with(&query, "below", &n.to_string()));
        let newer = found.newer.map(|n| with(&query, "above", &n.to_string()));
        let count = found.entries.len();
        let shown = match count { 0 => "nothing".to_owned(), 1 => "1 entry".to_owned(), n => format!("{n} entries") };
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
                    <label>"From"<input name="from" type="date" value=asked.from/></label>
                    <label>"To"<input name="to" type="date" value=asked.to/></label>
                    <button>"Filter"</button>
                </form>
                {(!chips.is_empty()).then(|| view! {
                    <div class="cluster">
                        {chips.into_iter().map(|(words, href)| view! {
                            <a class="chip" href=href><span class="sr">"Take away: "</span>{words}" "<crate::parts::Icon name="x"/></a>
                        }).collect_view()}
                    </div>
                })}
                {if count == 0 {
                    view! { <div class="empty stack"><p><b>"No entry fits."</b></p><p>"Take a filter away, or look at " <a href=to("/audit")>"all entries"</a> "."</p></div> }.into_any()
                } else {
                    view! {
                        <table class="entries" data-fold="">
                            <thead><tr><th scope="col" class="when">"When"</th><th scope="col">"What"</th><th scope="col">"Who"</th>
                                <th scope="col">"From"</th><th scope="col">"Outcome"</th></tr></thead>
                            <tbody>{found.entries.into_iter().map(|entry| view! { <Row entry=entry/> }).collect_view()}</tbody>
                        </table>
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

/// One line of the log.
#[component]
fn Row(
    /// Which.
    entry: AuditEntry,
) -> impl IntoView {
    let (tone, word) = ended(&entry);
    let at: Timestamp = entry.entry.at;
    let detail = entry.detail.clone().map(|detail| text::visible(&detail, 160));
    let href = to(&format!("/audit/{}", entry.entry.sequence));
    view! {
        <tr>
            <td class="when"><When at=at/></td>
            <th scope="row"><a href=href><code>{entry.entry.act.clone()}</code></a> " " {text::visible(&entry.entry.target, 120)}
                {detail.map(|detail| view! { " " <span class="note">{detail}</span> })}</th>
            <td data-label="by">{text::visible(&entry.actor_name, 64)} " "
                {(entry.entry.actor_kind != "person").then(|| view! { <Badge word=entry.entry.actor_kind.clone()/> })}</td>
            <td class="note" data-fold="hide"><code>{entry.address.clone()}</code></td>
            <td><State tone=tone word=word/></td>
        </tr>
    }
}
