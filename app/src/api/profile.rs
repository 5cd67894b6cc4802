//! One's own profile.

use super::session::renew;
use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use domain::{ActorKind, Id};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    error::{Error, Kind},
    people::Profile,
};

/// The id of the person who asks.
pub fn signed_in_person() -> Result<Id, AppError> {
    let actor = actor();
    let person = (actor.kind == ActorKind::Person).then_some(actor.id);
    answer(person.ok_or_else(|| Error::new(Kind::SignInNeeded, "Sign in to go on.")))
}

/// One's own profile.
pub async fn profile() -> Result<Profile, AppError> {
    answer(operations().profile(&actor()).await)
}

/// Changes name and time zone.
#[server(prefix = "/do", endpoint = "profile-edit", input = PostUrl)]
pub async fn profile_edit(display_name: String, time_zone: String) -> Result<(), AppError> {
    let typed = [("display_name", display_name.as_str()), ("time_zone", time_zone.as_str())];
    answer_form(operations().edit_profile(&actor(), &display_name, &time_zone).await, &typed)?;
    redirect("/profile?saved=profile");
    Ok(())
}

/// Changes the theme, from the rail of any page.
#[server(prefix = "/do", endpoint = "profile-theme", input = PostUrl)]
pub async fn profile_theme(theme: String, next: String) -> Result<(), AppError> {
    answer(operations().set_theme(&actor(), &theme).await)?;
    redirect(&next);
    Ok(())
}

/// Changes the password; ends all other sessions.
#[server(prefix = "/do", endpoint = "profile-password", input = PostUrl)]
pub async fn profile_password(old: String, password: String, again: String) -> Result<(), AppError> {
    answer(operations().change_password(&actor(), old, password, again).await)?;
    renew().await?;
    redirect("/profile?saved=password");
    Ok(())
}
