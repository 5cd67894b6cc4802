//! Stories of images and comparisons: a fake registry that counts its requests, a real memory, a clock that stands.

mod behind;
mod compare;
mod hostile;
mod look;
mod referrers;
mod world;
