//! Blobs: configurations and whatever else is small enough to read (OCI distribution specification 1.1, "Pulling blobs").

use crate::{
    Error, Registry, Result,
    error::Missing,
    latency::Kind,
    transport::{Req, Scope},
};
use bytes::Bytes;
use domain::{Digest, RepositoryName};
use http::{Method, header};

/// The most bytes of a configuration.
pub const CONFIG_CAP: u64 = 8 * 1024 * 1024;

impl Registry {
    /// A blob's bytes, at most `cap`, verified. An algorithm that can't be computed here is [`Error::Integrity`].
    pub async fn blob(&self, repository: &RepositoryName, digest: &Digest, cap: u64) -> Result<Bytes> {
        let req = self.blob_request(Method::GET, repository, digest).reading("blob", cap).kind(Kind::Blob);
        let bytes = self.transport().ask(req).await?.body;
        match digest.matches(&bytes) {
            Some(true) => Ok(bytes),
            Some(false) => {
                Err(Error::Integrity { expected: digest.to_string(), found: Digest::of(&bytes).to_string() })
            }
            None => Err(Error::Integrity {
                expected: digest.to_string(),
                found: "content that can't be verified here".into(),
            }),
        }
    }

    /// Is the blob there? Its size, where the registry tells.
    pub async fn head_blob(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<u64>> {
        let answer = self.transport().ask(self.blob_request(Method::HEAD, repository, digest)).await?;
        Ok(answer.header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()))
    }

    fn blob_request(&self, method: Method, repository: &RepositoryName, digest: &Digest) -> Req {
        let url = self.transport().url(&format!("v2/{repository}/blobs/{digest}"));
        Req::new(method, url, Scope::Pull(repository.clone()), Missing::Blob)
    }
}
