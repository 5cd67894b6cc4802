//! Repositories written straight into the registry's file system layout, ten times faster than pushes, and kept between
//! runs. The layers themselves are not there: nobody pulls them.

use crate::Outcome;
use sha2::{Digest as _, Sha256};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

/// A repository of 10,000 tags.
pub const LARGE: &str = "bench/large";
/// One of 200, which is read to its end by itself.
pub const SMALL: &str = "bench/small";

/// What a registry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// [`LARGE`] and [`SMALL`].
    Visits,
    /// A hundred repositories of a hundred tags each.
    Fill,
}

impl Set {
    fn folder(self) -> &'static str {
        match self {
            Self::Visits => "registry-data",
            Self::Fill => "registry-fill-data",
        }
    }
    fn repositories(self) -> Vec<(String, u32)> {
        match self {
            Self::Visits => vec![(LARGE.to_owned(), 10_000), (SMALL.to_owned(), 200)],
            Self::Fill => (0..100).map(|number| (format!("team-{}/app-{number}", number / 10), 100)).collect(),
        }
    }
}

/// Another number makes other data.
const EDITION: u32 = 1;

pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Writes the data below the folder unless it is there, and says where it is.
pub fn seed(folder: &Path, set: Set) -> Outcome<PathBuf> {
    let data = folder.join(set.folder());
    let stamp = data.join("edition");
    if fs::read_to_string(&stamp).ok() == Some(EDITION.to_string()) {
        return Ok(data);
    }
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    let started = Instant::now();
    let root = data.join("docker/registry/v2");
    for (name, tags) in set.repositories() {
        for number in 0..tags {
            write_image(&root, &name, number)?;
        }
    }
    fs::write(stamp, EDITION.to_string())?;
    eprintln!("  writing the registry's data took {:.1} s", started.elapsed().as_secs_f32());
    Ok(data)
}

/// The name of a tag. `1.0.0`, `1.0.1`, …: 25 patches to a minor version, 40 of these to a major one.
pub fn tag(number: u32) -> String {
    format!("{}.{}.{}", number / 1000 + 1, number / 25 % 40, number % 25)
}

fn write_image(root: &Path, name: &str, number: u32) -> Outcome {
    let config = write_blob(root, config(name, number).as_bytes())?;
    let manifest = write_blob(root, manifest(&config, number).as_bytes())?;
    let repository = root.join("repositories").join(name);
    link(&repository.join("_layers/sha256").join(&config.hex), &config)?;
    link(&repository.join("_manifests/revisions/sha256").join(&manifest.hex), &manifest)?;
    link(&repository.join("_manifests/tags").join(tag(number)).join("current"), &manifest)
}

struct Blob {
    hex: String,
    size: usize,
}

fn write_blob(root: &Path, bytes: &[u8]) -> Outcome<Blob> {
    let hex = sha256(bytes);
    let folder = root.join("blobs/sha256").join(&hex[..2]).join(&hex);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("data"), bytes)?;
    Ok(Blob { hex, size: bytes.len() })
}

fn link(folder: &Path, to: &Blob) -> Outcome {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("link"), format!("sha256:{}", to.hex))?;
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A layer that all images share has the same digest in each.
fn layer(of: &str) -> String {
    sha256(of.as_bytes())
}

fn manifest(config: &Blob, number: u32) -> String {
    let layers: Vec<String> = [
        ("base".to_owned(), 29_150_000),
        ("runtime".to_owned(), 48_300_000),
        (number.to_string(), 1_000_000 + number * 731),
    ]
    .iter()
    .map(|(of, size)| {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:{}","size":{size}}}"#,
            layer(of)
        )
    })
    .collect();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{}","size":{}}},"layers":[{}]}}"#,
        config.hex,
        config.size,
        layers.join(",")
    )
}

fn config(name: &str, number: u32) -> String {
    let created = created(number);
    let history: Vec<String> =
        ["ADD rootfs.tar.gz /", "RUN install runtime", "COPY app /app", "USER app", "CMD [\"/app\"]"]
            .iter()
            .enumerate()
            .map(|(at, by)| format!(r#"{{"created":"{created}","created_by":{by:?},"empty_layer":{}}}"#, at > 2))
            .collect();
    let layers =
        ["base", "runtime", &number.to_string()].map(|of| format!("\"sha256:{}\"", layer(&format!("{of} unpacked"))));
    format!(
        r#"{{"architecture":"amd64","os":"linux","created":"{created}","config":{{"User":"app","Env":["PATH=/usr/local/bin:/usr/bin:/bin","MODE=production"],"Cmd":["/app"],"WorkingDir":"/","Labels":{{"org.opencontainers.image.title":"{name}","org.opencontainers.image.version":"{}"}}}},"rootfs":{{"type":"layers","diff_ids":[{}]}},"history":[{}]}}"#,
        tag(number),
        layers.join(","),
        history.join(",")
    )
}

/// A build every hour, on 28 days of each month.
fn created(number: u32) -> String {
    let (hour, day) = (number % 24, number / 24);
    let month = day / 28;
    format!("{}-{:02}-{:02}T{hour:02}:07:00Z", 2025 + month / 12, month % 12 + 1, day % 28 + 1)
}

/// Where a tag points, as the registry's own files have it.
pub fn pointed_to(data: &Path, repository: &str, tag: &str) -> Outcome<String> {
    let tags = data.join("docker/registry/v2/repositories").join(repository).join("_manifests/tags");
    Ok(fs::read_to_string(tags.join(tag).join("current/link"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> = (0..10_000).map(tag).collect();
        assert_eq!(names.len(), 10_000);
    }

    #[test]
    fn a_time_is_a_time() {
        assert_eq!(created(0), "2025-01-01T00:07:00Z");
        assert_eq!(created(9_999), "2026-03-25T15:07:00Z");
    }
}
