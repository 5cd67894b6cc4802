//! `/v2/` without and with credentials.

use crate::{
    Error, Ping, Registry, Result,
    challenge::challenges,
    clock::wall,
    error::Missing,
    said::clean,
    transport::{JSON, Req, Scope, refusal},
    wire::Answer,
};
use domain::Timestamp;
use http::{Method, StatusCode, header};
use std::time::{SystemTime, UNIX_EPOCH};

/// A way to sign in that a registry offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// `basic`, `bearer`, …
    pub scheme: String,
    /// The realm: of a Bearer challenge, the token server's address.
    pub realm: Option<String>,
    /// The service whose tokens are asked for.
    pub service: Option<String>,
}

/// How often one may ask, where it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The header, in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What `/v2/` answers to a stranger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// 200 or 401 from a registry.
    pub status: u16,
    /// How one may sign in; none where nobody has to.
    pub ways: Vec<Way>,
    /// `Docker-Distribution-Api-Version`.
    pub api_version: Option<String>,
    /// `Server`.
    pub server: Option<String>,
    /// The registry's time by its `Date` header.
    pub date: Option<Timestamp>,
    /// How far its clock is ahead of ours (negative: behind), in seconds. `Date` has whole seconds: one or two are none.
    pub clock_ahead: Option<i64>,
    /// Rate-limit headers.
    pub rate_limits: Vec<RateLimit>,
    /// Does it look like a registry: 200 or 401 with the version header, or with a challenge?
    pub is_registry: bool,
}

/// Asks `/v2/` without credentials.
pub async fn api(registry: &Registry) -> Result<Api> {
    let transport = registry.transport();
    let req = Req::new(Method::GET, transport.url("v2/"), Scope::Nothing, Missing::Api).accept(JSON);
    let answer = transport.ask_plainly(req).await?;
    if answer.status.as_u16() == 400
        && let error @ Error::Tls { .. } = refusal(&answer, Missing::Api)
    {
        return Err(error);
    }
    let text = |name: &str| answer.header(name).map(|value| clean(value, 200));
    let ways: Vec<Way> = challenges(&answer.headers)
        .into_iter()
        .map(|c| {
            let part = |name| c.get(name).map(|value| clean(value, 300));
            Way { realm: part("realm"), service: part("service"), scheme: clean(&c.scheme, 40) }
        })
        .collect();
    let api_version = text("docker-distribution-api-version");
    let date = answer.header(header::DATE).and_then(|text| httpdate::parse_http_date(text).ok());
    let known = matches!(answer.status, StatusCode::OK | StatusCode::UNAUTHORIZED);
    let is_json = serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok();
    Ok(Api {
        status: answer.status.as_u16(),
        is_registry: known && (api_version.is_some() || !ways.is_empty() || is_json),
        ways,
        api_version,
        server: text("server"),
        date: date.map(|date| Timestamp(seconds(date).saturating_mul(1_000_000))),
        clock_ahead: date.map(|date| seconds(date) - seconds(wall())),
        rate_limits: rate_limits(&answer),
    })
}

fn seconds(time: SystemTime) -> i64 {
    let since = |d: std::time::Duration| i64::try_from(d.as_secs()).unwrap_or(i64::MAX);
    time.duration_since(UNIX_EPOCH).map_or_else(|before| -since(before.duration()), since)
}

fn rate_limits(answer: &Answer) -> Vec<RateLimit> {
    let all = answer.headers.iter().filter(|(name, _)| name.as_str().contains("ratelimit"));
    all.filter_map(|(name, value)| {
        Some(RateLimit { name: name.as_str().to_owned(), value: clean(value.to_str().ok()?, 200) })
    })
    .collect()
}

/// Whether the connection's credentials are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// The registry lets us in with what we have (which may be nothing).
    Accepted(Ping),
    /// It does not.
    Refused(Error),
}

/// Asks `/v2/` with the connection's credentials.
pub async fn credentials(registry: &Registry) -> Credentials {
    registry.ping().await.map_or_else(Credentials::Refused, Credentials::Accepted)
}
