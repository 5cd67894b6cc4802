//! The fields of a connection, for a new registry and for one that is edited.

use super::{Field, PostForm};
use crate::{base::to, context::post_to, error::AppError};
use leptos::prelude::*;
use operations::connections::ConnectionForm;

/// A choice among a few, as radio buttons.
#[component]
fn Choice(
    /// The name it posts under.
    name: &'static str,
    /// Value and words of each.
    options: Vec<(&'static str, AnyView)>,
    /// The chosen value.
    value: String,
    /// Beside each other.
    #[prop(optional)]
    across: bool,
) -> impl IntoView {
    let class = if across { "cluster ways" } else { "stack" };
    view! {
        <div class=class data-gap="narrow">
            {options.into_iter().map(|(key, words)| view! {
                <label class="tick">
                    <input type="radio" name=name value=key checked=key == value/>
                    <span>{words}</span>
                </label>
            }).collect_view()}
        </div>
    }
}

/// The form with its buttons.
#[component]
pub fn ConnectionFields(
    /// What stands in it; secrets are never shown.
    form: ConnectionForm,
    /// Where its values are kept on the server, if it was tested or refused.
    draft: Option<String>,
    /// What the last try brought back.
    #[prop(optional_no_strip)]
    error: Option<AppError>,
    /// The secrets that are stored already (or kept with the draft) and stay if left empty.
    stored: operations::connections::Stored,
    /// `/do/registry-add` or `/do/registry-edit`.
    action: &'static str,
    /// The button's words.
    button: String,
) -> impl IntoView {
    let of = |field: &str| error.as_ref().and_then(|e| e.of(field));
    let kept = |is: bool, words: &str| {
        if is { format!("{words} One is stored; leave this empty to keep it.") } else { words.to_owned() }
    };
    let errors = [
        "name",
        "address",
        "description",
        "username",
        "password",
        "identity_token",
        "authority",
        "client_certificate",
        "client_key",
        "proxy",
        "proxy_credentials",
        "connect_timeout",
        "request_timeout",
        "concurrency",
        "realm_host",
        "docker_config",
    ]
    .map(of);
    let [
        e_name,
        e_address,
        e_description,
        e_username,
        e_password,
        e_token,
        e_authority,
        e_certificate,
        e_key,
        e_proxy,
        e_proxy_credentials,
        e_connect,
        e_request,
        e_concurrency,
        e_realm,
        e_config,
    ] = errors;
    let open = |touched: bool| touched.then_some("");
    let advanced = !form.client_certificate.is_empty()
        || !form.proxy.is_empty()
        || !form.realm_host.is_empty()
        || [&e_certificate, &e_key, &e_proxy, &e_connect, &e_request, &e_concurrency, &e_realm]
            .iter()
            .any(|e| e.is_some());
    let pasted = e_config.is_some();
    let signs = vec![
        ("none", "Not at all".into_any()),
        ("basic", "Basic".into_any()),
        ("token", "Token challenge".into_any()),
        ("identity-token", "Identity token".into_any()),
        ("token-server", "This program’s token server".into_any()),
    ];
    let trusts = vec![
        ("system", "The system’s certificates".into_any()),
        ("authority", "The authority below".into_any()),
        ("anybody", view! { "Any certificate. " <span class="danger">"Whoever stands between can read and change everything."</span> }.into_any()),
    ];
    view! {
        <PostForm action=action error=error class="stack">
            <input type="hidden" name="was" value=form.was.clone()/>
            <input type="hidden" name="version" value=form.version.clone()/>
            <input type="hidden" name="draft" value=draft.unwrap_or_default()/>
            <div class="stack">
                <Field name="name" label="Name" hint="A short word. It stands in every link and in the audit log." value=form.name error=e_name required=true/>
                <Field name="address" label="Address" hint="Such as https://registry.example.com:5000. Write http:// where there is no TLS: passwords then travel in the clear."
                    value=form.address error=e_address mono=true required=true/>
                <Field name="description" label="Description" value=form.description error=e_description/>
            </div>
            <div class="section"><fieldset class="stack"><legend>"How we sign in"</legend>
                <Choice name="sign_in" options=signs value=form.sign_in across=true/>
                <div class="pair">
                    <Field name="username" label="User" value=form.username error=e_username/>
                    <Field name="password" label="Password" hint=kept(stored.password, "") kind="password" error=e_password autocomplete="new-password"/>
                </div>
                <Field name="identity_token" label="Identity token" hint=kept(stored.identity_token, "Instead of user and password, for registries that gave one.")
                    kind="password" error=e_token autocomplete="new-password"/>
                <p class="note">"With this program’s token server no secret is needed: Wharfinger makes its own tokens, for what each request needs and nothing else. The registry’s Tokens page writes its configuration."</p>
                <p class="note">"Secrets are sealed before they are stored, and never shown again."</p>
                <details open=open(pasted)><summary>"Paste a Docker config.json instead"</summary>
                    <div class="stack">
                        <Field name="docker_config" label="config.json" hint="The entry for this address fills user and password. Nothing else of it is kept."
                            kind="area" mono=true error=e_config/>
                        <p class="actions"><button formaction=post_to("/do/registry-paste") formnovalidate="">"Fill from config.json"</button></p>
                    </div>
                </details>
            </fieldset></div>
            <div class="section"><fieldset class="stack"><legend>"Whom we trust"</legend>
                <Choice name="trust" options=trusts value=form.trust/>
                <Field name="authority" label="Certificate authority, PEM" kind="area" mono=true value=form.authority error=e_authority/>
            </fieldset></div>
            <div class="section"><details open=open(advanced)><summary>"Client certificate, proxy, limits"</summary>
                <div class="stack">
                    <Field name="client_certificate" label="Our certificate for mutual TLS, PEM" kind="area" mono=true value=form.client_certificate error=e_certificate/>
                    <Field name="client_key" label="Its private key, PEM" hint=kept(stored.client_key, "Sealed like a password.") kind="area" mono=true error=e_key/>
                    <div class="pair">
                        <Field name="proxy" label="Proxy" hint="http://, https:// or socks5://. None is used unless set." value=form.proxy error=e_proxy mono=true/>
                        <Field name="proxy_credentials" label="Its user:password" hint=kept(stored.proxy_credentials, "") kind="password" error=e_proxy_credentials autocomplete="new-password"/>
                    </div>
                    <div class="pair">
                        <Field name="connect_timeout" label="Seconds to connect" value=form.connect_timeout error=e_connect/>
                        <Field name="request_timeout" label="Seconds a request" value=form.request_timeout error=e_request/>
                        <Field name="concurrency" label="Requests at once" value=form.concurrency error=e_concurrency/>
                    </div>
                    <Field name="realm_host" label="Token server on another host" hint="Our credentials go there only if you name it here, such as auth.example.com."
                        value=form.realm_host error=e_realm mono=true/>
                    <label class="tick"><input type="checkbox" name="probe_delete" value="on" checked=form.probe_delete == "on"/>
                        <span>"The probe may ask to delete a random digest, to see whether deleting is allowed. Nothing can have that digest."</span></label>
                </div>
            </details></div>
            <p class="actions">
                <button data-tone="primary">{button}</button>
                <button formaction=post_to("/do/registry-test")>"Test"</button>
                <a class="button" data-tone="plain" href=to("/settings/registries")>"Cancel"</a>
            </p>
        </PostForm>
    }
}
