//! What lives in the browser. Everything else is rendered on the server and works without it.
//!
//! One island listens at the document; a module each for what it adds. Only `live` is compiled for the server.

mod live;

#[cfg(target_arch = "wasm32")]
mod answers;
#[cfg(target_arch = "wasm32")]
mod copy;
#[cfg(target_arch = "wasm32")]
mod forms;
#[cfg(target_arch = "wasm32")]
mod keys;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod pick;
#[cfg(target_arch = "wasm32")]
mod refresh;
#[cfg(target_arch = "wasm32")]
mod settle;
#[cfg(any(target_arch = "wasm32", test))]
mod strokes;
#[cfg(target_arch = "wasm32")]
mod suggest;
#[cfg(target_arch = "wasm32")]
mod theme;
#[cfg(target_arch = "wasm32")]
mod times;

pub use live::Live;
