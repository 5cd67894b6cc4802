//! Is it a registry, and does it let us in? (OCI distribution specification 1.1, "Determining Support")

use crate::{
    Registry, Result,
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
        Ok(Ping { api_version: text("docker-distribution-api-version"), server: text("server") })
    }
}
