//! Lists that follow what happens: the server says that something moved, the page is fetched again, and its marked
//! parts are brought into line. The event carries no data, so that every permission is checked in one place.

use super::{page, pick, settle::settle, times};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, DomParser, Element, Event, EventSource, Headers, RequestInit, Response, SupportedType};

/// Many events in a burst make one refresh.
const DEBOUNCE: i32 = 150;
/// How long we wait before a refused stream is asked for again; doubled each time.
const FIRST_RETRY: i32 = 5_000;
const LONGEST_RETRY: i32 = 120_000;

type Listener = Closure<dyn Fn(Event)>;

#[derive(Default)]
struct Refresh {
    stream: RefCell<Option<EventSource>>,
    /// The topics of the open stream.
    topics: RefCell<String>,
    /// Called by the stream; made once, lives as long as the page.
    heard: RefCell<Option<Listener>>,
    retry: Cell<i32>,
    /// A refresh is due in a moment.
    due: Cell<bool>,
    /// A refresh is under way.
    busy: Cell<bool>,
    /// Something moved while it was.
    again: Cell<bool>,
    /// A timer of `data-poll` runs.
    polling: Cell<bool>,
}

pub fn start() {
    let refresh = Rc::new(Refresh::default());
    refresh.retry.set(FIRST_RETRY);
    let heard = Rc::downgrade(&refresh);
    refresh.heard.replace(Some(Closure::new(move |event: Event| {
        if let Some(refresh) = heard.upgrade() {
            refresh.heard(&event);
        }
    })));
    let own = refresh.clone();
    page::on("visibilitychange", move |_| if page::document().hidden() { own.close() } else { own.wake() });
    let own = refresh.clone();
    page::on_window("pagehide", move |_| own.close());
    let own = refresh.clone();
    page::on_window("pageshow", move |event| {
        // Kept in memory by the browser and shown again: the stream was closed, much may have moved.
        if js_sys::Reflect::get(event, &"persisted".into()).is_ok_and(|kept| kept.is_truthy()) {
            own.wake();
        }
    });
    let own = refresh.clone();
    page::on("focusout", move |_| {
        // A part that waited for somebody to finish writing.
        if own.again.take() {
            own.soon();
        }
    });
    refresh.follow();
    refresh.poll();
}

impl Refresh {
    /// Opens the stream for the topics of this page, unless it is open already or nobody looks.
    fn follow(self: &Rc<Self>) {
        let topics = topics();
        if topics.is_empty() || page::document().hidden() {
            return self.close();
        }
        if self.stream.borrow().is_some() && *self.topics.borrow() == topics {
            return;
        }
        self.close();
        let base = page::root().get_attribute("data-base").unwrap_or_default();
        if let (Ok(stream), Some(heard)) = (EventSource::new(&format!("{base}/events?{topics}")), &*self.heard.borrow())
        {
            let heard = heard.as_ref().unchecked_ref();
            stream.set_onmessage(Some(heard));
            stream.set_onopen(Some(heard));
            stream.set_onerror(Some(heard));
            self.stream.replace(Some(stream));
            self.topics.replace(topics);
        }
    }

    fn close(&self) {
        if let Some(stream) = self.stream.take() {
            stream.set_onmessage(None);
            stream.set_onopen(None);
            stream.set_onerror(None);
            stream.close();
        }
    }

    fn wake(self: &Rc<Self>) {
        self.follow();
        if !topics().is_empty() || interval().is_some() {
            self.soon();
        }
        self.poll();
    }

    /// Something moved (`message`); or the stream opened, and what moved before that was not heard; or it broke.
    fn heard(self: &Rc<Self>, event: &Event) {
        if event.type_() != "error" {
            self.retry.set(FIRST_RETRY);
            return self.soon();
        }
        let refused = self.stream.borrow().as_ref().is_some_and(|s| s.ready_state() == EventSource::CLOSED);
        if refused {
            self.close();
            let (own, wait) = (self.clone(), self.retry.get());
            self.retry.set((wait * 2).min(LONGEST_RETRY));
            page::later(wait, move || own.follow());
        }
    }

