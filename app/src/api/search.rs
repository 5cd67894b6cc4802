//! Finding something by its name, its digest or what it is made of.

use crate::{
    base::to,
    context::{actor, answer, operations},
    error::AppError,
    parts::place,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use operations::search::{Exact, Found, SearchQuery};
use serde::{Deserialize, Serialize};

/// What is known under this text.
pub async fn search(query: &SearchQuery) -> Result<Found, AppError> {
    answer(operations().search(&actor(), query).await)
}

/// A line of the list below the search field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestionRow {
    /// What is written before the name, quieter: `storefront/web:` of a tag.
    pub before: String,
    /// The name.
    pub name: String,
    /// In which registry.
    pub registry: String,
    /// Where it leads.
    pub href: String,
}

/// The best few hits for a text that is being typed.
#[server(prefix = "/do", endpoint = "search-suggest", input = GetUrl)]
pub async fn search_suggest(q: String) -> Result<Vec<SuggestionRow>, AppError> {
    let suggestions = answer(operations().suggest(&actor(), &q).await)?;
    Ok(suggestions.into_iter().map(|suggestion| row(&suggestion.target)).collect())
}

/// The path of a thing that was found, without the base.
pub fn path_of(target: &Exact) -> String {
    match target {
        Exact::Repository(registry, name) => place::repository_path(registry.as_str(), name),
        Exact::Tag(registry, name, tag) => format!("{}/tags/{tag}", place::repository_path(registry.as_str(), name)),
        Exact::Manifest(registry, name, digest) => {
            format!("{}/manifests/{digest}", place::repository_path(registry.as_str(), name))
        }
    }
}

fn row(target: &Exact) -> SuggestionRow {
    let (registry, before, name) = match target {
        Exact::Repository(registry, name) => (
            registry,
            name.namespace().map(|namespace| format!("{namespace}/")).unwrap_or_default(),
            name.last().to_owned(),
        ),
        Exact::Tag(registry, name, tag) => (registry, format!("{name}:"), tag.to_string()),
        Exact::Manifest(registry, name, digest) => {
            let (start, end) = digest.short();
            (registry, format!("{name}@"), format!("{start}…{end}"))
        }
    };
    SuggestionRow { before, name, registry: registry.to_string(), href: to(&path_of(target)) }
}
