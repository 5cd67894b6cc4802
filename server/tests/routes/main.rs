//! The built router, asked in this process: every route in every role, and what guards them.
#![recursion_limit = "256"]

mod api;
mod changes;
mod cookies;
mod crowd;
mod events;
mod filters;
mod gate;
mod headers;
mod images;
mod join;
mod matrix;
mod notices;
mod review;
mod sessions;
mod setup;
mod site;
mod token;
mod token_busy;
