//! House rules that no compiler knows: what may not be written where, and how long a file may be.

use crate::{
    Outcome,
    process::root,
    sources::{self, Finding},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A file that is longer can't be read in a sitting.
const LINES: usize = 450;

/// Text that may not stand below the folders `within`, except below `except`.
struct Ban {
    text: &'static [&'static str],
    within: &'static [&'static str],
    except: &'static [&'static str],
    why: &'static str,
}

const BANS: [Ban; 5] = [
    Ban {
        text: &["style=", "style:"],
        within: &["app/src"],
        except: &[],
        why: "the content security policy refuses style attributes; use a class, data-* or SVG attributes",
    },
    Ban {
        text: &["sqlx::", "use sqlx"],
        within: &["app", "crates", "server"],
        except: &["crates/store", "crates/xtask"],
        why: "every SQL statement lives in crates/store",
    },
    Ban {
        text: &["reqwest::", "use reqwest"],
        within: &["app", "crates", "server"],
        except: &["crates/registry", "crates/xtask"],
        why: "all traffic goes through the transport of crates/registry, which guards addresses and sizes",
    },
    Ban {
        text: &["Suspend::new", "Suspend("],
        within: &["app/src"],
        except: &["app/src/parts/page.rs"],
        why: "rendering polls each part once and then awaits them in order: one that was handed a connection to the database and \
              is not awaited yet keeps it from the others, until all wait for ever; parts::page::suspended runs it as a task",
    },
    Ban {
        text: &["#[ignore"],
        within: &["app", "crates", "server"],
        except: &["crates/xtask"],
        why: "a test that does not run proves nothing; mend it or take it out",
    },
];

/// Attributes that hold an address.
const ADDRESSES: [&str; 4] = ["href=\"/", "action=\"/", "formaction=\"/", "src=\"/"];

/// Components of Leptos that write an address as it is. Ours add the base path themselves.
const BARE: [&str; 7] = ["A", "ActionForm", "Form", "Link", "Script", "Stylesheet", "MultiActionForm"];

/// Words of work put off. Written in two parts, so that this file does not hold them.
const PUT_OFF: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];

/// Looks at every source file.
pub fn check() -> Outcome {
    let mut findings = Vec::new();
    let mut redirects = BTreeSet::new();
    for folder in ["app", "crates", "server", "style", "end2end", "migrations"] {
        sources::walk(&root().join(folder), &mut |file| {
            let known = ["rs", "ts", "css", "sql"].iter().any(|known| file.extension().is_some_and(|e| e == *known));
            if let (true, Ok(text)) = (known, fs::read_to_string(file)) {
                let place = file.strip_prefix(root()).unwrap_or(file);
                findings.extend(look(place, &text));
                if place.starts_with("app") && text.lines().any(|line| code(line).contains("leptos_axum::redirect")) {
                    redirects.insert(place.to_path_buf());
                }
            }
        });
    }
    findings.extend(
        redirects.into_iter().skip(1).map(|file| Finding {
            file,
            line: 0,
            why: "leptos_axum::redirect knows no base path; there is one redirect() that does, and only it calls this"
                .into(),
        }),
    );
    sources::verdict(&findings)
}

/// What is wrong with one file.
fn look(place: &Path, text: &str) -> Vec<Finding> {
    let file: PathBuf = place.to_path_buf();
    let below = |folders: &[&str]| folders.iter().any(|folder| place.starts_with(folder));
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LINES {
        findings.push(Finding { file: file.clone(), line: 0, why: format!("{lines} lines; {LINES} are the most") });
    }
    if below(&["app/src"]) {
        findings.extend(bare_addresses(text).map(|line| Finding {
            file: file.clone(),
            line,
            why: "an address without the base path breaks below a sub-path; write to(\"/…\")".into(),
        }));
    }
    for (line, written) in (1..).zip(text.lines()) {
        if let Some(word) = PUT_OFF.iter().find(|word| written.contains(**word)) {
            findings.push(Finding { file: file.clone(), line, why: format!("{word}: an issue remembers better") });
        }
        for ban in &BANS {
            let banned = ban.text.iter().any(|text| names(code(written), text));
            if banned && below(ban.within) && !below(ban.except) {
                findings.push(Finding { file: file.clone(), line, why: ban.why.into() });
            }
        }
    }
    findings
}

