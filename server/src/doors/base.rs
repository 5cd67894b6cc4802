//! Takes the base path off before axum routes. A path outside of it is passed on unchanged, so that a proxy that strips
//! the prefix and a health check from inside both work.

use app::base::Base;
use axum::{
    extract::Request,
    http::{Uri, uri::PathAndQuery},
};

/// The request as the program inside sees it.
pub fn strip(base: Base, mut request: Request) -> Request {
    if let Some(uri) = stripped(base, request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn stripped(base: Base, uri: &Uri) -> Option<Uri> {
    let path = base.strip(uri.path()).filter(|_| !base.0.is_empty())?;
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_taken_off_and_everything_else_stays() {
        let base = Base::parse("/registry").expect("a path");
        for (from, inside) in [
            ("/registry", "/"),
            ("/registry/", "/"),
            ("/registry?x=1", "/?x=1"),
            ("/registry/audit?q=%2F", "/audit?q=%2F"),
            ("/registryfoo", "/registryfoo"),
            ("/healthz", "/healthz"),
            ("http://host:1/registry/audit", "http://host:1/audit"),
        ] {
            let request = Request::builder().uri(from).body(axum::body::Body::empty()).expect("a request");
            assert_eq!(strip(base, request).uri().to_string(), inside);
        }
    }
}
