use super::*;
use crate::connection::{Address, Trust};
use crate::{Kind, Reference, RepositoryName};

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

fn by_tag(client: Client, at: &str, trust: &Trust) -> String {
    pull(client, &address(at), trust, &name("storefront/web"), &"v4.18.2".parse().expect("a tag"))
}

fn name(text: &str) -> RepositoryName {
    text.parse().expect("a name")
}

const TLS: &str = "https://registry.example.com";

#[test]
fn each_client_has_its_command_by_tag() {
    let cases = [
        (Client::Docker, "docker pull registry.example.com/storefront/web:v4.18.2"),
        (Client::Podman, "podman pull registry.example.com/storefront/web:v4.18.2"),
        (Client::Skopeo, "skopeo copy docker://registry.example.com/storefront/web:v4.18.2 oci:web:v4.18.2"),
        (Client::Crane, "crane pull registry.example.com/storefront/web:v4.18.2 web.tar"),
        (Client::From, "FROM registry.example.com/storefront/web:v4.18.2"),
        (Client::Helm, "helm pull oci://registry.example.com/storefront/web --version v4.18.2"),
        (Client::Oras, "oras pull registry.example.com/storefront/web:v4.18.2"),
    ];
    for (client, command) in cases {
        assert_eq!(by_tag(client, TLS, &Trust::System), command);
        assert_eq!(Client::parse(client.name()), Some(client));
    }
}

#[test]
fn by_digest_the_command_is_pinned() {
    let digest = crate::Digest::of(b"x");
    let command = pull(Client::Docker, &address(TLS), &Trust::System, &name("web"), &Reference::Digest(digest.clone()));
    assert_eq!(command, format!("docker pull registry.example.com/web@{digest}"));
}

#[test]
fn plain_and_unchecked_registries_get_the_flags_they_need() {
    let plain = "http://127.0.0.1:5000";
    assert!(
        by_tag(Client::Podman, plain, &Trust::System).starts_with("podman pull --tls-verify=false 127.0.0.1:5000/")
    );
    assert!(by_tag(Client::Skopeo, TLS, &Trust::Anybody).contains("--src-tls-verify=false"));
    assert!(by_tag(Client::Crane, plain, &Trust::System).contains("--insecure"));
    assert!(by_tag(Client::Helm, plain, &Trust::System).ends_with("--plain-http"));
    assert!(by_tag(Client::Helm, TLS, &Trust::Anybody).ends_with("--insecure-skip-tls-verify"));
    assert!(by_tag(Client::Oras, plain, &Trust::System).contains("--plain-http"));
}

#[test]
fn a_chart_version_gets_its_plus_sign_back() {
    let tag: Reference = "1.2.3_build.5".parse().expect("a tag");
    let command = pull(Client::Helm, &address(TLS), &Trust::System, &name("charts/web"), &tag);
    assert_eq!(command, "helm pull oci://registry.example.com/charts/web --version 1.2.3+build.5");
}

#[test]
fn a_pod_names_its_secret_and_its_image() {
    let lines = by_tag(Client::Kubernetes, TLS, &Trust::System);
    assert!(lines.contains("imagePullSecrets:\n    - name: registry-credentials\n"));
    assert!(lines.ends_with("- name: web\n      image: registry.example.com/storefront/web:v4.18.2\n"));
    assert!(kubernetes_secret(&address(TLS)).contains("registry-credentials --docker-server=registry.example.com "));
    let odd =
        pull(Client::Kubernetes, &address(TLS), &Trust::System, &name("a/my.odd__name"), &"1".parse().expect("a tag"));
    assert!(odd.contains("- name: my-odd--name\n"));
}

#[test]
fn an_address_can_not_smuggle_a_command_in() {
    let odd = address("https://reg$(id).example.com/a;b");
    let command = pull(Client::Docker, &odd, &Trust::System, &name("web"), &"1".parse().expect("a tag"));
    assert_eq!(command, "docker pull 'reg$(id).example.com/a;b/web:1'");
}

#[test]
fn clients_fit_the_content() {
    assert_eq!(clients_for(Kind::HelmChart)[0], Client::Helm);
    assert_eq!(clients_for(Kind::Index)[0], Client::Docker);
    assert!(!clients_for(Kind::Signature).contains(&Client::Docker));
}

fn all(snippets: &[Snippet]) -> String {
    let texts: Vec<_> = snippets.iter().map(|snippet| format!("# {}\n{}\n", snippet.caption, snippet.text)).collect();
    texts.concat()
}

#[test]
fn a_trusted_registry_needs_only_the_sign_in() {
    let text = all(&use_registry(&address(TLS), &Trust::System, false));
    assert!(text.contains("docker login registry.example.com\n"));
    assert!(!text.contains("insecure") && !text.contains("skip_verify") && !text.contains("ca.crt"));
    assert!(text.contains("server = \"https://registry.example.com\""));
}

#[test]
fn a_plain_registry_is_named_insecure() {
    let text = all(&use_registry(&address("http://build:5000"), &Trust::System, false));
    assert!(text.contains("\"insecure-registries\": [\"build:5000\"]"));
    assert!(text.contains("location = \"build:5000\"\ninsecure = true"));
    assert!(text.contains("[host.\"http://build:5000\"]"));
}

#[test]
fn an_own_authority_is_put_where_clients_look() {
    let pem =
        "junk\nEND\n-----BEGIN CERTIFICATE-----\nMIIB\nEND\n$(id)\n-----END CERTIFICATE-----\nrm -rf /\n".to_owned();
    let text = all(&use_registry(&address("https://r.example.com:5000"), &Trust::Authority { pem }, true));
    let put = "<<'END'\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\nEND\n";
    assert!(
        text.contains(&format!("sudo tee /etc/docker/certs.d/r.example.com:5000/ca.crt >/dev/null {put}")),
        "{text}"
    );
    assert!(text.contains("/etc/containers/certs.d/r.example.com:5000/ca.crt"));
    assert!(text.contains("  ca = \"/etc/containerd/certs.d/r.example.com:5000/ca.crt\"\n  client = [["));
    assert!(!text.contains("$(id)") && !text.contains("rm -rf"));
}

#[test]
fn mirror_lines_stand_before_docker_hub() {
    let text = all(&mirror(&address("https://cache.example.com"), &Trust::Anybody));
    assert!(text.contains("\"registry-mirrors\": [\"https://cache.example.com\"]"));
    assert!(text.contains("server = \"https://registry-1.docker.io\"\n\n[host.\"https://cache.example.com\"]"));
    assert!(text.contains("skip_verify = true"));
    assert!(text.contains("[[registry.mirror]]\nlocation = \"cache.example.com\"\ninsecure = true"));
}
