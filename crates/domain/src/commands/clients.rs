//! "Use this registry": what a client's machine needs before it can pull from it and push to it.

use super::Snippet;
use crate::connection::{Address, Trust};
use crate::quoting::{Syntax, quote, shell};

/// The command with which Docker and Podman sign in.
pub fn login(address: &Address) -> String {
    format!("docker login {}", shell(&address.login_host()))
}

/// What a client needs to reach the registry: sign-in always; the rest only where it is plain, has its own authority or
/// asks for a client certificate.
pub fn use_registry(address: &Address, trust: &Trust, client_certificate: bool) -> Vec<Snippet> {
    let mut snippets = vec![Snippet::new("Sign in, with Docker or Podman", login(address))];
    let host = address.login_host();
    let unchecked = address.is_plain() || *trust == Trust::Anybody;
    if unchecked {
        snippets.push(Snippet::new(
            "Docker: add to /etc/docker/daemon.json, then restart Docker",
            format!("{{\n  \"insecure-registries\": [{}]\n}}\n", quote(&host, Syntax::Json)),
        ));
        snippets.push(Snippet::new(
            "Podman, skopeo and buildah: /etc/containers/registries.conf.d/wharfinger.conf",
            format!("[[registry]]\nlocation = {}\ninsecure = true\n", quote(&host, Syntax::Toml)),
        ));
    }
    if let (Trust::Authority { pem }, false) = (trust, address.is_plain()) {
        let pem = certificates(pem);
        for (client, folder) in
            [("Docker", "/etc/docker/certs.d"), ("Podman, skopeo and buildah", "/etc/containers/certs.d")]
        {
            let caption = format!("{client}: put the authority into {folder}/{host}/ca.crt");
            snippets.push(Snippet::new(caption, put(&format!("{folder}/{host}"), &pem)));
        }
        let caption = format!("containerd: put the authority into /etc/containerd/certs.d/{host}/ca.crt");
        snippets.push(Snippet::new(caption, put(&format!("/etc/containerd/certs.d/{host}"), &pem)));
    }
    if client_certificate {
        let folder = shell(&format!("/etc/docker/certs.d/{host}"));
        snippets.push(Snippet::new(
            "Docker: put your own certificate and key beside it",
            format!("sudo mkdir -p {folder}\nsudo cp client.cert client.key {folder}\n"),
        ));
    }
    snippets.push(Snippet::new(
        format!("containerd: /etc/containerd/certs.d/{host}/hosts.toml"),
        hosts_toml(&origin(address), address, trust, client_certificate, &["pull", "resolve", "push"]),
    ));
    snippets
}

/// The lines that make clients ask this registry first for what they would pull from Docker Hub. Of use if it is a
/// pull-through cache of it.
pub fn mirror(address: &Address, trust: &Trust) -> Vec<Snippet> {
    let hub = "https://registry-1.docker.io";
    let host = address.login_host();
    let insecure = if address.is_plain() || *trust == Trust::Anybody { "insecure = true\n" } else { "" };
    vec![
        Snippet::new(
            "Docker: add to /etc/docker/daemon.json, then restart Docker",
            format!("{{\n  \"registry-mirrors\": [{}]\n}}\n", quote(&origin(address), Syntax::Json)),
        ),
        Snippet::new(
            "containerd: /etc/containerd/certs.d/docker.io/hosts.toml",
            hosts_toml(hub, address, trust, false, &["pull", "resolve"]),
        ),
        Snippet::new(
            "Podman, skopeo and buildah: /etc/containers/registries.conf.d/wharfinger-mirror.conf",
            format!(
                "[[registry]]\nlocation = \"docker.io\"\n\n[[registry.mirror]]\nlocation = {}\n{insecure}",
                quote(&host, Syntax::Toml)
            ),
        ),
    ]
}

/// Scheme, host and port.
fn origin(address: &Address) -> String {
    let scheme = if address.is_plain() { "http" } else { "https" };
    let url = address.url();
    url.port().map_or_else(
        || format!("{scheme}://{}", address.host()),
        |port| format!("{scheme}://{}:{port}", address.host()),
    )
}

fn hosts_toml(server: &str, address: &Address, trust: &Trust, client_certificate: bool, can: &[&str]) -> String {
    let toml = |text: &str| quote(text, Syntax::Toml);
    let can: Vec<_> = can.iter().map(|word| toml(word)).collect();
    let (server, host) = (toml(server), toml(&origin(address)));
    let mut lines = vec![
        format!("server = {server}"),
        String::new(),
        format!("[host.{host}]"),
        format!("  capabilities = [{}]", can.join(", ")),
    ];
    let folder = format!("/etc/containerd/certs.d/{}", address.login_host());
    match trust {
        _ if address.is_plain() => {}
        Trust::Anybody => lines.push("  skip_verify = true".to_owned()),
        Trust::Authority { .. } => lines.push(format!("  ca = {}", toml(&format!("{folder}/ca.crt")))),
        Trust::System => {}
    }
    if client_certificate {
        let pair = [toml(&format!("{folder}/client.cert")), toml(&format!("{folder}/client.key"))];
        lines.push(format!("  client = [[{}]]", pair.join(", ")));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The commands that write `pem` into a folder as `ca.crt`.
fn put(folder: &str, pem: &str) -> String {
    let file = shell(&format!("{folder}/ca.crt"));
    format!("sudo mkdir -p {}\nsudo tee {file} >/dev/null <<'END'\n{pem}END\n", shell(folder))
}

/// Only the certificates of a PEM text, line by line: nothing else may end the shell's document early.
fn certificates(pem: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in pem.lines().map(str::trim) {
        let border = matches!(line, "-----BEGIN CERTIFICATE-----" | "-----END CERTIFICATE-----");
        let body = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if line == "-----BEGIN CERTIFICATE-----" {
            inside = true;
        }
        if inside && (border || (line != "END" && !line.is_empty() && line.chars().all(body))) {
            out.push_str(line);
            out.push('\n');
        }
        if line == "-----END CERTIFICATE-----" {
            inside = false;
        }
    }
    out
}
