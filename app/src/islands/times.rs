//! Keeps "9 min ago" true, and says times in the reader's own zone.

use super::page;
use domain::{Timestamp, text};
use wasm_bindgen::JsValue;
use web_sys::Element;

/// How often the words are made anew, in milliseconds.
const PACE: i32 = 30_000;

pub fn start() {
    show();
    page::later(PACE, start);
}

/// Says all times of the page as of now.
pub fn show() {
    if page::document().hidden() {
        return;
    }
    let now = js_sys::Date::now();
    let zone = page::root().get_attribute("data-zone").filter(|zone| !zone.is_empty());
    for time in page::all("time[datetime]") {
        let written = time.get_attribute("datetime").unwrap_or_default();
        // A date without a time of day is the same everywhere.
        let at = js_sys::Date::parse(&written);
        if at.is_nan() || !written.contains('T') {
            continue;
        }
        if let Some(relative) = time.get_attribute("data-relative") {
            let say = if relative == "due" { text::due } else { text::ago };
            let words = say(timestamp(at), timestamp(now));
            if time.text_content().as_deref() != Some(&words) {
                time.set_text_content(Some(&words));
            }
        }
        if let Some(local) = zone.as_deref().and_then(|zone| local(at, zone)) {
            set_title(&time, &local);
        }
    }
}

fn set_title(time: &Element, title: &str) {
    if time.get_attribute("title").as_deref() != Some(title) {
        _ = time.set_attribute("title", title);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date are whole and far below 2^53")]
fn timestamp(milliseconds: f64) -> Timestamp {
    Timestamp((milliseconds as i64).saturating_mul(1_000))
}

/// `21 November 2026 at 10:31:08 CET`; nothing when the browser does not know the zone.
fn local(at: f64, zone: &str) -> Option<String> {
    let date = js_sys::Date::new(&JsValue::from_f64(at));
    let style = page::object(&[("dateStyle", "long"), ("timeStyle", "long"), ("timeZone", zone)]);
    page::call(&date, "toLocaleString", &["en-GB".into(), style]).ok()?.as_string()
}
