//! Forms that answer in place: sent in the background, errors shown beside the fields, nothing typed is lost.

use super::{answers, page};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Element, Event, FormData, Headers, HtmlFormElement, RequestInit, Response, SubmitEvent, Url, UrlSearchParams,
};

/// On a form while it is being sent.
const SENDING: &str = "data-sending";

pub fn start() {
    page::on("submit", submitted);
    page::on("click", |event| {
        // Such a button explains itself beside it and does nothing.
        if page::around(event, "button[aria-disabled=true]").is_some() {
            event.prevent_default();
        }
    });
    page::on("change", |event| {
        let form = page::around(event, "select[data-submit]").and_then(|select| select.closest("form").ok().flatten());
        if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
            _ = form.request_submit();
        }
    });
    // Back may bring this very page to life again, in the middle of its last act.
    page::on_window("pageshow", |_| {
        for form in page::all("form[data-sending]") {
            free(&form);
        }
    });
}

fn submitted(event: &Event) {
    let Some(form) = page::around(event, "form[data-live]").and_then(|form| form.dyn_into::<HtmlFormElement>().ok())
    else {
        return;
    };
    let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter).map(Element::from);
    if event.default_prevented() || !is_plain_post(&form, button.as_ref()) {
        return;
    }
    event.prevent_default();
    if !form.has_attribute(SENDING) {
        spawn_local(send(form, button));
    }
}

/// Only what fits into one background request; uploads and GET forms go the browser's own way. Attributes are read
/// as such: a field called `action` would hide the property.
fn is_plain_post(form: &HtmlFormElement, button: Option<&Element>) -> bool {
    let method = said(form, button, "method").unwrap_or_default();
    let encoding = said(form, button, "enctype").unwrap_or_default();
    method.eq_ignore_ascii_case("post") && !encoding.starts_with("multipart")
}

/// What the button says, else what the form says.
fn said(form: &HtmlFormElement, button: Option<&Element>, name: &str) -> Option<String> {
    let own = button.and_then(|button| button.get_attribute(&format!("form{name}")));
    own.or_else(|| form.get_attribute(name))
}

async fn send(form: HtmlFormElement, button: Option<Element>) {
    answers::clear(&form);
    _ = form.set_attribute(SENDING, "");
    for button in page::all_in(&form, "button:not([type=button]):not([aria-disabled])") {
        _ = button.set_attribute("aria-disabled", "true");
        _ = button.set_attribute(SENDING, "");
    }
    let done = if let Ok(response) = post(&form, button.as_ref()).await {
        answered(&form, &response).await
    } else {
        answers::show_sentence(&form, "The server does not answer. Nothing you typed is lost: try again in a moment.");
        false
    };
    // After a success the next page is on its way; a second press must not send it twice.
    if !done {
        free(&form);
    }
}

fn free(form: &Element) {
    _ = form.remove_attribute(SENDING);
    for button in page::all_in(form, "button[data-sending]") {
        _ = button.remove_attribute("aria-disabled");
        _ = button.remove_attribute(SENDING);
    }
}

/// Sends the fields of a form the way the browser would, asking for JSON.
pub async fn post(form: &HtmlFormElement, button: Option<&Element>) -> Result<Response, JsValue> {
    let fields = FormData::new_with_form(form)?;
    if let Some((button, name)) = button.and_then(|button| Some((button, button.get_attribute("name")?))) {
        fields.append_with_str(&name, &button.get_attribute("value").unwrap_or_default())?;
    }
    let here = page::window().location().href()?;
    let action = said(form, button, "action").unwrap_or(here);
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(UrlSearchParams::new_with_str_sequence_sequence(&fields)?.as_ref());
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    init.set_headers(&headers);
    JsFuture::from(page::window().fetch_with_str_and_init(&action, &init)).await?.dyn_into()
}

/// Follows a good answer and shows a bad one. `true` when another page is coming.
async fn answered(form: &HtmlFormElement, response: &Response) -> bool {
    let location = response.headers().get("location").ok().flatten();
    if let Some(target) = location.and_then(|location| own_address(&location)) {
        return go(&target).is_ok();
    }
    if response.redirected() {
        // A gate in front of us, such as the sign-in, answered with a page.
        return own_address(&response.url()).is_some_and(|target| go(&target).is_ok());
    }
    if response.ok() {
        return page::window().location().reload().is_ok();
    }
    let body = match response.text() {
        Ok(reading) => JsFuture::from(reading).await.ok().and_then(|text| text.as_string()),
        Err(_) => None,
    };
    answers::show(form, response.status(), &body.unwrap_or_default());
    false
}

/// The absolute address, if it lies on our own origin.
fn own_address(address: &str) -> Option<Url> {
    let here = page::window().location().href().ok()?;
    let target = Url::new_with_base(address, &here).ok()?;
    (target.origin() == page::window().location().origin().ok()?).then_some(target)
}

/// Opens a page. An address that differs only behind `#` would not load anything, so that is loaded anew.
fn go(target: &Url) -> Result<(), JsValue> {
    let location = page::window().location();
    let same = target.pathname() == location.pathname()? && target.search() == location.search()?;
    location.assign(&target.href())?;
    if same && !target.hash().is_empty() { location.reload() } else { Ok(()) }
}
