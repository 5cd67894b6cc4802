//! One's access tokens: the new one, shown once; the list; the form that makes one.

use crate::{
    base::to,
    context::form_error,
    error::AppError,
    parts::{Badge, Field, Icon, PostForm, TextCommand, When},
};
use domain::{Permission, Restriction};
use leptos::prelude::*;
use operations::tokens::TokenRow;

/// Days to choose from.
const LIVES: [(&str, &str); 5] =
    [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("never", "until it is revoked")];

/// What is chosen at first.
const USUAL: &str = "90";

/// What a token can be restricted to: strangers' permissions are no use to it.
fn grantable() -> impl Iterator<Item = Permission> {
    Permission::ALL.iter().copied().filter(|own| !matches!(own, Permission::SignIn | Permission::SetUp))
}

/// The part of the profile about tokens.
#[component]
pub fn Tokens(
    /// All of them, the newest first.
    tokens: Vec<TokenRow>,
    /// The registries to choose from.
    registries: Vec<String>,
    /// The token that was made just now.
    #[prop(optional_no_strip)]
    made: Option<String>,
) -> impl IntoView {
    let none = tokens.is_empty();
    let revoke_error = form_error("/do/token-revoke");
    view! {
        <section class="stack" aria-labelledby="tokens">
            <h2 id="tokens">"Access tokens"</h2>
            <p class="quiet">"For programs that act for you over the " <a href=to("/api/v1")>"API"</a>
                ", and for " <code>"docker login"</code> " under your name, with the token as the password. Each can do what you may do, as far as it is not restricted."</p>
            {made.map(|secret| view! {
                <div class="notice" data-tone="good" role="status">
                    <Icon name="check"/>
                    <p><b>"Copy the token now: it is shown only this once."</b></p>
                    <TextCommand text=secret what="token"/>
                </div>
            })}
            {(!none).then(|| view! {
                <table data-fold="">
                    <thead><tr><th scope="col">"Token"</th><th scope="col">"May do"</th><th scope="col" class="num">"Made"</th>
                        <th scope="col" class="num">"Last used"</th><th scope="col" class="num">"Ends"</th>
                        <th scope="col"><span class="sr">"Revoke it"</span></th></tr></thead>
                    <tbody>{tokens.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
                </table>
            })}
            {none.then(|| view! { <p class="empty">"You have no tokens."</p> })}
            {revoke_error.map(|error| view! { <div class="notice" data-tone="danger" role="alert"><Icon name="alert"/><p>{error.message}</p></div> })}
            <NewToken registries=registries/>
        </section>
    }
}

/// A token in its row.
#[component]
fn Row(
    /// Which.
    row: TokenRow,
) -> impl IntoView {
    let name = domain::text::visible(&row.name, 100);
    let may = may_do(&row.restriction, row.registry.as_deref());
    view! {
        <tr>
            <th scope="row">{name.clone()} " " <code class="note">{row.prefix.clone()}</code> " "
                {row.expired.then(|| view! { <Badge word="expired"/> })}</th>
            <td class="note" data-fold="row">{may}</td>
            <td class="note num" data-label="made"><When at=row.created/></td>
            <td class="note num" data-label="last used">{match row.last_used {
                Some(at) => view! { <When at=at/> " " <code>{row.last_address}</code> }.into_any(),
                None => "never".into_any(),
            }}</td>
            <td class="note num" data-label="ends">{match row.expires {
                Some(at) => view! { <time datetime=at.rfc3339() title=at.utc()>{at.rfc3339().get(..10).unwrap_or_default().to_owned()}</time> }.into_any(),
                None => "not by itself".into_any(),
            }}</td>
            <td class="num">
                <details><summary>"Revoke"<span class="sr">{format!(" {name}")}</span></summary>
                    <PostForm action="/do/token-revoke">
                        <input type="hidden" name="prefix" value=row.prefix/>
                        <button data-size="small" data-tone="danger">{format!("Revoke {name}")}</button>
                    </PostForm>
                </details>
            </td>
        </tr>
    }
}

/// What a token may do, in words.
fn may_do(restriction: &Restriction, registry: Option<&str>) -> String {
    let permissions = restriction.permissions();
    let what = match permissions {
        [] => "all that you may do".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let place = match (restriction.registry(), registry) {
        (None, _) => String::new(),
        (Some(_), Some(name)) => format!(", in {name}"),
        (Some(id), None) => format!(", in registry {id}, which is gone"),
    };
    let names = restriction.repositories().map(|pattern| format!(", on {pattern}")).unwrap_or_default();
    format!("{what}{place}{names}")
}

/// The form that makes a token.
#[component]
fn NewToken(
    /// The registries to choose from.
    registries: Vec<String>,
) -> impl IntoView {
    let error = form_error("/do/token-create");
    let of = |field: &str| error.as_ref().and_then(|error: &AppError| error.of(field));
    let typed = |field: &str| error.as_ref().and_then(|error: &AppError| error.typed(field)).unwrap_or_default();
    let (name, days, repositories) = (typed("name"), typed("days"), typed("repositories"));
    let days = if days.is_empty() { USUAL.to_owned() } else { days };
    let (registry, permissions) = (typed("registry"), typed("permissions"));
    let ticked = move |own: Permission| permissions.split(' ').any(|name| name == own.as_str());
    let errors = [of("name"), of("days"), of("permissions"), of("registry"), of("repositories")];
    let open = errors[2..].iter().any(Option::is_some)
        || grantable().any(&ticked)
        || !registry.is_empty()
        || !repositories.is_empty();
    let [name_error, days_error, permissions_error, registry_error, repositories_error] = errors;
    let failed = error.is_some();
    let wrong =
        |error: Option<String>| error.map(|error| view! { <span class="error"><Icon name="alert"/>{error}</span> });
    view! {
        <details open=failed><summary>"Make a token"</summary>
            <PostForm action="/do/token-create" error=error class="stack">
                <Field name="name" label="What it is for" value=name error=name_error required=true placeholder="nightly report"/>
                <p class="field"><label for="days">"It lives"</label>
                    <select id="days" name="days">
                        {LIVES.map(|(value, word)| view! { <option value=value selected=value == days>{word}</option> }).collect_view()}
                    </select>
                    {wrong(days_error)}
                </p>
                <details open=open><summary>"Restrict what it may do"</summary>
                    <div class="stack">
                        <fieldset class="stack" data-gap="narrow"><legend>"Only these permissions"</legend>
                            <p class="note">"None ticked: all that you have. Who may pull may see."</p>
                            {grantable().map(|own| view! {
                                <label class="tick"><input type="checkbox" name="permissions[]" value=own.as_str() checked=ticked(own)/>
                                    <span><code>{own.as_str()}</code> " " <span class="note">{own.purpose()}</span></span></label>
                            }).collect_view()}
                            {wrong(permissions_error)}
                        </fieldset>
                        <p class="field"><label for="registry">"Only in this registry"</label>
                            <select id="registry" name="registry">
                                <option value="">"all registries"</option>
                                {registries.into_iter().map(|name| view! { <option value=name.clone() selected=name == registry>{name.clone()}</option> }).collect_view()}
                            </select>
                            {wrong(registry_error)}
                        </p>
                        <Field name="repositories" label="Only on these repositories" hint="A pattern such as storefront/*; empty for all."
                            value=repositories error=repositories_error mono=true/>
                    </div>
                </details>
                <p class="actions"><button data-tone="primary">"Make token"</button></p>
            </PostForm>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_token_may_do_is_said_in_words() {
        let pattern = || Some("team/*".parse().expect("a pattern"));
        let pull = Restriction::new([Permission::RepositoryView], Some(1), pattern());
        assert_eq!(may_do(&Restriction::default(), None), "all that you may do");
        assert_eq!(may_do(&pull, Some("lab")), "registry.view, repository.view, in lab, on team/*");
        assert_eq!(
            may_do(&Restriction::new([], Some(7), None), None),
            "all that you may do, in registry 7, which is gone"
        );
    }
}
