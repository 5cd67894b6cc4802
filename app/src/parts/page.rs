//! The frame of a page's content: waits for its data, and turns an error into a page of its own.

use super::Trouble;
use crate::{
    context::{answer, is_abandoned, tell},
    error::AppError,
};
use leptos::{prelude::*, reactive::computed::ScopedFuture};
use std::{future::Future, panic::resume_unwind};

/// A part of a page that comes later, and whose work goes on whether or not somebody waits for it.
///
/// Rendering asks each such part once and then waits for one after the other, in the order of the document. A part that
/// only lay there meanwhile could be handed a connection to the database and keep it from the part that is waited for:
/// with as many requests at once as there are connections, all of them would wait for ever. A task of its own never lies.
pub fn suspended<V>(content: impl Future<Output = V> + Send + 'static) -> Suspend<V>
where
    V: Send + 'static,
{
    let task = tokio::spawn(ScopedFuture::new(content));
    Suspend::new(async move {
        match task.await {
            Ok(view) => view,
            Err(stopped) => match stopped.try_into_panic() {
                // For the door that turns panics into a page.
                Ok(panic) => resume_unwind(panic),
                // The runtime ends: nobody reads this any more.
                Err(_) => std::future::pending().await,
            },
        }
    })
}

/// Renders what `content` answers once it is there; an error becomes a page that says what was tried and where to go.
pub fn page<V, F>(content: F) -> impl IntoView
where
    V: IntoView + 'static,
    F: Future<Output = Result<V, AppError>> + Send + 'static,
{
    suspended(async move {
        let content = content.await;
        // The reader has gone and taken the page's context along: there is nothing to render with, and nobody to render for.
        if is_abandoned() {
            return ().into_any();
        }
        match content {
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
