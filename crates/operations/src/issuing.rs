//! What registry tokens are signed with: keys, their certificates in the forms that registries read, and the signing
//! itself. Who gets a token, and for what, is decided elsewhere.

mod certificate;
mod jwks;
mod jwt;
mod keys;

pub use certificate::{Certificate, bundle_pem};
pub use jwks::jwks;
pub use jwt::{Claims, Signer, token_id};
pub use keys::{Algorithm, generate};

#[cfg(test)]
mod real_tests;
#[cfg(test)]
mod tests;
