//! One island for the whole page: it listens at the document and makes the server's page quicker to use.

use leptos::prelude::*;

/// Starts what lives: copy buttons, keys, forms that answer in place, lists that follow the registry.
#[island]
pub fn Live() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    Effect::new(|_| {
        use super::{copy, forms, keys, pick, refresh, suggest, theme, times};
        copy::start();
        forms::start();
        // Before the keys: an open list takes Escape for itself.
        suggest::start();
        keys::start();
        pick::start();
        theme::start();
        times::start();
        refresh::start();
    });
    view! { <p class="sr" role="status" id="said"></p> }
}
