//! The entry of the browser build: it wakes the islands of a page that the server has rendered.

// Links the islands in: each is exported by name, and the page's script calls those it finds.
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Makes ready what islands stand on. The page's script calls it once, before the first island.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
