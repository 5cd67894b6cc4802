//! `storefront/web`: 300 tags of a shop's web application. Releases for two platforms with attestations, builds of pull
//! requests and of the main branch, nightly builds, and tags that move.

use super::{
    Filler, MANY, MANY_TAGS, Stored,
    image::{AMD64, ARM64, Flavour, Image, Platform, copy, debian, note, oci_labels, revision, run},
};
use domain::Timestamp;
use serde_json::{Value, json};

/// Releases, oldest first: (major, minor, patches).
const RELEASES: [(u32, u32, u32); 34] = [
    (1, 0, 3),
    (1, 1, 2),
    (1, 2, 4),
    (1, 3, 2),
    (1, 4, 2),
    (2, 0, 4),
    (2, 1, 2),
    (2, 2, 3),
    (2, 3, 2),
    (2, 4, 2),
    (2, 5, 3),
    (3, 0, 5),
    (3, 1, 2),
    (3, 2, 2),
    (3, 3, 3),
    (3, 4, 2),
    (4, 0, 4),
    (4, 1, 2),
    (4, 2, 2),
    (4, 3, 1),
    (4, 4, 2),
    (4, 5, 1),
    (4, 6, 2),
    (4, 7, 1),
    (4, 8, 2),
    (4, 9, 1),
    (4, 10, 3),
    (4, 11, 2),
    (4, 12, 1),
    (4, 13, 2),
    (4, 14, 2),
    (4, 15, 1),
    (4, 16, 2),
    (4, 18, 3),
];

pub(super) fn fill(filler: &mut Filler<'_>) {
    let mut tags = 0;
    let total: u32 = RELEASES.iter().map(|(.., patches)| patches).sum();
    let mut number = 0;
    for (major, minor, patches) in RELEASES {
        for patch in 0..patches {
            number += 1;
            // Two years of releases, the newest three days ago.
            let days = 3 + i64::from(total - number) * 730 / i64::from(total);
            let version = format!("{major}.{minor}.{patch}");
            let stored = release(filler, &version, days);
            let newest_of_minor = patch + 1 == patches;
            let mut names = vec![format!("v{version}")];
            if newest_of_minor && major == 4 {
                names.push(format!("v{major}.{minor}"));
            }
            if newest_of_minor && [(1, 4), (2, 5), (3, 4), (4, 18)].contains(&(major, minor)) {
                names.push(format!("v{major}"));
            }
            if number == total {
                names.extend(["latest".to_owned(), "stable".to_owned()]);
            }
            tags += names.len();
            filler.tag(MANY_TAGS, &names.iter().map(String::as_str).collect::<Vec<_>>(), &stored);
        }
    }
    for candidate in 1..=3 {
        let stored = release(filler, &format!("5.0.0-rc.{candidate}"), 3 - candidate);
        filler.tag(MANY_TAGS, &[&format!("v5.0.0-rc.{candidate}")], &stored);
        tags += 1;
    }
    for day in 0..60 {
        let date = filler.ago(day, 2).rfc3339()[..10].replace('-', "");
        let stored = build(
            filler,
            &format!("nightly {date}"),
            &format!("0.0.0-nightly.{date}"),
            filler.ago(day, 2),
            Flavour::Oci,
        );
        filler.tag(MANY_TAGS, &[&format!("nightly-{date}")], &stored);
        tags += 1;
    }
    for commit in 0..38 {
        let sha = revision(&format!("web main {commit}"));
        let stored =
            build(filler, &format!("main {commit}"), &sha[..7], filler.ago(commit / 3, commit % 3 * 5), Flavour::Oci);
        filler.tag(MANY_TAGS, &[&format!("main-{}", &sha[..7])], &stored);
        tags += 1;
        if commit == 0 {
            filler.tag(MANY_TAGS, &["edge"], &stored);
            tags += 1;
        }
    }
    // Pull requests fill up to the round number; an older build system pushed half of them in Docker's format.
    let mut request = 2_931;
    let mut age = 0;
    while tags < MANY {
        let flavour = if request % 2 == 0 { Flavour::Docker } else { Flavour::Oci };
        let stored =
            build(filler, &format!("pr {request}"), &format!("pr-{request}"), filler.ago(age, age % 9), flavour);
        filler.tag(MANY_TAGS, &[&format!("pr-{request}")], &stored);
        tags += 1;
        request -= 3;
        age += 1;
    }
}

