//! The keys that sign tokens for registries.

use crate::{
    base::redirect,
    context::{actor, answer, operations},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::PostUrl};
use operations::token_keys::KeysOfAlgorithm;

/// All of them, by algorithm.
pub async fn list() -> Result<Vec<KeysOfAlgorithm>, AppError> {
    answer(operations().signing_keys(&actor()).await)
}

/// Lets the next key of an algorithm sign; `current` is the one that signed on the page.
#[server(prefix = "/do", endpoint = "signing-key-rotate", input = PostUrl)]
pub async fn signing_key_rotate(algorithm: String, #[server(default)] current: String) -> Result<(), AppError> {
    answer(
        operations()
            .rotate_signing_key(&actor(), &algorithm, Some(current.as_str()).filter(|kid| !kid.is_empty()))
            .await,
    )?;
    redirect("/access/keys?saved=rotated");
    Ok(())
}
