//! Stories of the token server: real files, a clock that stands, and everybody who could ask for a token.

mod asking;
mod events;
mod keys;
mod passwords;
mod refresh;
mod world;
