//! The program: it reads its settings, listens, guards its doors, and hands requests to the pages.
//!
//! Start in [`cli`], go on to [`serve`](mod@serve), then [`routes`]. Tests build the router with [`routes::build`].
#![recursion_limit = "256"]

pub mod api;
pub mod assets;
#[cfg(feature = "bench")]
pub mod bench;
pub mod cli;
pub mod commands;
pub mod demo;
pub mod documents;
pub mod doors;
pub mod events;
pub mod exports;
pub mod gate;
pub mod health;
pub mod healthcheck;
pub mod links;
pub mod listen;
pub mod logging;
pub mod routes;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod stopped;
pub mod tls;
pub mod token;
