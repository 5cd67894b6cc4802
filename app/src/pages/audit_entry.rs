//! One entry of the audit log, whole.

use super::audit::ended;
use crate::{
    api,
    base::to,
    parts::{Crumb, Head, State, When, nothing, page},
};
use domain::text;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::collections::BTreeMap;

/// The fields of a JSON object, one a line: `connection.address` and its value.
fn flat(prefix: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flat(&path, value, into);
            }
        }
        serde_json::Value::Null => {}
        serde_json::Value::String(text) => _ = into.insert(prefix.to_owned(), text.clone()),
        other => _ = into.insert(prefix.to_owned(), other.to_string()),
    }
}

/// Before and after side by side: field, before, after, for the fields that differ or stand on one side only.
fn differences(before: Option<&str>, after: Option<&str>) -> Vec<(String, Option<String>, Option<String>)> {
    let read = |json: Option<&str>| {
        let mut fields = BTreeMap::new();
        if let Some(value) = json.and_then(|json| serde_json::from_str(json).ok()) {
            flat("", &value, &mut fields);
        }
        fields
    };
    let (before, after) = (read(before), read(after));
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .map(|key| (key.clone(), before.get(key).cloned(), after.get(key).cloned()))
        .filter(|(_, old, new)| old != new)
        .collect()
}

/// The page.
#[component]
pub fn AuditEntry() -> impl IntoView {
    let sequence = use_params_map().get_untracked().get("sequence").unwrap_or_default();
    page(async move {
        let number = sequence.parse().map_err(|_| nothing("There is no such entry."))?;
        let line = api::audit::entry(number).await?;
        let names = api::audit::registries().await?;
        let registry = line.entry.registry_id.and_then(|id| names.into_iter().find(|(own, _)| *own == id));
        let (tone, word) = ended(&line);
        let after = line.entry.after.clone().or(line.ended_after.clone());
        let changes = differences(line.entry.before.as_deref(), after.as_deref());
        let entry = line.entry.clone();
        Ok(view! {
            <Head title=format!("Entry {number}") crumbs=vec![Crumb::new("Audit", "/audit")] facts=view! { <State tone=tone word=word/> }.into_any()/>
            <dl>
                <dt>"Act"</dt><dd><code>{entry.act}</code></dd>
                <dt>"On"</dt><dd>{text::visible(&entry.target, 300)}</dd>
                {registry.map(|(id, name)| view! { <dt>"Registry"</dt><dd><a href=to(&format!("/audit?registry={id}"))>{name}</a></dd> })}
                {entry.repository.map(|name| view! { <dt>"Repository"</dt><dd><code>{name}</code></dd> })}
                <dt>"When"</dt><dd>{entry.at.utc()} " (" <When at=entry.at/> ")"</dd>
                {line.ended_at.map(|at| view! { <dt>"Ended"</dt><dd>{at.utc()}</dd> })}
                <dt>"Who"</dt><dd>{text::visible(&line.actor_name, 64)} " (" {entry.actor_kind} ", by " {entry.via} ")"</dd>
                <dt>"From"</dt><dd><code>{line.address}</code></dd>
                <dt>"With"</dt><dd>{text::visible(&line.agent, 200)}</dd>
                <dt>"Request"</dt><dd><code>{entry.request_id}</code></dd>
                {line.detail.map(|detail| view! { <dt>"Why"</dt><dd>{text::visible(&detail, 500)}</dd> })}
                <dt>"Hash"</dt><dd><code>{line.hash}</code></dd>
            </dl>
            {(!changes.is_empty()).then(|| view! {
                <section class="stack" aria-labelledby="changes">
                    <h2 id="changes">"What changed"</h2>
                    <table class="diff">
                        <thead><tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
                        <tbody>
                            {changes.into_iter().map(|(field, old, new)| view! {
                                <tr>
                                    <th scope="row">{text::visible(&field, 100)}</th>
                                    <td>{old.map(|old| view! { <del>{text::visible(&old, 400)}</del> })}</td>
                                    <td>{new.map(|new| view! { <ins>{text::visible(&new, 400)}</ins> })}</td>
                                </tr>
                            }).collect_view()}
                        </tbody>
                    </table>
                </section>
            })}
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let before = r#"{"name":"a","connection":{"address":"https://x","concurrency":8}}"#;
        let after = r#"{"name":"b","connection":{"address":"https://x","concurrency":9},"id":1}"#;
        let text = |s: &str| Some(s.to_owned());
        assert_eq!(
            differences(Some(before), Some(after)),
            [
                ("connection.concurrency".to_owned(), text("8"), text("9")),
                ("id".to_owned(), None, text("1")),
                ("name".to_owned(), text("a"), text("b")),
            ]
        );
        assert!(differences(None, Some("no json")).is_empty());
    }
}
