//! Lists, look-ups and searches over generated indexes of two sizes: 100,000 tags (S) and 8,000,000 (L).

use super::{
    curl, folder,
    running::{load_average, pause},
    serving,
    table::{Table, megabytes, milliseconds, whole},
    wrk::{self, Load},
};
use crate::{
    Outcome,
    process::{self, root, target},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

const SECONDS: u32 = 4;
/// Another number makes other data.
const EDITION: u32 = 1;
/// Tags in each set.
const SIZES: [(&str, u64); 2] = [("S", 100_000), ("L", 8_000_000)];

/// What is asked, and what it is to reach: JSON lists a second, pages a second, or only how soon the slowest one comes.
struct Question {
    what: &'static str,
    path: &'static str,
    /// The same at S, where another repository is as large, or as many tags have another text: so that only the data grows,
    /// not the answer.
    at_small: Option<&'static str>,
    goal: Goal,
}

impl Question {
    const fn new(what: &'static str, path: &'static str, goal: Goal) -> Self {
        Self { what, path, at_small: None, goal }
    }
}

#[derive(Clone, Copy)]
enum Goal {
    Json,
    Html,
    Indexed,
    Other,
    Search,
}

/// The largest repository's tags, as the API lists them.
macro_rules! tags {
    ($rest:literal) => {
        concat!("/api/v1/registries/generated/repositories/bench~largest/tags", $rest)
    };
}

const QUESTIONS: &[Question] = &[
    Question::new("tags of 100,000", "/registries/generated/bench~largest", Goal::Html),
    Question::new("repositories", "/registries/generated", Goal::Html),
    Question::new("image", "/registries/generated/bench~largest/tags/latest", Goal::Html),
    Question::new("tags", tags!(""), Goal::Json),
    Question::new("repositories", "/api/v1/registries/generated/repositories", Goal::Json),
    Question::new("image", tags!("/latest"), Goal::Json),
    Question::new("tags by version, newest first", tags!("?sort=version&order=desc"), Goal::Indexed),
    Question::new("tags by build, newest first", tags!("?sort=created&order=desc"), Goal::Indexed),
    Question::new("tags of a semver range", tags!("?version=%3E%3D4%20%3C6&sort=version"), Goal::Indexed),
    Question {
        what: "tags with a text that 28 have",
        path: tags!("?q=0.14-al"),
        at_small: Some(tags!("?q=.10-al")),
        goal: Goal::Indexed,
    },
    Question::new("tags with a text that none has", tags!("?q=99-al"), Goal::Indexed),
    Question::new("tags with a text that many have", tags!("?q=alpine"), Goal::Other),
    Question::new("tags by size", tags!("?sort=size&order=desc"), Goal::Indexed),
    Question::new(
        "repositories by exclusive bytes",
        "/api/v1/registries/generated/repositories?sort=exclusive&order=desc",
        Goal::Indexed,
    ),
    Question::new("search: a part of names", "/api/v1/search?q=gateway", Goal::Search),
    Question::new("search: a version", "/api/v1/search?q=v1.2.3", Goal::Search),
    Question::new("search: nothing", "/api/v1/search?q=zzzyyyxxx", Goal::Search),
    Question::new("search: six digits of digests", "/api/v1/search?q=sha256:abcdef", Goal::Search),
    Question {
        what: "exclusive bytes of a repository of 10,000 tags",
        path: "/api/v1/registries/generated/repositories/bench~large/storage",
        at_small: Some("/api/v1/registries/generated/repositories/bench~largest/storage"),
        goal: Goal::Indexed,
    },
];

/// A question's figures at one size.
struct Figures {
    one: Load,
    many: Load,
}

pub fn measure(table: &mut Table, program: &Path) -> Outcome {
    let mut sizes = Vec::new();
    for (size, tags) in SIZES {
        sizes.push(at_size(table, program, size, tags)?);
    }
    let [small, large] = sizes.as_slice() else { return Err("two sizes are measured".into()) };
    for (question, (small, large)) in QUESTIONS.iter().zip(small.iter().zip(large)) {
        let grows = small.many.per_second / large.many.per_second;
        let kind = if question.path.starts_with("/api") { "JSON" } else { "HTML" };
        let goal = match question.goal {
            Goal::Json => "≥ 2,000/s; p99 at one ≤ 50 ms; flat (≤ 2)",
            Goal::Html => "≥ 600/s; p99 at one ≤ 50 ms; flat (≤ 2)",
            Goal::Indexed => "p99 at one ≤ 50 ms; flat (≤ 2)",
            Goal::Other => "p99 at one ≤ 250 ms",
            Goal::Search => "p99 ≤ 100 ms; flat (≤ 2)",
        };
        table.row(
            &format!("at L, {kind}: {}", question.what),
            format!(
                "{}/s; p50/p99 {:.1}/{:.1} ms at 1 connection, {:.1}/{:.1} ms at 50; {grows:.1} times less than at S",
                whole(large.many.per_second),
                large.one.p50,
                large.one.p99,
                large.many.p50,
                large.many.p99
            ),
            goal,
        );
    }
    Ok(())
}

fn at_size(table: &mut Table, program: &Path, size: &str, tags: u64) -> Outcome<Vec<Figures>> {
    let data = generated(size)?;
    let serving = serving::serve(program, &data)?;
    if size == "L" {
        table.row("at L: start to ready", format!("{:.0} ms", milliseconds(serving.took)), "≤ 1 s");
        pause(Duration::from_secs(3));
        table.row("at L: memory (RssAnon) at rest", megabytes(serving.running.anonymous_memory()?), "≤ 80 MB");
        let bytes = fs::metadata(data.join("index.db"))?.len();
        table.row(
            "at L: index.db for each tag",
            format!("{} bytes ({} in all)", bytes / tags, megabytes(bytes)),
            "≤ 500 bytes",
        );
    }
    let cookie = serving::sign_in(&serving)?;
    let token = serving::token(program, &data)?;
    let mut figures = Vec::new();
    let mut most = 0;
    for question in QUESTIONS {
        let headers = if question.path.starts_with("/api") {
            vec![format!("Authorization: Bearer {token}")]
        } else {
            vec![cookie.clone(), "Accept: text/html,application/xhtml+xml".to_owned()]
        };
        let path = question.at_small.filter(|_| size == "S").unwrap_or(question.path);
        let url = format!("{}{path}", serving.root);
        curl::ask(&url, &headers, &[])?;
        let one = wrk::load_with(&url, &headers, SECONDS, 1)?;
        let many = wrk::load_with(&url, &headers, SECONDS, 50)?;
        most = most.max(serving.running.anonymous_memory()?);
        eprintln!("  {size} {}: {:.0}/s, load {:?}", question.what, many.per_second, load_average());
        figures.push(Figures { one, many });
    }
    if size == "L" {
        table.row("at L: memory (RssAnon) under load, the most seen", megabytes(most), "≤ 250 MB");
    }
    serving.running.end()?;
    Ok(figures)
}

/// The data directory of this size; made when it is missing, which takes minutes for L, and kept.
fn generated(size: &str) -> Outcome<PathBuf> {
    let data = folder()?.join(format!("generated-{size}"));
    let stamp = data.join("edition");
    let index = fs::read_to_string(root().join("migrations/index.sql"))?;
    let edition = format!("{EDITION} {:x}", index.len());
    if fs::read_to_string(&stamp).ok().as_deref() == Some(&edition) {
        return Ok(data);
    }
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    eprintln!("  generating size {size}");
    process::run(&mut process::cargo(&["build", "--release", "-p", "generator"]))?;
    process::run(process::program(&target().join("release/generator")).arg(&data).arg(size))?;
    fs::write(stamp, edition)?;
    Ok(data)
}
