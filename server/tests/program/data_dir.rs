//! The data directory: who can read it, who may use it, and what an upgrade does.

use crate::program::{Served, command, run, stderr, stdout};
use std::os::unix::fs::PermissionsExt;

#[test]
fn nobody_else_can_read_what_is_kept() {
    let served = Served::start(&[]);
    served.get("/setup");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&served.data_dir()), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(served.data_dir()).expect("the folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    for name in ["wharfinger.db", "index.db", "wharfinger.key"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
}

#[test]
fn nothing_is_written_elsewhere() {
    let served = Served::start(&[]);
    let folder = served.stop();
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["data", "log"]);
}

#[test]
fn a_second_process_is_refused_in_one_sentence() {
    let served = Served::start(&[]);
    let data_dir = served.data_dir().display().to_string();
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data_dir]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("Another wharfinger is using") && said.contains(&data_dir), "{said}");
    assert!(!stdout(&output).contains("listens"), "{}", stdout(&output));
    assert!(served.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn records_of_a_newer_program_are_refused_in_one_sentence_and_left_alone() {
    let folder = Served::start(&[]).stop();
    let data_dir = folder.path().join("data");
    let database = data_dir.join("wharfinger.db");
    newer(&database);
    let before = std::fs::read(&database).expect("the records");
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data_dir.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert_eq!(said.lines().filter(|line| line.starts_with("wharfinger: ")).count(), 1, "{said}");
    assert!(said.contains("schema 999"), "{said}");
    assert_eq!(std::fs::read(&database).expect("the records"), before);
}

/// What a newer program would have left: SQLite keeps `user_version` at byte 60 of its file.
fn newer(database: &std::path::Path) {
    let mut bytes = std::fs::read(database).expect("the records");
    bytes[60..64].copy_from_slice(&999_u32.to_be_bytes());
    std::fs::write(database, bytes).expect("the records");
}

#[test]
fn an_address_in_use_is_named() {
    let served = Served::start(&[]);
    let folder = crate::program::folder();
    let mut second = command(&["serve", "--listen", &format!("127.0.0.1:{}", served.port)]);
    let output = second.arg("--data-dir").arg(folder.path()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--listen"), "{}", stderr(&output));
}
