//! The other repositories with images: services, bases, jobs, mirrors, and the odd ones.

use super::{
    BROKEN, Filler, SIGNED, Stored,
    image::{
        AMD64, ARM64, ARMV7, Flavour, Image, Platform, Step, WINDOWS, copy, debian, note, oci_labels, revision, run,
    },
};
use domain::Timestamp;
use serde_json::{Value, json};

/// A service: its repository, its versions with their age in days (oldest first), and how it is built.
struct Service {
    repository: &'static str,
    about: &'static str,
    versions: &'static [(&'static str, i64)],
    platforms: &'static [Platform],
    flavour: Flavour,
    port: u16,
}

const BOTH: &[Platform] = &[AMD64, ARM64];
const ALL: &[Platform] = &[AMD64, ARM64, ARMV7];
const ONE: &[Platform] = &[AMD64];

const fn service(
    repository: &'static str,
    about: &'static str,
    versions: &'static [(&'static str, i64)],
    platforms: &'static [Platform],
    flavour: Flavour,
    port: u16,
) -> Service {
    Service { repository, about, versions, platforms, flavour, port }
}

const SERVICES: [Service; 20] = [
    service(
        "storefront/api",
        "The shop's public API",
        &[("2.3.0", 210), ("2.4.0", 120), ("2.4.1", 61), ("2.5.0", 12), ("2.5.1", 2)],
        BOTH,
        Flavour::Oci,
        8081,
    ),
    service(
        "storefront/checkout",
        "Basket and payment",
        &[("7.0.1", 90), ("7.1.0", 33), ("7.1.1", 5)],
        BOTH,
        Flavour::Oci,
        8082,
    ),
    service(
        "storefront/search-indexer",
        "Feeds the search",
        &[("0.9.14", 300), ("0.10.0", 44)],
        ONE,
        Flavour::Docker,
        9200,
    ),
    service(
        SIGNED,
        "The gateway before everything",
        &[("1.8.0", 150), ("1.9.0", 70), ("1.9.1", 20), ("1.9.2", 1)],
        BOTH,
        Flavour::Oci,
        8443,
    ),
    service("platform/auth/oidc-proxy", "Signs people in", &[("3.2.0", 180), ("3.3.0", 15)], BOTH, Flavour::Oci, 4180),
    service(
        "platform/auth/session-store",
        "Keeps sessions",
        &[("1.0.0", 400), ("1.0.1", 399)],
        ONE,
        Flavour::Docker,
        6379,
    ),
    service(
        "platform/base/debian",
        "The base image of everything",
        &[("12.7", 400), ("12.8", 260), ("12.9", 120), ("12.12", 8)],
        ALL,
        Flavour::Oci,
        0,
    ),
    service("platform/base/node", "Node on our base", &[("20", 30), ("22", 8)], BOTH, Flavour::Oci, 0),
    service("platform/base/static", "For programs that bring all they need", &[("1", 500)], ALL, Flavour::Docker, 0),
    service(
        "platform/observability/otel-collector",
        "Collects traces",
        &[("0.96.0", 200), ("0.110.0", 31)],
        BOTH,
        Flavour::Oci,
        4317,
    ),
    service("platform/observability/log-shipper", "Ships logs", &[("2.1.9", 77)], ALL, Flavour::Docker, 24224),
    service(
        "data/etl/orders-nightly",
        "Orders to the warehouse",
        &[("2026.01", 300), ("2026.06", 150), ("2026.11", 4)],
        ONE,
        Flavour::Oci,
        0,
    ),
    service("data/etl/customers", "Customers to the warehouse", &[("2026.03", 240)], ONE, Flavour::Docker, 0),
    service(
        "data/ml/recommender/train",
        "Trains the recommender",
        &[("exp-41", 66), ("exp-42", 52), ("exp-42b", 51)],
        ONE,
        Flavour::Oci,
        0,
    ),
    service(
        "data/ml/recommender/serve",
        "Serves the recommender",
        &[("42", 50), ("42.1", 48)],
        ONE,
        Flavour::Oci,
        8501,
    ),
    service("tools/ci-runner", "Runs the builds", &[("2026-10-01", 51), ("2026-11-01", 20)], BOTH, Flavour::Oci, 0),
    service("tools/db-migrate", "Migrates databases", &[("5", 600)], ONE, Flavour::Docker, 0),
    service("tools/legacy-report", "Nobody dares to turn it off", &[("1.0", 2_400)], ONE, Flavour::Docker, 80),
    service(
        "mirror/library/postgres",
        "PostgreSQL",
        &[("16.4", 100), ("17.0", 60), ("17.2", 9)],
        BOTH,
        Flavour::Docker,
        5432,
    ),
    service("mirror/library/redis", "Redis", &[("7.4-alpine", 80)], ALL, Flavour::Docker, 6379),
];

pub(super) fn fill(filler: &mut Filler<'_>) {
    for service in &SERVICES {
        let mut last = None;
        for (version, days) in service.versions {
            let created = filler.ago(*days, 6);
            let stored = push(filler, service, version, created);
            filler.tag(service.repository, &[version], &stored);
            last = Some(stored);
        }
        if let Some(last) = last {
            filler.tag(service.repository, &["latest"], &last);
        }
    }
    windows(filler);
    odd_names(filler);
    half_deleted(filler);
}

