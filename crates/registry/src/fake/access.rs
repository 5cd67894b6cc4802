//! Who may do what: the challenges and refusals of distribution.

use super::{
    Access, Inner, User,
    answers::{json_answer, unsupported},
    route::{Call, Route},
    token_server::Right,
};
use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Method, header};
use serde_json::json;

/// The refusal, if the caller may not do this.
pub(super) fn check(inner: &Inner, call: &Call, route: &Route<'_>) -> Option<Response> {
    if matches!(route, Route::Catalog) && !inner.options.catalog {
        return Some(unsupported());
    }
    match &inner.options.access {
        Access::Anonymous => None,
        Access::Basic(users) => check_basic(users, call),
        Access::Token(server) => {
            let wanted = wanted(call, route);
            let token = call.header(header::AUTHORIZATION).strip_prefix("Bearer ").map(str::to_owned);
            let rights = token.and_then(|token| server.rights_of(&token));
            let error = match &rights {
                Some(rights) if wanted.iter().all(|right| rights.contains(right)) => return None,
                Some(_) => Some("insufficient_scope"),
                None if call.headers.contains_key(header::AUTHORIZATION) => Some("invalid_token"),
                None => None,
            };
            let mut challenge = format!("Bearer realm=\"{}\",service=\"{}\"", server.realm(), server.service());
            if !wanted.is_empty() {
                challenge = format!("{challenge},scope=\"{}\"", scope(&wanted));
            }
            if let Some(error) = error {
                challenge = format!("{challenge},error=\"{error}\"");
            }
            Some(unauthorized(&challenge))
        }
    }
}

/// The user and password of a Basic header.
pub(super) fn basic(header: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ")?).ok()?).ok()?;
    decoded.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

fn check_basic(users: &[User], call: &Call) -> Option<Response> {
    let known = basic(call.header(header::AUTHORIZATION))
        .is_some_and(|(name, password)| users.iter().any(|user| user.name == name && user.password == password));
    if known { None } else { Some(unauthorized("Basic realm=\"Test Realm\"")) }
}

fn unauthorized(challenge: &str) -> Response {
    let body = json!({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required", "detail": null}]});
    let mut response = json_answer(401, &body);
    if let Ok(value) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// What distribution asks for: GET and HEAD pull, DELETE delete, the rest pull and push; a mount pull on its source.
fn wanted(call: &Call, route: &Route<'_>) -> Vec<Right> {
    let Some(name) = route.repository() else {
        let catalog = Right::new("registry", "catalog", "*");
        return if matches!(route, Route::Catalog) { vec![catalog] } else { Vec::new() };
    };
    let actions: &[&str] = match call.method {
        Method::GET | Method::HEAD => &["pull"],
        Method::DELETE => &["delete"],
        _ => &["pull", "push"],
    };
    let mut rights: Vec<Right> = actions.iter().map(|action| Right::new("repository", name, action)).collect();
    if let Some(from) = call.query.get("from") {
        rights.push(Right::new("repository", from, "pull"));
    }
    rights
}

/// One scope for each name, with its actions joined.
fn scope(rights: &[Right]) -> String {
    let mut scopes: Vec<(String, Vec<&str>)> = Vec::new();
    for right in rights {
        let what = format!("{}:{}", right.kind, right.name);
        match scopes.iter_mut().find(|(known, _)| *known == what) {
            Some((_, actions)) => actions.push(&right.action),
            None => scopes.push((what, vec![&right.action])),
        }
    }
    let texts: Vec<String> = scopes.iter().map(|(what, actions)| format!("{what}:{}", actions.join(","))).collect();
    texts.join(" ")
}
