//! The keyboard: one listener that turns keys into what a mouse could do. What each key means stands in `strokes`.

use super::{
    copy, page, pick,
    strokes::{Stroke, Strokes},
};
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent};

pub fn start() {
    let strokes = Cell::new(Strokes::default());
    page::on("keydown", move |event| {
        if let Some(key) = event.dyn_ref::<KeyboardEvent>() {
            pressed(key, &strokes);
        }
    });
}

fn pressed(event: &KeyboardEvent, strokes: &Cell<Strokes>) {
    if event.default_prevented() || event.is_composing() {
        return;
    }
    let key = event.key();
    let commanded = event.ctrl_key() || event.meta_key();
    if key == "Enter" && commanded {
        return send(event);
    }
    if key == "Escape" {
        return leave();
    }
    // Brackets need AltGr on many keyboards, which some systems report as Ctrl and Alt.
    let chorded = (commanded || event.alt_key()) && !event.get_modifier_state("AltGraph");
    let off = page::root().get_attribute("data-keys").as_deref() == Some("off");
    if chorded || off || is_typing(event) || page::first("dialog[open]").is_some() {
        return;
    }
    let mut reader = strokes.get();
    let stroke = reader.read(&key, event.time_stamp());
    strokes.set(reader);
    if let Some(stroke) = stroke
        && (stroke.repeats() || !event.repeat())
        && act(stroke)
    {
        event.prevent_default();
    }
}

/// Is somebody writing? Then letters are letters. Ticks and buttons take no letters.
fn is_typing(event: &Event) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return !matches!(input.type_().as_str(), "checkbox" | "radio" | "button" | "submit" | "reset");
    }
    matches!(target.tag_name().as_str(), "TEXTAREA" | "SELECT") || target.is_content_editable()
}

/// Does what the key asks for; `false` where this page has nothing for it, so that the browser keeps the key.
fn act(stroke: Stroke) -> bool {
    match stroke {
        Stroke::Search => page::first("#find").is_some_and(|field| enter_field(&field)),
        Stroke::Help => {
            page::first("#keys[popover]").is_some_and(|keys| page::call(&keys, "togglePopover", &[]).is_ok())
        }
        Stroke::Go(letter) => follow(&format!("a[data-key={letter}]")),
        Stroke::Row(by) => move_by(by),
        Stroke::Pick => {
            current_row().and_then(|row| page::first_in(&row, "input[type=checkbox]")).is_some_and(|tick| press(&tick))
        }
        Stroke::CopyDigest => copy_digest(),
        Stroke::Filter => page::all(".filters :is(input:not([type=hidden]), select, textarea)")
            .into_iter()
            .find(page::is_shown)
            .is_some_and(|field| enter_field(&field)),
        Stroke::Newer => follow("main a[rel~=prev][href]"),
        Stroke::Older => follow("main a[rel~=next][href]"),
    }
}

fn follow(selector: &str) -> bool {
    page::first(selector).is_some_and(|link| press(&link))
}

fn press(element: &Element) -> bool {
    page::click(element);
    true
}

/// Puts the caret into a field and selects what it holds. On a phone the field may be inside the closed rail.
fn enter_field(field: &Element) -> bool {
    if let (false, Ok(Some(closed))) = (page::is_shown(field), field.closest("[popover]")) {
        _ = page::call(&closed, "showPopover", &[]);
    }
    page::focus(field);
    page::reveal(field);
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        input.select();
    }
    true
}

/// The rows of the first list whose rows open something.
fn rows() -> Vec<Element> {
    let list = page::all("main table").into_iter().find(|table| page::first_in(table, "tbody th a").is_some());
    let rows = list.map(|list| page::all_in(&list, "tbody tr")).unwrap_or_default();
    rows.into_iter().filter(|row| page::first_in(row, "th a").is_some()).collect()
}

/// The row that has the keyboard, else the one that was marked last.
fn current_row() -> Option<Element> {
    let inside = page::focused().and_then(|focused| focused.closest("main tbody tr").ok().flatten());
    inside.or_else(|| page::first("tr[data-current]"))
}

fn move_by(by: i32) -> bool {
    let rows = rows();
    let current = current_row().and_then(|current| rows.iter().position(|row| *row == current));
    let next = match (current, by) {
        (None, _) => 0,
        (Some(at), 1..) => at + 1,
        (Some(at), _) => at.saturating_sub(1),
    };
    let Some(row) = rows.get(next.min(rows.len().saturating_sub(1))) else { return false };
    unmark();
    _ = row.set_attribute("data-current", "");
    if let Some(link) = page::first_in(row, "th a") {
        page::focus(&link);
    }
    page::reveal(row);
    true
}

fn unmark() -> bool {
    let marked = page::all("tr[data-current]");
    for row in &marked {
        _ = row.remove_attribute("data-current");
    }
    !marked.is_empty()
}

fn copy_digest() -> bool {
    let of_row = current_row().and_then(|row| page::first_in(&row, ".digest"));
    let Some(digest) = of_row.or_else(|| page::first("main .head .digest")) else { return false };
    let Some(text) = digest.text_content() else { return false };
    copy::copy(text.trim().to_owned(), digest.parent_element(), None);
    true
}

/// Leaves a field, else takes the mark off the row, else clears the picks. What is open closes by itself.
fn leave() {
    if page::first(":popover-open, dialog[open]").is_some() {
        return;
    }
    let field =
        page::focused().filter(|focused| matches!(focused.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
    let field = field.filter(|field| field.get_attribute("type").as_deref() != Some("checkbox"));
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        _ = field.blur();
    } else if unmark() {
        if let Some(focused) = page::focused().and_then(|focused| focused.dyn_into::<HtmlElement>().ok()) {
            _ = focused.blur();
        }
    } else {
        pick::clear();
    }
}

/// Sends the form around the field as its first button would, unless it deletes: that takes a look and a click.
fn send(event: &KeyboardEvent) {
    let Some(form) = page::around(event, "form").and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else {
        return;
    };
    event.prevent_default();
    let button = page::first_in(&form, "button:not([type=button], [type=reset])");
    let is_danger = |element: &Element| element.get_attribute("data-tone").as_deref() == Some("danger");
    if form.has_attribute("data-danger") || button.as_ref().is_some_and(is_danger) {
        return;
    }
    match button {
        Some(button) => page::click(&button),
        None => _ = form.request_submit(),
    }
}
