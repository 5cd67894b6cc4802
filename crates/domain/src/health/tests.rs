use super::*;
use crate::config::Config;
use crate::manifest::{Document, OCI_MANIFEST};
use crate::{Kind, Tag, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const FOREIGN: &str = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
const BASE: &str = "org.opencontainers.image.base.name";

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T12:00:00Z").expect("a time")
}

fn layer(n: usize, media_type: &str, size: u64) -> Value {
    json!({"mediaType": media_type, "digest": format!("sha256:{n:064x}"), "size": size})
}

fn image(layers: Vec<Value>) -> Value {
    json!({"schemaVersion": 2, "config": layer(0xc, CONFIG, 9), "layers": layers, "annotations": {BASE: "debian:12"}})
}

fn two_layers() -> Value {
    image(vec![layer(1, LAYER, 10), layer(2, LAYER, 20)])
}

fn config() -> Value {
    json!({"os": "linux", "architecture": "amd64", "created": "2026-11-01T00:00:00Z", "config": {"User": "1000"}})
}

fn found(manifest: &Value, config: Option<&Value>) -> Vec<(Check, String)> {
    let document = Document::parse(manifest.to_string().as_bytes(), OCI_MANIFEST);
    let config = config.map(|config| Config::parse(config.to_string().as_bytes()).expect("a configuration"));
    let findings = checks_of_manifest(&document, config.as_ref(), now());
    findings.into_iter().map(|finding| (finding.check, finding.detail.unwrap_or_default())).collect()
}

fn with(key: &str, value: Value) -> Value {
    let mut config = config();
    config[key] = value;
    config
}

fn run_as(user: &str, os: &str) -> Value {
    let mut config = with("config", json!({"User": user}));
    config["os"] = json!(os);
    config
}

#[test]
fn a_well_made_image_has_no_findings() {
    assert_eq!(found(&two_layers(), Some(&config())), []);
    assert_eq!(found(&two_layers(), None), [], "what was not read says nothing");
}

#[test]
fn each_fault_is_found_and_no_other() {
    let without_base = |layers: Vec<Value>| json!({"config": layer(0xc, CONFIG, 9), "layers": layers});
    let unnamed = without_base(vec![layer(1, LAYER, 1), layer(2, LAYER, 1)]);
    let scratch = without_base(vec![layer(1, LAYER, 1)]);
    let many = |count| image((0..count).map(|n| layer(n, LAYER, 1)).collect());
    let huge = |size| image(vec![layer(1, LAYER, size), layer(2, LAYER, 20)]);
    let one = |check: Check, detail: &str| vec![(check, detail.to_owned())];
    let fine = config();
    let table = [
        (huge(1_000_000_000), fine.clone(), vec![]),
        (huge(2_100_000_000), fine.clone(), one(Check::HugeLayer, "2.10 GB")),
        (many(100), fine.clone(), vec![]),
        (many(101), fine.clone(), one(Check::ManyLayers, "101 layers")),
        (image(vec![layer(1, FOREIGN, 10)]), fine.clone(), one(Check::ForeignLayers, "1 layer")),
        (unnamed.clone(), fine.clone(), one(Check::UnknownBase, "")),
        (unnamed, with("config", json!({"User": "1", "Labels": {BASE: "x"}})), vec![]),
        (scratch, fine, vec![]),
        (two_layers(), run_as("", "linux"), one(Check::RunsAsRoot, "no user is named")),
        (two_layers(), run_as("root", "linux"), one(Check::RunsAsRoot, "root is named")),
        (two_layers(), run_as("0:1000", "linux"), one(Check::RunsAsRoot, "root is named")),
        (two_layers(), run_as("root:root", "linux"), one(Check::RunsAsRoot, "root is named")),
        (two_layers(), run_as("rooted", "linux"), vec![]),
        (two_layers(), run_as("10", "linux"), vec![]),
        (two_layers(), run_as("", "windows"), vec![]),
        (two_layers(), with("created", Value::Null), one(Check::NoCreated, "")),
        (
            two_layers(),
            with("created", json!("1970-01-01T00:00:00Z")),
            one(Check::FixedCreated, "1970-01-01 00:00:00 UTC"),
        ),
        (
            two_layers(),
            with("created", json!("1980-01-01T00:00:01Z")),
            one(Check::FixedCreated, "1980-01-01 00:00:01 UTC"),
        ),
        (two_layers(), with("created", json!("2026-11-22T11:00:00Z")), vec![]),
        (
            two_layers(),
            with("created", json!("2027-01-01T00:00:00Z")),
            one(Check::FutureCreated, "2027-01-01 00:00:00 UTC"),
        ),
    ];
    for (manifest, config, expected) in table {
        assert_eq!(found(&manifest, Some(&config)), expected, "{config}");
    }
}

