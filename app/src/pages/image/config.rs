//! What an image runs: entrypoint, command, environment and the rest of its configuration.

use super::troubles::{Needs, PartTrouble};
use crate::parts::first;
use domain::{
    config::{Config, words},
    text,
};
use leptos::prelude::*;
use operations::images::Part;

/// Longer values are cut; the raw configuration has all of them.
const MOST: usize = 2_000;

/// The configuration, field by field.
#[component]
pub fn ConfigFacts(
    /// The configuration, if there is one.
    config: Part<Config>,
) -> impl IntoView {
    let inside = match config {
        Part::Here(config) => fields(&config).into_any(),
        Part::None => view! { <p class="quiet">"This image has none."</p> }.into_any(),
        Part::Needs(permission) => view! { <Needs permission=permission/> }.into_any(),
        Part::Failed(trouble) => view! { <PartTrouble what="It could not be read." trouble=trouble/> }.into_any(),
    };
    view! { <section class="stack" aria-labelledby="config"><h2 id="config">"Config"</h2>{inside}</section> }
}

fn fields(config: &Config) -> impl IntoView + use<> {
    let one = |text: Option<&String>| text.cloned().into_iter().collect::<Vec<_>>();
    let line = |list: Option<&Vec<String>>| {
        list.filter(|list| !list.is_empty()).map(|list| words(list)).into_iter().collect::<Vec<_>>()
    };
    let usual = [
        ("Entrypoint", line(config.entrypoint.as_ref())),
        ("Command", line(config.cmd.as_ref())),
        ("User", one(config.user.as_ref())),
        ("Directory", one(config.workdir.as_ref())),
        ("Ports", config.ports.clone()),
        ("Volumes", config.volumes.clone()),
        ("Health check", config.healthcheck.as_ref().map(domain::config::Healthcheck::line).into_iter().collect()),
        ("Stop signal", one(config.stop_signal.as_ref())),
        ("Environment", config.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
    ];
    let rare = [
        ("Shell", line(config.shell.as_ref())),
        ("Triggers", config.on_build.clone()),
        ("Author", one(config.author.as_ref())),
    ];
    let platform = config.platform.is_known().then(|| config.platform.label());
    let notes = config.notes.clone();
    view! {
        <dl>
            {usual.map(|(name, lines)| field(name, lines)).collect_view()}
            {rare.into_iter().filter(|(_, lines)| !lines.is_empty()).map(|(name, lines)| field(name, lines)).collect_view()}
            {platform.map(|name| field("Platform", vec![name]))}
            <dt>"Created"</dt>
            {match config.created {
                Some(at) => view! { <dd><time datetime=at.rfc3339()>{at.utc()}</time></dd> }.into_any(),
                None => view! { <dd class="quiet">"not told"</dd> }.into_any(),
            }}
        </dl>
        {notes.into_iter().take(5).map(|note| view! { <p class="note">{text::visible(&note, 300)}</p> }).collect_view()}
    }
}

fn field(name: &'static str, lines: Vec<String>) -> impl IntoView {
    if lines.is_empty() {
        return view! { <dt>{name}</dt><dd class="quiet">"none"</dd> }.into_any();
    }
    let (mut lines, rest) = first(lines);
    lines.extend(rest);
    let lines = lines.into_iter().enumerate().map(|(n, line)| {
        let line = text::visible(&line, MOST);
        view! { {(n > 0).then(|| view! { <br/> })} {line} }
    });
    view! { <dt>{name}</dt><dd class="mono">{lines.collect_view()}</dd> }.into_any()
}
