//! Teams: making, renaming and removing them, and who is in them.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    subjects::{ByName, NameQuery},
    teams::{TeamDetails, TeamRow},
};

/// A part of the teams that who asks may see.
pub async fn list(query: &NameQuery) -> Result<ByName<TeamRow>, AppError> {
    answer(operations().teams(&actor(), query).await)
}

/// One of them.
pub async fn details(name: &str) -> Result<TeamDetails, AppError> {
    answer(operations().team(&actor(), name).await)
}

/// Makes a team.
#[server(prefix = "/do", endpoint = "team-create", input = PostUrl)]
pub async fn team_create(name: String, description: String) -> Result<(), AppError> {
    let typed = [("name", name.as_str()), ("description", description.as_str())];
    let made = answer_form(operations().make_team(&actor(), &name, &description).await, &typed)?;
    redirect(&format!("/access/teams/{made}?saved=made"));
    Ok(())
}

/// Renames or describes a team.
#[server(prefix = "/do", endpoint = "team-edit", input = PostUrl)]
pub async fn team_edit(was: String, version: String, name: String, description: String) -> Result<(), AppError> {
    let typed = [("name", name.as_str()), ("description", description.as_str())];
    let edited = operations().edit_team(&actor(), &was, &version, &name, &description).await;
    let name = answer_form(edited, &typed)?;
    redirect(&format!("/access/teams/{name}?saved=edited"));
    Ok(())
}

/// Removes a team.
#[server(prefix = "/do", endpoint = "team-remove", input = PostUrl)]
pub async fn team_remove(name: String, confirm: String) -> Result<(), AppError> {
    answer_form(operations().remove_team(&actor(), &name, &confirm).await, &[("confirm", &confirm)])?;
    redirect("/access/teams?saved=removed");
    Ok(())
}

/// Puts somebody into a team, or says whether they lead it.
#[server(prefix = "/do", endpoint = "team-member-set", input = PostUrl)]
pub async fn team_member_set(team: String, person: String, #[server(default)] lead: String) -> Result<(), AppError> {
    let typed = [("person", person.as_str()), ("lead", lead.as_str())];
    let set = operations().set_team_member(&actor(), &team, &person, lead == "yes").await;
    answer_form(set, &typed)?;
    redirect(&format!("/access/teams/{team}?saved=member"));
    Ok(())
}

/// Takes somebody out of a team.
#[server(prefix = "/do", endpoint = "team-member-remove", input = PostUrl)]
pub async fn team_member_remove(team: String, person: String) -> Result<(), AppError> {
    answer(operations().remove_team_member(&actor(), &team, &person).await)?;
    redirect(&format!("/access/teams/{team}?saved=left"));
    Ok(())
}