/// The lines where an element of HTML, or a component that adds no base path, has an address in plain text.
fn bare_addresses(text: &str) -> impl Iterator<Item = usize> {
    let mut before = "";
    (1..).zip(text.lines()).filter_map(move |(line, written)| {
        let written = code(written);
        let bare = ADDRESSES.iter().any(|address| {
            written.match_indices(address).any(|(at, _)| {
                let own = tag(&written[..at]).or_else(|| tag(before)).unwrap_or_default();
                whole_word(written, at) && (!own.starts_with(char::is_uppercase) || BARE.contains(&own))
            })
        });
        if tag(written).is_some() {
            before = written;
        }
        bare.then_some(line)
    })
}

/// The name of the last tag that is opened in the text.
fn tag(text: &str) -> Option<&str> {
    let mut opened = text.match_indices('<').map(|(at, _)| &text[at + 1..]);
    let name = opened.rfind(|rest| rest.starts_with(char::is_alphabetic))?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').next()
}

/// Is `text` there and not just the end of another word (`data-style=`, `font-style:`)?
fn names(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| whole_word(line, at))
}

/// Does no other part of a word stand before this place?
fn whole_word(line: &str, at: usize) -> bool {
    !line[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '-' | '_'))
}

/// The line without its comment.
fn code(line: &str) -> &str {
    match line.find("//") {
        // Two slashes after a colon are an address.
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(place: &str, text: &str) -> Vec<usize> {
        look(Path::new(place), text).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_bare_address_is_found_and_one_with_its_base_is_not() {
        assert_eq!(broken("app/src/page.rs", "view! { <a href=\"/x\"> }"), [1]);
        assert!(
            broken("app/src/page.rs", "view! { <a href=to(\"/x\")> }\nview! { <a href=\"https://x\"> }").is_empty()
        );
    }

    #[test]
    fn a_component_of_ours_adds_the_base_and_one_of_leptos_does_not() {
        assert!(broken("app/src/page.rs", "<PostForm action=\"/do/x\">\n<PostForm\n    action=\"/do/x\">").is_empty());
        assert_eq!(broken("app/src/page.rs", "<A href=\"/x\"/>\n<form\n    action=\"/do/x\">"), [1, 3]);
        assert_eq!(broken("app/src/page.rs", "<Panel><a href=\"/x\">"), [1]);
    }

    #[test]
    fn a_style_attribute_is_found_and_a_word_that_ends_so_is_not() {
        assert_eq!(broken("app/src/page.rs", "<i style=\"color:red\"/>\n<i style:width=x/>"), [1, 2]);
        assert!(broken("app/src/page.rs", "<i data-style=\"x\"/>").is_empty());
    }

    #[test]
    fn work_that_only_lies_there_is_found_outside_of_the_one_place_that_runs_it() {
        assert_eq!(broken("app/src/pages/tags.rs", "{Suspend::new(async move { rows().await })}"), [1]);
        assert!(broken("app/src/parts/page.rs", "Suspend::new(async move { task.await })").is_empty());
        assert!(broken("app/src/pages/tags.rs", "suspended(async move { rows().await })").is_empty());
    }

    #[test]
    fn sql_is_only_in_the_store() {
        assert_eq!(broken("crates/operations/src/a.rs", "use sqlx::Row;"), [1]);
        assert!(broken("crates/store/src/a.rs", "use sqlx::Row;").is_empty());
        assert!(broken("crates/operations/src/a.rs", "// unlike sqlx::Row").is_empty());
    }

    #[test]
    fn a_long_file_and_work_put_off_are_found() {
        assert!(broken("style/a.css", &"\n".repeat(LINES)).is_empty());
        assert_eq!(broken("style/a.css", &"\n".repeat(LINES + 1)), [0]);
        assert_eq!(broken("style/a.css", &format!("/* {} */", PUT_OFF[0])), [1]);
    }
}
