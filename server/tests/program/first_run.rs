//! The first start, what it prints, and what the log holds.

use crate::program::{Served, folder};

fn link(served: &mut Served) -> String {
    let line = served.hear("/setup/");
    let path = line.trim().split_once("/setup/").expect("a link").1;
    assert!(line.trim().starts_with(&format!("http://127.0.0.1:{}/setup/", served.port)), "{line}");
    path.to_owned()
}

#[test]
fn each_start_prints_a_new_link_and_the_log_never_has_one() {
    let mut served = Served::start(&["--log-format", "json"]);
    let first = link(&mut served);
    let answer = served.get(&format!("/setup/{first}"));
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("wharfinger-setup="), "{answer}");
    served.get(&format!("/elsewhere/setup/{first}?token={first}"));
    served.logs("/elsewhere/setup/[redacted]?token=[redacted]");
    let log = served.log();
    assert!(log.contains("/setup/[redacted]"), "{log}");
    assert!(!log.contains(&first), "{log}");

    let folder = served.stop();
    let mut served = Served::start_in(folder, &[], &[]);
    let second = link(&mut served);
    assert_ne!(first, second);
    assert!(served.get(&format!("/setup/{first}")).contains("Max-Age=0"), "the old link is void");
}

#[test]
fn with_a_public_url_the_link_is_made_of_it() {
    let mut served = Served::start(&["--public-url", "https://w.example/registry"]);
    let line = served.hear("/setup/");
    assert!(line.trim().starts_with("https://w.example/registry/setup/"), "{line}");
}

#[test]
fn the_first_person_can_come_from_the_settings() {
    let folder = folder();
    let password = folder.path().join("password");
    std::fs::write(&password, "a harbour full of cranes\n").expect("a file");
    let password = password.display().to_string();
    let variables = [("WHARFINGER_ADMIN_USERNAME", "ada"), ("WHARFINGER_ADMIN_PASSWORD_FILE", password.as_str())];
    let served = Served::start_in(folder, &[], &variables);
    served.logs("the first person was made from the settings");
    assert!(!served.said.contains("/setup/"), "{}", served.said);
    let answer = served.get("/");
    assert!(answer.to_ascii_lowercase().contains("location: /sign-in"), "{answer}");
    let body = "name=ada&password=a+harbour+full+of+cranes&next=%2Faudit";
    let answer = served.ask(&format!(
        "POST /do/session-create HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\naccept: text/html\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ));
    assert!(answer.to_ascii_lowercase().contains("location: /audit"), "{answer}");
    let log = served.log();
    assert!(!log.contains("cranes"), "no body and no password in the log: {log}");

    // A second start changes nothing, whatever the file says by then.
    let folder = served.stop();
    let served = Served::start_in(folder, &[], &variables);
    assert!(!served.log().contains("failed"), "{}", served.log());
}

#[test]
fn every_request_leaves_one_line_with_its_number() {
    let served = Served::start(&["--log-format", "json", "--trusted-proxy", "127.0.0.1"]);
    let answer = served.ask(
        "GET /healthz?x=1 HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 203.0.113.7\r\nx-request-id: forged\r\n\
         connection: close\r\n\r\n",
    );
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("a number").to_owned();
    assert_ne!(id, "forged");
    served.logs(&id);
    let log = served.log();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} is JSON")))
        .filter(|line: &serde_json::Value| line["message"] == "answered" && line["span"]["id"] == id.as_str())
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert_eq!(lines[0]["path"], "/healthz?x=1");
    assert_eq!(lines[0]["status"], 200);
    assert_eq!(lines[0]["client"], "203.0.113.7");
}

#[test]
fn a_proxy_header_from_elsewhere_is_warned_of_once() {
    let served = Served::start(&["--log-format", "json"]);
    for _ in 0..3 {
        served
            .ask("GET /healthz HTTP/1.1\r\nhost: localhost\r\nforwarded: for=203.0.113.7\r\nconnection: close\r\n\r\n");
    }
    served.logs("no --trusted-proxy");
    let log = served.log();
    assert_eq!(log.matches("no --trusted-proxy").count(), 1, "{log}");
    assert!(!log.contains("203.0.113.7"), "{log}");
}
