//! `serve --demo`: something to look at within one command.

use crate::program::{Served, command, folder, stderr, stdout, wait_for};

#[test]
fn the_demo_registry_is_connected_once_and_keeps_its_address() {
    let folder = folder();
    let password = folder.path().join("password");
    std::fs::write(&password, "a harbour full of cranes\n").expect("a file");
    let password = password.display().to_string();
    let variables = [("WHARFINGER_ADMIN_USERNAME", "ada"), ("WHARFINGER_ADMIN_PASSWORD_FILE", password.as_str())];
    let mut served = Served::start_in(folder, &["--demo"], &variables);
    served.hear("This is the demo");
    assert!(tags_page(&served).contains("storefront/web"));
    let folder = served.stop();
    let served = Served::start_in(folder, &["--demo"], &variables);
    assert!(tags_page(&served).contains("storefront/web"), "its address is still right");
    let data_dir = served.data_dir().display().to_string();
    let verified = command(&["audit", "verify", "--data-dir", &data_dir]).output().expect("the program starts");
    assert!(verified.status.success(), "{}", stderr(&verified));
}

/// The tags of the demo's largest repository, as somebody signed in sees them.
fn tags_page(served: &Served) -> String {
    let body = "name=ada&password=a+harbour+full+of+cranes&next=";
    let answer = served.ask(&format!(
        "POST /do/session-create HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\naccept: text/html\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ));
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    let cookie = cookie.split(';').next().expect("a value");
    served.ask(&format!(
        "GET /registries/demo/storefront~web HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\ncookie: {cookie}\r\n\
         connection: close\r\n\r\n"
    ))
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
