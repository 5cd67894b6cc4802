//! Copies what stands beside a copy button.

use super::page;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};

pub fn start() {
    page::on("click", |event| {
        if let Some(button) = page::around(event, "button.copy, button[data-copy]")
            && let Some(text) = text_for(&button)
        {
            copy(text, button.parent_element(), Some(button));
        }
    });
}

/// What a button copies: its own text, else what shares its box, else what stands before it.
fn text_for(button: &Element) -> Option<String> {
    const HOLDERS: &str = "pre, code, .digest, input, textarea";
    if let Some(text) = button.get_attribute("data-copy") {
        return Some(text);
    }
    let boxed = button.closest(".command").ok().flatten().and_then(|boxed| page::first_in(&boxed, HOLDERS));
    let before = || {
        let before = button.previous_element_sibling()?;
        page::first_in(&before, HOLDERS).or(Some(before))
    };
    let holder = boxed.or_else(before)?;
    let text = match (holder.dyn_ref::<HtmlInputElement>(), holder.dyn_ref::<HtmlTextAreaElement>()) {
        (Some(input), _) => input.value(),
        (_, Some(area)) => area.value(),
        _ => holder.text_content()?,
    };
    Some(text.trim().to_owned())
}

/// Copies a text; `near` is where a browser without a clipboard may put it for a moment.
pub fn copy(text: String, near: Option<Element>, button: Option<Element>) {
    spawn_local(async move {
        let done = match write(&text).await {
            Ok(()) => true,
            Err(_) => near.is_some_and(|near| select_and_copy(&text, &near)),
        };
        page::say(if done { "Copied" } else { "The browser does not allow copying. Select the text instead." });
        if let (true, Some(button)) = (done, button) {
            _ = button.set_attribute("data-done", "");
            page::later(1_500, move || _ = button.remove_attribute("data-done"));
        }
    });
}

/// The clipboard of secure pages. It is missing on plain HTTP.
async fn write(text: &str) -> Result<(), JsValue> {
    let clipboard: JsValue = page::window().navigator().clipboard().into();
    let writing = page::call(&clipboard, "writeText", &[text.into()])?;
    JsFuture::from(js_sys::Promise::from(writing)).await.map(|_| ())
}

/// What browsers did before there was a clipboard: select a text and say "copy".
fn select_and_copy(text: &str, near: &Element) -> bool {
    let Ok(area) = page::make("textarea", "sr", "").dyn_into::<HtmlTextAreaElement>() else { return false };
    let before = page::focused();
    area.set_value(text);
    area.set_read_only(true);
    page::add(near, &area);
    page::focus(&area);
    area.select();
    let done = page::call(&page::document(), "execCommand", &["copy".into()]);
    area.remove();
    if let Some(before) = before {
        page::focus(&before);
    }
    done.is_ok_and(|done| done.is_truthy())
}
