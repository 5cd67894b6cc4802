//! Pages are made to their end, also where whoever asked for one has hung up.
//!
//! A page is made by several tasks that share the owners of the reactive graph. Where the page is dropped in the middle, its
//! owners go while a task looks for something in them; and the task that holds the last handle of a parent under the lock of
//! its child then waits for itself, with a thread of the runtime, for ever (`with_context` and `OwnerInner::drop` of
//! `reactive_graph` 0.2.16). As many hang-ups as there are threads would stop the program.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{panic::resume_unwind, sync::Arc};
use tokio::sync::Semaphore;
use tracing::Instrument as _;

/// As many pages are made at once, those included for which nobody waits any more; the others wait for their turn.
const AT_ONCE: usize = 256;

/// The turns to make pages.
#[derive(Clone)]
pub struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Makes a page, whole, in a task that nobody's leaving stops.
pub async fn make(State(Turns(turns)): State<Turns>, request: Request, next: Next) -> Response {
    let turn = turns.acquire_owned().await;
    let making = async move {
        let (parts, body) = next.run(request).await.into_parts();
        let whole = to_bytes(body, usize::MAX).await;
        drop(turn);
        match whole {
            Ok(whole) => Response::from_parts(parts, Body::from(whole)),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    match tokio::spawn(making.in_current_span()).await {
        Ok(made) => made,
        // It is caught and told further out, as any other.
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware, routing::get};
    use std::time::Duration;
    use tokio::sync::{Notify, mpsc};
    use tower::ServiceExt as _;

    /// Waits no longer than this.
    async fn soon<T>(what: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(20), what).await.expect("it does not come")
    }

    /// A page that says when it begins and when its body was made, and waits for the word in between; one is made at once.
    fn site() -> (Router, mpsc::UnboundedReceiver<&'static str>, Arc<Notify>) {
        let (tell, told) = mpsc::unbounded_channel();
        let go = Arc::new(Notify::new());
        let word = go.clone();
        let page = async move || {
            tell.send("begun").expect("somebody listens");
            let body = futures_util::stream::once(async move {
                word.notified().await;
                tell.send("made").expect("somebody listens");
                Ok::<_, std::io::Error>("a page")
            });
            ([("x-page", "yes")], Body::from_stream(body))
        };
        let turns = Turns(Arc::new(Semaphore::new(1)));
        let broken = get(async || -> () { panic!("on purpose") });
        let router = Router::new().route("/", get(page)).route("/broken", broken);
        (router.layer(middleware::from_fn_with_state(turns, make)), told, go)
    }

    fn request(path: &str) -> Request {
        Request::builder().uri(path).body(Body::empty()).expect("a request")
    }

    #[tokio::test]
    async fn a_page_is_made_to_its_end_where_nobody_waits_for_it_any_more() {
        let (site, mut told, go) = site();
        let leaving = tokio::spawn(site.clone().oneshot(request("/")));
        assert_eq!(soon(told.recv()).await, Some("begun"));
        leaving.abort();
        assert!(leaving.await.expect_err("it left").is_cancelled());
        // The turn is given back when the page is made, not when its reader leaves.
        let next = tokio::spawn(site.oneshot(request("/")));
        go.notify_one();
        assert_eq!((soon(told.recv()).await, soon(told.recv()).await), (Some("made"), Some("begun")));
        go.notify_one();
        let answer = soon(next).await.expect("it stays").expect("a router never fails");
        assert_eq!(answer.headers()["x-page"], "yes");
        assert_eq!(to_bytes(answer.into_body(), 100).await.expect("a body"), "a page");
    }

    #[tokio::test]
    async fn a_page_that_panics_is_told_to_whoever_waits() {
        let (site, _told, _go) = site();
        let ended = soon(tokio::spawn(site.clone().oneshot(request("/broken")))).await;
        assert!(ended.expect_err("it panics").is_panic());
        let again = soon(tokio::spawn(site.oneshot(request("/broken")))).await;
        assert!(again.is_err(), "the turn was given back");
    }
}
