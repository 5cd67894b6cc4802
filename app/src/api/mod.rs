//! What pages and forms ask for, a file per noun. Each function gets the actor, calls one operation, and answers.
//! Reads are plain functions; changes are server functions under `/do/<noun>-<verb>`.

pub mod audit;
pub mod comparisons;
pub mod connections;
pub mod explain;
pub mod grants;
pub mod health;
pub mod history;
pub mod images;
pub mod join;
pub mod keys;
pub mod matrix;
pub mod overview;
pub mod people;
pub mod profile;
pub mod refresh_tokens;
pub mod registry_tokens;
pub mod repositories;
pub mod requests;
pub mod reviews;
pub mod robots;
pub mod roles;
pub mod search;
pub mod session;
pub mod setup;
pub mod storage;
pub mod sync;
pub mod tags;
pub mod teams;
pub mod tokens;
pub mod what_if;
