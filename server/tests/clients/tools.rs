//! The real clients: skopeo, podman, and the docker CLI where a docker engine can be started.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// What a client said, and whether it was content.
#[derive(Debug)]
pub struct Said {
    pub well: bool,
    pub text: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        Self { well: output.status.success(), text: String::from_utf8_lossy(&text).into_owned() }
    }
    #[track_caller]
    pub fn is_well(&self) {
        assert!(self.well, "{}", self.text);
    }
    /// Refused for want of rights, and not for something else.
    #[track_caller]
    pub fn is_denied(&self) {
        let words = [
            "denied",
            "unauthorized",
            "authentication required",
            "requested access",
            "insufficient",
            "invalid username",
        ];
        let denied = words.iter().any(|word| self.text.to_lowercase().contains(word));
        assert!(!self.well && denied, "{}", self.text);
    }
}

/// A command with nothing of ours in its environment but where programs are, and a home of its own.
fn command(program: &str, home: &Path) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.env_clear().env("PATH", format!("{path}:/usr/sbin:/sbin")).env("HOME", home).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Said {
    Said::of(&command.output().unwrap_or_else(|error| panic!("{command:?} did not start: {error}")))
}

/// User name and secret.
pub type Login<'a> = Option<(&'a str, &'a str)>;

/// Clients with a home in a folder.
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    pub fn new(folder: &Path) -> Self {
        let folder = folder.join("clients");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("policy.json"), r#"{"default":[{"type":"insecureAcceptAnything"}]}"#).expect("a file");
        Self { folder }
    }

    /// An image of one small layer, as a layout on disk. Another `word` is another image.
    pub fn image(&self, word: &str) -> PathBuf {
        let layout = self.folder.join(format!("image-{word}"));
        if layout.exists() {
            return layout;
        }
        let blobs = layout.join("blobs/sha256");
        fs::create_dir_all(&blobs).expect("a folder");
        let keep = |bytes: &[u8]| {
            let digest = hex::encode(Sha256::digest(bytes));
            fs::write(blobs.join(&digest), bytes).expect("a blob");
            (format!("sha256:{digest}"), bytes.len())
        };
        let (layer, layer_size) = keep(&tar(word));
        let config = json!({ "architecture": "amd64", "os": "linux", "config": { "Labels": { "word": word } },
            "rootfs": { "type": "layers", "diff_ids": [layer] }, "history": [{ "created_by": "test" }] });
        let (config, config_size) = keep(config.to_string().as_bytes());
        let manifest = json!({ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": config_size },
            "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer, "size": layer_size }] });
        let (manifest, size) = keep(manifest.to_string().as_bytes());
        let index = json!({ "schemaVersion": 2, "manifests": [{ "digest": manifest, "size": size,
            "mediaType": "application/vnd.oci.image.manifest.v1+json" }] });
        fs::write(layout.join("index.json"), index.to_string()).expect("a file");
        fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
        layout
    }

    pub fn skopeo_push(&self, login: Login<'_>, image: &Path, to: &str) -> Said {
        let mut skopeo = self.skopeo("copy");
        skopeo.arg("--dest-tls-verify=false").args(credentials("dest-", login));
        run(skopeo.arg(format!("oci:{}", image.display())).arg(format!("docker://{to}")))
    }

    pub fn skopeo_pull(&self, login: Login<'_>, from: &str) -> Said {
        let into = self.folder.join("pulled");
        _ = fs::remove_dir_all(&into);
        let mut skopeo = self.skopeo("copy");
        skopeo.arg("--src-tls-verify=false").args(credentials("src-", login));
        run(skopeo.arg(format!("docker://{from}")).arg(format!("dir:{}", into.display())))
    }

    /// From one repository to another of the same registry: layers are mounted.
    pub fn skopeo_copy(&self, login: Login<'_>, from: &str, to: &str) -> Said {
        let mut skopeo = self.skopeo("copy");
        skopeo.args(["--src-tls-verify=false", "--dest-tls-verify=false"]);
        skopeo.args(credentials("src-", login)).args(credentials("dest-", login));
        run(skopeo.arg(format!("docker://{from}")).arg(format!("docker://{to}")))
    }

    pub fn skopeo_delete(&self, login: Login<'_>, what: &str) -> Said {
        let mut skopeo = self.skopeo("delete");
        run(skopeo.arg("--tls-verify=false").args(credentials("", login)).arg(format!("docker://{what}")))
    }

    fn skopeo(&self, act: &str) -> Command {
        let mut skopeo = command("skopeo", &self.folder);
        skopeo.arg("--policy").arg(self.folder.join("policy.json")).arg(act);
        skopeo
    }

    fn podman(&self) -> Command {
        let mut podman = command("podman", &self.folder);
        podman.arg("--root").arg(self.folder.join("podman")).arg("--runroot").arg(self.folder.join("podman-run"));
        podman.args(["--storage-driver", "vfs"]);
        podman.env("REGISTRY_AUTH_FILE", self.folder.join("podman-auth.json"));
        podman
    }

    pub fn podman_login(&self, (user, secret): (&str, &str), registry: &str) -> Said {
        let mut podman = self.podman();
        run(podman.args(["login", "--tls-verify=false", "-u", user, "-p", secret, registry]))
    }

    /// Loads the image, gives it the name and pushes it.
    pub fn podman_push(&self, image: &Path, to: &str) -> Said {
        let archive = self.folder.join("archive.tar");
        _ = fs::remove_file(&archive);
        let mut skopeo = self.skopeo("copy");
        skopeo
            .arg(format!("oci:{}", image.display()))
            .arg(format!("docker-archive:{}:test/loaded:1", archive.display()));
        run(&mut skopeo).is_well();
        run(self.podman().arg("load").arg("-q").arg("-i").arg(&archive)).is_well();
        run(self.podman().args(["push", "-q", "--tls-verify=false", "test/loaded:1", &format!("docker://{to}")]))
    }

    pub fn podman_pull(&self, from: &str) -> Said {
        run(self.podman().args(["pull", "-q", "--tls-verify=false", from]))
    }
}

fn credentials(side: &str, login: Login<'_>) -> Vec<String> {
    match login {
        Some((user, secret)) => vec![format!("--{side}creds={user}:{secret}")],
        None => vec![format!("--{side}no-creds")],
    }
}

/// A docker engine of our own, and its command line.
pub struct Docker {
    engine: Child,
    folder: PathBuf,
}

impl Docker {
    /// Starts one. Not every machine lets us: then the reason.
    pub fn start(folder: &Path) -> Result<Self, String> {
        let folder = folder.join("docker");
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let at = |name: &str| folder.join(name).display().to_string();
        let log = fs::File::create(folder.join("log")).map_err(|error| error.to_string())?;
        let mut engine = command("dockerd", &folder);
        engine.args(["--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver", "vfs"]);
        engine.args(["--data-root", &at("data"), "--exec-root", &at("exec"), "-p", &at("pid")]);
        engine.args(["-H", &format!("unix://{}", at("socket"))]).stdout(Stdio::null()).stderr(log);
        let engine = engine.spawn().map_err(|error| format!("dockerd: {error}"))?;
        let mut docker = Self { engine, folder };
        let begun = Instant::now();
        while !docker.run(&["version"]).well {
            let ended = docker.engine.try_wait().map_err(|error| error.to_string())?.is_some();
            if ended || begun.elapsed() > Duration::from_secs(30) {
                return Err(fs::read_to_string(docker.folder.join("log")).unwrap_or_default());
            }
            std::thread::yield_now();
        }
        Ok(docker)
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let mut docker = command("docker", &self.folder);
        docker.args(["-H", &format!("unix://{}", self.folder.join("socket").display())]);
        run(docker.env("DOCKER_CONFIG", self.folder.join("config")).args(arguments))
    }

    /// As people are told to: the secret on standard input.
    pub fn login(&self, (user, secret): (&str, &str), registry: &str) -> Said {
        let file = self.folder.join("secret");
        fs::write(&file, secret).expect("a file");
        let mut docker = command("docker", &self.folder);
        docker.args(["-H", &format!("unix://{}", self.folder.join("socket").display()), "login", "-u", user]);
        docker.args(["--password-stdin", registry]).env("DOCKER_CONFIG", self.folder.join("config"));
        run(docker.stdin(fs::File::open(&file).expect("the file")))
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // Asked to end, it takes its containerd with it; killed, it would not.
        _ = Command::new("kill").arg(self.engine.id().to_string()).status();
        _ = self.engine.wait();
    }
}

/// A tar archive (POSIX ustar) of one file.
fn tar(word: &str) -> Vec<u8> {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(0, b"word");
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", word.len()).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend(word.as_bytes());
    archive.resize(1024 + 1024, 0);
    archive
}
