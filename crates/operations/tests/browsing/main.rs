//! Stories of browsing: a fake registry that counts its requests, a real memory, and a clock that stands until it is moved.

mod catalogue;
mod filters;
mod glance;
mod health;
mod history;
mod lists;
mod rows;
mod search;
mod storage;
mod trouble;
mod world;
