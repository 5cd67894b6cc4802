//! A change must come from a page of ours: `SameSite` cookies alone let sibling hosts and old browsers through.

use super::{Doors, refusal};
use app::context::RequestId;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::Response,
};

/// Refuses an unsafe method that does not show our origin, wherever a session cookie comes along and always at `/do/`.
pub async fn check(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let unsafe_method = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    // The interface for programs and the token server look at no cookie: nobody can be made to ask them.
    let path = request.uri().path();
    let interface = crate::api::is_here(path) || path == crate::token::AT;
    let concerned = request.uri().path().starts_with("/do/") || has_cookie(request.headers(), &doors.0.session_cookie);
    if unsafe_method
        && !interface
        && concerned
        && let Err(why) = shows_our_origin(doors.0.origin.as_deref(), request.uri(), request.headers())
    {
        let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default().0;
        tracing::warn!(cause = %why, "a change from another site was refused");
        let message = format!("This change was refused because it does not come from one of our own pages: {why}");
        return refusal(request.headers(), StatusCode::FORBIDDEN, "forbidden", &message, &id);
    }
    next.run(request).await
}

fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .any(|pair| pair.split_once('=').is_some_and(|(found, _)| found.trim() == name))
}

/// `expected` is the public URL's origin; without it the `Host` that was asked for counts.
fn shows_our_origin(expected: Option<&str>, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let fetched_from = text("sec-fetch-site");
    if let Some(site) = fetched_from.filter(|site| !matches!(*site, "same-origin" | "none")) {
        return Err(format!("the browser calls it {site:?}."));
    }
    match (text("origin"), expected) {
        (Some(origin), Some(expected)) if origin.eq_ignore_ascii_case(expected) => Ok(()),
        (Some(origin), Some(expected)) => {
            Err(format!("it comes from {origin:?}, and --public-url says {expected:?}. Use that address."))
        }
        // Pages can't set this header, so it is proof enough; a proxy in between may have changed the Host.
        (_, None) if fetched_from == Some("same-origin") => Ok(()),
        (Some(origin), None) => {
            let host = uri.authority().map(Authority::as_str).or_else(|| text("host")).unwrap_or_default();
            let same = ["http://", "https://"]
                .iter()
                .any(|scheme| origin.strip_prefix(scheme).is_some_and(|rest| rest.eq_ignore_ascii_case(host)));
            if same && !host.is_empty() {
                Ok(())
            } else {
                Err(format!(
                    "it comes from {origin:?}, and this program was asked as {host:?}. Behind a proxy, set --public-url."
                ))
            }
        }
        (None, _) if fetched_from.is_some() => Ok(()),
        (None, _) => Err("it has neither an Origin nor a Sec-Fetch-Site header.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn asked(expected: Option<&str>, all: &[(&'static str, &str)]) -> bool {
        let headers =
            all.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect();
        shows_our_origin(expected, &Uri::from_static("/do/x"), &headers).is_ok()
    }

    #[test]
    fn without_a_public_url_the_host_counts() {
        for (all, passes) in [
            (&[("host", "a:3000"), ("origin", "http://a:3000")][..], true),
            (&[("host", "a:3000"), ("origin", "https://a:3000")], true),
            (&[("host", "a:3000"), ("origin", "http://a")], false),
            (&[("host", "a"), ("origin", "http://a.evil")], false),
            (&[("host", "a"), ("origin", "null")], false),
            (&[("host", ""), ("origin", "http://")], false),
            (&[("host", "a")], false),
            (&[("host", "a"), ("sec-fetch-site", "same-origin")], true),
            (&[("host", "inside"), ("origin", "https://outside"), ("sec-fetch-site", "same-origin")], true),
            (&[("host", "a"), ("origin", "http://a"), ("sec-fetch-site", "same-site")], false),
            (&[("host", "a"), ("origin", "http://a"), ("sec-fetch-site", "cross-site")], false),
        ] {
            assert_eq!(asked(None, all), passes, "{all:?}");
        }
    }

    #[test]
    fn with_a_public_url_only_its_origin_counts() {
        let ours = Some("https://w.example");
        for (all, passes) in [
            (&[("host", "inside"), ("origin", "https://w.example")][..], true),
            (&[("host", "w.example"), ("origin", "http://w.example")], false),
            (&[("host", "127.0.0.1"), ("origin", "http://127.0.0.1"), ("sec-fetch-site", "same-origin")], false),
            (&[("host", "w.example"), ("sec-fetch-site", "same-origin")], true),
            (&[("host", "w.example"), ("sec-fetch-site", "none")], true),
            (&[("host", "w.example")], false),
        ] {
            assert_eq!(asked(ours, all), passes, "{all:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = HeaderMap::from_iter([(header::COOKIE, "a=1; wharfinger=x".parse().expect("a value"))]);
        assert!(has_cookie(&headers, "wharfinger") && !has_cookie(&headers, "harfinger") && !has_cookie(&headers, "b"));
    }
}
