//! Shows what stopped a form: above it, and beside each field. Everything is put in as text.

use super::page;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// On what was put in here, so that it can be taken out again and a refresh leaves it alone.
pub const OURS: &str = "data-answer";

/// Takes former answers away, ours and those that the server rendered.
pub fn clear(form: &Element) {
    for field in page::all_in(form, "[aria-invalid]") {
        _ = field.remove_attribute("aria-invalid");
        let described = field.get_attribute("aria-describedby").unwrap_or_default();
        let kept: Vec<&str> = described.split_whitespace().filter(|id| !is_error(id)).collect();
        _ = if kept.is_empty() {
            field.remove_attribute("aria-describedby")
        } else {
            field.set_attribute("aria-describedby", &kept.join(" "))
        };
    }
    let below_head = page::all(&format!(".notice[{OURS}]"));
    for old in page::all_in(form, &format!(".error, .notice[role=alert], [{OURS}]")).into_iter().chain(below_head) {
        old.remove();
    }
}

fn is_error(id: &str) -> bool {
    page::document().get_element_by_id(id).is_some_and(|element| element.class_list().contains("error"))
}

/// Shows the error in the answer's body; a body that is none is named by its status.
pub fn show(form: &Element, status: u16, body: &str) {
    let error = js_sys::JSON::parse(body).unwrap_or_default();
    let Some(message) = page::text_of(&error, "message").filter(|message| !message.is_empty()) else {
        return show_sentence(
            form,
            &format!("The server answered {status} without a reason. Nothing you typed is lost."),
        );
    };
    let notice = notice(&message);
    for line in list(&error, "tried").iter().filter_map(JsValue::as_string) {
        page::add(&notice, &page::make("p", "", &line));
    }
    if let Some(seconds) = js_sys::Reflect::get(&error, &"retry_after".into()).ok().and_then(|seconds| seconds.as_f64())
    {
        page::add(&notice, &page::make("p", "", &format!("Try again in {seconds} s.")));
    }
    if let Some((text, path)) = way_out(&error) {
        let way = page::make("a", "", &text);
        _ = way
            .set_attribute("href", &format!("{}{path}", page::root().get_attribute("data-base").unwrap_or_default()));
        let line = page::make("p", "", "");
        page::add(&line, &way);
        page::add(&notice, &line);
    }
    if let Some(reference) = page::text_of(&error, "reference").filter(|reference| !reference.is_empty()) {
        let line = page::make("p", "note", "Reference ");
        page::add(&line, &page::make("code", "", &reference));
        page::add(&notice, &line);
    }
    place(form, &notice);
    let mut first = None;
    for wrong in list(&error, "fields") {
        let (Some(name), Some(message)) = (page::text_of(&wrong, "field"), page::text_of(&wrong, "message")) else {
            continue;
        };
        let field = field_named(form, &name);
        match &field {
            Some(field) => mark(field, &name, &message),
            // Nothing on this page is called so: it must not be lost for all that.
            None => page::add(&notice, &page::make("p", "", &message)),
        }
        first = first.or(field);
    }
    match first {
        Some(field) => {
            page::focus(&field);
            page::reveal(&field);
        }
        None => page::reveal(&notice),
    }
}

/// Where to go from here, where that is not this page.
fn way_out(error: &JsValue) -> Option<(String, String)> {
    let way = js_sys::Reflect::get(error, &"way_out".into()).ok()?;
    let to = js_sys::Reflect::get(&way, &"to".into()).ok()?.as_string()?;
    match (to.as_str(), page::text_of(&way, "name")) {
        ("sign-in", _) => Some(("Sign in".to_owned(), "/sign-in".to_owned())),
        ("connection", Some(name)) => {
            Some((format!("Open the connection of {name}"), format!("/settings/registries/{name}")))
        }
        _ => None,
    }
}

/// Shows one sentence above the form.
pub fn show_sentence(form: &Element, sentence: &str) {
    let notice = notice(sentence);
    place(form, &notice);
    page::reveal(&notice);
}

fn list(error: &JsValue, property: &str) -> Vec<JsValue> {
    let list = js_sys::Reflect::get(error, &property.into()).unwrap_or_default();
    list.dyn_into::<js_sys::Array>().map(|list| list.to_vec()).unwrap_or_default()
}

fn notice(message: &str) -> Element {
    let notice = page::make("div", "notice", "");
    for (name, value) in [("data-tone", "danger"), ("role", "alert"), (OURS, "")] {
        _ = notice.set_attribute(name, value);
    }
    add_icon(&notice);
    let sentence = page::make("p", "", "");
    page::add(&sentence, &page::make("b", "", message));
    page::add(&notice, &sentence);
    notice
}

/// Above the fields; a form of buttons alone is too narrow for it, so there it stands below the page's head.
fn place(form: &Element, notice: &Element) {
    let has_fields = page::first_in(form, ":is(input, select, textarea):not([type=hidden])").is_some();
    let head = page::first("main > .head, main .head").filter(|_| !has_fields);
    let column = form.first_element_child().filter(|_| form.class_list().contains("split"));
    _ = match (head, column) {
        (Some(head), _) => head.after_with_node_1(notice),
        (None, Some(column)) => column.prepend_with_node_1(notice),
        (None, None) => form.prepend_with_node_1(notice),
    };
}

/// The field, or of several with one name (choices) the first.
fn field_named(form: &Element, name: &str) -> Option<Element> {
    let named = page::all_in(form, "[name]:not([type=hidden])").into_iter();
    named.into_iter().find(|field| field.get_attribute("name").as_deref() == Some(name))
}

fn mark(field: &Element, name: &str, message: &str) {
    let id = format!("{name}-error");
    let error = page::make("span", "error", "");
    error.set_id(&id);
    _ = error.set_attribute(OURS, "");
    add_icon(&error);
    page::add(&error, &page::document().create_text_node(message));
    let around = |selector: &str| field.closest(selector).ok().flatten();
    match (around(".field"), around("fieldset")) {
        (Some(own), _) => page::add(&own, &error),
        (None, Some(choices)) => {
            let line = page::make("p", "field", "");
            _ = line.set_attribute(OURS, "");
            page::add(&line, &error);
            page::add(&choices, &line);
        }
        (None, None) => _ = field.after_with_node_1(&error),
    }
    let described = field.get_attribute("aria-describedby").map(|others| format!("{others} {id}")).unwrap_or(id);
    _ = field.set_attribute("aria-describedby", &described);
    _ = field.set_attribute("aria-invalid", "true");
}

/// The sign of trouble, out of the file of icons that the page uses already.
fn add_icon(to: &Element) {
    const SVG: Option<&str> = Some("http://www.w3.org/2000/svg");
    let used = page::first("svg.icon use[href]").and_then(|used| used.get_attribute("href")).unwrap_or_default();
    let Some((file, _)) = used.split_once('#') else { return };
    let document = page::document();
    let (Ok(icon), Ok(part)) = (document.create_element_ns(SVG, "svg"), document.create_element_ns(SVG, "use")) else {
        return;
    };
    _ = icon.set_attribute("class", "icon");
    _ = icon.set_attribute("aria-hidden", "true");
    _ = part.set_attribute("href", &format!("{file}#i-alert"));
    page::add(&icon, &part);
    page::add(to, &icon);
}
