//! What differs between two images: layers in order, then config, environment and labels.

use crate::config::{self, Config};
use crate::manifest::Descriptor;
use crate::{Digest, history, text};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// One of the two images: its layers, base first, and what else is known.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The layers, base first.
    pub layers: &'a [Descriptor],
    /// The configuration, where it could be read.
    pub config: Option<&'a Config>,
    /// The manifest's annotations.
    pub annotations: &'a [(String, String)],
}

/// How B differs from A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// In both, the same.
    Same,
    /// Only in A.
    Removed,
    /// Only in B.
    Added,
    /// In both, but different; layers never are.
    Changed,
}

impl Change {
    /// The mark in the first column.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Same => "=",
            Self::Removed => "−",
            Self::Added => "+",
            Self::Changed => "≠",
        }
    }
    /// The mark in words, for those who hear the page.
    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "in both",
            Self::Removed => "only in A",
            Self::Added => "only in B",
            Self::Changed => "differs",
        }
    }
    /// What `data-change` says.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Changed => "changed",
        }
    }
}

/// A layer of A, B or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerRow {
    /// Whose it is.
    pub change: Change,
    /// The command that made it, as a Dockerfile would say it; empty if not told.
    pub line: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
}

/// What a row of the second table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// A field of the configuration.
    Config,
    /// An environment variable.
    Env,
    /// A label.
    Label,
    /// An annotation of the manifest.
    Annotation,
}

impl Group {
    /// The word before the field's name; none for the configuration's own fields.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Config => "",
            Self::Env => "env ",
            Self::Label => "label ",
            Self::Annotation => "annotation ",
        }
    }
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRow {
    /// What it is about.
    pub group: Group,
    /// The field, variable or key.
    pub name: String,
    /// How it differs.
    pub change: Change,
    /// In A; `None` is "not set".
    pub a: Option<String>,
    /// In B; `None` is "not set".
    pub b: Option<String>,
}

/// How many layers, and how many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Layers.
    pub layers: u64,
    /// Bytes, packed.
    pub bytes: u64,
}

impl Sum {
    fn add(&mut self, bytes: u64) {
        self.layers += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Two images beside each other, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The layers, base first; where both go apart, A's come before B's.
    pub layers: Vec<LayerRow>,
    /// Layers in both.
    pub shared: Sum,
    /// Layers only in A.
    pub removed: Sum,
    /// Layers only in B.
    pub added: Sum,
    /// Bytes of A's layers.
    pub a_size: u64,
    /// Bytes of B's layers.
    pub b_size: u64,
    /// What differs: configuration first, then environment, labels and annotations.
    pub fields: Vec<FieldRow>,
    /// Fields of the configuration that are the same in both.
    pub same: Vec<String>,
    /// Was the configuration of both known? If not, only layers and annotations are compared.
    pub configs_known: bool,
}

/// Compares two images.
pub fn compare(a: Side<'_>, b: Side<'_>) -> Comparison {
    let mut result = Comparison {
        layers: layers(a, b),
        shared: Sum::default(),
        removed: Sum::default(),
        added: Sum::default(),
        a_size: 0,
        b_size: 0,
        fields: Vec::new(),
        same: Vec::new(),
        configs_known: a.config.is_some() && b.config.is_some(),
    };
    for row in &result.layers {
        match row.change {
            Change::Removed => result.removed.add(row.size),
            Change::Added => result.added.add(row.size),
            Change::Same | Change::Changed => result.shared.add(row.size),
        }
    }
    result.a_size = result.shared.bytes.saturating_add(result.removed.bytes);
    result.b_size = result.shared.bytes.saturating_add(result.added.bytes);
    if let (Some(a), Some(b)) = (a.config, b.config) {
        fields(&mut result, a, b);
        result.fields.extend(pairs(Group::Env, &a.env, &b.env));
        result.fields.extend(pairs(Group::Label, &a.labels, &b.labels));
    }
    result.fields.extend(pairs(Group::Annotation, a.annotations, b.annotations));
    result
}

/// A layer may occur several times; the first of A is the first of B, and so on.
fn occurrences(layers: &[Descriptor]) -> Vec<(&Digest, usize)> {
    let mut seen: HashMap<&Digest, usize> = HashMap::new();
    let count = |layer| {
        let n = seen.entry(layer).or_insert(0);
        *n += 1;
        (layer, *n)
    };
    layers.iter().map(|layer| &layer.digest).map(count).collect()
}

fn layers(a: Side<'_>, b: Side<'_>) -> Vec<LayerRow> {
    let (keys_a, keys_b) = (occurrences(a.layers), occurrences(b.layers));
    let in_a: HashSet<_> = keys_a.iter().collect();
    let place_in_b: HashMap<_, _> = keys_b.iter().enumerate().map(|(at, key)| (key, at)).collect();
    let (lines_a, lines_b) = (lines(a), lines(b));
    let row = |change, side: Side<'_>, lines: &[String], at: usize| LayerRow {
        change,
        line: lines.get(at).cloned().unwrap_or_default(),
        digest: side.layers[at].digest.clone(),
        size: side.layers[at].size,
        media_type: side.layers[at].media_type.clone(),
    };
    let own_of_b = |from: usize, to: usize| (from..to).filter(|at| !in_a.contains(&keys_b[*at]));
    let mut rows = Vec::with_capacity(a.layers.len() + b.layers.len());
    let mut next_b = 0;
    for (at, key) in keys_a.iter().enumerate() {
        let Some(&meets) = place_in_b.get(key) else {
            rows.push(row(Change::Removed, a, &lines_a, at));
            continue;
        };
        // What B has of its own before the layer that both have. A shared layer that B has earlier stands where A has it.
        if meets >= next_b {
            rows.extend(own_of_b(next_b, meets).map(|at| row(Change::Added, b, &lines_b, at)));
            next_b = meets + 1;
        }
        rows.push(row(Change::Same, a, &lines_a, at));
    }
    rows.extend(own_of_b(next_b, keys_b.len()).map(|at| row(Change::Added, b, &lines_b, at)));
    rows
}

