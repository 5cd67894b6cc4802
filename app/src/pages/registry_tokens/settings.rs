//! How tokens for a registry are issued: the form.

use crate::{
    context::form_error,
    parts::{Field, PostForm},
};
use leptos::prelude::*;
use operations::{
    token_keys::Algorithm,
    token_server::{LONGEST_LIFE, SHORTEST_LIFE},
    token_settings::{RegistryTokens as Shown, TokenSettingsForm},
};

const SETTINGS: &str = "/do/registry-tokens";

/// What an algorithm is good for, in a line.
fn words(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "Every distribution registry takes it, and it signs fast.",
        Algorithm::Rs256 => "For registries that know nothing else, such as older zot.",
        Algorithm::EdDsa => "distribution 3 and zot. distribution 2.8 does not start with such a certificate.",
    }
}

/// The form.
#[component]
pub(super) fn Settings(
    /// All about it.
    shown: Shown,
) -> impl IntoView {
    let error = form_error(SETTINGS);
    let of = |field: &str| error.as_ref().and_then(|e| e.of(field));
    let (wrong_algorithm, wrong_seconds) = (of("algorithm"), of("seconds"));
    let typed = |field: &str| error.as_ref().and_then(|e| e.typed(field));
    let now = TokenSettingsForm::from(shown.settings);
    let algorithm = typed("algorithm").unwrap_or(now.algorithm);
    let seconds = typed("seconds").unwrap_or(now.seconds);
    let passwords = typed("passwords").unwrap_or(now.passwords) == "on";
    view! {
        <section class="stack" aria-labelledby="settings">
            <h2 id="settings">"How tokens are issued"</h2>
            <PostForm action=SETTINGS error=error class="stack">
                <input type="hidden" name="registry" value=shown.registry.to_string()/>
                <fieldset class="stack"><legend>"Signed with"</legend>
                    <div class="stack" data-gap="narrow">
                        {Algorithm::ALL.map(|one| view! {
                            <label class="tick">
                                <input type="radio" name="algorithm" value=one.as_str() checked=algorithm == one.as_str()/>
                                <span><code>{one.as_str()}</code>" "<span class="note">{words(one)}</span></span>
                            </label>
                        }).collect_view()}
                    </div>
                    {wrong_algorithm.map(|wrong| view! { <p class="error">{wrong}</p> })}
                    <p class="note">"Another algorithm has other certificates: give them to the registry at once, else it refuses every token."</p>
                </fieldset>
                <label class="tick"><input type="checkbox" name="passwords" value="on" checked=passwords/>
                    <span>"People may sign in with their passwords. Without this only tokens and robots’ secrets are taken."
                        {shown.no_passwords.then(|| view! { " " <b>"It is off for the whole program, whatever is chosen here: Wharfinger was started with "<code>"--token-passwords off"</code>"."</b> })}</span></label>
                <Field name="seconds" label="Seconds that a token lives"
                    hint=format!("From {SHORTEST_LIFE} to {LONGEST_LIFE}. So long what was handed out is good after a right was taken away.")
                    kind="number" value=seconds error=wrong_seconds required=true/>
                <p class="actions"><button>"Save the settings"</button></p>
            </PostForm>
        </section>
    }
}
