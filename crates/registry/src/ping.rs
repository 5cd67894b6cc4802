//! Is it a registry, and does it let us in? (OCI distribution specification 1.1, "Determining Support")

use crate::{
    Error, Registry, Result,
    error::Missing,
    transport::{JSON, Req, Scope},
};
use http::Method;

/// What a registry says of itself at `/v2/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ping {
    /// `Docker-Distribution-Api-Version`, usually `registry/2.0`.
    pub api_version: Option<String>,
    /// `Server`, where it is told.
    pub server: Option<String>,
}

impl Registry {
    /// Asks at `/v2/`, signing in where that is wanted.
    pub async fn ping(&self) -> Result<Ping> {
        let req = Req::new(Method::GET, self.transport().url("v2/"), Scope::Nothing, Missing::Api).accept(JSON);
        let answer = self.transport().ask(req).await?;
        let text = |name: &str| answer.header(name).map(|value| crate::said::clean(value, 200));
        let ping = Ping { api_version: text("docker-distribution-api-version"), server: text("server") };
        // A portal or a web site answers every path with a page and 200.
        if ping.api_version.is_none() && answer.content_type().contains("html") {
            return Err(Error::Malformed { what: "it is a web page".into() });
        }
        Ok(ping)
    }
}