#[test]
fn an_annotation_tells_the_time_where_the_configuration_does_not() {
    let mut manifest = two_layers();
    manifest["annotations"]["org.opencontainers.image.created"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(found(&manifest, Some(&with("created", Value::Null))), []);
}

#[test]
fn variables_are_named_without_their_values() {
    let config = with(
        "config",
        json!({"User": "1", "Env": ["PATH=/bin", "DB_PASSWORD=hunter2", "API_KEY=", "ghToken=x", "TOKENIZER=y"]}),
    );
    assert_eq!(found(&two_layers(), Some(&config)), [(Check::SecretNames, "DB_PASSWORD and ghToken".to_owned())]);
    let many: Vec<String> = (0..9).map(|n| format!("TOKEN_{n}\u{202e}=x")).collect();
    let config = with("config", json!({"User": "1", "Env": many}));
    let detail = &found(&two_layers(), Some(&config))[0].1;
    assert!(detail.ends_with("and 4 more") && detail.contains("⟨U+202E⟩"), "{detail}");
}

#[test]
fn names_look_secret_by_whole_words() {
    for name in [
        "PASSWORD",
        "DB_PASSWORD",
        "MYSQL_ROOT_PASSWORD",
        "SECRET",
        "SECRET_KEY_BASE",
        "GITHUB_TOKEN",
        "API_KEY",
        "APIKEY",
        "apiKey",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "SSH_PRIVATE_KEY",
        "PRIVATE_KEY",
        "ACCESS_KEY",
        "dbPassword",
        "db.password",
        "MYSQL_PWD",
        "DB_PASS",
        "TOKEN2",
        "PASSWORD_1",
        "NPM-TOKEN",
        "GOOGLE_CREDENTIALS",
        "SIGNING_KEYS",
    ] {
        assert!(looks_secret(name), "{name}");
    }
    for name in [
        "",
        "_",
        "PATH",
        "TOKENIZER",
        "TOKENIZERS_PARALLELISM",
        "PWD",
        "OLDPWD",
        "GPG_KEY",
        "KEY",
        "SECRETARY",
        "PASSENGER_APP_ENV",
        "BYPASS",
        "PASS_THROUGH",
        "DB_PASSWORD_FILE",
        "SECRET_NAME",
        "TOKEN_URL",
        "TOKEN_TTL",
        "MONKEY_API",
        "KEYBOARD",
        "COMPASS",
        "äöü",
    ] {
        assert!(!looks_secret(name), "{name}");
    }
}

#[test]
fn other_documents_have_their_own_findings() {
    let history = json!([{"v1Compatibility": config().to_string()}]);
    let schema1 = json!({"fsLayers": [{"blobSum": format!("sha256:{:064x}", 1)}], "history": history});
    assert_eq!(found(&schema1, None), [(Check::Schema1, String::new())]);
    let unreadable = found(&json!([1]), None);
    assert_eq!(unreadable, [(Check::Unreadable, "It is JSON, but not an object.".to_owned())]);
    let index = json!({"schemaVersion": 2, "manifests": []});
    assert_eq!(found(&index, None), []);
    let weights = layer(1, "application/vnd.cncf.model.weight", 9_000_000_000);
    let model = json!({"config": layer(9, "application/vnd.cncf.model.config", 2), "layers": [weights]});
    assert_eq!(found(&model, None), [], "models are large");
}

#[test]
fn what_the_registry_does_not_hold_is_told() {
    let of = |presence: Presence| checks_of_presence(Kind::Signature, &presence);
    assert_eq!(of(Presence { children: 3, ..Presence::default() }), []);
    let gone = of(Presence { children: 3, children_gone: 1, config_gone: true, subject_gone: true });
    let gone: Vec<_> = gone.iter().map(|finding| (finding.check, finding.detail.as_deref())).collect();
    let expected = [
        (Check::MissingChildren, Some("1 of 3 children")),
        (Check::ConfigGone, None),
        (Check::Orphan, Some("signature")),
    ];
    assert_eq!(gone, expected);
}

fn of_tag(repository: &str, tag: &str, created: Option<&str>, moved: Option<&str>) -> Vec<Check> {
    let (repository, tag): (_, Tag) = (repository.parse().expect("a name"), tag.parse().expect("a tag"));
    let time = |text: Option<&str>| text.map(|text| Timestamp::parse(text).expect("a time"));
    let facts = TagFacts { repository: &repository, tag: &tag, created: time(created), moved_at: time(moved) };
    checks_of_tag(&facts, now()).iter().map(|finding| finding.check).collect()
}

#[test]
fn old_tags_and_latest_in_production_are_found() {
    let (old, young, fixed) =
        (Some("2024-11-20T00:00:00Z"), Some("2024-11-23T00:00:00Z"), Some("1970-01-01T00:00:00Z"));
    assert_eq!(of_tag("team/api", "v1", old, None), [Check::OldTag]);
    assert_eq!(of_tag("team/api", "v1", old, old), [Check::OldTag]);
    assert_eq!(of_tag("team/api", "v1", old, young), [], "it moved since");
    assert_eq!(of_tag("team/api", "v1", young, None), []);
    assert_eq!(of_tag("team/api", "v1", fixed, None), [], "its age is not known");
    assert_eq!(of_tag("team/api", "v1", None, None), []);
    assert_eq!(of_tag("team/api", &format!("sha256-{:064x}.sig", 1), old, None), []);
    for (repository, production) in [
        ("prod/api", true),
        ("team/api-production", true),
        ("live", true),
        ("release.team/api", true),
        ("reproduction/api", false),
        ("product/api", false),
        ("team/delivery", false),
        ("olive/api", false),
    ] {
        let expected: &[Check] = if production { &[Check::LatestInProduction] } else { &[] };
        assert_eq!(of_tag(repository, "latest", young, None), expected, "{repository}");
        assert_eq!(of_tag(repository, "v1", young, None), [], "{repository}");
    }
}

#[test]
fn an_incomplete_list_proves_nothing_about_a_repository() {
    let of = |complete, tags, referrer_tags, has_latest| {
        let facts = RepositoryFacts { complete, tags, referrer_tags, has_latest };
        checks_of_repository(&facts).iter().map(|finding| finding.check).collect::<Vec<_>>()
    };
    assert_eq!(of(true, 0, 0, false), [Check::EmptyRepository]);
    assert_eq!(of(true, 3, 2, true), [Check::LatestAlone]);
    assert_eq!(of(true, 1, 0, false), []);
    assert_eq!(of(true, 2, 0, true), []);
    assert_eq!(of(true, 2, 2, false), []);
    assert_eq!(of(false, 0, 0, false), []);
    assert_eq!(of(false, 1, 0, true), []);
}

#[test]
fn every_check_has_its_own_name_and_bit_and_is_explained() {
    let mut bits = std::collections::HashSet::new();
    for check in Check::ALL {
        assert!(check.bit() <= 62 && bits.insert(check.bit()), "{check:?}");
        assert_eq!(Check::parse(check.as_str()), Some(*check));
        assert_eq!(serde_json::to_value(check).expect("json"), json!(check.as_str()));
        assert!(check.as_str().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{check:?}");
        assert!(!check.title().ends_with('.'), "{check:?}");
        assert!(check.explanation().ends_with('.') && check.what_to_do().ends_with('.'), "{check:?}");
    }
    assert_eq!(Check::parse("Schema1"), None);
    // These numbers stand in databases.
    assert_eq!((Check::MissingChildren.bit(), Check::RunsAsRoot.bit(), Check::Unreadable.bit()), (0, 10, 17));
}

#[test]
fn sets_hold_what_was_put_in_and_hide_what_comes_from_the_configuration() {
    let mut set = CheckSet::of(&[Check::RunsAsRoot, Check::Orphan]);
    assert!(set.contains(Check::Orphan) && !set.contains(Check::Schema1));
    assert_eq!(set.worst(), Some(Level::Warn));
    assert_eq!(set.shown_to(false).iter().collect::<Vec<_>>(), [Check::Orphan]);
    assert_eq!(set.shown_to(true), set);
    set.insert(Check::MissingChildren);
    set.remove(Check::Orphan);
    assert_eq!(set.iter().collect::<Vec<_>>(), [Check::MissingChildren, Check::RunsAsRoot]);
    assert_eq!(set.worst(), Some(Level::Danger));
    assert_eq!(CheckSet::from_sql(set.to_sql()), set);
    assert_eq!(CheckSet::ALL.without(CheckSet::ALL), CheckSet::NONE);
    assert!(CheckSet::NONE.is_empty() && CheckSet::NONE.worst().is_none());
    assert_eq!(CheckSet::NEEDS_PULL.iter().collect::<Vec<_>>(), [Check::RunsAsRoot, Check::SecretNames]);
}

proptest! {
    #[test]
    fn no_document_makes_a_check_panic(
        layers in proptest::collection::vec((0_usize..3, any::<u64>(), ".{0,10}"), 0..120),
        env in proptest::collection::vec(".{0,20}(PASSWORD|apiKey)?=?.{0,3}", 0..10),
        user in ".{0,8}", created in ".{0,8}|-?[0-9]{4}-01-01T00:00:00Z", read_at in any::<i64>(), bytes in ".{0,60}",
    ) {
        let manifest = image(layers.iter().map(|(n, size, kind)| layer(*n, kind, *size)).collect());
        let config = json!({"created": created, "config": {"User": user, "Env": env}});
        let config = Config::parse(config.to_string().as_bytes()).expect("a configuration");
        for text in [manifest.to_string(), bytes] {
            let document = Document::parse(text.as_bytes(), OCI_MANIFEST);
            let findings = checks_of_manifest(&document, Some(&config), Timestamp(read_at));
            let set: CheckSet = findings.iter().collect();
            prop_assert_eq!(set.iter().count(), findings.len(), "each check finds at most once");
            prop_assert!(findings.iter().flat_map(|finding| &finding.detail).all(|detail| detail.len() < 4_096));
        }
    }

    #[test]
    fn every_number_is_a_set(bits in any::<u64>(), kept in any::<i64>()) {
        let set = CheckSet(bits);
        prop_assert!(set.to_sql() >= 0);
        prop_assert_eq!(set.iter().collect::<CheckSet>(), set.intersection(CheckSet::ALL));
        let _ = CheckSet::from_sql(kept).worst();
    }

    #[test]
    fn words_inside_longer_words_are_no_secrets(before in "[A-Z]{1,5}", after in "[A-Z]{2,5}") {
        prop_assume!(after != "KEY");
        prop_assert!(!looks_secret(&format!("{before}SECRET{after}")), "{before}SECRET{after}");
    }
}
