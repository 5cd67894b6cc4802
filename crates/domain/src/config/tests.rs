use super::*;

fn parse(value: serde_json::Value) -> Config {
    Config::parse(value.to_string().as_bytes()).expect("a config")
}

#[test]
fn a_whole_configuration_is_read() {
    let config = parse(serde_json::json!({
        "architecture": "arm64", "os": "linux", "variant": "v8", "created": "2026-11-21T09:31:08.123456789Z", "author": "ci",
        "config": {
            "Entrypoint": ["/usr/bin/tini", "--", "node", "a b.js"], "Cmd": null, "User": "10001", "WorkingDir": "/srv",
            "Env": ["PATH=/bin", "OPTS=a=b", "BARE"], "ExposedPorts": {"8080/tcp": {}}, "Volumes": {"/data": {}},
            "StopSignal": "SIGINT", "Labels": {"maintainer": "a@example.com"},
            "Healthcheck": {"Test": ["CMD-SHELL", "curl -f http://localhost"], "Interval": 30_000_000_000_u64, "Retries": 3}
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:1"]},
        "history": [{"created_by": "RUN make # buildkit", "comment": "buildkit.dockerfile.v0"}, {"created_by": "CMD x", "empty_layer": true}]
    }));
    assert_eq!(config.platform.to_string(), "linux/arm64");
    assert_eq!(config.created.map(Timestamp::rfc3339).as_deref(), Some("2026-11-21T09:31:08Z"));
    assert_eq!(words(config.entrypoint.as_deref().expect("an entrypoint")), "/usr/bin/tini -- node 'a b.js'");
    assert_eq!(config.cmd, None);
    let env =
        [("PATH", "/bin"), ("OPTS", "a=b"), ("BARE", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(config.env, env);
    assert_eq!((config.ports[0].as_str(), config.volumes[0].as_str()), ("8080/tcp", "/data"));
    assert_eq!(config.label("maintainer"), Some("a@example.com"));
    let check = config.healthcheck.expect("a health check");
    assert_eq!(check.line(), "--interval=30s --retries=3 CMD curl -f http://localhost");
    assert_eq!(config.history.iter().filter(|entry| entry.empty_layer).count(), 1);
    assert_eq!(config.diff_ids, ["sha256:1"]);
}

#[test]
fn missing_and_mistyped_fields_are_absent() {
    let config =
        parse(serde_json::json!({"config": {"Env": "A=1", "User": 7, "Labels": [], "ExposedPorts": ["80/tcp"]}}));
    assert_eq!(config.env.len(), 1, "a single text is a list of one");
    assert_eq!(config.user, None);
    assert!(config.labels.is_empty());
    assert_eq!(config.ports, ["80/tcp"]);
    assert_eq!(parse(serde_json::json!({"config": null})), Config::default());
    assert!(Config::parse(b"[]").is_err());
    assert!(Config::parse(b"\xff").is_err());
}

#[test]
fn the_year_one_counts_as_not_told() {
    assert_eq!(parse(serde_json::json!({"created": "0001-01-01T00:00:00Z"})).created, None);
    assert_eq!(parse(serde_json::json!({"created": "1970-01-01T00:00:00Z"})).created, Some(Timestamp(0)));
}

#[test]
fn health_checks_read_as_a_dockerfile_writes_them() {
    let line = |test: &[&str]| {
        Healthcheck { test: test.iter().map(ToString::to_string).collect(), ..Default::default() }.line()
    };
    assert_eq!(line(&["NONE"]), "NONE");
    assert_eq!(line(&["CMD", "ask", "me now"]), "CMD ask 'me now'");
    assert_eq!(line(&[]), "inherited");
    let timed = Healthcheck { timeout: 1_500_000_000, start_period: 60_000_000_000, ..Default::default() };
    assert_eq!(timed.line(), "--timeout=1500ms --start-period=60s inherited");
}
