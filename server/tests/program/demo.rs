//! `serve --demo`: something to look at within one command.

use crate::program::{Served, ask_at, command, folder, stderr, stdout, wait_for};
use domain::manifest::{DOCKER_LIST, OCI_INDEX};

#[test]
fn the_demo_registry_is_connected_once_and_keeps_its_address() {
    let folder = folder();
    let mut served = Served::start_with_somebody(folder, &["--demo"], &[]);
    served.hear("This is the demo");
    assert!(tags_page(&served).contains("storefront/web"));
    let folder = served.stop();
    let served = Served::start_with_somebody(folder, &["--demo"], &[]);
    assert!(tags_page(&served).contains("storefront/web"), "its address is still right");
    let data_dir = served.data_dir().display().to_string();
    let verified = command(&["audit", "verify", "--data-dir", &data_dir]).output().expect("the program starts");
    assert!(verified.status.success(), "{}", stderr(&verified));
}

#[test]
fn the_demo_registry_can_be_pulled_from_takes_no_pushes_and_deletes_nothing() {
    let served = Served::start(&["--demo"]);
    served.logs("the demo registry is running");
    let log = served.log();
    let told = log.lines().find(|line| line.contains("the demo registry is running")).expect("a line");
    let port = told.split("127.0.0.1:").nth(1).expect("its address");
    let port = port.split(|c: char| !c.is_ascii_digit()).next().and_then(|port| port.parse().ok()).expect("a port");
    let ask = |method: &str, path: &str| {
        ask_at(
            port,
            &format!(
                "{method} {path} HTTP/1.1\r\nhost: localhost\r\naccept: {DOCKER_LIST}, {OCI_INDEX}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
            ),
        )
    };
    assert!(ask("GET", "/v2/storefront/web/tags/list").starts_with("HTTP/1.1 200"));
    for (method, path) in [
        ("POST", "/v2/storefront/web/blobs/uploads/"),
        ("PATCH", "/v2/storefront/web/blobs/uploads/1"),
        ("PUT", "/v2/storefront/web/manifests/latest"),
        ("POST", "/v2/my/own/blobs/uploads/?mount=sha256:00&from=storefront/web"),
    ] {
        let answer = ask(method, path);
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("takes no pushes"), "{method} {path}: {answer}");
    }
    assert!(!ask("GET", "/v2/_catalog").contains("my/own"));
    let manifest = ask("HEAD", "/v2/storefront/web/manifests/latest");
    let digest = manifest.lines().find_map(|line| line.strip_prefix("docker-content-digest: ")).expect("its digest");
    for path in [
        "/v2/storefront/web/manifests/latest".to_owned(),
        format!("/v2/storefront/web/manifests/{}", digest.trim()),
        format!("/v2/storefront/web/blobs/{}", digest.trim()),
    ] {
        let answer = ask("DELETE", &path);
        assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("UNSUPPORTED"), "{path}: {answer}");
    }
    assert_eq!(ask("HEAD", "/v2/storefront/web/manifests/latest").lines().next(), manifest.lines().next());
}

/// The tags of the demo's largest repository, as somebody signed in sees them.
fn tags_page(served: &Served) -> String {
    served.page("/registries/demo/storefront~web")
}

#[test]
fn proxies_that_the_environment_names_are_not_used() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    proxy.set_nonblocking(true).expect("it does not wait");
    let url = format!("http://{}", proxy.local_addr().expect("its address"));
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let served = Served::start_with_somebody(folder(), &["--demo"], &names.map(|name| (name, url.as_str())));
    // The registry is asked for its 300 tags: by now something has connected, to it or to the proxy.
    wait_for(|| tags_page(&served).contains("of 300 tags"), "the tags of the registry");
    let asked = proxy.accept().map(|(_, from)| from);
    assert_eq!(asked.map_err(|error| error.kind()), Err(std::io::ErrorKind::WouldBlock));
}

#[test]
fn without_a_data_directory_nothing_is_left_behind() {
    let folder = folder();
    let out = folder.path().join("out");
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).expect("a folder");
    let mut command = command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", &temporary).stdout(std::fs::File::create(&out).expect("a file"));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().expect("the program starts");
    let said = || std::fs::read_to_string(&out).unwrap_or_default();
    wait_for(|| said().contains("/setup/"), "the link");
    assert!(said().contains(&temporary.display().to_string()), "{}", said());
    let kill = std::process::Command::new("kill").arg(child.id().to_string()).output().expect("kill");
    assert!(kill.status.success(), "{}", stdout(&kill));
    assert!(child.wait().expect("a status").success());
    assert_eq!(std::fs::read_dir(&temporary).expect("the folder").count(), 0);
}
