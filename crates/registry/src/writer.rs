//! Changes at a registry. There is no [`Writer`] without an opened permit, and it reaches no further than the permit does.

use crate::{
    Error, Registry, Result,
    error::Missing,
    manifests::said_digest,
    transport::{JSON, Req, Scope},
};
use bytes::Bytes;
use domain::{Digest, OpenedPermit, Permission, Reference, RepositoryName, Tag};
use http::{HeaderValue, Method, StatusCode, header};
use url::Url;

/// Changes one repository, within one permit.
#[derive(Debug)]
pub struct Writer<'permit> {
    registry: Registry,
    repository: &'permit RepositoryName,
    permission: Permission,
}

/// What a push left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The digest of what was pushed.
    pub digest: Digest,
    /// Was it sent? A blob that was already there is not.
    pub sent: bool,
}

/// What a deletion did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone; with a digest, all its tags are.
    Now,
    /// It was not there.
    WasGone,
}

impl Registry {
    /// A writer for the repository and the permission of an opened permit: [`Permission::RepositoryPush`] or
    /// [`Permission::TagDelete`]. The caller holds the registry that the permit names.
    pub fn writer<'permit>(&self, opened: &'permit OpenedPermit) -> Result<Writer<'permit>> {
        let permit = opened.permit();
        let no = |why: &str| Error::NoPermit { why: why.to_owned() };
        let repository = permit.place().repository().ok_or_else(|| no("it names no repository"))?;
        match permit.permission() {
            permission @ (Permission::RepositoryPush | Permission::TagDelete) => {
                Ok(Writer { registry: self.clone(), repository, permission })
            }
            other => Err(no(&format!("{other} changes no repository"))),
        }
    }
}

impl Writer<'_> {
    fn needs(&self, permission: Permission) -> Result<()> {
        if self.permission == permission {
            Ok(())
        } else {
            Err(Error::NoPermit { why: format!("this needs {permission}") })
        }
    }

    fn url(&self, rest: &str) -> Url {
        self.registry.transport().url(&format!("v2/{}/{rest}", self.repository))
    }

    /// Uploads a blob unless it is there (POST, then one PUT: distribution 2.8 has no upload in a single request).
    pub async fn put_blob(&self, bytes: Bytes) -> Result<Pushed> {
        self.needs(Permission::RepositoryPush)?;
        let digest = Digest::of(&bytes);
        match self.registry.head_blob(self.repository, &digest).await {
            Ok(_) => return Ok(Pushed { digest, sent: false }),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let scope = Scope::Push(self.repository.clone());
        let start = Req::new(Method::POST, self.url("blobs/uploads/"), scope.clone(), Missing::Repository);
        let answer = self.registry.transport().ask(start).await?;
        let mut url = self.upload_url(answer.header(header::LOCATION), &answer.url)?;
        url.query_pairs_mut().append_pair("digest", digest.as_str());
        let put = Req::new(Method::PUT, url, scope, Missing::Upload)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
            .body(bytes);
        self.registry.transport().ask(put).await?;
        Ok(Pushed { digest, sent: true })
    }

    /// Where an upload goes on: at the registry itself, nowhere else.
    fn upload_url(&self, location: Option<&str>, asked: &Url) -> Result<Url> {
        let bad = |why: &str| Error::BadRedirect { why: why.to_owned() };
        let location = location.ok_or_else(|| bad("the upload has no address"))?;
        let url = asked.join(location).map_err(|_| bad("the upload's address can't be read"))?;
        if self.registry.transport().is_home(&url) { Ok(url) } else { Err(bad("the upload leads to another host")) }
    }

    /// Puts a manifest under a tag or under its digest.
    pub async fn put_manifest(&self, reference: &Reference, media_type: &str, bytes: Bytes) -> Result<Pushed> {
        self.needs(Permission::RepositoryPush)?;
        let digest = Digest::of(&bytes);
        let kind = HeaderValue::try_from(media_type)
            .map_err(|_| Error::Malformed { what: "the media type can't be sent".into() })?;
        let req = Req::new(
            Method::PUT,
            self.url(&format!("manifests/{reference}")),
            Scope::Push(self.repository.clone()),
            Missing::Repository,
        )
        .header(header::CONTENT_TYPE, kind)
        .body(bytes);
        let answer = self.registry.transport().ask(req).await?;
        match said_digest(&answer)? {
            Some(said) if said.algorithm() == digest.algorithm() && said != digest => {
                Err(Error::Integrity { expected: digest.to_string(), found: said.to_string() })
            }
            _ => Ok(Pushed { digest, sent: true }),
        }
    }

    /// Deletes a manifest. All tags that point to it go too (distribution); some registries leave them.
    pub async fn delete_manifest(&self, digest: &Digest) -> Result<Deleted> {
        self.delete(&Reference::Digest(digest.clone())).await
    }

    /// Removes one tag and nothing else, where the registry can ([`Error::Unsupported`] where it can't).
    pub async fn delete_tag(&self, tag: &Tag) -> Result<Deleted> {
        match self.delete(&Reference::Tag(tag.clone())).await {
            // distribution 2.8 takes the tag for a bad digest; Pulp says so in words. Nothing was deleted.
            Err(Error::Rejected { said }) if said.status == 400 => Err(Error::Unsupported { said }),
            other => other,
        }
    }

    async fn delete(&self, reference: &Reference) -> Result<Deleted> {
        self.needs(Permission::TagDelete)?;
        let url = self.url(&format!("manifests/{reference}"));
        let req = Req::new(Method::DELETE, url, Scope::Delete(self.repository.clone()), Missing::Manifest).accept(JSON);
        match self.registry.transport().exchange(req).await? {
            answer if answer.status == StatusCode::NOT_FOUND => {
                // An unrouted path answers 404 as well: only the specification's own words say that it was gone.
                let error = crate::transport::refusal(&answer, Missing::Manifest);
                if matches!(error.code(), Some("MANIFEST_UNKNOWN" | "NAME_UNKNOWN" | "NOT_FOUND" | "TAG_UNKNOWN")) {
                    Ok(Deleted::WasGone)
                } else {
                    Err(error)
                }
            }
            answer if answer.status.is_success() => Ok(Deleted::Now),
            answer => Err(crate::transport::refusal(&answer, Missing::Manifest)),
        }
    }
}
