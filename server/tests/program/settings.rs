//! Where settings come from, and what is said about wrong ones.

use crate::program::{command, folder, run, stderr, stdout};

fn printed(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = command(&["serve", "--print-settings"]);
    let output = command.args(arguments).envs(variables.iter().copied()).output().expect("the program starts");
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// The printed line of a setting, without the alignment.
fn line(printed: &str, name: &str) -> String {
    let found = printed.lines().find(|line| line.split(' ').next() == Some(name));
    found.unwrap_or_else(|| panic!("{name} in {printed}")).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = folder();
    let path = folder.path().join("wharfinger.toml");
    std::fs::write(&path, text).expect("a file");
    let path = path.display().to_string();
    (folder, path)
}

#[test]
fn a_flag_counts_before_a_variable_before_the_file_before_the_default() {
    let (_folder, path) = file("session-idle = \"3h\"\nsession-absolute = \"4d\"\nlisten = \"127.0.0.1:4003\"\n");
    let all = printed(
        &["--config", &path, "--listen", "127.0.0.1:4001"],
        &[("WHARFINGER_LISTEN", "127.0.0.1:4002"), ("WHARFINGER_SESSION_IDLE", "2h")],
    );
    assert_eq!(line(&all, "listen"), "listen = 127.0.0.1:4001 (flag --listen)");
    assert_eq!(line(&all, "session-idle"), "session-idle = 2h (variable WHARFINGER_SESSION_IDLE)");
    assert_eq!(line(&all, "session-absolute"), format!("session-absolute = 4d (file {path})"));
    assert_eq!(line(&all, "log-level"), "log-level = info (default)");
}

#[test]
fn the_file_can_be_named_by_a_variable_and_hold_lists() {
    let (_folder, path) = file("trusted-proxy = [\"10.0.0.0/8\", \"::1\"]\ndemo = true\n");
    let all = printed(&[], &[("WHARFINGER_CONFIG", &path)]);
    assert_eq!(line(&all, "trusted-proxy"), format!("trusted-proxy = 10.0.0.0/8,::1 (file {path})"));
    assert_eq!(line(&all, "demo"), format!("demo = true (file {path})"));
    let all = printed(&["--trusted-proxy", "10.0.0.1", "--trusted-proxy", "10.0.0.2"], &[]);
    assert_eq!(line(&all, "trusted-proxy"), "trusted-proxy = 10.0.0.1,10.0.0.2 (flag --trusted-proxy)");
    let all = printed(&[], &[("WHARFINGER_TRUSTED_PROXY", "10.0.0.1, 10.0.0.2")]);
    assert_eq!(line(&all, "trusted-proxy"), "trusted-proxy = 10.0.0.1,10.0.0.2 (variable WHARFINGER_TRUSTED_PROXY)");
}

#[test]
fn passwords_for_tokens_are_switched_by_a_flag_a_variable_or_the_file() {
    assert_eq!(line(&printed(&[], &[]), "token-passwords"), "token-passwords = on (default)");
    let all = printed(&["--token-passwords", "off"], &[("WHARFINGER_TOKEN_PASSWORDS", "on")]);
    assert_eq!(line(&all, "token-passwords"), "token-passwords = off (flag --token-passwords)");
    let all = printed(&[], &[("WHARFINGER_TOKEN_PASSWORDS", "off")]);
    assert_eq!(line(&all, "token-passwords"), "token-passwords = off (variable WHARFINGER_TOKEN_PASSWORDS)");
    for value in ["\"off\"", "false"] {
        let (_folder, path) = file(&format!("token-passwords = {value}\n"));
        let all = printed(&["--config", &path], &[]);
        assert_eq!(
            line(&all, "token-passwords"),
            format!("token-passwords = {} (file {path})", value.trim_matches('"'))
        );
    }
}

#[test]
fn the_data_directory_does_not_depend_on_the_present_folder() {
    let state = printed(&[], &[("XDG_STATE_HOME", "/var/state"), ("HOME", "/home/ada")]);
    assert_eq!(line(&state, "data-dir"), "data-dir = /var/state/wharfinger (default)");
    let home = printed(&[], &[("HOME", "/home/ada")]);
    assert_eq!(line(&home, "data-dir"), "data-dir = /home/ada/.local/state/wharfinger (default)");
    let neither = printed(&[], &[("XDG_STATE_HOME", "relative")]);
    assert_eq!(line(&neither, "data-dir"), "data-dir = wharfinger-data (default)");
}

#[test]
fn printing_shows_no_secret() {
    let (folder, _) = file("");
    let password = folder.path().join("password");
    std::fs::write(&password, "a password that nobody may see\n").expect("a file");
    let password = password.display().to_string();
    let all = printed(&[], &[("WHARFINGER_ADMIN_USERNAME", "ada"), ("WHARFINGER_ADMIN_PASSWORD_FILE", &password)]);
    assert!(!all.contains("nobody may see"), "{all}");
    assert_eq!(line(&all, "admin-username"), "admin-username = ada (variable WHARFINGER_ADMIN_USERNAME)");
    let output = run(&["serve", "--print-settings", "--public-url", "https://me:hunter2@w.example"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!stderr(&output).contains("hunter2") && !stdout(&output).contains("hunter2"), "{}", stderr(&output));
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_sentence_that_names_it() {
    for (arguments, named) in [
        (&["--listen", "nowhere"][..], "--listen"),
        (&["--public-url", "w.example"], "--public-url"),
        (&["--public-url", "https://w.example/a?b"], "--public-url"),
        (&["--tls-cert", "a.pem"], "--tls-key"),
        (&["--tls-key", "a.pem"], "--tls-cert"),
        (&["--tls-cert", "/gone.pem", "--tls-key", "/gone.pem", "--data-dir", "/dev/null/x"], "--tls-cert"),
        (&["--trusted-proxy", "10.0.0.0/99"], "--trusted-proxy"),
        (&["--proxy-header", "x-real-ip"], "--proxy-header"),
        (&["--log-format", "xml"], "--log-format"),
        (&["--log-level", "loud"], "--log-level"),
        (&["--session-idle", "soon"], "--session-idle"),
        (&["--session-idle", "31d"], "--session-absolute"),
        (&["--token-passwords", "sometimes"], "--token-passwords is \"sometimes\", which is neither on nor off."),
        (&["--config", "/gone.toml"], "--config"),
    ] {
        let output = run(&[&["serve"], arguments].concat());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.starts_with("wharfinger: ") && said.trim_end().ends_with('.'), "{said}");
        assert!(said.contains(named), "{named} in {said}");
        assert!(output.stdout.is_empty(), "nothing was started");
    }
}

#[test]
fn a_wrong_variable_is_named_as_a_variable() {
    let mut command = command(&["serve"]);
    let output = command.env("WHARFINGER_SESSION_IDLE", "soon").output().expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("WHARFINGER_SESSION_IDLE is \"soon\""), "{}", stderr(&output));
    let output = crate::program::command(&["serve"]).env("WHARFINGER_ADMIN_USERNAME", "ada").output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("WHARFINGER_ADMIN_PASSWORD_FILE"), "{}", stderr(&output));
}

#[test]
fn a_file_that_is_wrong_is_named_with_what_is_wrong_in_it() {
    for (text, named) in [
        ("listne = \"127.0.0.1:1\"\n", "\"listne\""),
        ("[server]\nlisten = \"127.0.0.1:1\"\n", "\"server\""),
        ("listen = \"127.0.0.1:1\"\nlog-level = = 1\n", "line 2"),
        ("session-idle = \"soon\"\n", "session-idle"),
        ("demo = 1.5\n", "demo"),
    ] {
        let (_folder, path) = file(text);
        let output = run(&["serve", "--config", &path]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(named) && said.contains(&path), "{named} and {path} in {said}");
    }
}

#[test]
fn the_version_is_told() {
    let output = run(&["version"]);
    assert!(output.status.success());
    assert_eq!(stdout(&output), format!("wharfinger {}\n", env!("CARGO_PKG_VERSION")));
}
