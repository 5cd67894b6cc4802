//! The keys that sign tokens for registries: which there are, and taking the next one.

mod registries;

use super::{
    AccessHead, AccessTab,
    subject::{Done, Ends, stopped},
};
use crate::{
    api,
    base::to,
    parts::{Badge, Icon, PostForm, State, Tone, When, page},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use operations::token_keys::{KeyRow, KeyState, KeysOfAlgorithm, Readiness};
use registries::{Registries, Unready};

/// The page.
#[component]
pub fn Keys() -> impl IntoView {
    let rotated = use_query_map().get_untracked().get("saved").is_some_and(|saved| saved == "rotated");
    page(async move {
        let all = api::keys::list().await?;
        let soon = all.iter().flat_map(|one| &one.keys).any(|key| key.ends_soon && key.state != KeyState::Retired);
        Ok(view! {
            <AccessHead tab=AccessTab::Keys/>
            {rotated.then(|| view! { <Done text="Rotated. The next key signs from now on, and there is a new one after it."/> })}
            {stopped(&["/do/signing-key-rotate"])}
            {soon.then(|| view! {
                <div class="notice" data-tone="warn" role="status"><Icon name="alert"/>
                    <p>"A certificate ends within a year. Rotate its keys twice in good time: after the first rotation give every registry the new bundle and restart it."</p></div>
            })}
            <p class="quiet">"Tokens for registries are signed here. Registries know the keys by their certificates, which everybody may have: "
                <a href=to("/token/certificates.pem") rel="external" download="tokens.pem">"the bundle"</a> " for registries, "
                <a href=to("/token/jwks.json") rel="external" download="jwks.json">"the key set"</a> " for other programs."</p>
            {all.into_iter().map(|one| view! { <OfAlgorithm one=one/> }).collect_view()}
        })
    })
}

/// The keys of one algorithm.
#[component]
fn OfAlgorithm(
    /// Which, and its keys.
    one: KeysOfAlgorithm,
) -> impl IntoView {
    let name = one.algorithm.as_str();
    let signs = one.keys.iter().find(|key| key.state == KeyState::Current);
    let current = signs.map(|key| key.kid.clone()).unwrap_or_default();
    let lost = one.keys.iter().any(|key| !key.readable);
    let own_bundle = !one.algorithm.known_to_distribution_2();
    let used = match one.registries {
        0 => "No registry uses them.".to_owned(),
        1 => "They sign for 1 registry.".to_owned(),
        more => format!("They sign for {more} registries."),
    };
    view! {
        <section class="stack" aria-labelledby=format!("keys-{name}")>
            <h2 id=format!("keys-{name}")>{name}</h2>
            <p class="quiet">{used} {own_bundle.then(|| view! {
                " Distribution 2.8 does not start with such a certificate, so they have "
                <a href=to(&format!("/token/certificates.pem?algorithm={name}")) rel="external" download=format!("{name}.pem")>"a bundle of their own"</a> "."
            })}</p>
            {lost.then(|| view! {
                <div class="notice" data-tone="danger" role="alert"><Icon name="alert"/>
                    <p>"Keys can’t be unsealed with the key file at hand. Put the right file back and restart, or rotate: both keys are then replaced, and every registry needs the new bundle and a restart."</p></div>
            })}
            <table data-fold="">
                <thead><tr><th scope="col">"Key"</th><th scope="col">"State"</th><th scope="col" class="num">"Made"</th>
                    <th scope="col" class="num">"Since"</th><th scope="col" class="num">"Certificate ends"</th></tr></thead>
                <tbody>{one.keys.into_iter().map(|key| view! { <Row key=key/> }).collect_view()}</tbody>
            </table>
            <Registries all=one.readiness.clone()/>
            <Rotate name=name current=current readiness=one.readiness/>
        </section>
    }
}

/// A key in its row.
#[component]
fn Row(
    /// Which.
    key: KeyRow,
) -> impl IntoView {
    let tone = match key.state {
        _ if !key.readable => Tone::Danger,
        KeyState::Current => Tone::Good,
        KeyState::Next => Tone::Accent,
        KeyState::Retired => Tone::Idle,
    };
    let kept = key.state == KeyState::Retired && key.published;
    view! {
        <tr>
            <th scope="row" class="mono">{key.kid}</th>
            <td data-label="state"><State tone=tone word=key.state.as_str()/> " "
                {(!key.readable).then(|| view! { <Badge word="unreadable" tone=Tone::Danger/> })}
                {kept.then(|| view! { <Badge word="still in the bundle"/> })}</td>
            <td class="note num" data-label="made"><When at=key.created/></td>
            <td class="note num" data-label="since">{match key.since {
                Some(at) => view! { <When at=at/> }.into_any(),
                None => "not yet".into_any(),
            }}</td>
            <td class="note num" data-label="ends"><Ends at=Some(key.ends)/> " " {key.ends_soon.then(|| view! { <Badge word="soon" tone=Tone::Warn/> })}</td>
        </tr>
    }
}

/// Taking the next key, with what that means.
#[component]
fn Rotate(
    /// Of which algorithm.
    name: &'static str,
    /// The key that signs now: what is sent twice must not rotate twice.
    current: String,
    /// The registries that they sign for.
    readiness: Vec<Readiness>,
) -> impl IntoView {
    view! {
        <details><summary>{format!("Rotate the {name} keys")}</summary>
            <Unready all=readiness/>
            <PostForm action="/do/signing-key-rotate" class="stack">
                <input type="hidden" name="algorithm" value=name/>
                <input type="hidden" name="current" value=current/>
                <ul>
                    <li>"The next key signs from now on, and a new one comes after it."</li>
                    <li>"No registry has to be restarted for it: the certificates of both are in the bundle that registries read when they started."</li>
                    <li>"The key that signs now never signs again. Its certificate stays in the bundle for another day, until all that it signed has ended."</li>
                    <li>"Before you rotate once more, give every registry the new bundle and restart it: an old bundle does not know the key after the next. The check on a registry’s page Tokens shows whether it has it."</li>
                </ul>
                <p class="actions"><button data-tone="danger">{format!("Rotate the {name} keys now")}</button></p>
            </PostForm>
        </details>
    }
}
