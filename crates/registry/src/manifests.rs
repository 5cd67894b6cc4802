//! Manifests as raw bytes with their digest checked (OCI distribution specification 1.1, "Pulling manifests").

use crate::{
    Error, Registry, Result,
    error::Missing,
    latency::Kind,
    schema1,
    transport::{Req, Scope},
    wire::Answer,
};
use bytes::Bytes;
use domain::{
    Digest, Reference, RepositoryName,
    manifest::{OCI_INDEX, OCI_MANIFEST, SCHEMA1, SCHEMA1_SIGNED},
};
use http::{HeaderValue, Method, StatusCode, header};

/// The most bytes of a manifest: what the specification asks registries to accept.
pub const MANIFEST_CAP: u64 = 4 * 1024 * 1024;

/// All four types, always: distribution answers 404 or something converted when one is left out. Schema 1 comes last, so
/// that it is recognised where there is nothing else. (oras' short-lived artifact type is accepted for old registries.)
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.oci.artifact.manifest.v1+json;q=0.8, \
    application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.2, \
    application/vnd.docker.distribution.manifest.v1+json;q=0.1, */*;q=0.1";

/// What a HEAD of a manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// Still what it was: the digest that was given stands.
    NotModified,
    /// It is there.
    Found {
        /// Its digest, where the registry tells. Not verified: only bytes can be.
        digest: Option<Digest>,
        /// Its media type, without parameters.
        media_type: String,
        /// Its size in bytes, where the registry tells.
        size: Option<u64>,
    },
}

/// A manifest as it came. Its bytes match its digest, unless that can't be computed here ([`Fetched::is_verified`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Exactly the bytes that the digest is of. Of a signed schema 1 document these are not all that came: what is signed,
    /// without the signatures.
    pub bytes: Bytes,
    /// The media type that the registry (or, where it has none, the document) gives.
    pub media_type: String,
    /// The digest that was asked for, or said, or else the sha256 of the bytes.
    pub digest: Digest,
}

impl Fetched {
    /// Are the bytes those of the digest? Not so where its algorithm can't be computed here: such a document may be shown,
    /// and never kept.
    pub fn is_verified(&self) -> bool {
        self.digest.matches(&self.bytes) == Some(true)
    }
}

impl Registry {
    /// Is it there, and what does it point to? With `if_none_match` an unchanged manifest is [`Head::NotModified`], which
    /// distribution does not count as a pull.
    pub async fn head_manifest(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
        if_none_match: Option<&Digest>,
    ) -> Result<Head> {
        let mut req = self.manifest_request(Method::HEAD, repository, reference);
        if let Some(digest) = if_none_match {
            req = req.header(header::IF_NONE_MATCH, etag(digest)?);
        }
        let answer = self.transport().ask(req).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(Head::NotModified);
        }
        let digest = said_digest(&answer)?;
        if digest.is_some() && digest.as_ref() == if_none_match {
            return Ok(Head::NotModified);
        }
        if let (Reference::Digest(asked), Some(said)) = (reference, &digest)
            && asked != said
            && asked.algorithm() == said.algorithm()
        {
            return Err(Error::Integrity { expected: asked.to_string(), found: said.to_string() });
        }
        let size = answer.header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
        Ok(Head::Found { digest, media_type: answer.content_type(), size })
    }

    /// The manifest's bytes, verified against the digest asked for and the one the registry names, as far as their
    /// algorithms can be computed here.
    pub async fn manifest(&self, repository: &RepositoryName, reference: &Reference) -> Result<Fetched> {
        let req = self
            .manifest_request(Method::GET, repository, reference)
            .reading("manifest", MANIFEST_CAP)
            .kind(Kind::Manifest);
        let answer = self.transport().ask(req).await?;
        let media_type = media_type(&answer);
        // Schema 1 is signed inside: its digest is that of the document without the signatures. Nothing but what was
        // hashed leaves this function, for the document itself says which part of it that is.
        let signed = if media_type == SCHEMA1_SIGNED { schema1::payload(&answer.body) } else { None };
        let bytes = signed.map_or_else(|| answer.body.clone(), Bytes::from);
        let said = said_digest(&answer)?;
        let asked = match reference {
            Reference::Digest(digest) => Some(digest.clone()),
            Reference::Tag(_) => None,
        };
        for expected in asked.iter().chain(&said) {
            if expected.matches(&bytes) == Some(false) {
                return Err(Error::Integrity { expected: expected.to_string(), found: Digest::of(&bytes).to_string() });
            }
        }
        // Of two digests in different algorithms the one asked for is the name it goes by.
        let digest = asked.or(said).unwrap_or_else(|| Digest::of(&bytes));
        Ok(Fetched { bytes, media_type, digest })
    }

    fn manifest_request(&self, method: Method, repository: &RepositoryName, reference: &Reference) -> Req {
        let url = self.transport().url(&format!("v2/{repository}/manifests/{reference}"));
        Req::new(method, url, Scope::Pull(repository.clone()), Missing::Manifest).accept(ACCEPT)
    }
}

fn etag(digest: &Digest) -> Result<HeaderValue> {
    HeaderValue::try_from(format!("\"{digest}\""))
        .map_err(|_| Error::Malformed { what: "the digest can't be sent".into() })
}

/// `Docker-Content-Digest`. One that is there and no digest means that nothing here can be trusted.
pub(crate) fn said_digest(answer: &Answer) -> Result<Option<Digest>> {
    let Some(text) = answer.header("docker-content-digest") else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|_| Error::Malformed { what: "Docker-Content-Digest is no digest".into() })
}

/// The media type from the header, or from the document where the header says nothing useful.
fn media_type(answer: &Answer) -> String {
    let header = answer.content_type();
    if !matches!(header.as_str(), "" | "application/json" | "text/plain" | "application/octet-stream") {
        return header;
    }
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let field = |name: &str| body.get(name).is_some();
    match body.get("mediaType").and_then(|v| v.as_str()) {
        Some(own) => crate::said::clean(own, 255),
        None if body.get("schemaVersion").and_then(serde_json::Value::as_u64) == Some(1) && field("signatures") => {
            SCHEMA1_SIGNED.into()
        }
        None if body.get("schemaVersion").and_then(serde_json::Value::as_u64) == Some(1) => SCHEMA1.into(),
        None if field("manifests") => OCI_INDEX.into(),
        None if field("config") => OCI_MANIFEST.into(),
        None => header,
    }
}
