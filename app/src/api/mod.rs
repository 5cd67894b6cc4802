//! What pages and forms ask for, a file per noun. Each function gets the actor, calls one operation, and answers.
//! Reads are plain functions; changes are server functions under `/do/<noun>-<verb>`.

pub mod audit;
pub mod comparisons;
pub mod connections;
pub mod health;
pub mod history;
pub mod images;
pub mod overview;
pub mod profile;
pub mod repositories;
pub mod search;
pub mod session;
pub mod setup;
pub mod storage;
pub mod sync;
pub mod tags;
pub mod tokens;
