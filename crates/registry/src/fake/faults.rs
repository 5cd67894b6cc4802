//! What can go wrong on purpose.

use super::{answers::answer, route::Seen};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use std::{io, time::Duration};

/// A fault: which requests it meets, how often, and what happens to them.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Only this method.
    pub method: Option<&'static str>,
    /// Only where path and query contain this text.
    pub path: String,
    /// How many times; for ever without.
    pub times: Option<u32>,
    /// What happens.
    pub trouble: Trouble,
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The answer takes this long.
    Delay(Duration),
    /// There is no answer.
    Hang,
    /// This answer instead of the right one.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers.
        headers: Vec<(&'static str, String)>,
        /// Its body.
        body: String,
    },
    /// The right answer breaks off after this many bytes.
    Truncate(usize),
    /// The right answer with its last byte changed; the headers stay.
    WrongBytes,
    /// The right answer with this header set.
    Header(&'static str, String),
    /// The right answer without this header.
    NoHeader(&'static str),
}

impl Fault {
    /// Every request whose path and query contain `path` meets this trouble.
    pub fn at(path: &str, trouble: Trouble) -> Self {
        Self { method: None, path: path.to_owned(), times: None, trouble }
    }
    /// The next `times` requests only.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
    /// A status with an empty body.
    pub fn status(path: &str, status: u16) -> Self {
        Self::at(path, Trouble::Answer { status, headers: Vec::new(), body: String::new() })
    }
    /// 429 with `Retry-After`, as a proxy before a registry answers.
    pub fn too_many(path: &str, retry_after: &str) -> Self {
        let body = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"too many requests"}]}"#.to_owned();
        Self::at(path, Trouble::Answer { status: 429, headers: vec![("retry-after", retry_after.to_owned())], body })
    }
    fn meets(&self, seen: &Seen) -> bool {
        self.method.is_none_or(|method| method == seen.method) && seen.target.contains(&self.path)
    }
}

/// The troubles that this request meets; each is counted.
pub(super) fn met(faults: &mut Vec<Fault>, seen: &Seen) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for fault in faults.iter_mut().filter(|fault| fault.meets(seen)) {
        troubles.push(fault.trouble.clone());
        if let Some(left) = &mut fault.times {
            *left -= 1;
        }
    }
    faults.retain(|fault| fault.times != Some(0));
    troubles
}

/// What happens before a request is looked at: an answer in its place, perhaps.
pub(super) async fn before(troubles: &[Trouble]) -> Option<Response> {
    for trouble in troubles {
        match trouble {
            Trouble::Delay(time) => tokio::time::sleep(*time).await,
            Trouble::Hang => std::future::pending::<()>().await,
            Trouble::Answer { status, headers, body } => {
                let headers: Vec<(HeaderName, &str)> =
                    headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.as_str())).collect();
                return Some(answer(*status, &headers, body.clone()));
            }
            _ => {}
        }
    }
    None
}

/// What happens to the right answer.
pub(super) async fn after(troubles: &[Trouble], mut response: Response) -> Response {
    for trouble in troubles {
        response = match trouble {
            Trouble::Truncate(kept) => truncate(response, *kept).await,
            Trouble::WrongBytes => spoil(response).await,
            Trouble::Header(name, value) => {
                if let Ok(value) = HeaderValue::try_from(value) {
                    response.headers_mut().insert(HeaderName::from_static(name), value);
                }
                response
            }
            Trouble::NoHeader(name) => {
                response.headers_mut().remove(*name);
                response
            }
            _ => response,
        };
    }
    response
}

async fn take(response: Response) -> (http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    (parts, axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default())
}

async fn truncate(response: Response, kept: usize) -> Response {
    let (mut parts, bytes) = take(response).await;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let beginning = bytes.slice(..kept.min(bytes.len()));
    let chunks = futures_util::stream::unfold(Some(beginning), |beginning| async {
        if let Some(beginning) = beginning {
            return Some((Ok(beginning), None));
        }
        // Lets the head and the beginning go out before the connection is cut.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Err(io::Error::other("cut")), None))
    });
    Response::from_parts(parts, Body::from_stream(chunks))
}

async fn spoil(response: Response) -> Response {
    let (parts, bytes) = take(response).await;
    let mut bytes = bytes.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    Response::from_parts(parts, Body::from(bytes))
}
