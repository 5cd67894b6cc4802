//! What somebody may not see leaves no trace in what they are answered: not its name, and no difference to what is not there.

use super::{
    Expected, api_path, everybody,
    expected::{PAGES, api},
    operations, page_path,
    world::{STRANGER, Where, World},
};
use axum::http::Method;

/// Words that stand for what nobody but root may know of.
const HIDDEN: [&str; 3] = ["team-b", "quokka", "faraway"];
/// A person, a team and a robot: known to who manages people, and by name to who has something to grant.
const ACCOUNTS: [&str; 3] = ["guest", "crew", "derrick"];

/// What may not be named to somebody.
fn hidden_from(who: usize) -> impl Iterator<Item = &'static str> {
    let knows = ["maintainer", "administrator", "host"].contains(&super::WHO[who]);
    HIDDEN.into_iter().chain(ACCOUNTS.into_iter().filter(move |_| !knows))
}

/// What is left of an answer without what differs from one request to the next.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (before, after) in
        [("nonce=\"", "\""), ("\"request\":\"", "\""), ("<code>req-", "</code>"), ("Reference <code>", "</code>")]
    {
        let mut made = String::new();
        let mut rest = text.as_str();
        while let Some((start, tail)) = rest.split_once(before) {
            made.push_str(start);
            rest = tail.split_once(after).map_or("", |(_, tail)| tail);
        }
        made.push_str(rest);
        text = made;
    }
    text
}

fn main_part(page: &str) -> String {
    let from = page.find("<main").unwrap_or(0);
    let to = page.find("</main>").unwrap_or(page.len());
    plain(&page[from..to])
}

fn betrayed(body: &str, who: usize) -> Option<&'static str> {
    let words = |word: &&str| body.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|own| own == *word);
    hidden_from(who).find(words)
}

/// Without the account's name in the request's own address, which pages repeat: in links back to themselves, and in refusals.
fn unasked(body: &str, path: &str) -> String {
    let asked = path.split(['/', '?', '=', '&']).filter(|part| ACCOUNTS.contains(part));
    asked.fold(body.to_owned(), |body, word| body.replace(word, ""))
}

#[tokio::test]
async fn no_answer_about_ones_own_names_what_one_may_not_see() {
    let world = World::new().await;
    let mut told = Vec::new();
    for Expected { of, at, .. } in PAGES {
        for (place, _) in at.iter().filter(|(place, _)| matches!(place, Where::Own | Where::Nowhere)) {
            let path = page_path(&world, of, *place);
            for who in 1..=STRANGER {
                let answer = world.page(&path, who).await;
                // The page's own address stands in it, and nothing else of it: that is what was asked.
                let body = unasked(&answer.body, &path);
                told.extend(betrayed(&body, who).map(|word| format!("{of} tells {} of {word}", super::WHO[who])));
            }
        }
    }
    for path in ["/exports/grants.csv", "/exports/matrix.csv", "/events?topic=registry"] {
        for who in 1..=STRANGER {
            let answer = world.page(path, who).await;
            told.extend(betrayed(&answer.body, who).map(|word| format!("{path} tells {} of {word}", super::WHO[who])));
        }
    }
    for (name, _, path) in operations().into_iter().filter(|(_, method, _)| *method == Method::GET) {
        let path = api_path(&world, &name, &path, Where::Own);
        for who in 1..=STRANGER {
            let answer = world.api(Method::GET, &path, None, who).await;
            let body = unasked(&answer.body, &path);
            told.extend(betrayed(&body, who).map(|word| format!("{name} tells {} of {word}", super::WHO[who])));
        }
    }
    for question in ["team-b", "quokka", "quo", "v1", "faraway", "e", "derrick", "der"] {
        for path in [
            format!("/search?q={question}"),
            format!("/do/search-suggest?q={question}"),
            format!("/access/explain?who={question}&act=repository.pull&where=lab"),
            format!("/access/matrix?who={question}"),
            format!("/access/grants?subject={question}"),
            format!("/access?by=subject&subject={question}"),
            format!("/access/people?q={question}"),
            format!("/access/teams?q={question}"),
            format!("/access/robots?q={question}"),
        ] {
            for who in 1..=STRANGER {
                let body = world.page(&path, who).await.body.replace(question, "");
                let found = betrayed(&body, who).filter(|word| !question.contains(word));
                told.extend(found.map(|word| format!("{path} tells {} of {word}", super::WHO[who])));
            }
        }
    }
    assert!(told.is_empty(), "{told:#?}");
}

