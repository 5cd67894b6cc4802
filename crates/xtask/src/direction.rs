//! Dependencies point one way. This reads what cargo says of each crate and names what points elsewhere.

use crate::{
    Outcome,
    machine::WASM,
    process::{cargo, output},
};
use std::collections::BTreeSet;

/// What a crate may never reach (or, if `direct`, never name in its own manifest), and why.
struct Border {
    of: &'static str,
    target: Option<&'static str>,
    direct: bool,
    never: &'static [&'static str],
    why: &'static str,
}

const BORDERS: [Border; 7] = [
    Border {
        of: "frontend",
        target: Some(WASM),
        direct: false,
        never: &[
            "registry",
            "store",
            "operations",
            "server",
            "sqlx",
            "sqlx-core",
            "reqwest",
            "tokio",
            "axum",
            "hyper",
            "rustls",
            "ring",
            "leptos_axum",
        ],
        why: "the browser holds domain and app only; the rest would be shipped to every visitor, or does not work there",
    },
    Border {
        of: "domain",
        target: None,
        direct: false,
        never: &[
            "registry",
            "store",
            "operations",
            "app",
            "server",
            "sqlx",
            "reqwest",
            "tokio",
            "axum",
            "hyper",
            "leptos",
        ],
        why: "rules are pure: no network, no database, no runtime",
    },
    Border {
        of: "registry",
        target: None,
        direct: false,
        never: &["store", "operations", "app", "server", "sqlx", "leptos"],
        why: "the protocol knows neither our memory nor our pages",
    },
    Border {
        of: "store",
        target: None,
        direct: false,
        never: &["registry", "operations", "app", "server", "reqwest", "axum", "leptos"],
        why: "memory knows neither the network nor our pages",
    },
    Border {
        of: "operations",
        target: None,
        direct: false,
        never: &["app", "server", "leptos"],
        why: "what people can do does not depend on how it is shown",
    },
    Border {
        of: "operations",
        target: None,
        direct: true,
        never: &["sqlx", "reqwest", "axum"],
        why: "operations speak to the store and the registry, not past them",
    },
    Border {
        of: "app",
        target: None,
        direct: true,
        never: &["store", "registry", "sqlx", "reqwest"],
        why: "pages ask operations, where permission is checked",
    },
];

/// Asks cargo about every border.
pub fn check() -> Outcome {
    let mut crossed = Vec::new();
    for border in &BORDERS {
        let reached = reached(border)?;
        for name in border.never.iter().filter(|name| reached.contains(**name)) {
            let how = if border.direct { "depends on" } else { "reaches" };
            let mut line = format!("  {} {how} {name}: {}.", border.of, border.why);
            if !border.direct {
                let target = border.target.map(|target| format!(" --target {target}")).unwrap_or_default();
                let way = format!("cargo tree -p {} -e normal{target} -i {name}", border.of);
                line = format!("{line}\n    By which way: {way}");
            }
            crossed.push(line);
        }
    }
    if crossed.is_empty() {
        Ok(())
    } else {
        Err(format!("dependencies point the wrong way:\n{}", crossed.join("\n")).into())
    }
}

/// The names of what a crate depends on when it is built by itself, tests left aside.
fn reached(border: &Border) -> Outcome<BTreeSet<String>> {
    let mut tree =
        cargo(&["tree", "-q", "-p", border.of, "-e", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]);
    if let Some(target) = border.target {
        tree.args(["--target", target]);
    }
    if border.direct {
        // All features: what only the server's side of `app` asks for counts too.
        tree.args(["--depth", "1", "--all-features"]);
    }
    Ok(names(&output(&mut tree)?, border.of))
}

fn names(tree: &str, own: &str) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != own)
        .map(String::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_read_from_cargos_tree() {
        let tree = "app v0.1.0 (/somewhere/app)\nserde v1.0.1\nserde_core v1.0.1 (*)\n\n";
        assert_eq!(names(tree, "app"), BTreeSet::from(["serde".into(), "serde_core".into()]));
    }
}
