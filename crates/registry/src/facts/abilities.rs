//! What a registry can do beyond serving what it holds: list, page, delete, tell referrers.

use crate::{
    Error, Registry, Result,
    error::Missing,
    transport::{JSON, Req, Scope, refusal},
};
use domain::{Connection, Digest, RepositoryName};
use http::{Method, StatusCode};
use ring::rand::{SecureRandom, SystemRandom};

/// What is known of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Catalogue {
    /// It is told.
    Listed {
        /// How many names the first page has.
        first_page: usize,
        /// Does it go on after the first page?
        goes_on: bool,
        /// Some names of the first page that are names by the grammar, to look closer at.
        names: Vec<RepositoryName>,
    },
    /// It is not told: what came back.
    Refused(Error),
}

/// Asks for the first page of the catalogue.
pub async fn catalogue(registry: &Registry) -> Catalogue {
    match registry.catalog_page(1_000, None).await {
        Ok(page) => Catalogue::Listed {
            first_page: page.items.len(),
            goes_on: page.next.is_some(),
            names: page.items.iter().filter_map(|name| name.parse().ok()).take(20).collect(),
        },
        Err(error) => Catalogue::Refused(error),
    }
}

/// What was seen of the paging of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPaging {
    /// Pages with links.
    Paged,
    /// All at once, whatever is asked (distribution 2.8).
    AllAtOnce,
    /// Pages without a link to the next one: what comes after the first can't be told.
    WithoutLink,
    /// The repository has too few tags to tell.
    TooFew,
}

/// Asks for one tag of a repository, and sees what comes.
pub async fn tag_paging(registry: &Registry, repository: &RepositoryName) -> Result<TagPaging> {
    let page = registry.tags_page(repository, 1, None).await?;
    if page.next.is_some() {
        return Ok(TagPaging::Paged);
    }
    match page.items.len() {
        0 => Ok(TagPaging::TooFew),
        1 => {
            let whole = registry.tags_page(repository, 1_000, None).await?;
            Ok(if whole.items.len() > 1 { TagPaging::WithoutLink } else { TagPaging::TooFew })
        }
        _ => Ok(TagPaging::AllAtOnce),
    }
}

/// Whether manifests can be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deleting {
    /// It would have been done.
    Enabled,
    /// The registry does not delete.
    Disabled(Error),
    /// The account may not (in the repository that was made up for the question).
    NotPermitted(Error),
    /// The question was not asked.
    NotAsked(NotAsked),
    /// The answer says neither.
    Unclear(Error),
}

/// Why deleting was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// An administrator switched it off.
    SwitchedOff,
    /// The registry is a service on the internet.
    HostedService,
}

/// Is this one of the hosted services, which nobody asks to delete something that isn't there?
pub fn is_hosted_service(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let exact = [
        "docker.io",
        "index.docker.io",
        "registry-1.docker.io",
        "registry.hub.docker.com",
        "hub.docker.com",
        "ghcr.io",
        "docker.pkg.github.com",
        "quay.io",
        "gcr.io",
        "registry.gitlab.com",
        "public.ecr.aws",
        "mcr.microsoft.com",
        "registry.k8s.io",
        "registry.access.redhat.com",
        "registry.redhat.io",
        "lscr.io",
        "cgr.dev",
    ];
    let under = [
        ".docker.io",
        ".docker.com",
        ".quay.io",
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".azurecr.io",
        ".azurecr.cn",
        ".azurecr.us",
        ".pkg.dev",
        ".gcr.io",
        ".jfrog.io",
        ".scw.cloud",
        ".ocir.io",
        ".icr.io",
    ];
    exact.contains(&host.as_str()) || under.iter().any(|end| host.ends_with(end))
}

/// Asks to delete a random digest in a repository that is not there.
pub async fn deleting(registry: &Registry, connection: &Connection) -> Deleting {
    if is_hosted_service(connection.address.host()) {
        return Deleting::NotAsked(NotAsked::HostedService);
    }
    if !connection.probe_delete {
        return Deleting::NotAsked(NotAsked::SwitchedOff);
    }
    match ask_to_delete(registry).await {
        Ok(verdict) => verdict,
        Err(error @ (Error::Denied { .. } | Error::Unauthorized { .. })) => Deleting::NotPermitted(error),
        Err(error) => Deleting::Unclear(error),
    }
}

async fn ask_to_delete(registry: &Registry) -> Result<Deleting> {
    let mut random = [0; 40];
    SystemRandom::new().fill(&mut random).map_err(|_| Error::Malformed { what: "no random bytes".into() })?;
    let malformed = |error: domain::InvalidName| Error::Malformed { what: error.to_string() };
    let repository: RepositoryName =
        format!("wharfinger-probe-{}", hex::encode(&random[..8])).parse().map_err(malformed)?;
    let digest: Digest = format!("sha256:{}", hex::encode(&random[8..])).parse().map_err(malformed)?;
    let transport = registry.transport();
    let url = transport.url(&format!("v2/{repository}/manifests/{digest}"));
    let req = Req::new(Method::DELETE, url, Scope::Delete(repository), Missing::Manifest).accept(JSON);
    let answer = transport.exchange(req).await?;
    if answer.status == StatusCode::ACCEPTED {
        return Ok(Deleting::Enabled);
    }
    let error = refusal(&answer, Missing::Manifest);
    Ok(match error {
        // A 404 in the specification's words comes from the handler that would have deleted; any other from a proxy.
        Error::NotFound { .. } if error.code().is_some() => Deleting::Enabled,
        Error::Unsupported { .. } => Deleting::Disabled(error),
        Error::Denied { .. } | Error::Unauthorized { .. } => Deleting::NotPermitted(error),
        _ => Deleting::Unclear(error),
    })
}

/// Does the registry tell referrers by the API? Asked with a digest that need not be there.
pub async fn referrers_api(registry: &Registry, repository: &RepositoryName) -> Result<bool> {
    let nothing = Digest::of(b"");
    Ok(registry.referrers_by_api(repository, &nothing).await?.is_some())
}
