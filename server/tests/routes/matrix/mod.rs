//! Every address × everybody × what is theirs and what is not, compared with what stands in `expected.rs`. The lists of
//! addresses come from the program itself: a new one fails here until it is written down.

mod expected;
mod leaks;
mod people;
mod unseen;
mod whys;
mod world;

use axum::http::Method;
use expected::{DOORS, FORMS, PAGES, SEGMENTS, api};
use std::collections::BTreeSet;
use world::{WHO, Where, World};

/// What an address answers: at each place the status for each of [`WHO`].
pub struct Expected {
    /// The address as the program has it, or an operation's name.
    pub of: &'static str,
    /// What is sent to it: a form, or JSON; empty for nothing.
    pub body: &'static str,
    /// What comes back.
    pub at: &'static [(Where, &'static str)],
}

/// Compares what came with what is expected, and tells all that differs in the form in which it is written down.
#[derive(Default)]
struct Compared(Vec<String>);

impl Compared {
    fn answered(&mut self, of: &str, place: Where, expected: &str, statuses: &[u16]) {
        let came: Vec<String> = statuses.iter().map(u16::to_string).collect();
        let came = came.join(" ");
        if came != expected {
            self.0.push(format!(
                "{of}\n    expected (Where::{place:?}, \"{expected}\")\n    came     (Where::{place:?}, \"{came}\")"
            ));
        }
    }
    fn done(self) {
        assert!(self.0.is_empty(), "{WHO:?}\n{}", self.0.join("\n"));
    }
}

/// Every address has to be expected, and nothing is expected that is not there any more.
fn all_are_expected(kind: &str, there: &BTreeSet<String>, expected: impl IntoIterator<Item = &'static Expected>) {
    let all: Vec<String> = expected.into_iter().map(|one| one.of.to_owned()).collect();
    let known: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(known.len(), all.len(), "{kind}: something is expected twice");
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(missing.is_empty(), "{kind}: write down in matrix/expected.rs who is answered what at {missing:#?}");
    let gone: Vec<_> = known.difference(there).collect();
    assert!(gone.is_empty(), "{kind}: {gone:#?} are not there any more");
}

/// The order in which people ask: those who may do least first, so that what one does changes nothing for the others.
fn order() -> impl Iterator<Item = usize> {
    (0..WHO.len()).rev()
}

/// Asks as everybody.
async fn everybody(mut ask: impl AsyncFnMut(usize) -> u16) -> Vec<u16> {
    let mut statuses = vec![0; WHO.len()];
    for who in order() {
        statuses[who] = ask(who).await;
    }
    statuses
}

/// A page's address with names of this place: `{registry}` as its router writes it.
fn page_path(world: &World, route: &str, place: Where) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        None => segment.to_owned(),
        Some(name @ ("registry" | "repository" | "tag" | "digest" | "sequence" | "grant")) => {
            world.filled(&format!("{{{name}}}"), place)
        }
        Some(name) => {
            let known = SEGMENTS.iter().find(|(own, _)| *own == name);
            known.unwrap_or_else(|| panic!("say in SEGMENTS what stands for {{{name}}} of {route}")).1.to_owned()
        }
    };
    route.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn pages() -> BTreeSet<String> {
    leptos_axum::generate_route_list(app::App).iter().map(|route| route.path().to_owned()).collect()
}

#[tokio::test]
async fn every_page_answers_everybody_as_written_down() {
    all_are_expected("pages", &pages(), PAGES);
    let world = World::new().await;
    let mut compared = Compared::default();
    for Expected { of, at, .. } in PAGES {
        for (place, expected) in *at {
            let path = page_path(&world, of, *place);
            let statuses = everybody(async |who| world.page(&path, who).await.status.as_u16()).await;
            compared.answered(of, *place, expected, &statuses);
        }
    }
    compared.done();
}

