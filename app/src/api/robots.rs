//! Robots and their secrets.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::{
    robots::{RobotDetails, RobotForm, RobotRow, Templates},
    subjects::{ByName, NameQuery},
};

/// A part of the robots that who asks may see.
pub async fn list(query: &NameQuery) -> Result<ByName<RobotRow>, AppError> {
    answer(operations().robots(&actor(), query).await)
}

/// One of them.
pub async fn details(name: &str) -> Result<RobotDetails, AppError> {
    answer(operations().robot(&actor(), name).await)
}

/// The teams whose robots who asks may make.
pub async fn teams() -> Result<Vec<String>, AppError> {
    answer(operations().teams_to_care_for(&actor()).await)
}

/// The new secret of this name, once.
pub fn made(name: &str) -> Option<String> {
    operations().held_token(&actor(), name)
}

/// What to paste where a secret of `user` is to be used.
pub async fn templates(registry: &str, user: &str, secret: Option<&str>) -> Result<Templates, AppError> {
    answer(operations().templates(&actor(), registry, user, secret).await)
}

fn typed(form: &RobotForm) -> [(&'static str, &str); 4] {
    [("name", &form.name), ("team", &form.team), ("purpose", &form.purpose), ("expires", &form.expires)]
}

/// Makes a robot.
#[server(prefix = "/do", endpoint = "robot-create", input = PostUrl)]
pub async fn robot_create(name: String, team: String, purpose: String, expires: String) -> Result<(), AppError> {
    let form = RobotForm { name, team, purpose, expires };
    let name = answer_form(operations().make_robot(&actor(), &form).await, &typed(&form))?;
    redirect(&format!("/access/robots/{name}?saved=made"));
    Ok(())
}

/// Changes a robot.
#[server(prefix = "/do", endpoint = "robot-edit", input = PostUrl)]
pub async fn robot_edit(
    name: String,
    version: String,
    team: String,
    purpose: String,
    expires: String,
) -> Result<(), AppError> {
    let form = RobotForm { name, team, purpose, expires };
    answer_form(operations().edit_robot(&actor(), &version, &form).await, &typed(&form))?;
    redirect(&format!("/access/robots/{}?saved=edited", form.name));
    Ok(())
}

/// Keeps a robot from acting.
#[server(prefix = "/do", endpoint = "robot-disable", input = PostUrl)]
pub async fn robot_disable(name: String) -> Result<(), AppError> {
    answer(operations().disable_robot(&actor(), &name, true).await)?;
    redirect(&format!("/access/robots/{name}?saved=disabled"));
    Ok(())
}

/// Lets a robot act again.
#[server(prefix = "/do", endpoint = "robot-enable", input = PostUrl)]
pub async fn robot_enable(name: String) -> Result<(), AppError> {
    answer(operations().disable_robot(&actor(), &name, false).await)?;
    redirect(&format!("/access/robots/{name}?saved=enabled"));
    Ok(())
}

/// Removes a robot.
#[server(prefix = "/do", endpoint = "robot-remove", input = PostUrl)]
pub async fn robot_remove(name: String, confirm: String) -> Result<(), AppError> {
    answer_form(operations().remove_robot(&actor(), &name, &confirm).await, &[("confirm", &confirm)])?;
    redirect("/access/robots?saved=removed");
    Ok(())
}

/// Makes a secret. It stands in no address: the page that comes next asks for it by a name that is good once.
#[server(prefix = "/do", endpoint = "robot-secret-create", input = PostUrl)]
pub async fn robot_secret_create(robot: String, name: String, expires: String) -> Result<(), AppError> {
    let typed = [("name", name.as_str()), ("expires", expires.as_str())];
    let made = answer_form(operations().make_robot_secret(&actor(), &robot, &name, &expires).await, &typed)?;
    let held = answer(operations().hold_token(&actor(), made.secret))?;
    redirect(&format!("/access/robots/{robot}?made={held}#secrets"));
    Ok(())
}

/// Ends a secret.
#[server(prefix = "/do", endpoint = "robot-secret-revoke", input = PostUrl)]
pub async fn robot_secret_revoke(robot: String, prefix: String) -> Result<(), AppError> {
    answer(operations().revoke_robot_secret(&actor(), &robot, &prefix).await)?;
    redirect(&format!("/access/robots/{robot}?saved=revoked#secrets"));
    Ok(())
}
