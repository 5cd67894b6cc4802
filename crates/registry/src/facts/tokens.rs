//! What a token opens, or no token at all: asked with exactly what the caller brings, never with the connection's own
//! credentials.

use crate::{
    Registry, Result, Said,
    error::Missing,
    items::{Room, items},
    said::clean,
    tokens::bearer_of,
    transport::{JSON, Req, Scope},
    wire::Answer,
};
use domain::{RepositoryName, Secret};
use http::Method;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking<'a> {
    /// `/v2/`: whether one is known at all.
    Api,
    /// The first name of the list of repositories.
    Catalogue,
    /// A tag of a repository, which may be missing.
    Tags(&'a RepositoryName),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The request got through, also where the repository is not there. With the first repository of a list.
    Yes(Option<RepositoryName>),
    /// It was refused: 401 or 403.
    No,
    /// Neither; what the registry said.
    Unclear(Said),
}

/// Asks with this token and nothing else, or as a stranger.
pub async fn opened(registry: &Registry, asking: Asking<'_>, token: Option<&Secret>) -> Result<Opened> {
    let transport = registry.transport();
    let (path, what) = match asking {
        Asking::Api => ("v2/".to_owned(), Missing::Api),
        Asking::Catalogue => ("v2/_catalog".to_owned(), Missing::Catalog),
        Asking::Tags(name) => (format!("v2/{name}/tags/list"), Missing::Repository),
    };
    let mut url = transport.url(&path);
    if asking != Asking::Api {
        url.query_pairs_mut().append_pair("n", "1");
    }
    let req = Req::new(Method::GET, url, Scope::Nothing, what).accept(JSON).reading("list", 8 * 1024 * 1024);
    let answer = match token {
        Some(token) => transport.ask_with(req, bearer_of(token.reveal())?).await?,
        None => transport.ask_plainly(req).await?,
    };
    Ok(read(asking, &answer))
}

fn read(asking: Asking<'_>, answer: &Answer) -> Opened {
    let status = answer.status.as_u16();
    let said = Said::read(status, &answer.content_type(), &answer.body);
    let is_page = answer.content_type().contains("html");
    match (status, asking) {
        (401 | 403, _) => Opened::No,
        (200, _) if is_page => Opened::Unclear(Said { message: "it is a web page".into(), ..said }),
        (200, Asking::Catalogue) => Opened::Yes(first_of(answer)),
        (200, _) => Opened::Yes(None),
        // Only a registry's own words say that it looked: a proxy's 404 says nothing.
        (404, Asking::Tags(_)) if said.code.is_some() => Opened::Yes(None),
        _ => Opened::Unclear(Said { message: clean(&said.message, 200), ..said }),
    }
}

/// The first name of a list, if it has one that is a name.
fn first_of(answer: &Answer) -> Option<RepositoryName> {
    let room = Room { items: 1, bytes: 1_024 };
    let taken = items(&answer.body, &answer.content_type(), "repositories", room).ok()?;
    taken.texts.first()?.parse().ok()
}