/// The command that made each layer.
fn lines(side: Side<'_>) -> Vec<String> {
    let history = side.config.map_or(&[][..], |config| &config.history);
    let steps = history::join(history, side.layers).steps;
    steps.into_iter().filter(|step| step.layer.is_some()).map(|step| step.line).collect()
}

fn fields(result: &mut Comparison, a: &Config, b: &Config) {
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join(" "));
    let sorted = |items: &[String]| {
        let mut items = items.to_vec();
        items.sort();
        list(&items)
    };
    let words =
        |words: &Option<Vec<String>>| words.as_ref().filter(|words| !words.is_empty()).map(|w| config::words(w));
    let platform = |config: &Config| config.platform.is_known().then(|| config.platform.label());
    let health = |config: &Config| config.healthcheck.as_ref().map(config::Healthcheck::line);
    let rows = [
        ("platform", platform(a), platform(b)),
        ("entrypoint", words(&a.entrypoint), words(&b.entrypoint)),
        ("command", words(&a.cmd), words(&b.cmd)),
        ("user", a.user.clone(), b.user.clone()),
        ("directory", a.workdir.clone(), b.workdir.clone()),
        ("ports", sorted(&a.ports), sorted(&b.ports)),
        ("volumes", sorted(&a.volumes), sorted(&b.volumes)),
        ("health check", health(a), health(b)),
        ("stop signal", a.stop_signal.clone(), b.stop_signal.clone()),
        ("shell", words(&a.shell), words(&b.shell)),
        ("triggers", list(&a.on_build), list(&b.on_build)),
    ];
    for (name, a, b) in rows {
        match field(Group::Config, name, a, b) {
            Some(row) => result.fields.push(row),
            None => result.same.push(name.to_owned()),
        }
    }
}

fn field(group: Group, name: &str, a: Option<String>, b: Option<String>) -> Option<FieldRow> {
    let change = match (&a, &b) {
        (a, b) if a == b => return None,
        (Some(_), None) => Change::Removed,
        (None, Some(_)) => Change::Added,
        _ => Change::Changed,
    };
    Some(FieldRow { group, name: name.to_owned(), change, a, b })
}

/// Pairs by key, in the order of A, then what only B has. Of a key set twice the last counts, as it does at run time.
fn pairs(group: Group, a: &[(String, String)], b: &[(String, String)]) -> Vec<FieldRow> {
    let values_a: HashMap<_, _> = a.iter().map(|(key, value)| (key, value)).collect();
    let values_b: HashMap<_, _> = b.iter().map(|(key, value)| (key, value)).collect();
    let mut seen = HashSet::new();
    let keys = a.iter().chain(b).map(|(key, _)| key).filter(|key| seen.insert(*key));
    let value = |values: &HashMap<&String, &String>, key| values.get(key).map(|value| (*value).clone());
    keys.filter_map(|key| field(group, key, value(&values_a, key), value(&values_b, key))).collect()
}

impl Comparison {
    /// The finding in sentences: `B is 7.20 MB larger. 4 layers are the same, 3 went and 3 came. 1 label differs.`
    pub fn sentence(&self) -> String {
        let size = match self.b_size.cmp(&self.a_size) {
            std::cmp::Ordering::Equal => "Both are of the same size.".to_owned(),
            std::cmp::Ordering::Greater => format!("B is {} larger.", text::bytes_text(self.b_size - self.a_size)),
            std::cmp::Ordering::Less => format!("B is {} smaller.", text::bytes_text(self.a_size - self.b_size)),
        };
        let layers = if self.removed.layers + self.added.layers == 0 {
            "All layers are the same.".to_owned()
        } else {
            let same = text::counted(self.shared.layers, "layer is", "layers are");
            let (went, came) = (text::count(self.removed.layers), text::count(self.added.layers));
            format!("{same} the same, {went} went and {came} came.")
        };
        let groups = [
            (Group::Config, "field", "fields"),
            (Group::Env, "variable", "variables"),
            (Group::Label, "label", "labels"),
            (Group::Annotation, "annotation", "annotations"),
        ];
        let number = |group| self.fields.iter().filter(|row| row.group == group).count() as u64;
        let numbers = groups.map(|(group, one, many)| (number(group), one, many));
        let named: Vec<_> =
            numbers.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| text::counted(*n, one, many)).collect();
        let differ = match (named.len(), self.fields.len()) {
            (0, _) if self.configs_known => "The configuration is the same.".to_owned(),
            (0, _) => "The configuration is not known.".to_owned(),
            (_, 1) => format!("{} differs.", text::listed(&named)),
            _ => format!("{} differ.", text::listed(&named)),
        };
        format!("{size} {layers} {differ}")
    }
}

#[cfg(test)]
mod tests;
