//! Commands and lines of configuration to be copied: how to pull something, and how a client reaches a registry.

mod clients;
mod pull;

pub use clients::{login, mirror, use_registry};
pub use pull::{Client, clients_for, image_reference, kubernetes_secret, pull};

use serde::{Deserialize, Serialize};

/// A text to be pasted elsewhere, with what it is and where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// What it is, and in which file it goes.
    pub caption: String,
    /// The text.
    pub text: String,
}

impl Snippet {
    /// A text with its caption.
    pub fn new(caption: impl Into<String>, text: impl Into<String>) -> Self {
        Self { caption: caption.into(), text: text.into() }
    }
}

#[cfg(test)]
mod tests;
