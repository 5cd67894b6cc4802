//! The commands beside `serve`, with and without a server running.

use crate::program::{Served, folder, run, stderr, stdout};

fn secret(text: &str) -> String {
    let line = text.lines().find(|line| line.contains("shown only this once")).unwrap_or_else(|| panic!("{text}"));
    line.rsplit(' ').next().expect("a word").to_owned()
}

/// Signs in over HTTP; gives the answer.
fn sign_in(served: &Served, name: &str, password: &str) -> String {
    let body = format!("name={name}&password={password}&next=%2Faudit");
    served.ask(&format!(
        "POST /do/session-create HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\naccept: text/html\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

fn is_in(answer: &str) -> bool {
    answer.to_ascii_lowercase().contains("location: /audit")
}

#[test]
fn a_person_made_beside_the_server_can_sign_in_at_once() {
    let served = Served::start(&[]);
    let data_dir = served.data_dir().display().to_string();
    let made = run(&["admin", "create", "ada", "--data-dir", &data_dir]);
    assert!(made.status.success(), "{}", stderr(&made));
    let password = secret(&stdout(&made));
    assert!(is_in(&sign_in(&served, "ada", &password)));
    assert!(!served.log().contains(&password));

    let again = run(&["admin", "create", "Ada", "--data-dir", &data_dir]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("ada") || stderr(&again).contains("Ada"), "{}", stderr(&again));

    let reset = run(&["admin", "reset-password", "ada", "--data-dir", &data_dir]);
    assert!(reset.status.success(), "{}", stderr(&reset));
    let renewed = secret(&stdout(&reset));
    assert!(!is_in(&sign_in(&served, "ada", &password)));
    assert!(is_in(&sign_in(&served, "ada", &renewed)));

    let token = run(&["admin", "token", "ada", "--expires", "30d", "--data-dir", &data_dir]);
    assert!(token.status.success(), "{}", stderr(&token));
    assert!(secret(&stdout(&token)).starts_with("wharfinger_"));
    let verified = run(&["audit", "verify", "--data-dir", &data_dir]);
    assert!(verified.status.success() && stdout(&verified).contains("is whole"), "{}", stderr(&verified));
}

#[test]
fn a_password_can_come_from_a_file_and_must_be_a_good_one() {
    let folder = folder();
    let data_dir = folder.path().join("data").display().to_string();
    let file = folder.path().join("password");
    let text = file.display().to_string();
    let create = || run(&["admin", "create", "ada", "--password-file", &text, "--data-dir", &data_dir]);
    let output = create();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--password-file"), "{}", stderr(&output));
    std::fs::write(&file, "short\n").expect("a file");
    assert_eq!(create().status.code(), Some(1));
    std::fs::write(&file, "a harbour full of cranes\n").expect("a file");
    let output = create();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!stdout(&output).contains("cranes"), "{}", stdout(&output));
}

#[test]
fn who_is_not_there_has_no_password_and_no_token() {
    let folder = folder();
    let data_dir = folder.path().join("data").display().to_string();
    for arguments in [&["admin", "reset-password", "nobody"][..], &["admin", "token", "nobody"]] {
        let output = run(&[arguments, &["--data-dir", &data_dir]].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(stderr(&output).contains("nobody"), "{}", stderr(&output));
    }
}

#[test]
fn who_is_added_has_no_rights_unless_it_is_the_first_or_that_was_said() {
    let folder = folder();
    let data_dir = folder.path().join("data").display().to_string();
    for (arguments, said) in [
        (&["admin", "create", "ada"][..], "may do everything"),
        (&["admin", "create", "grace"], "no rights yet"),
        (&["admin", "create", "alan", "--administrator"], "may do everything"),
    ] {
        let output = run(&[arguments, &["--data-dir", &data_dir]].concat());
        assert!(output.status.success() && stdout(&output).contains(said), "{} {}", stdout(&output), stderr(&output));
    }
}

#[test]
fn a_backup_made_while_serving_brings_everything_back() {
    let served = Served::start(&[]);
    let data_dir = served.data_dir().display().to_string();
    let password = secret(&stdout(&run(&["admin", "create", "ada", "--data-dir", &data_dir])));
    let backup = served.path().join("backup.db").display().to_string();
    let made = run(&["backup", &backup, "--data-dir", &data_dir]);
    assert!(made.status.success(), "{}", stderr(&made));
    let again = run(&["backup", &backup, "--data-dir", &data_dir]);
    assert_eq!(again.status.code(), Some(1), "a file that is there is not overwritten");
    run(&["admin", "create", "grace", "--data-dir", &data_dir]);

    let folder = served.stop();
    let restored = run(&["restore", &backup, "--data-dir", &data_dir]);
    assert!(restored.status.success(), "{}", stderr(&restored));
    let served = Served::start_in(folder, &[], &[]);
    assert!(is_in(&sign_in(&served, "ada", &password)));
    let missing = run(&["admin", "token", "grace", "--data-dir", &data_dir]);
    assert_eq!(missing.status.code(), Some(1), "grace came after the backup");
}

#[test]
fn a_backup_is_restored_while_serving_and_everybody_signs_in_anew() {
    let served = Served::start(&[]);
    let data_dir = served.data_dir().display().to_string();
    let create = |name: &str| run(&["admin", "create", name, "--administrator", "--data-dir", &data_dir]);
    let password = |name: &str| secret(&stdout(&create(name)));
    let ada = password("ada");
    let backup = served.path().join("backup.db").display().to_string();
    assert!(run(&["backup", &backup, "--data-dir", &data_dir]).status.success());
    let grace = password("grace");
    let answer = sign_in(&served, "grace", &grace);
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    let audit = format!(
        "GET /audit HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\ncookie: {}\r\nconnection: close\r\n\r\n",
        cookie.split(';').next().expect("its value")
    );
    assert!(served.ask(&audit).starts_with("HTTP/1.1 200"), "grace is signed in");

    let restored = run(&["restore", &backup, "--data-dir", &data_dir]);
    assert!(restored.status.success(), "{}", stderr(&restored));
    assert!(stdout(&restored).contains("goes on with them"), "{}", stdout(&restored));
    let answer = served.ask(&audit);
    assert!(!answer.starts_with("HTTP/1.1 200") && answer.contains("/sign-in"), "{answer}");
    assert!(!is_in(&sign_in(&served, "grace", &grace)), "grace came after the backup");
    assert!(is_in(&sign_in(&served, "ada", &ada)));
    assert!(served.get("/readyz").starts_with("HTTP/1.1 200"));
    let verified = run(&["audit", "verify", "--data-dir", &data_dir]);
    assert!(verified.status.success() && stdout(&verified).contains("is whole"), "{}", stderr(&verified));

    let broken = served.path().join("broken.db");
    std::fs::write(&broken, "no database").expect("a file");
    let refused = run(&["restore", &broken.display().to_string(), "--data-dir", &data_dir]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(is_in(&sign_in(&served, "ada", &ada)), "and nothing was touched");
}

#[test]
fn the_health_check_says_whether_it_is_ready() {
    let served = Served::start(&[]);
    let url = format!("http://127.0.0.1:{}", served.port);
    let ready = run(&["healthcheck", "--url", &url]);
    assert!(ready.status.success(), "{}", stderr(&ready));
    drop(served);
    assert_eq!(run(&["healthcheck", "--url", &url]).status.code(), Some(1));
    assert_eq!(run(&["healthcheck", "--url", "nonsense"]).status.code(), Some(1));
}
