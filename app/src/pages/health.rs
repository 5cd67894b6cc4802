//! The health of a registry's content: what is checked, what was found, and what to do about it.

mod list;

use crate::{
    api,
    base::to,
    context::form_error,
    parts::{
        Address, Badge, Crumb, Denied, Head, PostForm, RiskBadge, State, Tone, When, WhyNot,
        covered::CoveredNote,
        page, place,
        tabs::{RegistryTab, RegistryTabs},
    },
};
use domain::{Permission, RegistryName, health::Level, text};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use list::Struck;
use operations::health::{CheckRow, Health as Shown, HealthQuery, Off};

/// What the address says of the page.
const NAMES: [&str; 3] = ["check", "after", "before"];
/// What switches a check.
const ACTION: &str = "/do/check-switch";

/// The page.
#[component]
pub fn Health() -> impl IntoView {
    let registry = use_params_map().get_untracked().get("registry").unwrap_or_default();
    let address = Address::here(format!("/health/{registry}"), &NAMES);
    page(async move {
        let value = |name: &str| address.get(name).to_owned();
        let query = HealthQuery { check: value("check"), after: value("after"), before: value("before") };
        let shown = api::health::health(&registry, &query).await?;
        let topic = shown.topic.clone();
        Ok(view! {
            <Top shown=shown.clone()/>
            <div class="stack" data-gap="wide" id="health" data-refresh="" data-topic=topic>
                {match shown.shown.clone() {
                    Some((row, page)) => view! { <Struck address=address row=row page=page registry=shown.registry/> }.into_any(),
                    None => view! { <Checks shown=shown/> }.into_any(),
                }}
            </div>
        })
    })
}

#[component]
fn Top(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let name = shown.registry.to_string();
    let mut crumbs = vec![Crumb::new("Registries", "/"), Crumb::new(name.clone(), &place::registry_path(&name))];
    let title = match &shown.shown {
        Some((row, _)) => {
            crumbs.push(Crumb::new("Content health", &format!("/health/{name}")));
            row.check.title().to_owned()
        }
        None => format!("Content health of {name}"),
    };
    let facts = view! {
        <CoveredNote covered=shown.covered/>
        {shown.as_of.map(|at| view! { <span>"as of "<When at=at/></span> })}
        {shown.risk.map(|risk| view! { <span><RiskBadge risk=Some(risk)/></span> })}
    };
    view! {
        <Head title=title crumbs=crumbs facts=facts.into_any()/>
        <RegistryTabs registry=shown.registry current=RegistryTab::Health repositories=shown.repositories manage=shown.may_switch/>
    }
}

/// The checks, in the order of how bad what they find is.
#[component]
fn Checks(
    /// What there is.
    shown: Shown,
) -> impl IntoView {
    let error = form_error(ACTION);
    let strikes = |row: &&CheckRow| row.off.is_none() && row.count.is_some_and(|count| count.number > 0);
    let found = shown.checks.iter().filter(strikes).count() as u64;
    let danger = shown.checks.iter().filter(strikes).any(|row| row.check.level() == Level::Danger);
    let hidden = shown.hidden as u64;
    let (registry, may) = (shown.registry, shown.may_switch);
    let (on, off): (Vec<_>, Vec<_>) = shown.checks.into_iter().partition(|row| row.off.is_none());
    let rows = |rows: Vec<CheckRow>| {
        let registry = registry.clone();
        rows.into_iter().map(move |row| view! { <Row row=row registry=registry.clone() may=may/> }).collect_view()
    };
    let (tone, word) = match (found, danger) {
        (0, _) => (Tone::Good, "Nothing was found in what is read.".to_owned()),
        (_, true) => (
            Tone::Danger,
            format!("{} something, and pulls fail.", text::counted(found, "check found", "checks found")),
        ),
        _ => (
            Tone::Idle,
            format!(
                "{} something. Nothing is known that stops a pull.",
                text::counted(found, "check found", "checks found")
            ),
        ),
    };
    view! {
        {error.map(|error| view! { <div class="notice" data-tone="danger" role="alert"><p><b>{error.message}</b></p></div> })}
        <p><State tone=tone word=word/></p>
        <table data-fold="" class="checks">
            <thead><tr><th scope="col">"Check"</th><th scope="col" class="num">"Found"</th><th scope="col">"What it means, and what to do"</th><th scope="col"><span class="sr">"Switch"</span></th></tr></thead>
            <tbody>{rows(on)}</tbody>
            {(!off.is_empty()).then(|| view! {
                <tbody><tr class="group"><th scope="rowgroup" colspan="4">"Switched off"</th></tr>{rows(off)}</tbody>
            })}
        </table>
        {(!may).then(|| view! { <p><Denied label="Switch a check off" permission=Permission::RegistryManage/></p> })}
        {(hidden > 0).then(|| view! {
            <p class="note">{format!("{} not shown: they tell of configurations, and need the permission repository.pull. ", text::counted(hidden, "check is", "checks are"))}
                <WhyNot what="see them" permission=Permission::RepositoryPull/></p>
        })}
    }
}

