//! The reading in the background, as stories: one store, a registry, and what goes wrong between them.

mod absence;
mod controls;
mod denied;
mod faults;
mod filling;
mod kills;
mod leftovers;
mod world;