    fn soon(self: &Rc<Self>) {
        if !self.due.replace(true) {
            let own = self.clone();
            page::later(DEBOUNCE, move || {
                own.due.set(false);
                own.run();
            });
        }
    }

    fn run(self: &Rc<Self>) {
        if page::document().hidden() {
            return;
        }
        if self.busy.get() {
            return self.again.set(true);
        }
        self.busy.set(true);
        let own = self.clone();
        spawn_local(async move {
            let put_off = match fetch().await {
                Ok(Some(new)) => apply(&new),
                // Gone, refused, or the server is away: what is shown stays, the next event tries again.
                Ok(None) | Err(_) => false,
            };
            own.busy.set(false);
            let moved = own.again.replace(put_off);
            own.follow();
            own.poll();
            if moved && !put_off {
                own.soon();
            }
        });
    }

    /// While something shows its progress, asks at its own pace.
    fn poll(self: &Rc<Self>) {
        let Some(interval) = interval().filter(|_| !page::document().hidden()) else { return };
        if !self.polling.replace(true) {
            let own = self.clone();
            page::later(interval, move || {
                own.polling.set(false);
                // One that is under way polls on when it is done.
                if !own.busy.get() {
                    own.run();
                }
            });
        }
    }
}

/// What this page follows, as the query of the stream.
fn topics() -> String {
    let mut topics: Vec<String> =
        page::all("[data-topic]").iter().filter_map(|e| e.get_attribute("data-topic")).collect();
    topics.sort();
    topics.dedup();
    let pairs = topics.iter().map(|topic| format!("topic={}", js_sys::encode_uri_component(topic)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The shortest pace that something on this page asks for, in milliseconds.
fn interval() -> Option<i32> {
    let paces = page::all("[data-poll]").into_iter().filter_map(|e| e.get_attribute("data-poll")?.parse::<i32>().ok());
    paces.min().map(|pace| pace.max(500))
}

/// This page as the server renders it now; `None` when another page answers.
async fn fetch() -> Result<Option<Document>, JsValue> {
    let here = page::window().location().href()?;
    let init = RequestInit::new();
    let headers = Headers::new()?;
    // What a page shows of something that may have moved meanwhile, it goes on showing.
    let shows = page::all("[data-shows]").first().and_then(|part| part.get_attribute("data-shows"));
    headers.set("X-Refresh", shows.as_deref().unwrap_or("1"))?;
    init.set_headers(&headers);
    js_sys::Reflect::set(&init, &"cache".into(), &"no-store".into())?;
    let answer = JsFuture::from(page::window().fetch_with_str_and_init(&here, &init)).await?;
    let response: Response = answer.dyn_into()?;
    if !response.ok() || response.redirected() {
        return Ok(None);
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml).map(Some)
}

/// Brings the marked parts into line; `true` when one has to wait for somebody who writes in it.
fn apply(new: &Document) -> bool {
    let mut put_off = false;
    for old in page::all("[data-refresh][id]") {
        let Some(new) = new.get_element_by_id(&old.id()).filter(|_| old.is_connected()) else { continue };
        if is_in_use(&old) {
            put_off = true;
        } else {
            settle(&old, &new);
        }
    }
    if new.title() != page::document().title() {
        page::document().set_title(&new.title());
    }
    times::show();
    pick::show();
    put_off
}

/// Is somebody writing in it, or is one of its forms on its way?
fn is_in_use(part: &Element) -> bool {
    const FIELDS: &str = "textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
    let writing = page::focused().filter(|focused| focused.matches(FIELDS).unwrap_or(false));
    writing.is_some_and(|field| part.contains(Some(&field))) || page::first_in(part, "form[data-sending]").is_some()
}
