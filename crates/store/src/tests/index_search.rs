//! Search: every kind of hit, in its order, within its bounds, and nothing that may not be seen.

mod digests;
mod images;
mod labels;
mod names;
mod plans;
mod seen;
mod whereabouts;

use super::{NOW, ada, fresh};
use crate::index::{Among, Content, ImageHit, Index};
use domain::{
    Digest, Id, Kind, Permission, Restriction, Summary, Timestamp, Via, Visible,
    content_facts::{BaseImage, BlobFact, BlobRole, ChildFact, ChildRole, Facts},
};

/// Two registries that are asked for; a third one is switched off, and nobody asks for it.
const ASKED: [Id; 2] = [1, 2];
const OFF: Id = 3;

/// Asks for everything in the registries that are on.
fn everywhere(given: usize) -> Among {
    Among::new(&Visible::to(&ada()), &ASKED, given)
}

/// Asks as somebody who may see only what matches.
fn only(pattern: &str, given: usize) -> Among {
    let restriction = Restriction::new([Permission::RepositoryView], None, Some(pattern.parse().expect("a pattern")));
    let actor = domain::Actor { via: Via::Token { id: 1, restriction }, ..ada() };
    Among::new(&Visible::to(&actor), &ASKED, given)
}

/// An image, as it is to be made.
#[derive(Default)]
struct Made<'m> {
    name: &'m str,
    created: i64,
    layers: &'m [&'m str],
    labels: &'m [(&'m str, &'m str)],
    annotations: &'m [(&'m str, &'m str)],
    base: Option<BaseImage>,
    children: &'m [&'m Content],
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Made<'_> {
    fn content(&self) -> Content {
        let bytes = format!("manifest of {}", self.name).into_bytes();
        let media_type = "application/vnd.oci.image.manifest.v1+json".to_owned();
        let blob = |(position, name): (usize, &&str)| BlobFact {
            digest: digest(name),
            size: 1_000,
            media_type: String::new(),
            role: BlobRole::Layer,
            position: u32::try_from(position).expect("few layers"),
        };
        let child = |child: &&Content| ChildFact {
            digest: child.digest.clone(),
            size: 100,
            platform: Some("linux/amd64".to_owned()),
            role: ChildRole::Platform,
        };
        Content {
            digest: Digest::of(&bytes),
            bytes,
            summary: Summary {
                kind: if self.children.is_empty() { Kind::Image } else { Kind::Index },
                media_type: media_type.clone(),
                artifact_type: None,
                platforms: Vec::new(),
                size: 7,
                created: Some(Timestamp(self.created)),
                subject: None,
            },
            media_type,
            config: None,
            config_bytes: None,
            made_from: 1,
            findings: Vec::new(),
            facts: Facts {
                blobs: self.layers.iter().enumerate().map(blob).collect(),
                children: self.children.iter().map(child).collect(),
                labels: pairs(self.labels),
                annotations: pairs(self.annotations),
                base: self.base.clone(),
                ..Facts::default()
            },
        }
    }
}

/// Puts images into a repository, each under a tag (none for an empty one).
async fn put(index: &Index, registry: Id, repository: &str, images: &[(&str, &Content)]) {
    let id = index.ensure_repository(registry, &repository.parse().expect("a name"), NOW).await.expect("made");
    for (tag, content) in images {
        if tag.is_empty() {
            index.hold(id, std::slice::from_ref(&content.digest)).await.expect("held");
        } else {
            let tag = tag.parse().expect("a tag");
            index.set_tag_digests(id, &[(tag, content.digest.clone())], NOW).await.expect("set");
        }
        index.save_content(id, std::slice::from_ref(*content), NOW).await.expect("saved");
    }
}

fn image(name: &str, created: i64) -> Content {
    Made { name, created, ..Made::default() }.content()
}

/// `1 team/api:v1`, or with the beginning of a digest where no tag leads there.
fn said(hit: &ImageHit) -> String {
    match (&hit.tag, &hit.digest) {
        (Some(tag), _) => format!("{} {}:{tag}", hit.registry, hit.repository),
        (None, Some(digest)) => format!("{} {}@{}", hit.registry, hit.repository, digest.short().0),
        (None, None) => panic!("nothing leads to {hit:?}"),
    }
}

fn all_said<'h>(hits: impl IntoIterator<Item = &'h ImageHit>) -> Vec<String> {
    hits.into_iter().map(said).collect()
}