/// A release for two platforms.
fn release(filler: &mut Filler<'_>, version: &str, days: i64) -> Stored {
    let created = filler.ago(days, 4);
    let children: Vec<(Platform, Stored)> = [AMD64, ARM64]
        .map(|platform| (platform, filler.image(MANY_TAGS, &web(version, version, platform, created, Flavour::Oci))))
        .into();
    let revision = revision(&format!("web {version}"));
    filler.index(
        MANY_TAGS,
        Flavour::Oci,
        &children,
        &oci_labels("storefront-web", "The shop's web application", version, &revision, created),
    )
}

/// A build for one platform.
fn build(filler: &mut Filler<'_>, name: &str, version: &str, created: Timestamp, flavour: Flavour) -> Stored {
    filler.image(MANY_TAGS, &web(name, version, AMD64, created, flavour))
}

fn web(name: &str, version: &str, platform: Platform, created: Timestamp, flavour: Flavour) -> Image {
    let major = version.split('.').next().unwrap_or("4");
    let minor = version.rsplit_once('.').map_or("main", |(minor, _)| minor);
    let arch = platform.architecture;
    let node = match major {
        "1" => "18.20.8",
        "2" => "20.19.5",
        _ => "22.21.1",
    };
    let mut steps = debian(if major == "1" { "20241016" } else { "20251117" }, platform);
    steps.extend([
        note(format!("ENV NODE_VERSION={node}")),
        run(
            &format!("ARCH= && dpkgArch=\"$(dpkg --print-architecture)\"     && curl -fsSLO --compressed \"https://nodejs.org/dist/v$NODE_VERSION/node-v{node}-linux-$ARCH.tar.xz\"     && tar -xJf \"node-v{node}-linux-$ARCH.tar.xz\" -C /usr/local --strip-components=1 --no-same-owner"),
            format!("node {node} {arch}"),
            40_000,
        ),
        note("WORKDIR /app"),
        copy("package.json package-lock.json ./", format!("web lock {minor} {arch}"), 2_400),
        run("npm ci --omit=dev && npm cache clean --force", format!("web modules {minor} {arch}"), 14_000),
        copy("--from=build /app/dist ./dist", format!("web dist {name} {arch}"), 3_000 + name.len() * 613 % 5_000),
        note("ENV NODE_ENV=production PORT=8080"),
        note("USER node"),
        note("EXPOSE map[8080/tcp:{} 9090/tcp:{}]"),
        note("HEALTHCHECK &{[\"CMD-SHELL\" \"wget -qO- http://127.0.0.1:8080/healthz || exit 1\"] \"30s\" \"3s\" \"10s\" \"0s\" '\\x03'}"),
        note("ENTRYPOINT [\"docker-entrypoint.sh\"]"),
        note("CMD [\"node\" \"dist/server.js\"]"),
    ]);
    let labels =
        oci_labels("storefront-web", "The shop's web application", version, &revision(&format!("web {name}")), created);
    Image { flavour, platform, created, steps, config: config(node, labels), annotations: Value::Null }
}

fn config(node: &str, mut labels: Value) -> Value {
    labels["com.example.team"] = json!("storefront");
    labels["com.example.runbook"] = json!("https://wiki.example.com/storefront/web");
    json!({
        "User": "node",
        "ExposedPorts": {"8080/tcp": {}, "9090/tcp": {}},
        "Env": [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", format!("NODE_VERSION={node}"),
            "NODE_ENV=production", "PORT=8080", "CATALOG_URL=http://catalog.internal:8080/?page=1&size=50",
        ],
        "Entrypoint": ["docker-entrypoint.sh"],
        "Cmd": ["node", "dist/server.js"],
        "WorkingDir": "/app",
        "Labels": labels,
        "StopSignal": "SIGTERM",
        "Healthcheck": {"Test": ["CMD-SHELL", "wget -qO- http://127.0.0.1:8080/healthz || exit 1"], "Interval": 30_000_000_000_u64,
            "Timeout": 3_000_000_000_u64, "StartPeriod": 10_000_000_000_u64, "Retries": 3},
    })
}
