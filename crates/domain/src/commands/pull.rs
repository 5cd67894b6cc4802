//! Pull commands for each client.

use crate::connection::{Address, Trust};
use crate::quoting::{shell, yaml};
use crate::{Kind, Reference, RepositoryName};
use serde::{Deserialize, Serialize};

/// A program (or file) that pulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
    /// skopeo, into a directory in OCI's layout.
    Skopeo,
    /// crane, into a tar file.
    Crane,
    /// A line of a Dockerfile.
    From,
    /// A pod that pulls with a secret.
    Kubernetes,
    /// helm, for charts.
    Helm,
    /// oras, for other artifacts.
    Oras,
}

impl Client {
    /// The name in lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Skopeo => "skopeo",
            Self::Crane => "crane",
            Self::From => "FROM",
            Self::Kubernetes => "Kubernetes",
            Self::Helm => "helm",
            Self::Oras => "oras",
        }
    }
    /// Reads what [`Self::name`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let all =
            clients_for(Kind::Image).iter().chain(clients_for(Kind::HelmChart)).chain(clients_for(Kind::Artifact));
        all.copied().find(|client| client.name() == text)
    }
}

/// Which clients can do something with a kind of content, the usual one first.
pub fn clients_for(kind: Kind) -> &'static [Client] {
    use Client::{Crane, Docker, From, Helm, Kubernetes, Oras, Podman, Skopeo};
    match kind {
        Kind::Image | Kind::Index | Kind::Schema1 | Kind::Unknown => &[Docker, Podman, Skopeo, Crane, From, Kubernetes],
        Kind::HelmChart => &[Helm, Oras, Skopeo, Crane],
        _ => &[Oras, Skopeo, Crane],
    }
}

/// What stands for the content in a pull command: `host/repository:tag` or `host/repository@sha256:…`, not quoted.
pub fn image_reference(address: &Address, repository: &RepositoryName, reference: &Reference) -> String {
    let authority = address.authority();
    match reference {
        Reference::Tag(tag) => format!("{authority}/{repository}:{tag}"),
        Reference::Digest(digest) => format!("{authority}/{repository}@{digest}"),
    }
}

/// The command (or lines) with which `client` pulls `reference`.
pub fn pull(
    client: Client,
    address: &Address,
    trust: &Trust,
    repository: &RepositoryName,
    reference: &Reference,
) -> String {
    let whole = image_reference(address, repository, reference);
    let unchecked = address.is_plain() || *trust == Trust::Anybody;
    let flag = |flag: &'static str| if unchecked { flag } else { "" };
    match client {
        Client::Docker => format!("docker pull {}", shell(&whole)),
        Client::Podman => format!("podman pull {}{}", flag("--tls-verify=false "), shell(&whole)),
        Client::Skopeo => {
            let target = match reference {
                Reference::Tag(tag) => format!("oci:{}:{tag}", repository.last()),
                Reference::Digest(_) => format!("oci:{}", repository.last()),
            };
            let source = shell(&format!("docker://{whole}"));
            format!("skopeo copy {}{source} {}", flag("--src-tls-verify=false "), shell(&target))
        }
        Client::Crane => {
            format!(
                "crane pull {}{} {}",
                flag("--insecure "),
                shell(&whole),
                shell(&format!("{}.tar", repository.last()))
            )
        }
        // A Dockerfile knows no quotes here: an address that needs them can't be written.
        Client::From => format!("FROM {whole}"),
        Client::Kubernetes => pod(&whole, repository),
        Client::Helm => helm(address, trust, repository, reference),
        Client::Oras => {
            let flag = if address.is_plain() { "--plain-http " } else { flag("--insecure ") };
            format!("oras pull {flag}{}", shell(&whole))
        }
    }
}

fn helm(address: &Address, trust: &Trust, repository: &RepositoryName, reference: &Reference) -> String {
    let flag = match trust {
        _ if address.is_plain() => " --plain-http",
        Trust::Anybody => " --insecure-skip-tls-verify",
        Trust::Authority { .. } => " --ca-file ca.crt",
        Trust::System => "",
    };
    let chart = format!("oci://{}/{repository}", address.authority());
    match reference {
        // A tag has no plus sign: helm writes an underscore for it, and wants the plus sign back.
        Reference::Tag(tag) => {
            format!("helm pull {} --version {}{flag}", shell(&chart), shell(&tag.as_str().replace('_', "+")))
        }
        Reference::Digest(digest) => format!("helm pull {}{flag}", shell(&format!("{chart}@{digest}"))),
    }
}

/// A name that Kubernetes takes: `[a-z0-9]` with `-` inside, at most 63.
fn label(text: &str) -> String {
    let label: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(63).collect();
    label.trim_matches('-').to_ascii_lowercase()
}

fn pod(whole: &str, repository: &RepositoryName) -> String {
    let name = yaml(&label(repository.last()));
    format!(
        "spec:\n  imagePullSecrets:\n    - name: registry-credentials\n  containers:\n    - name: {name}\n      image: {}\n",
        yaml(whole)
    )
}

/// The command that makes the secret which [`Client::Kubernetes`]' lines name. User and password are left to fill in.
pub fn kubernetes_secret(address: &Address) -> String {
    let server = shell(&address.login_host());
    format!(
        "kubectl create secret docker-registry registry-credentials --docker-server={server} \
         --docker-username=USER --docker-password=PASSWORD"
    )
}
