//! Stories: each act allowed, refused, failed, repeated, and its audit entry. Real files, the in-process registry, a
//! clock that stands.

mod connections;
mod people;
mod world;
