//! Manifests, indexes and configurations as builds leave them: layers of a few popular bases below, their own above, most
//! of them taken over from the build before.

use crate::chance::Chance;
use domain::{
    Digest, Summary, Timestamp,
    config::Config,
    content_facts::Facts,
    health::checks_of_manifest,
    manifest::{Document, OCI_INDEX, OCI_MANIFEST},
    summary::summarize,
};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use store::index::Content;

const BASES: u64 = 300;
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// 2024-01-01.
const BEGINNING: i64 = 1_704_067_200;

/// The images of a repository, the first build first, and the digests that tags may point to.
pub struct Images {
    /// To be kept, children before their index.
    pub contents: Vec<Content>,
    /// Those that tags name.
    pub tagged: Vec<Digest>,
}

struct Layer {
    sum: String,
    size: u64,
}

/// Makes so many manifests for a repository.
pub fn of_repository(repository: u64, name: &str, manifests: u64, read_at: Timestamp) -> Images {
    let mut chance = Chance::of(&[3, repository]);
    let base = chance.popular(BASES);
    let multi = chance.percent(20);
    let mut made = Images { contents: Vec::new(), tagged: Vec::new() };
    let mut own: [Vec<Layer>; 2] = [Vec::new(), Vec::new()];
    let mut build = 0;
    while (made.contents.len() as u64) < manifests {
        build += 1;
        let rest = manifests - made.contents.len() as u64;
        if multi && rest >= 3 {
            let children = ["amd64", "arm64"].map(|platform| {
                let layers = &mut own[usize::from(platform == "arm64")];
                image(&mut chance, &Build { repository, name, base, number: build, platform, read_at }, layers)
            });
            let index = index(&children, name, build, read_at);
            made.tagged.push(index.digest.clone());
            made.contents.extend(children);
            made.contents.push(index);
        } else {
            let wanted = Build { repository, name, base, number: build, platform: "amd64", read_at };
            let image = image(&mut chance, &wanted, &mut own[0]);
            made.tagged.push(image.digest.clone());
            made.contents.push(image);
        }
    }
    made
}

struct Build<'b> {
    repository: u64,
    name: &'b str,
    base: u64,
    number: u64,
    platform: &'static str,
    read_at: Timestamp,
}

fn sum(of: &str) -> String {
    hex::encode(Sha256::digest(of.as_bytes()))
}

fn digest(of: &[u8]) -> Digest {
    format!("sha256:{}", hex::encode(Sha256::digest(of))).parse().expect("a digest")
}

/// The layers of a popular base, the same for all who build on it.
fn base_layers(base: u64, platform: &str) -> Vec<Layer> {
    let mut chance = Chance::of(&[4, base]);
    let count = 2 + chance.below(3);
    let layer =
        |at| Layer { sum: sum(&format!("base {base} {platform} {at}")), size: 900_000 + chance.below(60_000_000) };
    (0..count).map(layer).collect()
}

fn image(chance: &mut Chance, build: &Build<'_>, own: &mut Vec<Layer>) -> Content {
    let Build { repository, name, base, number, platform, read_at } = *build;
    // Dependencies change now and then, the program at each build.
    if own.is_empty() || chance.percent(15) {
        let layer = |at: &str, chance: &mut Chance| Layer {
            sum: sum(&format!("{repository} {platform} {number} {at}")),
            size: 40_000 + chance.below(90_000_000),
        };
        *own = vec![layer("dependencies", chance), layer("assets", chance)];
    }
    let program =
        Layer { sum: sum(&format!("{repository} {platform} {number}")), size: 200_000 + chance.below(20_000_000) };
    let below = base_layers(base, platform);
    let layers: Vec<&Layer> = below.iter().chain(own.iter()).chain([&program]).collect();
    let created = created(repository, number);
    let revision = sum(&format!("revision {repository} {number}"));
    let config = config(build, &layers, &created, &revision[..40], chance);
    let config_digest = digest(config.as_bytes());
    let mut manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}","config":{{"mediaType":"{CONFIG}","digest":"{config_digest}","size":{}}},"layers":["#,
        config.len()
    );
    for (at, layer) in layers.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        _ = write!(
            manifest,
            r#"{comma}{{"mediaType":"{LAYER}","digest":"sha256:{}","size":{}}}"#,
            layer.sum, layer.size
        );
    }
    _ = write!(
        manifest,
        r#"],"annotations":{{"org.opencontainers.image.base.name":"docker.io/library/base-{base}:latest","org.opencontainers.image.title":"{name}"}}}}"#
    );
    let document = Document::parse(manifest.as_bytes(), OCI_MANIFEST);
    let parsed = Config::parse(config.as_bytes()).ok();
    let summary = summarize(&document, parsed.as_ref(), &[]);
    content(manifest, OCI_MANIFEST, &document, summary, parsed.as_ref(), Some((config_digest, config)), read_at)
}

