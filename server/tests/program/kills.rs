//! The program is killed (SIGKILL) while it reads a registry for the first time, and started again; and nobody else reads
//! beside it meanwhile.

use crate::program::{Served, command, folder, run, stderr, stdout, wait_for};
use domain::manifest::OCI_MANIFEST;
use registry::fake::{Fake, FakeOptions, Fault, Trouble};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use tokio::runtime::Runtime;

const REPOSITORIES: usize = 8;
const TAGS: usize = 20;

/// A registry, and what it runs on: the program has a process of its own.
struct Lab {
    fake: Fake,
    _runtime: Runtime,
}

impl Lab {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let fake = runtime.block_on(Fake::start(FakeOptions::default())).expect("a registry");
        for r in 0..REPOSITORIES {
            for t in 0..TAGS {
                // Every fourth tag stands on the image of the one before.
                image(&fake, &format!("team{}/app{r}", r % 2), &format!("v{t:02}"), t - usize::from(t % 4 == 3));
            }
        }
        Self { fake, _runtime: runtime }
    }

    /// The program on a folder of its own, with the registry connected: it reads it from then on.
    fn connected(&self) -> Filling {
        let served = Served::start_in(folder(), &[], &[]);
        let data_dir = served.data_dir().display().to_string();
        let said = |output: std::process::Output| {
            assert!(output.status.success(), "{}", stderr(&output));
            stdout(&output)
        };
        said(run(&["admin", "create", "ada", "--data-dir", &data_dir]));
        let token = said(run(&["admin", "token", "ada", "--expires", "1d", "--data-dir", &data_dir]));
        let token = token.lines().find(|line| line.contains("shown only this once")).expect("a token");
        let token = token.rsplit(' ').next().expect("a word").to_owned();
        let filling = Filling { served, token };
        let settings = json!({ "settings": { "name": "lab", "address": self.fake.address().to_string() } });
        let answer = filling.ask("POST", "/registries", &settings.to_string());
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        filling
    }

    /// How often each manifest was fetched by its digest.
    fn fetched(&self) -> HashMap<String, usize> {
        let mut fetched = HashMap::new();
        for seen in self.fake.requests() {
            if let ("GET", Some((_, digest))) = (seen.method.as_str(), seen.target.split_once("/manifests/sha256:")) {
                *fetched.entry(digest.to_owned()).or_default() += 1;
            }
        }
        fetched
    }
}

/// An image with a layer of its own and one that all share.
fn image(fake: &Fake, repository: &str, tag: &str, n: usize) {
    let config = json!({
        "architecture": "amd64", "os": "linux", "created": format!("2026-{:02}-{:02}T08:00:00Z", 1 + n % 12, 1 + n % 28),
        "config": { "Labels": { "repository": repository, "n": n.to_string() } }, "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let (config, own) = (config.to_string(), format!("{repository} {n}").into_bytes());
    let layer = |size: usize, digest| json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar", "size": size, "digest": digest });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "size": config.len(),
                    "digest": fake.push_blob(repository, config) },
        "layers": [layer(100, fake.push_blob(repository, vec![b's'; 100])), layer(own.len(), fake.push_blob(repository, own))],
    });
    let digest = fake.push_manifest(repository, OCI_MANIFEST, manifest.to_string());
    fake.tag(repository, tag, &digest);
}

/// The program while it reads.
struct Filling {
    served: Served,
    token: String,
}

impl Filling {
    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.served.ask(&format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.token,
            body.len()
        ))
    }

    fn read(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, "");
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{path}: {error}\n{answer}"))
    }

    /// Tags whose image is read.
    fn done(&self) -> u64 {
        let sync = self.read("/registries/lab/sync");
        let number = |name: &str| sync[name].as_u64().expect("a number");
        number("tags") - number("unread")
    }

    fn filled(&self) {
        let is_filled = || {
            let sync = self.read("/registries/lab/sync");
            !sync["filled"].is_null() && sync["state"] == "resting"
        };
        wait_for(is_filled, "the end of the first reading");
    }

    /// Kills it, with no time to end anything; gives it started again on the same folder.
    fn killed(mut self) -> Self {
        self.served.signal("KILL");
        assert!(!self.served.ended().success());
        let served = Served::start_in(self.served.into_folder(), &[], &[]);
        Self { served, token: self.token }
    }

    /// All that the index knows and that does not depend on when it was read.
    fn dump(&self) -> Vec<Value> {
        let storage = self.read("/registries/lab/storage");
        let sums = ["total", "unshared", "repositories", "covered", "namespaces", "layers", "largest"];
        let mut all: Vec<Value> = sums.iter().map(|name| json!({ *name: storage[*name] })).collect();
        for r in 0..REPOSITORIES {
            let segment = format!("team{}~app{r}", r % 2);
            let tags = self.read(&format!("/registries/lab/repositories/{segment}/tags?limit=100"));
            assert_eq!(tags["tags"].as_array().map(Vec::len), Some(TAGS), "{tags}");
            all.push(json!({ segment.as_str(): tags["tags"] }));
            let held = self.read(&format!("/registries/lab/repositories/{segment}/storage"));
            all.push(json!({ segment.as_str(): [held["bytes"], held["covered"], held["tags"]] }));
        }
        all.into_iter().map(timeless).collect()
    }
}

