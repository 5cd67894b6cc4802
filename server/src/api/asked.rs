//! What a handler is given: who asks, what for, and what stands in path, query and body. What does not fit the document
//! is refused here, in words.

use super::problem::Problem;
use app::{base::Base, context::RequestId};
use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{Extensions, HeaderMap, StatusCode, Uri, request::Parts},
};
use domain::{Actor, Permission, Place, permission::allows};
use operations::Operations;
use serde::de::DeserializeOwned;

/// What the interface knows.
#[derive(Clone)]
pub struct Interface {
    /// What people can do.
    pub operations: Operations,
    /// Where we are mounted.
    pub base: Base,
}

/// On an answer that says itself what stopped it.
#[derive(Clone, Copy, Debug)]
pub struct Told;

/// The number of a request.
pub fn request_id(extensions: &Extensions) -> String {
    extensions.get::<RequestId>().cloned().unwrap_or_default().0
}

/// A request whose token is good.
pub struct Asked {
    /// What people can do.
    pub operations: Operations,
    /// Who asks.
    pub actor: Actor,
    pub(super) base: Base,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
}

impl Asked {
    /// May whoever asks look at all grants? How many somebody has is told to nobody else: a number tells that there are some.
    pub fn counts_grants(&self) -> bool {
        allows(&self.actor, Permission::GrantView, Place::System).is_ok()
    }
}

impl FromRequestParts<Interface> for Asked {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, interface: &Interface) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Actor>().cloned();
        let actor = actor.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "sign-in-needed", "Send a token."))?;
        // `nest` takes the prefix off; the whole is what a link needs.
        let whole = parts.extensions.get::<axum::extract::OriginalUri>().map(|uri| uri.0.clone());
        Ok(Self {
            operations: interface.operations.clone(),
            actor,
            base: interface.base,
            uri: whole.unwrap_or_else(|| parts.uri.clone()),
            headers: parts.headers.clone(),
        })
    }
}

/// What stands in the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(path) => Ok(Self(path.0)),
            Err(why) => Err(Problem::malformed("path", format!("{why}."))),
        }
    }
}

/// What stands in the query. A parameter that is unknown is refused: a filter with a slip would show everything.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(query) => Ok(Self(query.0)),
            Err(why) => {
                let why = std::error::Error::source(&why).map_or_else(|| why.to_string(), ToString::to_string);
                Err(Problem::malformed("query", format!("The query can’t be read: {why}.")))
            }
        }
    }
}

/// What stands in the body, as JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(json) => Ok(Self(json.0)),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                let message = "Send the body as Content-Type: application/json.";
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message))
            }
            Err(why) => {
                let why = std::error::Error::source(&why).map_or_else(|| why.to_string(), ToString::to_string);
                Err(Problem::malformed("body", format!("The body can’t be read: {why}.")))
            }
        }
    }
}
