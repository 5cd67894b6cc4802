//! Ticking rows: all of a page at once, and ranges with Shift.

use super::page;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, MouseEvent};

pub fn start() {
    let last = RefCell::new(None::<HtmlInputElement>);
    page::on("click", move |event| {
        if let Some(tick) = tick_of_row(event) {
            let shift = event.dyn_ref::<MouseEvent>().is_some_and(MouseEvent::shift_key);
            if let (true, Some(from)) = (shift, &*last.borrow()) {
                tick_range(from, &tick);
            }
            last.replace(Some(tick));
        }
    });
    page::on("change", |event| {
        if let Some(all) = head(event) {
            for tick in ticks(&all) {
                tick.set_checked(all.checked());
            }
        }
        show();
    });
    // A browser that goes back, or a reset, changes ticks without a word.
    page::on_window("pageshow", |_| show());
    page::on("reset", |_| page::later(0, show));
    show();
}

/// Brings the boxes that stand for all into line with the rows.
pub fn show() {
    for all in page::all("input[type=checkbox][data-all]").into_iter().filter_map(|all| all.dyn_into().ok()) {
        let all: HtmlInputElement = all;
        let ticks = ticks(&all);
        let ticked = ticks.iter().filter(|tick| tick.checked()).count();
        all.set_checked(ticked > 0 && ticked == ticks.len());
        all.set_indeterminate(ticked > 0 && ticked < ticks.len());
    }
}

/// Takes every tick out of the lists that have a box for all.
pub fn clear() {
    for all in page::all("input[type=checkbox][data-all]") {
        for tick in ticks(&all) {
            tick.set_checked(false);
        }
    }
    show();
}

fn head(event: &Event) -> Option<HtmlInputElement> {
    page::around(event, "input[type=checkbox][data-all]")?.dyn_into().ok()
}

fn tick_of_row(event: &Event) -> Option<HtmlInputElement> {
    page::around(event, "table:has([data-all]) tbody input[type=checkbox]")?.dyn_into().ok()
}

/// The ticks of the table that this element stands in.
fn ticks(within: &Element) -> Vec<HtmlInputElement> {
    let Ok(Some(table)) = within.closest("table") else { return Vec::new() };
    let ticks = page::all_in(&table, "tbody input[type=checkbox]:not(:disabled)");
    ticks.into_iter().filter_map(|tick| tick.dyn_into().ok()).collect()
}

fn tick_range(from: &HtmlInputElement, to: &HtmlInputElement) {
    let ticks = ticks(to);
    let at = |wanted: &HtmlInputElement| ticks.iter().position(|tick| tick == wanted);
    if let (Some(a), Some(b)) = (at(from), at(to)) {
        for tick in &ticks[a.min(b)..=a.max(b)] {
            tick.set_checked(to.checked());
        }
    }
}
