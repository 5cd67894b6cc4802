//! Registries as connections: adding, editing, testing, removing.

use crate::{
    base::redirect,
    context::{actor, answer, answer_form, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::connections::{ConnectionDetails, ConnectionForm, ConnectionRow, Draft};
use std::future::ready;

/// Every registry with its health.
pub async fn list() -> Result<Vec<ConnectionRow>, AppError> {
    answer(operations().connections(&actor()).await)
}

/// One registry with its last probe.
pub async fn details(name: &str) -> Result<ConnectionDetails, AppError> {
    answer(operations().connection(&actor(), name).await)
}

/// What was typed and tested but is not saved yet.
pub fn draft(id: &str) -> Option<Draft> {
    operations().draft(&actor(), id).ok().flatten()
}

/// May a registry be added by who asks?
pub fn may_add() -> Result<(), AppError> {
    answer(operations().may_manage(&actor(), None))
}

/// What became of a form; one that is shown again is kept as a draft, so that nothing typed is lost.
async fn answer_draft<T>(
    asked: impl Future<Output = operations::Result<T>>,
    form: &ConnectionForm,
) -> Result<T, AppError> {
    match asked.await {
        Ok(done) => Ok(done),
        // Who may not add a registry has no draft either.
        Err(error) => match operations().keep_draft(&actor(), form, None) {
            Ok(draft) => answer_form(Err(error), &[("draft", &draft)]),
            Err(_) => answer(Err(error)),
        },
    }
}

/// Adds a registry, and probes it at once.
#[server(prefix = "/do", endpoint = "registry-add", input = PostUrl)]
pub async fn registry_add(#[server(flatten)] form: ConnectionForm) -> Result<(), AppError> {
    let name = answer_draft(operations().add_registry(&actor(), &form), &form).await?;
    redirect(&format!("/settings/registries/{name}?saved=added"));
    Ok(())
}

/// Saves what was edited, and probes it at once.
#[server(prefix = "/do", endpoint = "registry-edit", input = PostUrl)]
pub async fn registry_edit(#[server(flatten)] form: ConnectionForm) -> Result<(), AppError> {
    let name = answer_draft(operations().edit_registry(&actor(), &form), &form).await?;
    redirect(&format!("/settings/registries/{name}?saved=edited"));
    Ok(())
}

/// Probes what is typed, without saving it.
#[server(prefix = "/do", endpoint = "registry-test", input = PostUrl)]
pub async fn registry_test(#[server(flatten)] form: ConnectionForm) -> Result<(), AppError> {
    let report = answer_draft(operations().test_registry(&actor(), &form), &form).await?;
    let draft = answer(operations().keep_draft(&actor(), &form, Some(report)))?;
    let page = if form.was.is_empty() { "new" } else { form.was.as_str() };
    redirect(&format!("/settings/registries/{page}?draft={draft}#probe"));
    Ok(())
}

/// Fills the form from a pasted Docker `config.json`.
#[server(prefix = "/do", endpoint = "registry-paste", input = PostUrl)]
pub async fn registry_paste(#[server(flatten)] form: ConnectionForm) -> Result<(), AppError> {
    let filled = answer_draft(ready(operations().fill_from_docker_config(&actor(), &form)), &form).await?;
    let draft = answer(operations().keep_draft(&actor(), &filled, None))?;
    let page = if form.was.is_empty() { "new" } else { form.was.as_str() };
    redirect(&format!("/settings/registries/{page}?draft={draft}"));
    Ok(())
}

/// Probes a registry again.
#[server(prefix = "/do", endpoint = "registry-probe", input = PostUrl)]
pub async fn registry_probe(name: String) -> Result<(), AppError> {
    answer(operations().probe_registry(&actor(), &name).await)?;
    redirect(&format!("/settings/registries/{name}?saved=probed"));
    Ok(())
}

/// Switches a registry on or off.
#[server(prefix = "/do", endpoint = "registry-switch", input = PostUrl)]
pub async fn registry_switch(name: String, on: String) -> Result<(), AppError> {
    answer(operations().switch_registry(&actor(), &name, on == "on").await)?;
    redirect(&format!("/settings/registries/{name}?saved={}", if on == "on" { "on" } else { "off" }));
    Ok(())
}

/// Removes a registry; the registry itself is not touched.
#[server(prefix = "/do", endpoint = "registry-remove", input = PostUrl)]
pub async fn registry_remove(name: String, confirm: String) -> Result<(), AppError> {
    answer(operations().remove_registry(&actor(), &name, &confirm).await)?;
    redirect("/settings/registries?saved=removed");
    Ok(())
}