/// The same without the times of looks.
fn timeless(value: Value) -> Value {
    match value {
        Value::Object(all) => {
            all.into_iter().filter(|(name, _)| name != "as_of").map(|(name, value)| (name, timeless(value))).collect()
        }
        Value::Array(all) => all.into_iter().map(timeless).collect(),
        other => other,
    }
}

/// A number that follows from the one before; all there is to chance here.
fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed % 1_000_000).expect("it fits")
}

#[test]
fn a_first_reading_by_a_program_that_is_killed_again_and_again_ends_as_an_undisturbed_one() {
    let lab = Lab::new();
    let whole = lab.connected();
    whole.filled();
    let requests = lab.fake.requests().len();
    let whole = whole.dump();
    let seeds: u64 = std::env::var("WHARFINGER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    for seed in 1..=seeds {
        let mut chance = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        lab.fake.forget_requests();
        let mut filling = lab.connected();
        for _ in 0..=next(&mut chance) % 3 {
            let at = 1 + next(&mut chance) % requests;
            println!("seed {seed}: killed after {at} requests");
            let enough =
                || lab.fake.requests().len() >= at || filling.read("/registries/lab/sync")["state"] == "resting";
            wait_for(enough, "so many requests");
            lab.fake.forget_requests();
            filling = filling.killed();
        }
        filling.filled();
        assert_eq!(filling.dump(), whole, "seed {seed}");
        let verified = run(&["audit", "verify", "--data-dir", &filling.served.data_dir().display().to_string()]);
        assert!(verified.status.success(), "seed {seed}: {}", stderr(&verified));
    }
}

#[test]
fn a_program_that_was_killed_midway_goes_on_where_it_was() {
    let lab = Lab::new();
    // Slow enough to be met in its midst.
    lab.fake.fault(Fault::at("/blobs/", Trouble::Delay(Duration::from_millis(20))));
    let filling = lab.connected();
    let all = (REPOSITORIES * TAGS) as u64;
    wait_for(|| filling.done() > all / 3, "a third of the tags");
    let done = filling.done();
    assert!(done < all, "it is still at it");
    let filling = filling.killed();
    // What was sent by the one that is gone has been answered by now.
    lab.fake.forget_requests();
    lab.fake.heal();
    filling.filled();
    assert_eq!(filling.done(), all);
    let fetched: usize = lab.fetched().values().sum();
    let images = REPOSITORIES * TAGS * 3 / 4;
    let kept = usize::try_from(done).expect("small") * 3 / 4;
    assert!(fetched > 0 && fetched < images - kept / 2, "{fetched} of {images} were fetched, {done} tags were read");
}

#[test]
fn nobody_reads_beside_the_program_that_reads() {
    let lab = Lab::new();
    lab.fake.fault(Fault::at("/blobs/", Trouble::Delay(Duration::from_millis(20))));
    let filling = lab.connected();
    wait_for(|| filling.done() > 0, "the first tags");
    let data_dir = filling.served.data_dir().display().to_string();
    let second = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data_dir]).output().expect("it starts");
    assert_eq!(second.status.code(), Some(1));
    let said = stderr(&second);
    assert!(said.contains("Another wharfinger is using") && !stdout(&second).contains("listens"), "{said}");
    // Commands work beside it, and take no lease from it.
    let backup = filling.served.path().join("backup.db").display().to_string();
    for arguments in [&["admin", "create", "grace"][..], &["audit", "verify"], &["backup", &backup]] {
        let output = run(&[arguments, &["--data-dir", &data_dir]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        let state = filling.read("/registries/lab/sync")["state"].clone();
        assert!(state == "filling" || state == "resting", "{arguments:?}: {state}");
    }
    lab.fake.heal();
    filling.filled();
    let twice: Vec<_> = lab.fetched().into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(twice.is_empty(), "fetched again: {twice:?}");
    assert!(!filling.served.log().contains("read by another"), "{}", filling.served.log());
}
