//! What was typed into the search, and what it may mean.

use super::Kind;
use domain::{Digest, RegistryName, RepositoryName, Tag};

/// The longest text that is looked for, in bytes.
pub const LONGEST: usize = 256;
/// A digest is recognised by at least so many of its digits.
pub const DIGITS: usize = 6;

/// What a text asks for: each part says what is looked for among one kind of things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Only in this registry: the text began with its name or address.
    pub registry: Option<RegistryName>,
    /// The kind that the text itself names: `layer:…`.
    pub kind: Option<Kind>,
    /// Part of the name of a repository.
    pub repositories: Option<String>,
    /// Part of the name of a tag.
    pub tags: Option<TagsAsked>,
    /// The first digits of a digest.
    pub digests: Option<String>,
    /// Part of a label or annotation, or `key=value`.
    pub labels: Option<String>,
    /// Part of the name of a base image.
    pub bases: Option<String>,
    /// Images that have something.
    pub images: Option<ImagesAsked>,
    /// The one thing that the text names exactly, if it is there.
    pub exact: Option<Named>,
}

/// Which tags are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagsAsked {
    /// Part of the name, everywhere.
    Anywhere(String),
    /// Part of a repository's name, and the beginning of the tag's.
    Within(String, String),
}

/// Which images are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImagesAsked {
    /// Those that contain a layer whose digest begins so.
    Layer(String),
    /// Those that have this label or annotation: key and value.
    Label(String, String),
    /// Those that are built on what has this name or digest.
    Base(String),
}

/// A thing in a repository, named in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A repository.
    Repository(RepositoryName),
    /// A tag.
    Tag(RepositoryName, Tag),
    /// A manifest.
    Manifest(RepositoryName, Digest),
}

/// A registry by the names that a text may begin with: its own, and its address.
pub struct Known<'k> {
    /// Its own name.
    pub name: &'k RegistryName,
    /// Its host, with the port if it has one.
    pub authority: String,
}

impl Asked {
    /// Reads a text; `registries` are those it may begin with.
    pub fn read(text: &str, registries: &[Known<'_>]) -> Self {
        let text = text.trim();
        if let Some((kind, rest)) = operator(text) {
            return Self { kind: Some(kind), ..Self::of_kind(kind, rest) };
        }
        for known in registries {
            let below = |start: &str| text.strip_prefix(start).and_then(|rest| rest.strip_prefix('/'));
            if let Some(rest) = below(known.name.as_str()).or_else(|| below(&known.authority)) {
                let asked = Self::plain(rest);
                return Self { registry: Some(known.name.clone()), exact: named(rest), ..asked };
            }
        }
        Self::plain(text)
    }

    /// `layer:8a1d…`: what is asked for among one kind only.
    fn of_kind(kind: Kind, text: &str) -> Self {
        let own = Some(text.to_owned()).filter(|text| !text.is_empty());
        match kind {
            Kind::Repositories => Self { repositories: own, ..Self::default() },
            Kind::Tags => Self { tags: own.map(TagsAsked::Anywhere), ..Self::default() },
            Kind::Digests => Self { digests: own.map(|text| digits(&text).unwrap_or(text)), ..Self::default() },
            Kind::Labels => Self { labels: own.clone(), images: own.as_deref().and_then(pair), ..Self::default() },
            Kind::Bases => Self { bases: own.clone(), images: own.map(ImagesAsked::Base), ..Self::default() },
            Kind::Images => {
                Self { images: own.map(|text| ImagesAsked::Layer(digits(&text).unwrap_or(text))), ..Self::default() }
            }
        }
    }

    /// A text without a word before it may be a part of anything that can look like it.
    fn plain(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let own = || Some(text.to_owned());
        let digests = digits(text);
        if digests.is_some() && text.contains(':') {
            return Self { digests, ..Self::default() };
        }
        if let Some((before, digest)) = text.split_once('@') {
            // `name:tag@digest` is what some tools print: the digest decides.
            let name = before.split(':').next().unwrap_or_default();
            let repositories = Some(name.to_owned()).filter(|name| !name.is_empty());
            return Self { repositories, digests: digits(digest), labels: own(), ..Self::default() };
        }
        if text.contains('=') {
            return Self { labels: own(), images: pair(text), ..Self::default() };
        }
        let tags = match text.split_once(':') {
            Some((repository, tag)) if !repository.is_empty() => TagsAsked::Within(repository.into(), tag.into()),
            _ => TagsAsked::Anywhere(text.trim_start_matches(':').to_owned()),
        };
        let repositories = own().filter(|_| !text.contains(':'));
        Self { repositories, tags: Some(tags), digests, labels: own(), bases: own(), ..Self::default() }
    }
}

/// A word that says what the rest is.
fn operator(text: &str) -> Option<(Kind, &str)> {
    let (word, rest) = text.split_once(':')?;
    let kind = match word {
        "repo" | "repository" => Kind::Repositories,
        "tag" => Kind::Tags,
        "digest" => Kind::Digests,
        "label" | "annotation" => Kind::Labels,
        "base" => Kind::Bases,
        "layer" => Kind::Images,
        _ => return None,
    };
    Some((kind, rest.trim()))
}

fn pair(text: &str) -> Option<ImagesAsked> {
    let (key, value) = text.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    (!key.is_empty()).then(|| ImagesAsked::Label(key.to_owned(), value.to_owned()))
}

/// The digits of `sha256:60c5…` or `60c559…`, in small letters.
pub(super) fn digits(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (algorithm, digits) = text.split_once(':').unwrap_or(("sha256", &text));
    let most = if text.contains("sha512:") || !text.contains(':') { 128 } else { 64 };
    let hex = (DIGITS..=most).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_hexdigit());
    (hex && matches!(algorithm, "sha256" | "sha512")).then(|| digits.to_owned())
}

