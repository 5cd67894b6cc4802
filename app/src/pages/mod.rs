//! The pages, a file each, named like their addresses.

pub mod access;
pub mod audit;
pub mod audit_entry;
pub mod compare;
pub mod connection;
pub mod connection_new;
pub mod connection_remove;
pub mod connection_use;
pub mod connections;
pub mod health;
pub mod history;

pub mod image;
pub mod join;
pub mod overview;
pub mod profile;
pub mod reading;
pub mod registry_tokens;
pub mod repositories;
pub mod repositories_across;
pub mod repository_storage;
pub mod search;
pub mod setup;
pub mod sign_in;
pub mod storage;
pub mod tags;
pub mod tags_across;