fn index(children: &[Content; 2], name: &str, number: u64, read_at: Timestamp) -> Content {
    let mut text = format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":["#);
    for (at, (child, platform)) in children.iter().zip(["amd64", "arm64"]).enumerate() {
        let comma = if at == 0 { "" } else { "," };
        _ = write!(
            text,
            r#"{comma}{{"mediaType":"{OCI_MANIFEST}","digest":"{}","size":{},"platform":{{"architecture":"{platform}","os":"linux"}}}}"#,
            child.digest,
            child.bytes.len()
        );
    }
    _ = write!(
        text,
        r#"],"annotations":{{"org.opencontainers.image.title":"{name}","org.example.build":"{number}"}}}}"#
    );
    let document = Document::parse(text.as_bytes(), OCI_INDEX);
    let summaries: Vec<Summary> = children.iter().map(|child| child.summary.clone()).collect();
    let summary = summarize(&document, None, &summaries);
    content(text, OCI_INDEX, &document, summary, None, None, read_at)
}

fn content(
    text: String,
    media_type: &str,
    document: &Document,
    summary: Summary,
    parsed: Option<&Config>,
    config: Option<(Digest, String)>,
    read_at: Timestamp,
) -> Content {
    let (config, config_bytes) = config.map(|(digest, text)| (digest, text.into_bytes())).unzip();
    Content {
        digest: digest(text.as_bytes()),
        media_type: media_type.to_owned(),
        made_from: if document.index().is_some() { 3 } else { 2 },
        facts: Facts::of(document, parsed, read_at),
        findings: checks_of_manifest(document, parsed, read_at),
        bytes: text.into_bytes(),
        summary,
        config,
        config_bytes,
    }
}

fn created(repository: u64, number: u64) -> String {
    let second = BEGINNING + (number * 7_919 * 60 + repository * 13).cast_signed() % (900 * 86_400);
    Timestamp(second * 1_000_000).rfc3339()
}

fn config(build: &Build<'_>, layers: &[&Layer], created: &str, revision: &str, chance: &mut Chance) -> String {
    let Build { repository, name, base, number, platform, .. } = *build;
    let user = if chance.percent(40) { "" } else { "app" };
    let mut text = format!(
        r#"{{"architecture":"{platform}","config":{{"User":"{user}","ExposedPorts":{{"8080/tcp":{{}}}},"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","APP_VERSION={number}","LANG=C.UTF-8"],"Entrypoint":["/app/run"],"Cmd":["serve"],"WorkingDir":"/app","Labels":{{"org.opencontainers.image.revision":"{revision}","org.opencontainers.image.source":"https://git.example.com/{name}","org.opencontainers.image.version":"1.{number}","maintainer":"team-{}@example.com"}}}},"created":"{created}","history":["#,
        repository % 200
    );
    for at in 0..layers.len() {
        let comma = if at == 0 { "" } else { "," };
        let by = match at {
            0 => format!("ADD base-{base}.tar.gz / # buildkit"),
            _ => format!("RUN /bin/sh -c make install-{at} PREFIX=/app # buildkit"),
        };
        _ = write!(text, r#"{comma}{{"created":"{created}","created_by":"{by}","comment":"buildkit.dockerfile.v0"}}"#);
    }
    text.push_str(
        r#",{"created_by":"CMD [\"serve\"]","empty_layer":true}],"os":"linux","rootfs":{"type":"layers","diff_ids":["#,
    );
    for (at, layer) in layers.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        _ = write!(text, r#"{comma}"sha256:{}""#, sum(&layer.sum));
    }
    text.push_str("]}}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Kind;
    use std::collections::HashSet;

    #[test]
    fn images_read_as_what_they_are_and_share_layers() {
        let made = of_repository(5, "team/app", 30, Timestamp(0));
        assert_eq!(made.contents.len(), 30);
        assert!(made.contents.iter().all(|content| matches!(content.summary.kind, Kind::Image | Kind::Index)));
        assert!(made.contents.iter().all(|content| content.summary.created.is_some()));
        let named: usize = made.contents.iter().map(|content| content.facts.blobs.len()).sum();
        let blobs: HashSet<_> =
            made.contents.iter().flat_map(|content| &content.facts.blobs).map(|b| &b.digest).collect();
        assert!(blobs.len() * 2 < named, "{} of {named}", blobs.len());
    }
}
