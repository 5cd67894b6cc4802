//! What somebody may not do says so where it stands for others, and leads to why: a no that names what is missing and
//! offers to ask for it.

use super::{
    Expected, PAGES, page_path,
    world::{STRANGER, WHO, Where, World},
};
use std::collections::{BTreeMap, BTreeSet};

/// The column of the Reader of `team-a/**`.
const READER: usize = 2;

/// What a Reader is told on each page that is theirs to read: which permission is missing, and where. Pages that are not in
/// it offer nothing that a Reader may not do.
const TOLD: &[(&str, &[(&str, &str)])] = &[
    ("/", &[("registry.manage", "everything")]),
    ("/registries/{registry}", &[("registry.manage", "lab")]),
    ("/registries/{registry}/{repository}", &[("grant.view", "lab/team-a~app")]),
    ("/registries/{registry}/{repository}/history", &[("grant.view", "lab/team-a~app")]),
    ("/registries/{registry}/{repository}/storage", &[("grant.view", "lab/team-a~app")]),
    ("/storage/{registry}", &[("registry.manage", "lab")]),
    ("/reading/{registry}", &[("registry.manage", "lab")]),
    ("/health/{registry}", &[("registry.manage", "lab")]),
    ("/access", &[("grant.manage", "everything")]),
    ("/access/requests", &[("grant.manage", "everything")]),
    ("/access/grants", &[("grant.manage", "everything")]),
    ("/access/grants/new", &[("grant.manage", "everything")]),
    ("/access/teams", &[("people.manage", "everything")]),
    ("/access/robots", &[("people.manage", "everything")]),
    ("/access/roles", &[("grant.manage", "everything")]),
    ("/access/roles/new", &[("grant.manage", "everything")]),
    ("/access/roles/{role}", &[("grant.manage", "everything")]),
];

/// The links to why, as (permission, place).
fn whys(body: &str) -> BTreeSet<(String, String)> {
    let links = body.split("<a ").skip(1).filter_map(|rest| rest.split_once("</a>")).map(|(link, _)| link);
    let to_why = links.filter(|link| link.contains("Why can’t I"));
    to_why
        .map(|link| {
            let href = link.split_once("href=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a link leads");
            let query = href.strip_prefix("/access/explain?").unwrap_or_else(|| panic!("{href} leads elsewhere"));
            let value = |name: &str| {
                let found =
                    query.split("&amp;").flat_map(|part| part.split('&')).find_map(|pair| pair.strip_prefix(name));
                found.unwrap_or_else(|| panic!("{href} does not say {name}")).to_owned()
            };
            (value("act="), value("where="))
        })
        .collect()
}

/// The pages that are somebody's own, or about the program.
fn own() -> impl Iterator<Item = (&'static str, Where)> {
    let places = |one: &'static Expected| one.at.iter().map(move |(place, _)| (one.of, *place));
    PAGES.iter().flat_map(places).filter(|(_, place)| matches!(place, Where::Own | Where::Nowhere))
}

#[tokio::test]
async fn every_why_leads_to_a_no_that_says_what_is_missing_and_offers_to_ask() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    let mut asked: BTreeMap<usize, BTreeSet<(String, String)>> = BTreeMap::new();
    for (of, place) in own() {
        let path = page_path(&world, of, place);
        for (who, name) in WHO.iter().enumerate() {
            let answer = world.page(&path, who).await;
            let found = whys(&answer.body);
            if matches!(who, 0 | STRANGER) && !found.is_empty() {
                wrong.push(format!("{of} tells {name} of {found:?}"));
            }
            if answer.status == 403 && found.is_empty() {
                wrong.push(format!("{of} refuses {name} and does not say why"));
            }
            asked.entry(who).or_default().extend(found);
        }
    }
    for (who, whys) in asked {
        for (act, place) in whys {
            let path = format!("/access/explain?act={act}&where={place}");
            let answer = world.page(&path, who).await;
            let said = ["No.", "action=\"/do/access-request\"", &format!("It takes {act} here.")]
                .iter()
                .all(|text| answer.body.contains(*text));
            if answer.status != 200 || !said {
                wrong.push(format!("{path} answers {} with {}", WHO[who], answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_reader_is_told_on_every_page_what_they_may_not_do_there() {
    let world = World::new().await;
    let mut told: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
    for (of, place) in own() {
        let answer = world.page(&page_path(&world, of, place), READER).await;
        let found = whys(&answer.body);
        if answer.status == 200 && !found.is_empty() {
            told.entry(of).or_default().extend(found);
        }
    }
    let pair = |(act, place): &(&str, &str)| ((*act).to_owned(), (*place).to_owned());
    let expected: BTreeMap<&str, BTreeSet<(String, String)>> =
        TOLD.iter().map(|(of, whys)| (*of, whys.iter().map(pair).collect())).collect();
    assert_eq!(told, expected, "{told:#?}");
}
