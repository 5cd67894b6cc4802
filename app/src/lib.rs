//! What people see. Pages are rendered on the server; only [`islands`] also run in the browser.
//!
//! The way of a page: [`routes`](mod@crate) name it, `pages` renders it, `api` asks `operations` for what it shows, `parts`
//! are what pages share. Changes are plain forms that post to the server functions in `api`.
#![recursion_limit = "256"]

pub mod islands;

#[cfg(feature = "ssr")]
#[expect(missing_docs, reason = "server functions make a struct of their arguments, which takes no docs")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod base;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod parts;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod shell;

#[cfg(feature = "ssr")]
pub use routes::App;