/// `repository:tag`, `repository@digest`, `repository`.
fn named(text: &str) -> Option<Named> {
    if let Some((name, digest)) = text.split_once('@') {
        let name = name.split(':').next().unwrap_or_default();
        return Some(Named::Manifest(name.parse().ok()?, digest.parse().ok()?));
    }
    match text.split_once(':') {
        Some((name, tag)) => Some(Named::Tag(name.parse().ok()?, tag.parse().ok()?)),
        None => Some(Named::Repository(text.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Asked {
        let production: RegistryName = "production".parse().expect("a name");
        Asked::read(text, &[Known { name: &production, authority: "registry.example.com:5000".into() }])
    }

    #[test]
    fn a_plain_text_may_be_part_of_anything() {
        let web = asked(" Web ");
        assert_eq!(web.repositories.as_deref(), Some("Web"));
        assert_eq!(web.tags, Some(TagsAsked::Anywhere("Web".into())));
        assert_eq!((web.labels.as_deref(), web.bases.as_deref()), (Some("Web"), Some("Web")));
        assert_eq!((web.digests, web.images, web.registry, web.exact, web.kind), (None, None, None, None, None));
        assert_eq!(asked("   "), Asked::default());
    }

    #[test]
    fn a_digest_is_recognised_by_its_beginning() {
        assert_eq!(asked("60C559").digests.as_deref(), Some("60c559"));
        assert!(asked("60c559").repositories.is_some(), "it may be a name too");
        let whole = asked("sha256:60c5590f72");
        assert_eq!((whole.digests.as_deref(), whole.repositories, whole.labels), (Some("60c5590f72"), None, None));
        for text in ["60c55", "v1.2.3", "latest", "md5:60c5590f", "sha256:xyz123"] {
            assert_eq!(asked(text).digests, None, "{text}");
        }
        let named = asked("team/api:v1@sha256:60c5590f");
        assert_eq!((named.repositories.as_deref(), named.digests.as_deref()), (Some("team/api"), Some("60c5590f")));
    }

    #[test]
    fn a_pull_reference_names_one_thing() {
        let sum = "ab".repeat(32);
        for (text, exact) in [
            ("production/team/api", Named::Repository("team/api".parse().expect("a name"))),
            (
                "registry.example.com:5000/api:v1",
                Named::Tag("api".parse().expect("a name"), "v1".parse().expect("a tag")),
            ),
            (
                &format!("production/api:v1@sha256:{sum}"),
                Named::Manifest("api".parse().expect("a name"), format!("sha256:{sum}").parse().expect("a digest")),
            ),
        ] {
            let asked = asked(text);
            assert_eq!(
                (asked.exact, asked.registry.as_ref().map(RegistryName::as_str)),
                (Some(exact), Some("production"))
            );
        }
        let part = asked("production/Web");
        assert_eq!((part.repositories.as_deref(), part.exact), (Some("Web"), None), "no such name can be");
        assert_eq!(asked("productions/web").registry, None);
        assert_eq!(asked("api:v1").tags, Some(TagsAsked::Within("api".into(), "v1".into())));
        assert_eq!(asked(":v1").tags, Some(TagsAsked::Anywhere("v1".into())));
        assert_eq!(asked("api:v1").repositories, None);
    }

    #[test]
    fn a_label_is_asked_for_with_its_value() {
        let team = asked("team = web");
        assert_eq!(team.labels.as_deref(), Some("team = web"));
        assert_eq!(team.images, Some(ImagesAsked::Label("team".into(), "web".into())));
        assert_eq!((team.repositories, team.tags), (None, None));
        assert_eq!(asked("=web").images, None);
    }

    #[test]
    fn a_word_before_it_says_what_a_text_is() {
        let layer = asked("layer:sha256:60C5590f");
        assert_eq!((layer.kind, layer.images), (Some(Kind::Images), Some(ImagesAsked::Layer("60c5590f".into()))));
        assert_eq!(asked("base:debian:12").images, Some(ImagesAsked::Base("debian:12".into())));
        assert_eq!(asked("label:team=web").images, Some(ImagesAsked::Label("team".into(), "web".into())));
        assert_eq!(asked("tag:production/x").tags, Some(TagsAsked::Anywhere("production/x".into())));
        assert_eq!(asked("repo:team/").repositories.as_deref(), Some("team/"));
        assert_eq!(asked("digest:60c5590f").digests.as_deref(), Some("60c5590f"));
        assert_eq!(asked("label:"), Asked { kind: Some(Kind::Labels), ..Asked::default() });
    }
}
