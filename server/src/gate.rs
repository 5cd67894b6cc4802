//! The gate: who asks is found out once per request, and strangers come no further than the door.

use crate::doors::{refusal, requests::ClientAddress, wants_html};
use app::{
    base::{Base, own_path},
    context::RequestId,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Actor, Permission, Place, permission::allows};
use operations::Operations;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use url::{Url, form_urlencoded};

/// What the gate knows.
#[derive(Clone)]
pub struct Gate {
    operations: Operations,
    base: Base,
    /// Once there is somebody, there always is: the question is not asked again.
    somebody: Arc<AtomicBool>,
}

/// Where an address leads, as far as the gate is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The pages by which one comes in, and what they post to.
    SignIn,
    /// The setup page and what it posts to.
    SetUp,
    /// Everything else.
    Inside,
}

fn way(path: &str) -> Way {
    match path {
        "/sign-in" | "/do/session-create" | "/join" | "/do/person-join" => Way::SignIn,
        "/setup" | "/do/setup-complete" => Way::SetUp,
        _ => Way::Inside,
    }
}

impl Gate {
    /// A gate to this installation.
    pub fn new(operations: Operations, base: Base) -> Self {
        Self { operations, base, somebody: Arc::default() }
    }

    async fn is_somebody_there(&self) -> Result<bool, operations::error::Error> {
        if self.somebody.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let somebody = !self.operations.is_empty().await?;
        self.somebody.store(somebody, Ordering::Relaxed);
        Ok(somebody)
    }

    fn to(&self, path: &str) -> Response {
        let to = self.base.to(path);
        (StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::CACHE_CONTROL, "no-store".to_owned())])
            .into_response()
    }
}

/// The actor of a request that nobody has signed in for.
pub fn stranger(request: &Request) -> Actor {
    let extensions = request.extensions();
    let address = extensions.get::<ClientAddress>().map(|client| client.0.to_string()).unwrap_or_default();
    let id = extensions.get::<RequestId>().cloned().unwrap_or_default().0;
    Actor::anonymous(&address, &agent(request.headers()), &id)
}

/// The client's own description, at a length worth keeping.
pub fn agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    crate::settings::visible(&text.unwrap_or_default()).chars().take(256).collect()
}

/// Lets through who may come in. Expects the actor in the request's extensions.
pub async fn keep(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default().0;
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or_else(|| stranger(&request));
    let page = matches!(*request.method(), Method::GET | Method::HEAD) && wants_html(request.headers());
    let way = way(request.uri().path());
    let somebody = match gate.is_somebody_there().await {
        Ok(somebody) => somebody,
        Err(error) => {
            tracing::error!(cause = ?error, "the records do not answer");
            let message = "Our own database does not answer. Try again in a moment.";
            return refusal(request.headers(), StatusCode::SERVICE_UNAVAILABLE, "internal", message, &id);
        }
    };
    match (somebody, way) {
        (false, Way::SetUp) | (true, Way::SignIn) => next.run(request).await,
        (false, _) if page => gate.to("/setup"),
        (false, _) => {
            let message = "Nobody has an account here yet. Open the setup link that the program printed at its start.";
            refusal(request.headers(), StatusCode::SERVICE_UNAVAILABLE, "setup-needed", message, &id)
        }
        (true, Way::SetUp) => gate.to("/sign-in"),
        // Who is signed in comes in, also without any right yet: pages then say what there is to see.
        (true, Way::Inside) if actor.is_known() => next.run(request).await,
        (true, Way::Inside) => match allows(&actor, Permission::RegistryView, Place::System) {
            Ok(_) => next.run(request).await,
            Err(_) if page => gate.to(&sign_in(&path_and_query(request.uri()))),
            // A form of somebody whose session has ended: back to the page it stood on, after the sign-in.
            Err(_) if wants_html(request.headers()) => gate.to(&sign_in(&came_from(gate.base, request.headers()))),
            Err(_) => refusal(request.headers(), StatusCode::UNAUTHORIZED, "sign-in-needed", "Sign in to go on.", &id),
        },
    }
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query().map_or("/", |path| path.as_str()).to_owned()
}

fn sign_in(next: &str) -> String {
    match own_path(next).filter(|next| *next != "/") {
        Some(next) => {
            format!("/sign-in?{}", form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish())
        }
        None => "/sign-in".to_owned(),
    }
}

/// The path of the page that a form stood on, without the base. The host does not matter: only a path of ours is used.
fn came_from(base: Base, headers: &HeaderMap) -> String {
    let referer =
        headers.get(header::REFERER).and_then(|value| value.to_str().ok()).and_then(|text| Url::parse(text).ok());
    let Some(url) = referer else { return "/".to_owned() };
    let path = base.strip(url.path()).unwrap_or("/").to_owned();
    // An error of an earlier try stands in the query, and would be shown again.
    let query = url.query().filter(|query| !query.contains("__err="));
    query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_after_signing_in_is_a_path_of_ours() {
        assert_eq!(sign_in("/registries/a?q=b&c"), "/sign-in?next=%2Fregistries%2Fa%3Fq%3Db%26c");
        assert_eq!(sign_in("//evil.example"), "/sign-in");
        assert_eq!(sign_in("/"), "/sign-in");
    }

    #[test]
    fn a_form_goes_back_to_the_page_it_stood_on() {
        let base = Base::parse("/registry").expect("a path");
        for (referer, back) in [
            ("https://w.example/registry/audit?page=2", "/audit?page=2"),
            ("https://w.example/registry/audit?__path=x&__err=y", "/audit"),
            ("https://evil.example/elsewhere", "/"),
            ("nonsense", "/"),
        ] {
            let headers = HeaderMap::from_iter([(header::REFERER, referer.parse().expect("a value"))]);
            assert_eq!(came_from(base, &headers), back);
        }
    }
}