/// What a level looks like.
pub(super) fn tone(level: Level) -> Tone {
    match level {
        Level::Danger => Tone::Danger,
        Level::Warn => Tone::Warn,
        Level::Note => Tone::Idle,
    }
}

#[component]
fn Row(
    /// Which check.
    row: CheckRow,
    /// In which registry.
    registry: RegistryName,
    /// May who asks switch it?
    may: bool,
) -> impl IntoView {
    let CheckRow { check, count, off } = row;
    let name = check.as_str();
    let href = Address::new(format!("/health/{registry}"), vec![("check", name.to_owned())]).href();
    let tone =
        if off.is_some() || count.is_some_and(|count| count.number == 0) { Tone::Idle } else { tone(check.level()) };
    let figure = match count {
        None => view! { <a href=href>"Look"</a> }.into_any(),
        Some(count) if count.number == 0 => view! { <span class="quiet">"none"</span> }.into_any(),
        Some(count) => {
            let plus = if count.exact { "" } else { "+" };
            let (one, several) = check.about().counted_in();
            let unit = if count.number == 1 && count.exact { one } else { several };
            let label = format!("{}{plus} {unit}: {}", text::count(count.number), check.title());
            view! { <a href=href aria-label=label>{text::count(count.number)}{plus}</a>" "<span class="note">{unit}</span> }.into_any()
        }
    };
    let switch = match off {
        _ if !may => ().into_any(),
        Some(Off::Everywhere) => view! { <Badge word="off in all registries"/> <Switch registry=registry check=name on=true scope="all" title=check.title()/> }.into_any(),
        Some(Off::Here) => view! { <Switch registry=registry check=name on=true scope="here" title=check.title()/> }.into_any(),
        None => view! { <Switch registry=registry check=name on=false scope="here" title=check.title()/> }.into_any(),
    };
    view! {
        <tr data-key=name>
            <th scope="row"><State tone=tone word=check.level().as_str() quiet=true/>" "{check.title()}</th>
            <td class="num nowrap">{figure}</td>
            <td class="note" data-fold="row">{check.explanation()}" "<b>{check.what_to_do()}</b></td>
            <td class="num">{switch}</td>
        </tr>
    }
}

/// The button that switches a check.
#[component]
fn Switch(
    /// In which registry.
    registry: RegistryName,
    /// Which check.
    check: &'static str,
    /// On?
    on: bool,
    /// `here` or `all`.
    scope: &'static str,
    /// What it is about.
    title: &'static str,
) -> impl IntoView {
    let word = if on { "Switch on" } else { "Switch off" };
    view! {
        <PostForm action=ACTION>
            <input type="hidden" name="registry" value=registry.to_string()/>
            <input type="hidden" name="check" value=check/>
            <input type="hidden" name="on" value=if on { "on" } else { "off" }/>
            <input type="hidden" name="scope" value=scope/>
            <button data-tone="plain" data-size="small" aria-label=format!("{word}: {title}")>{word}</button>
        </PostForm>
    }
}

/// The page of a registry's checks.
pub(super) fn all_checks(registry: &RegistryName) -> String {
    to(&format!("/health/{registry}"))
}
