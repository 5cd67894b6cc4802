//! The choice of light or dark shows at once and is remembered in the background.

use super::{forms, page};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlFormElement, HtmlSelectElement};

pub fn start() {
    page::on("change", |event| {
        if let Some(choice) = page::around(event, "select#theme").and_then(|select| select.dyn_into().ok()) {
            show(&choice);
        }
    });
}

fn show(choice: &HtmlSelectElement) {
    let theme = choice.value();
    _ = match theme.as_str() {
        "light" | "dark" => page::root().set_attribute("data-theme", &theme),
        _ => page::root().remove_attribute("data-theme"),
    };
    let form = choice.closest("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    if let Some(form) = form {
        spawn_local(async move {
            if !forms::post(&form, None).await.is_ok_and(|answer| answer.ok()) {
                page::say("The theme could not be remembered. It holds for this page.");
            }
        });
    }
}
