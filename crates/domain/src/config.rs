//! The configuration of a container image: what it runs, with what, and how it came about.

use crate::manifest::Platform;
use crate::{Timestamp, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An image's configuration (OCI image specification 1.1, "Image Configuration"; Docker's has the same fields).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// What it runs on.
    pub platform: Platform,
    /// When it was built; the year 1, which some builders write for "unknown", counts as not told.
    pub created: Option<Timestamp>,
    /// Who built it.
    pub author: Option<String>,
    /// The entrypoint, word by word.
    pub entrypoint: Option<Vec<String>>,
    /// The command, word by word.
    pub cmd: Option<Vec<String>>,
    /// Environment variables in the order in which they are set.
    pub env: Vec<(String, String)>,
    /// The user it runs as; root if not told.
    pub user: Option<String>,
    /// Ports it listens on, such as `8080/tcp`.
    pub ports: Vec<String>,
    /// Paths that are volumes.
    pub volumes: Vec<String>,
    /// The directory it starts in.
    pub workdir: Option<String>,
    /// How to ask whether it is well.
    pub healthcheck: Option<Healthcheck>,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// The shell of commands in shell form, where it is not the usual one.
    pub shell: Option<Vec<String>>,
    /// Triggers for images built on this one.
    pub on_build: Vec<String>,
    /// Labels in the order in which they are written.
    pub labels: Vec<(String, String)>,
    /// How it came about, oldest first.
    pub history: Vec<HistoryEntry>,
    /// Digests of the unpacked layers, base first.
    pub diff_ids: Vec<String>,
    /// What was odd about it, in sentences.
    pub notes: Vec<String>,
}

/// How to ask an image whether it is well. Times in nanoseconds, 0 for the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healthcheck {
    /// `NONE`, or `CMD` and its words, or `CMD-SHELL` and one line.
    pub test: Vec<String>,
    /// Between two questions.
    pub interval: u64,
    /// How long an answer may take.
    pub timeout: u64,
    /// How long it may take to start.
    pub start_period: u64,
    /// How many failures in a row make it unwell.
    pub retries: u64,
}

/// One line of an image's history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub created: Option<Timestamp>,
    /// The command that made it, as the builder wrote it.
    pub created_by: String,
    /// Who.
    pub author: Option<String>,
    /// What the builder remarked.
    pub comment: Option<String>,
    /// Did it change nothing but the configuration?
    pub empty_layer: bool,
}

fn moment(object: &json::Object) -> Option<Timestamp> {
    const YEAR_ONE_ENDS: i64 = -62_104_060_800_000_000;
    let at = json::text(object, "created").and_then(|text| Timestamp::parse(&text))?;
    (at.0 >= YEAR_ONE_ENDS).then_some(at)
}

impl Config {
    /// Reads a configuration. Fields that are missing or of the wrong type are absent.
    ///
    /// # Errors
    /// A sentence that says why it is no configuration at all.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("It is not readable JSON: {error}."))?;
        let object = value.as_object().ok_or("It is JSON, but not an object.")?;
        Ok(Self::read(object))
    }

    pub(crate) fn read(object: &json::Object) -> Self {
        let mut notes = Vec::new();
        let none = json::Object::new();
        let run = json::object(object, "config").unwrap_or(&none);
        let n = &mut notes;
        let mut config = Self {
            platform: Platform::new(
                &json::text(object, "os").unwrap_or_default(),
                &json::text(object, "architecture").unwrap_or_default(),
                json::text(object, "variant"),
                json::text(object, "os.version"),
            ),
            created: moment(object),
            author: json::text(object, "author"),
            entrypoint: json::texts(run, "Entrypoint", n),
            cmd: json::texts(run, "Cmd", n),
            env: json::texts(run, "Env", n).unwrap_or_default().iter().map(|line| variable(line)).collect(),
            user: json::text(run, "User"),
            ports: json::keys(run, "ExposedPorts", n),
            volumes: json::keys(run, "Volumes", n),
            workdir: json::text(run, "WorkingDir"),
            healthcheck: json::object(run, "Healthcheck").map(|check| healthcheck(check, n)),
            stop_signal: json::text(run, "StopSignal"),
            shell: json::texts(run, "Shell", n),
            on_build: json::texts(run, "OnBuild", n).unwrap_or_default(),
            labels: json::pairs(run, "Labels", n),
            history: json::list(object, "history", n).iter().filter_map(Value::as_object).map(history).collect(),
            diff_ids: json::object(object, "rootfs")
                .and_then(|root| json::texts(root, "diff_ids", n))
                .unwrap_or_default(),
            notes: Vec::new(),
        };
        config.notes = notes;
        config
    }
    /// A label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// `NAME=value`; the value may hold further `=`.
fn variable(line: &str) -> (String, String) {
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    (name.to_owned(), value.to_owned())
}

fn healthcheck(check: &json::Object, notes: &mut Vec<String>) -> Healthcheck {
    let number = |key: &str| check.get(key).and_then(Value::as_u64).unwrap_or(0);
    Healthcheck {
        test: json::texts(check, "Test", notes).unwrap_or_default(),
        interval: number("Interval"),
        timeout: number("Timeout"),
        start_period: number("StartPeriod"),
        retries: number("Retries"),
    }
}

impl Healthcheck {
    /// As a Dockerfile writes it, without the word HEALTHCHECK: `--interval=30s CMD curl -f http://localhost/`.
    pub fn line(&self) -> String {
        let time = |name: &str, nanoseconds: u64| match nanoseconds {
            0 => String::new(),
            n if n % 1_000_000_000 == 0 => format!("--{name}={}s ", n / 1_000_000_000),
            n => format!("--{name}={}ms ", n / 1_000_000),
        };
        let retries = if self.retries == 0 { String::new() } else { format!("--retries={} ", self.retries) };
        let test = match self.test.split_first() {
            None => "inherited".to_owned(),
            Some((first, rest)) if first == "CMD-SHELL" => format!("CMD {}", rest.join(" ")),
            Some((first, rest)) if first == "CMD" => format!("CMD {}", words(rest)),
            Some(_) => self.test.join(" "),
        };
        let times = [("interval", self.interval), ("timeout", self.timeout), ("start-period", self.start_period)];
        let times: String = times.iter().map(|(name, value)| time(name, *value)).collect();
        format!("{times}{retries}{test}")
    }
}

/// Words as one would type them: those with spaces or special characters in quotes.
pub fn words(words: &[String]) -> String {
    words.iter().map(|word| crate::quoting::shell(word)).collect::<Vec<_>>().join(" ")
}

fn history(entry: &json::Object) -> HistoryEntry {
    HistoryEntry {
        created: moment(entry),
        created_by: json::text(entry, "created_by").unwrap_or_default(),
        author: json::text(entry, "author"),
        comment: json::text(entry, "comment"),
        empty_layer: entry.get("empty_layer").and_then(Value::as_bool).unwrap_or(false),
    }
}

/// A line of history from schema 1's `v1Compatibility`.
pub(crate) fn v1_history(entry: &json::Object) -> HistoryEntry {
    let command = json::object(entry, "container_config").and_then(|run| json::texts(run, "Cmd", &mut Vec::new()));
    HistoryEntry {
        created: moment(entry),
        created_by: command.unwrap_or_default().join(" "),
        author: json::text(entry, "author"),
        comment: json::text(entry, "comment"),
        empty_layer: entry.get("throwaway").and_then(Value::as_bool).unwrap_or(false),
    }
}

#[cfg(test)]
mod tests;
