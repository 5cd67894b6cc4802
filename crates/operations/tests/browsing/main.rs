//! Stories of browsing: a fake registry that counts its requests, a real memory, and a clock that stands until it is moved.

mod catalogue;
mod glance;
mod lists;
mod rows;
mod trouble;
mod world;
