//! How an image was made, line by line: history entries joined with the layers they made.

use crate::config::HistoryEntry;
use crate::manifest::Descriptor;
use crate::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

/// A line of the history, as a Dockerfile would say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The line, cleaned up: `RUN apt-get update`. Empty if the history says nothing.
    pub line: String,
    /// The line as the builder wrote it.
    pub raw: String,
    /// What it added; `None` is "no layer".
    pub layer: Option<Layer>,
    /// When.
    pub created: Option<Timestamp>,
    /// Who.
    pub author: Option<String>,
    /// What the builder remarked; BuildKit's own mark is left out.
    pub comment: Option<String>,
}

/// The layer a step added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its digest, packed.
    pub digest: Digest,
    /// Its size in bytes, packed.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
}

/// The whole history, oldest step first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// The steps.
    pub steps: Vec<Step>,
    /// A sentence where history and layers don't fit together.
    pub note: Option<String>,
}

impl Step {
    /// The Dockerfile's word the line begins with: `RUN`, `COPY`; empty if it is none.
    pub fn instruction(&self) -> &str {
        let word = self.line.split_whitespace().next().unwrap_or_default();
        if INSTRUCTIONS.contains(&word) { word } else { "" }
    }
}

const INSTRUCTIONS: &[&str] = &[
    "FROM",
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Joins the history with the layers, both oldest first. Each entry that is not marked as empty takes the next layer.
/// Where their numbers differ nothing is lost: layers without an entry follow as steps of their own, entries without a
/// layer stand as "no layer", and a note says so.
pub fn join(history: &[HistoryEntry], layers: &[Descriptor]) -> Steps {
    let mut rest = layers.iter();
    let mut steps: Vec<Step> = Vec::with_capacity(history.len().max(layers.len()));
    for entry in history {
        let layer = if entry.empty_layer { None } else { rest.next() };
        steps.push(step(entry, layer));
    }
    steps.extend(rest.map(|layer| step(&HistoryEntry::default(), Some(layer))));
    let expected = history.iter().filter(|entry| !entry.empty_layer).count();
    let note =
        (expected != layers.len() && !steps.is_empty()).then(|| mismatch(history.is_empty(), expected, layers.len()));
    Steps { steps, note }
}

fn mismatch(no_history: bool, expected: usize, layers: usize) -> String {
    if no_history {
        return "The image tells no history.".to_owned();
    }
    format!(
        "The history speaks of {expected} layers, the manifest has {layers}. Which command made which layer is a guess."
    )
}

fn step(entry: &HistoryEntry, layer: Option<&Descriptor>) -> Step {
    let comment = entry.comment.clone().filter(|comment| !comment.starts_with("buildkit."));
    Step {
        line: clean(&entry.created_by),
        raw: entry.created_by.clone(),
        layer: layer.map(|layer| Layer {
            digest: layer.digest.clone(),
            size: layer.size,
            media_type: layer.media_type.clone(),
        }),
        created: entry.created,
        author: entry.author.clone(),
        comment,
    }
}

/// Turns a `created_by` into a Dockerfile's line: the classic builder's `/bin/sh -c #(nop)  CMD ["sh"]` becomes
/// `CMD ["sh"]`, `RUN |1 A=b /bin/sh -c make # buildkit` becomes `RUN make`. What it does not know it leaves alone.
pub fn clean(created_by: &str) -> String {
    let line = created_by.trim();
    let line = line.strip_suffix("# buildkit").map_or(line, str::trim_end);
    if let Some((before, after)) = line.split_once("#(nop)")
        && before.len() < 64
        && !before.contains('\n')
    {
        return squeeze(after.trim_start());
    }
    let (was_run, command) = line.strip_prefix("RUN ").map_or((false, line), |command| (true, command.trim_start()));
    let bare = without_shell(without_arguments(command));
    match bare {
        Some(script) => format!("RUN {}", squeeze(script.trim())),
        None if was_run => format!("RUN {}", squeeze(command)),
        None => squeeze(line),
    }
}

/// Build arguments stand before the shell: `|2 A=1 B=2 /bin/sh -c …`.
fn without_arguments(command: &str) -> &str {
    let Some(rest) = command.strip_prefix('|') else { return command };
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return command;
    }
    let starts = [" /bin/", " /usr/bin/", " cmd /S", " powershell "];
    let start = starts.iter().filter_map(|start| rest.find(start)).min();
    start.map_or(command, |start| &rest[start + 1..])
}

/// The script that a shell is given with `-c`, if the command begins with a shell.
fn without_shell(command: &str) -> Option<&str> {
    for windows in ["cmd /S /C ", "powershell -Command ", "pwsh -Command "] {
        if let Some(script) = command.strip_prefix(windows) {
            return Some(script);
        }
    }
    let (shell, mut rest) = command.split_once(' ')?;
    if !shell.starts_with('/') || !shell.ends_with("sh") {
        return None;
    }
    loop {
        let (option, after) = rest.trim_start().split_once(' ')?;
        if !option.starts_with('-') {
            return None;
        }
        if option.ends_with('c') {
            return Some(after);
        }
        // `-o pipefail`: an option whose value is a word of its own.
        rest = if option.ends_with('o') { after.trim_start().split_once(' ')?.1 } else { after };
    }
}

/// Makes one space of several outside quotes; Dockerfiles indent lines that go on.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut gap) = (None, false);
    for c in text.chars() {
        let blank = matches!(c, ' ' | '\t') && quote.is_none();
        if blank && gap {
            continue;
        }
        gap = blank;
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        out.push(if blank { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests;
