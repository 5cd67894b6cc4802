//! Stories: each act allowed, refused, failed, repeated, and its audit entry. Real files, the in-process registry, a
//! clock that stands.

mod accounts;
mod asking;
mod authority;
mod connections;
mod crews;
mod departures;
mod grants;
mod oversight;
mod people;
mod reach;
mod registry_tokens;
mod roles;
mod supposing;
mod world;