#[tokio::test]
async fn every_form_answers_everybody_as_written_down() {
    let there = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    all_are_expected("server functions", &there, FORMS);
    let world = World::new().await;
    let mut compared = Compared::default();
    for Expected { of, body, at } in FORMS {
        for (place, expected) in *at {
            let body = world.filled(body, *place);
            let statuses = everybody(async |who| {
                // The one that only reads.
                if *of == "/do/search-suggest" {
                    return world.script(&format!("{of}?{body}"), who).await.status.as_u16();
                }
                world.form(of, &body, who).await.status.as_u16()
            });
            compared.answered(of, *place, expected, &statuses.await);
        }
    }
    compared.done();
}

/// Every operation of the interface: its name, method and path.
fn operations() -> Vec<(String, Method, String)> {
    let document = server::api::generated(app::base::Base(""));
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            all.push((name, method.to_uppercase().parse().expect("a method"), path.clone()));
        }
    }
    all
}

/// An operation's path with names of this place.
fn api_path(world: &World, name: &str, path: &str, place: Where) -> String {
    let mut path = world.filled(path, place);
    for (name, value) in SEGMENTS {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    assert!(!path.contains('{'), "say in SEGMENTS what stands in {path} of {name}");
    let query = expected::QUERIES.iter().find(|(own, _)| *own == name).map_or("", |(_, query)| *query);
    format!("{path}{}", world.filled(query, place))
}

#[tokio::test]
async fn every_operation_of_the_interface_answers_everybody_as_written_down() {
    let all = operations();
    all_are_expected("operations", &all.iter().map(|(name, ..)| name.clone()).collect(), api());
    let world = World::new().await;
    let mut compared = Compared::default();
    for Expected { of, body, at } in api() {
        let (name, method, path) = all.iter().find(|(name, ..)| name == of).expect("it is there");
        for (place, expected) in *at {
            let path = api_path(&world, name, path, *place);
            let body = Some(world.filled(body, *place)).filter(|body| !body.is_empty());
            let ask = async |who| world.api(method.clone(), &path, body.as_deref(), who).await.status.as_u16();
            compared.answered(of, *place, expected, &everybody(ask).await);
        }
    }
    compared.done();
}

/// The addresses that the server's own sources give to its router, beside pages, forms and operations.
fn doors() -> BTreeSet<String> {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = BTreeSet::new();
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the sources") {
            let path = entry.expect("a source").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("bench.rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                all.extend(routes_of(&text, path.ends_with("api/mod.rs")));
            }
        }
    }
    all
}

/// What stands in `.route(…` of a source: a text, or the `AT` of its module.
fn routes_of(text: &str, is_api: bool) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let at = text.split_once("const AT: &str = \"").and_then(|(_, rest)| rest.split('"').next());
    let route = |rest: &str| {
        let rest = rest.trim_start();
        let written = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
        match written {
            Some(path) if is_api => format!("{}{path}", server::api::AT),
            Some(path) => path.to_owned(),
            None if rest.starts_with("AT") => at.expect("the module says where it is").to_owned(),
            None if rest.starts_with("&format!(\"{}/\", api::AT)") => format!("{}/", server::api::AT),
            None => panic!("say in routes_of how to read .route({}", &rest[..rest.len().min(40)]),
        }
    };
    text.split(".route(").skip(1).map(route).collect()
}

#[tokio::test]
async fn every_other_address_answers_everybody_as_written_down() {
    all_are_expected("addresses", &doors(), DOORS);
    let world = World::new().await;
    let mut compared = Compared::default();
    for Expected { of, at, .. } in DOORS {
        for (place, expected) in *at {
            let mut path = world.filled(of, *place);
            for (name, value) in SEGMENTS {
                path = path.replace(&format!("{{{name}}}"), value);
            }
            let statuses = everybody(async |who| world.page(&path, who).await.status.as_u16()).await;
            compared.answered(of, *place, expected, &statuses);
        }
    }
    compared.done();
}

#[test]
fn an_address_that_is_written_otherwise_is_noticed() {
    assert_eq!(routes_of(".route(\"/a\", get(b)).route(\n \"/c/{d}\", e)", false), ["/a", "/c/{d}"]);
    assert_eq!(routes_of("const AT: &str = \"/t\";\n.route(AT, get(b))", false), ["/t"]);
    assert!(std::panic::catch_unwind(|| routes_of(".route(SOMEWHERE, get(b))", false)).is_err());
}
