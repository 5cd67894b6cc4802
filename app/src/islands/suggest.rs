//! Suggestions below a search field while somebody types: a combobox with a list, as ARIA 1.2 describes it. Without it
//! the form around the field searches.

use super::page;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Event, Headers, HtmlInputElement, KeyboardEvent, RequestInit, Response};

const FIELDS: &str = "input[data-suggest]";
const LIST: &str = "suggestions";
/// Whoever types on is not asked for yet, in milliseconds.
const DEBOUNCE: i32 = 150;
/// Less than this is looked for only when it is sent.
const SHORTEST: usize = 2;

pub fn start() {
    // Counts what was typed: an answer to an older text is thrown away.
    let turn = Rc::new(Cell::new(0_u32));
    let own = turn.clone();
    page::on("input", move |event| {
        if let Some(field) = page::around(event, FIELDS).and_then(|field| field.dyn_into().ok()) {
            typed(field, &own);
        }
    });
    let own = turn.clone();
    page::on("keydown", move |event| {
        if let (Some(key), Some(field)) = (event.dyn_ref::<KeyboardEvent>(), page::around(event, FIELDS)) {
            pressed(key, &field, &own);
        }
    });
    // The field keeps the keyboard while an option is pressed.
    page::on("mousedown", |event| {
        if option_of(event).is_some() {
            event.prevent_default();
        }
    });
    page::on("click", |event| {
        if let Some(option) = option_of(event) {
            follow(&option);
        }
    });
    page::on("focusout", move |event| {
        if page::around(event, FIELDS).is_some() {
            close(&turn);
        }
    });
}

fn option_of(event: &Event) -> Option<Element> {
    page::around(event, "#suggestions [role=option]")
}

fn typed(field: HtmlInputElement, turn: &Rc<Cell<u32>>) {
    let own = turn.get().wrapping_add(1);
    turn.set(own);
    let text = field.value().trim().to_owned();
    if text.chars().count() < SHORTEST {
        return close(turn);
    }
    let turn = turn.clone();
    page::later(DEBOUNCE, move || {
        if turn.get() == own {
            spawn_local(async move {
                let rows = ask(&text).await.unwrap_or_default();
                let focused = page::focused().is_some_and(|focused| focused == *field.as_ref());
                if turn.get() == own && focused {
                    show(&field, &rows);
                }
            });
        }
    });
}

/// What the server suggests. Whatever goes wrong, the form still searches.
async fn ask(text: &str) -> Result<Vec<JsValue>, JsValue> {
    let base = page::root().get_attribute("data-base").unwrap_or_default();
    let address = format!("{base}/do/search-suggest?q={}", js_sys::encode_uri_component(text));
    let init = RequestInit::new();
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    init.set_headers(&headers);
    let answer = JsFuture::from(page::window().fetch_with_str_and_init(&address, &init)).await?;
    let response: Response = answer.dyn_into()?;
    if !response.ok() {
        return Ok(Vec::new());
    }
    let rows: js_sys::Array = JsFuture::from(response.json()?).await?.dyn_into()?;
    Ok(rows.to_vec())
}

fn show(field: &HtmlInputElement, rows: &[JsValue]) {
    remove();
    if rows.is_empty() {
        return unlink(field);
    }
    let list = page::make("ul", LIST, "");
    list.set_id(LIST);
    set(&list, &[("role", "listbox"), ("aria-label", "Suggestions")]);
    for (n, row) in rows.iter().enumerate() {
        let of = |name: &str| page::text_of(row, name).unwrap_or_default();
        let option = page::make("li", "", "");
        option.set_id(&format!("suggestion-{n}"));
        set(&option, &[("role", "option"), ("aria-selected", "false"), ("data-href", &of("href"))]);
        let name = page::make("span", "mono", "");
        page::add(&name, &page::make("span", "quiet", &of("before")));
        page::add(&name, &page::document().create_text_node(&of("name")));
        page::add(&option, &name);
        page::add(&option, &page::make("span", "note", &of("registry")));
        page::add(&list, &option);
    }
    // Inside a label it would be a part of the field's name.
    let beside = field.closest("label").ok().flatten().unwrap_or_else(|| field.clone().into());
    _ = beside.after_with_node_1(&list);
    set(
        field,
        &[("role", "combobox"), ("aria-autocomplete", "list"), ("aria-expanded", "true"), ("aria-controls", LIST)],
    );
    _ = field.remove_attribute("aria-activedescendant");
}

fn set(element: &Element, attributes: &[(&str, &str)]) {
    for (name, value) in attributes {
        _ = element.set_attribute(name, value);
    }
}

fn remove() {
    if let Some(list) = page::first("#suggestions") {
        list.remove();
    }
}

/// The field without a list. It stays a combobox: whoever listens was told so.
fn unlink(field: &Element) {
    if field.has_attribute("aria-expanded") {
        _ = field.set_attribute("aria-expanded", "false");
        _ = field.remove_attribute("aria-controls");
        _ = field.remove_attribute("aria-activedescendant");
    }
}

fn close(turn: &Cell<u32>) {
    turn.set(turn.get().wrapping_add(1));
    remove();
    for field in page::all(FIELDS) {
        unlink(&field);
    }
}

fn pressed(event: &KeyboardEvent, field: &Element, turn: &Cell<u32>) {
    if event.is_composing() || page::first("#suggestions").is_none() {
        return;
    }
    match event.key().as_str() {
        "ArrowDown" => walk(field, 1),
        "ArrowUp" => walk(field, -1),
        "Enter" => match active() {
            Some(option) if !event.ctrl_key() && !event.meta_key() => follow(&option),
            _ => return,
        },
        "Escape" => close(turn),
        _ => return,
    }
    // The caret stays, the form is not sent, and no other listener takes the key.
    event.prevent_default();
}

fn active() -> Option<Element> {
    page::first("#suggestions [aria-selected=true]")
}

/// To the next or the previous option; from the ends back to what was typed.
fn walk(field: &Element, by: i32) {
    let options = page::all("#suggestions [role=option]");
    let current = active().and_then(|active| options.iter().position(|option| *option == active));
    let next = match (current, by) {
        (None, 1..) => Some(0),
        (None, _) => options.len().checked_sub(1),
        (Some(at), 1..) => Some(at + 1),
        (Some(at), _) => at.checked_sub(1),
    };
    for (n, option) in options.iter().enumerate() {
        _ = option.set_attribute("aria-selected", if Some(n) == next { "true" } else { "false" });
    }
    match next.and_then(|next| options.get(next)) {
        Some(option) => {
            _ = field.set_attribute("aria-activedescendant", &option.id());
            page::reveal(option);
        }
        None => _ = field.remove_attribute("aria-activedescendant"),
    }
}

fn follow(option: &Element) {
    if let Some(href) = option.get_attribute("data-href") {
        _ = page::window().location().assign(&href);
    }
}