fn push(filler: &mut Filler<'_>, service: &Service, version: &str, created: Timestamp) -> Stored {
    let name = service.repository.rsplit('/').next().unwrap_or_default();
    let labels =
        oci_labels(name, service.about, version, &revision(&format!("{} {version}", service.repository)), created);
    let children: Vec<(Platform, Stored)> = service
        .platforms
        .iter()
        .map(|platform| {
            let config = config(name, service.port, &labels);
            let image = Image {
                flavour: service.flavour,
                platform: *platform,
                created,
                steps: steps(service, name, version, *platform),
                config,
                annotations: Value::Null,
            };
            (*platform, filler.image(service.repository, &image))
        })
        .collect();
    match children.as_slice() {
        [(_, only)] => only.clone(),
        _ => filler.index(service.repository, service.flavour, &children, &labels),
    }
}

fn steps(service: &Service, name: &str, version: &str, platform: Platform) -> Vec<Step> {
    let arch = format!("{}{}", platform.architecture, platform.variant);
    let mut steps = debian("20251117", platform);
    steps.push(run(
        "apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata && rm -rf /var/lib/apt/lists/*",
        format!("certificates {arch}"),
        14_000,
    ));
    if service.port > 0 || service.repository.starts_with("data/") {
        steps.push(copy(
            &format!("/out/{name} /usr/local/bin/{name}"),
            format!("{} {version} {arch}", service.repository),
            24_000,
        ));
        steps.push(run("useradd --system --uid 10001 app", format!("user {arch}"), 2_048));
        steps.push(note("USER 10001"));
        steps.push(note(format!("ENTRYPOINT [\"/usr/local/bin/{name}\"]")));
    } else {
        steps.push(run(
            &format!("install-{name} --version {version}"),
            format!("{} {version} {arch}", service.repository),
            31_000,
        ));
        steps.push(note("CMD [\"/bin/bash\"]"));
    }
    steps
}

fn config(name: &str, port: u16, labels: &Value) -> Value {
    let mut config = json!({
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TZ=Etc/UTC"],
        "Labels": labels,
    });
    if port > 0 {
        config["User"] = json!("10001");
        config["ExposedPorts"] = json!({ format!("{port}/tcp"): {} });
        config["Entrypoint"] = json!([format!("/usr/local/bin/{name}")]);
        config["Cmd"] = json!(["--listen", format!("0.0.0.0:{port}"), "--log", "json"]);
    } else {
        config["Cmd"] = json!(["/bin/bash"]);
    }
    if matches!(port, 5432 | 6379) {
        config["Volumes"] = json!({"/var/lib/data": {}});
        config["StopSignal"] = json!("SIGINT");
    }
    config
}

/// An index with Windows beside Linux.
fn windows(filler: &mut Filler<'_>) {
    let repository = "tools/build-agent";
    let created = filler.ago(18, 0);
    let mut children = Vec::new();
    for platform in [AMD64, WINDOWS] {
        let steps = if platform == WINDOWS {
            vec![
                Step { command: "Apply image 10.0.20348.2762".into(), layer: Some(("nanoserver".into(), 120_000)) },
                Step {
                    command: "cmd /S /C setx /M PATH \"%PATH%;C:\\agent\"".into(),
                    layer: Some(("agent path".into(), 3_000)),
                },
                note("ENTRYPOINT [\"C:\\\\agent\\\\agent.exe\"]"),
            ]
        } else {
            debian("20251117", platform)
        };
        let config = json!({"Env": ["AGENT_POOL=default"], "Entrypoint": [if platform == WINDOWS { "C:\\agent\\agent.exe" } else { "/agent" }]});
        let image = Image { flavour: Flavour::Docker, platform, created, steps, config, annotations: Value::Null };
        children.push((platform, filler.image(repository, &image)));
    }
    let stored = filler.index(repository, Flavour::Docker, &children, &Value::Null);
    filler.tag(repository, &["ltsc2022", "latest"], &stored);
}

/// Names and tags at the edges of the grammar, and texts that must not break a page.
fn odd_names(filler: &mut Filler<'_>) {
    let created = filler.ago(40, 0);
    let image = |text: &str| Image {
        flavour: Flavour::Oci,
        platform: AMD64,
        created,
        steps: debian("20251117", AMD64),
        config: json!({"Env": ["EMPTY=", "MARKUP=</script><b>bold</b>", "QUOTE=it's \"quoted\" $HOME `id`"], "Labels": {"note": text, "": "no key"}, "Cmd": ["echo", text]}),
        annotations: json!({"com.example.note": text}),
    };
    let repository = "sandbox/0__a.b-c--d/x";
    let stored = filler.image(repository, &image("Gr\u{fc}\u{df}e \u{2192} \u{1f6a2} \u{202e}desrever"));
    let longest = "x".repeat(128);
    filler.tag(
        repository,
        &["_", "V1.0", "1.0.0-alpha.1.-", "UPPER_lower.0", "0", "00", "2024.01.01-rc.1", &longest],
        &stored,
    );
    let single = filler.image("hello", &image("one word is a name too"));
    filler.tag("hello", &["latest"], &single);
}

/// An index whose child for arm64 was deleted, as garbage collection with `-m` leaves it on distribution 2.8.
fn half_deleted(filler: &mut Filler<'_>) {
    let created = filler.ago(25, 0);
    let children: Vec<(Platform, Stored)> = [AMD64, ARM64]
        .map(|platform| {
            let image = Image {
                flavour: Flavour::Oci,
                platform,
                created,
                steps: debian("20251117", platform),
                config: json!({"Cmd": ["sh"]}),
                annotations: Value::Null,
            };
            (platform, filler.image(BROKEN, &image))
        })
        .into();
    let stored = filler.index(BROKEN, Flavour::Oci, &children, &Value::Null);
    filler.tag(BROKEN, &["latest", "1.0"], &stored);
    filler.fake.lose_manifest(BROKEN, &children[1].1.digest);
}
