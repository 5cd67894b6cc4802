//! A registry's connection: its settings, its probe, and what one can do with it.

use crate::{
    api,
    base::to,
    context::form_error,
    parts::{Badge, ConnectionFields, Crumb, Findings, Head, Icon, PostForm, State, Tone, When, page},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page.
#[component]
pub fn Connection() -> impl IntoView {
    let name = use_params_map().get_untracked().get("registry").unwrap_or_default();
    let query = use_query_map().get_untracked();
    let (asked, saved) = (query.get("draft"), query.get("saved"));
    page(async move {
        let details = api::connections::details(&name).await?;
        let error = form_error("/do/registry-edit")
            .or_else(|| form_error("/do/registry-test"))
            .or_else(|| form_error("/do/registry-paste"));
        let id = error.as_ref().and_then(|e| e.typed("draft")).or(asked);
        let draft = id.as_deref().and_then(api::connections::draft).filter(|draft| draft.form.was == name);
        let tested = draft.as_ref().is_some_and(|draft| draft.report.is_some());
        let (form, stored, report) = match draft {
            Some(draft) => (draft.form, draft.stored, draft.report.or(details.report)),
            None => (details.form, details.stored, details.report),
        };
        let done = match saved.as_deref() {
            Some("added") => Some("The registry is added."),
            Some("edited") => Some("The connection is saved."),
            Some("on") => Some("The registry is switched on."),
            Some("off") => Some("The registry is switched off: nothing asks it any more."),
            Some("probed") if details.probing => None,
            Some("probed") => Some("The registry is probed."),
            _ => None,
        };
        let (enabled, unreadable, probing) = (details.enabled, details.unreadable, details.probing && !tested);
        let undo = (saved.as_deref() == Some("off") && !enabled)
            .then(|| view! { <Switch name=name.clone() on=true words="Switch on again"/> });
        let (plain, anybody) = (form.address.starts_with("http://"), form.trust == "anybody");
        let facts = view! {
            <span><code>{details.address.clone()}</code></span>
            {(!enabled).then(|| view! { <Badge word="switched off"/> })}
            {plain.then(|| view! { <Badge word="plain HTTP" tone=Tone::Danger/> })}
            {anybody.then(|| view! { <Badge word="trusts any certificate" tone=Tone::Danger/> })}
        };
        let actions = view! {
            <a class="button" href=to(&format!("/registries/{name}"))>"Browse"</a>
            <a class="button" href=to(&format!("/settings/registries/{name}/use"))>"Use this registry"</a>
            <a class="button" href=to(&format!("/settings/registries/{name}/tokens"))>"Tokens"</a>
        };
        let (remove, save, own) =
            (to(&format!("/settings/registries/{name}/remove")), format!("Save {name}"), name.clone());
        let title = name.clone();
        Ok(view! {
            <Head title=title crumbs=vec![Crumb::new("Registries", "/settings/registries")] facts=facts.into_any() actions=actions.into_any()/>
            {done.map(|text| view! { <div class="notice" data-tone="good" role="status"><Icon name="check"/><p>{text}</p>{undo}</div> })}
            {unreadable.then(|| view! {
                <div class="notice" data-tone="danger" role="alert"><Icon name="alert"/>
                    <p><b>"The stored credentials can’t be read."</b></p>
                    <p>"The key file in the data directory is not the one they were sealed with. Enter them again, or put the right key file back and restart."</p></div>
            })}
            <div class="split" data-side="even">
                <ConnectionFields form=form draft=id error=error stored=stored action="/do/registry-edit" button=save/>
                <section class="sided stack" aria-labelledby="probe">
                    {tested.then(|| view! { <p class="note">"Found with what is typed on the left, which is not saved yet."</p> })}
                    <div class="stack" id="found" data-refresh="">
                        {probing.then(|| view! { <p role="status" data-poll="1500"><State tone=Tone::Accent word="The probe is under way."/></p> })}
                        {match report {
                            Some(report) => view! { <Findings report=report/> }.into_any(),
                            None if probing => view! { <h2 id="probe">"Being probed"</h2> }.into_any(),
                            None => view! { <h2 id="probe">"Not probed yet"</h2> <p>"Nothing is known of what this registry can do."</p> }.into_any(),
                        }}
                    </div>
                    {(!details.drift.is_empty()).then(|| view! {
                        <h2 id="changed">"What changed"</h2>
                        <ul>{details.drift.into_iter().map(|one| view! { <li>{one.sentence}" Seen "<When at=one.at/>"."</li> }).collect_view()}</ul>
                    })}
                    <div class="actions">
                        {if enabled {
                            view! {
                                <PostForm action="/do/registry-probe">
                                    <input type="hidden" name="name" value=name/><button>"Probe again"</button>
                                </PostForm>
                            }.into_any()
                        } else {
                            view! {
                                <button type="button" aria-disabled="true" aria-describedby="unasked">"Probe again"</button>
                                <span class="note" id="unasked">"Nothing asks a registry that is switched off."</span>
                            }.into_any()
                        }}
                        <Switch name=own on=!enabled words=if enabled { "Switch off" } else { "Switch on" }/>
                        <a class="button" href=remove><span class="danger">"Remove"</span></a>
                    </div>
                </section>
            </div>
        })
    })
}

/// The button that switches a registry on or off.
#[component]
fn Switch(
    /// Which.
    name: String,
    /// On?
    on: bool,
    /// The button's words.
    words: &'static str,
) -> impl IntoView {
    view! {
        <PostForm action="/do/registry-switch">
            <input type="hidden" name="name" value=name/><input type="hidden" name="on" value=if on { "on" } else { "off" }/>
            <button>{words}</button>
        </PostForm>
    }
}
