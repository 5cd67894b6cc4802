//! How the islands reach the page: find, listen, wait, say. Nothing here decides anything.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Node, NodeList, Window};

pub fn window() -> Window {
    web_sys::window().expect("the islands run in a window")
}

pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The `html` element: it carries what the server tells the islands (`data-base`, `data-zone`, `data-keys`).
pub fn root() -> Element {
    document().document_element().expect("a document has a root")
}

/// Everything that matches, in the order of the page.
pub fn all(selector: &str) -> Vec<Element> {
    document().query_selector_all(selector).map(|found| elements(&found)).unwrap_or_default()
}

/// Everything inside `within` that matches.
pub fn all_in(within: &Element, selector: &str) -> Vec<Element> {
    within.query_selector_all(selector).map(|found| elements(&found)).unwrap_or_default()
}

fn elements(found: &NodeList) -> Vec<Element> {
    (0..found.length()).filter_map(|i| found.get(i)?.dyn_into().ok()).collect()
}

/// The first that matches. A selector that this browser does not know matches nothing.
pub fn first(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok()?
}

/// The first inside `within` that matches.
pub fn first_in(within: &Element, selector: &str) -> Option<Element> {
    within.query_selector(selector).ok()?
}

/// The nearest that matches, from the element that the event happened at outwards.
pub fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// What has the keyboard.
pub fn focused() -> Option<Element> {
    document().active_element()
}

/// Can it be seen and reached? (`hidden`, closed popovers and folded details cannot.)
pub fn is_shown(element: &Element) -> bool {
    let boxes = call(element, "getClientRects", &[]).unwrap_or_default();
    js_sys::Reflect::get(&boxes, &"length".into())
        .ok()
        .and_then(|length| length.as_f64())
        .is_some_and(|length| length > 0.0)
}

/// Listens at the document for as long as the page lives.
pub fn on(event: &str, act: impl Fn(&Event) + 'static) {
    on_target(&document(), event, Box::new(act));
}

/// Listens at the window for as long as the page lives.
pub fn on_window(event: &str, act: impl Fn(&Event) + 'static) {
    on_target(&window(), event, Box::new(act));
}

fn on_target(target: &EventTarget, event: &str, act: Box<dyn Fn(&Event)>) {
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| act(&event));
    _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Does it once, after so many milliseconds.
pub fn later(milliseconds: i32, act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), milliseconds);
}

/// Calls a method by name: for what `web_sys` does not offer, or a browser may not have.
///
/// # Errors
/// What the method threw, or that there is no such method.
pub fn call(on: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: js_sys::Function = js_sys::Reflect::get(on, &method.into())?.dyn_into()?;
    function.apply(on, &arguments.iter().collect::<js_sys::Array>())
}

/// An object with these properties.
pub fn object(properties: &[(&str, &str)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in properties {
        _ = js_sys::Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    object.into()
}

/// A property of an object as text.
pub fn text_of(object: &JsValue, property: &str) -> Option<String> {
    js_sys::Reflect::get(object, &property.into()).ok()?.as_string()
}

/// Says a sentence to those who listen instead of look. Said again, it is heard again.
pub fn say(sentence: &'static str) {
    if let Some(said) = first("#said") {
        said.set_text_content(None);
        later(50, move || said.set_text_content(Some(sentence)));
    }
}

/// Gives it the keyboard, without moving the page.
pub fn focus(element: &Element) {
    let options = js_sys::Object::new();
    _ = js_sys::Reflect::set(&options, &"preventScroll".into(), &true.into());
    _ = call(element, "focus", &[options.into()]);
}

/// Moves the page as little as needed to see it.
pub fn reveal(element: &Element) {
    _ = call(element, "scrollIntoView", &[object(&[("block", "nearest")])]);
}

/// Presses it.
pub fn click(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        element.click();
    }
}

/// A new element with a class and a text; the text stays text.
pub fn make(name: &str, class: &str, text: &str) -> Element {
    let element = document().create_element(name).expect("names of elements are written here");
    if !class.is_empty() {
        element.set_class_name(class);
    }
    if !text.is_empty() {
        element.set_text_content(Some(text));
    }
    element
}

/// Puts one node into another, at the end.
pub fn add(to: &Node, node: &Node) {
    _ = to.append_child(node);
}
