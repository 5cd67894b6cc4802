//! People: inviting them, links to choose a password, disabling, removing.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    people::{PersonDetails, PersonRow},
    subjects::{ByName, NameQuery},
};

/// A part of the people.
pub async fn list(query: &NameQuery, state: &str) -> Result<ByName<PersonRow>, AppError> {
    answer(operations().people(&actor(), query, state).await)
}

/// One of them.
pub async fn details(name: &str) -> Result<PersonDetails, AppError> {
    answer(operations().person_details(&actor(), name).await)
}

/// The link of this name, once, as a path; and as an address, if the setting says what ours is.
pub fn made(name: &str) -> Option<(String, Option<String>)> {
    let path = operations().held_token(&actor(), name).filter(|text| text.starts_with("/join/"))?;
    let whole = operations().public_address(&path);
    Some((path, whole))
}

/// Where a person's page is.
fn page(name: &str, saved: &str) -> String {
    format!("/access/people/{name}?saved={saved}")
}

/// Makes an account, and the link by which somebody takes it. It stands in no address: the page that comes next asks for it
/// by a name that is good once.
#[server(prefix = "/do", endpoint = "person-invite", input = PostUrl)]
pub async fn person_invite(name: String, display_name: String) -> Result<(), AppError> {
    let typed = [("name", name.as_str()), ("display_name", display_name.as_str())];
    let made = answer_form(operations().invite(&actor(), &name, &display_name).await, &typed)?;
    let held = answer(operations().hold_token(&actor(), made.path))?;
    redirect(&format!("/access/people/{}?made={held}", made.person));
    Ok(())
}

/// Makes another link for somebody.
#[server(prefix = "/do", endpoint = "person-link", input = PostUrl)]
pub async fn person_link(name: String) -> Result<(), AppError> {
    let made = answer(operations().make_link(&actor(), &name).await)?;
    let held = answer(operations().hold_token(&actor(), made.path))?;
    redirect(&format!("/access/people/{}?made={held}", made.person));
    Ok(())
}

/// Voids somebody's link.
#[server(prefix = "/do", endpoint = "person-link-revoke", input = PostUrl)]
pub async fn person_link_revoke(name: String) -> Result<(), AppError> {
    answer(operations().revoke_link(&actor(), &name).await)?;
    redirect(&page(&name, "link"));
    Ok(())
}

/// Keeps somebody from acting.
#[server(prefix = "/do", endpoint = "person-disable", input = PostUrl)]
pub async fn person_disable(name: String) -> Result<(), AppError> {
    answer(operations().disable_person(&actor(), &name, true).await)?;
    redirect(&page(&name, "disabled"));
    Ok(())
}

/// Lets somebody act again.
#[server(prefix = "/do", endpoint = "person-enable", input = PostUrl)]
pub async fn person_enable(name: String) -> Result<(), AppError> {
    answer(operations().disable_person(&actor(), &name, false).await)?;
    redirect(&page(&name, "enabled"));
    Ok(())
}

/// Ends all sessions of somebody.
#[server(prefix = "/do", endpoint = "person-sign-out", input = PostUrl)]
pub async fn person_sign_out(name: String) -> Result<(), AppError> {
    answer(operations().end_sessions_of(&actor(), &name).await)?;
    redirect(&page(&name, "sessions"));
    Ok(())
}

/// Ends a token of somebody.
#[server(prefix = "/do", endpoint = "person-token-revoke", input = PostUrl)]
pub async fn person_token_revoke(name: String, prefix: String) -> Result<(), AppError> {
    answer(operations().revoke_token_of(&actor(), &name, &prefix).await)?;
    redirect(&page(&name, "token"));
    Ok(())
}

/// Removes somebody.
#[server(prefix = "/do", endpoint = "person-remove", input = PostUrl)]
pub async fn person_remove(name: String, confirm: String) -> Result<(), AppError> {
    answer_form(operations().remove_person(&actor(), &name, &confirm).await, &[("confirm", &confirm)])?;
    redirect("/access/people?saved=removed");
    Ok(())
}
