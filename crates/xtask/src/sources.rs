//! The files that people write, and what may be wrong with them.

use crate::{Outcome, process::root};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

/// A place in the sources where a house rule is broken.
pub struct Finding {
    pub file: PathBuf,
    /// Counted from 1; 0 where the whole file is meant.
    pub line: usize,
    pub why: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.strip_prefix(root()).unwrap_or(&self.file).display();
        if self.line == 0 { write!(f, "{file}: {}", self.why) } else { write!(f, "{file}:{}: {}", self.line, self.why) }
    }
}

/// Nothing found is good; else all of it is the failure.
pub fn verdict(findings: &[Finding]) -> Outcome {
    if findings.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = findings.iter().map(|finding| format!("  {finding}")).collect();
    Err(format!("{} broken:\n{}", if lines.len() == 1 { "a rule is" } else { "rules are" }, lines.join("\n")).into())
}

/// Visits every file below a folder, in order of names, without what is built or installed.
pub fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || ["target", "node_modules", "test-results", "report"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}