#[tokio::test]
async fn what_is_hidden_answers_as_what_is_not_there() {
    let world = World::new().await;
    let mut differ = Vec::new();
    // In the same registry, in one that is hidden; and the same where nothing is.
    let twins =
        [("lab", "team-b~quokka", "lab", "team-c~nobody"), ("faraway", "team-b~quokka", "gone", "team-b~nobody")];
    for (name, method, path) in operations().into_iter().filter(|(_, _, path)| path.contains("{registry}")) {
        let body = api().find(|one| one.of == name).map_or("", |one| one.body);
        for (registry, repository, no_registry, no_repository) in twins {
            let of_repository = path.contains("{repository}") || body.contains("{repo}");
            if registry == "lab" && !of_repository {
                continue;
            }
            let fill = |registry: &str, repository: &str| {
                let text = path.replace("{registry}", registry).replace("{repository}", repository);
                world.filled(&text, Where::Own).replace("{check}", "old-tag")
            };
            let (there, gone) = (fill(registry, repository), fill(no_registry, no_repository));
            for who in 1..STRANGER {
                let body = Some(body).filter(|body| !body.is_empty());
                let there = world.api(method.clone(), &there, body, who).await;
                let gone = world.api(method.clone(), &gone, body, who).await;
                let words = |text: &str| {
                    plain(text)
                        .replace(registry, "")
                        .replace(no_registry, "")
                        .replace(repository, "")
                        .replace(no_repository, "")
                };
                let headers = |answer: &crate::site::Answer| {
                    let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
                    names.sort();
                    names
                };
                if (there.status, words(&there.body), headers(&there))
                    != (gone.status, words(&gone.body), headers(&gone))
                {
                    differ.push(format!("{name} as {}:\n  {}\n  {}", super::WHO[who], there.body, gone.body));
                }
            }
        }
    }
    for Expected { of, at, .. } in PAGES.iter().filter(|page| page.at.iter().any(|(place, _)| *place == Where::Far)) {
        let place = if at.iter().any(|(place, _)| *place == Where::Foreign) { Where::Foreign } else { Where::Far };
        if of.contains(":sequence") {
            continue;
        }
        let there = page_path(&world, of, place);
        let gone = there.replace("/faraway", "/gone").replace("team-b~quokka", "team-c~nobody");
        for who in 1..STRANGER {
            let (one, other) = (world.page(&there, who).await, world.page(&gone, who).await);
            let words = |text: &str| {
                let text = main_part(text);
                ["team-b~quokka", "team-c~nobody", "faraway", "gone"]
                    .iter()
                    .fold(text, |text, word| text.replace(word, ""))
            };
            if (one.status, words(&one.body)) != (other.status, words(&other.body)) {
                differ.push(format!("{of} as {}:\n  {}\n  {}", super::WHO[who], words(&one.body), words(&other.body)));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A Maintainer of `team-a/**` reads what is inside of theirs, and filters by it nobody else's.
#[tokio::test]
async fn counts_are_of_what_may_be_seen() {
    let world = World::new().await;
    let (root, viewer) = (0, 1);
    let read = async |path: &str, who| crate::api::read(&world.api(Method::GET, path, None, who).await);
    for (path, of, all, own) in [("/registries/lab/repositories", "/matching/number", 2, 1), ("/tags", "/known", 6, 2)]
    {
        let (everything, some) = (read(path, root).await, read(path, viewer).await);
        assert_eq!(everything.pointer(of).and_then(serde_json::Value::as_u64), Some(all), "{path}: {everything}");
        assert_eq!(some.pointer(of).and_then(serde_json::Value::as_u64), Some(own), "{path}: {some}");
    }
    let statuses = everybody(async |who| world.page("/tags?label=org.example", who).await.status.as_u16()).await;
    assert_eq!(statuses, [200, 403, 200, 200, 200, 403, 200, 403, 403, 303]);
}
