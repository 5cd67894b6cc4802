//! The frame of a page's content: waits for its data, and turns an error into a page of its own.

use super::Trouble;
use crate::{
    context::{answer, tell},
    error::AppError,
};
use leptos::prelude::*;
use std::future::Future;

/// Renders what `content` answers once it is there; an error becomes a page that says what was tried and where to go.
pub fn page<V, F>(content: F) -> impl IntoView
where
    V: IntoView + 'static,
    F: Future<Output = Result<V, AppError>> + Send + 'static,
{
    Suspend::new(async move {
        match content.await {
            Ok(view) => view.into_any(),
            Err(error) => {
                tell(&error);
                view! { <Trouble error=error/> }.into_any()
            }
        }
    })
}

/// A page behind an address that names nothing.
pub fn nothing(message: impl Into<String>) -> AppError {
    let error = operations::error::Error::new(operations::error::Kind::NotFound, message);
    match answer::<()>(Err(error)) {
        Err(error) => error,
        Ok(()) => AppError::not_found("There is nothing here."),
    }
}
