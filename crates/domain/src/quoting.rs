//! The one place where a text becomes a word of a shell command or a value in YAML, TOML or JSON, to be copied by people.

use std::fmt::Write as _;

/// Whose rules to quote by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A word for a POSIX shell.
    Shell,
    /// A scalar in YAML 1.1 or 1.2.
    Yaml,
    /// A string in TOML.
    Toml,
    /// A string in JSON.
    Json,
}

/// Writes `text` so that a reader of `syntax` gets exactly it back. Plain where that is safe (shell, YAML), else quoted.
/// A NUL can't stand in a shell's word and is left out of it.
pub fn quote(text: &str, syntax: Syntax) -> String {
    let plain = !text.is_empty() && text.bytes().all(is_plain);
    match syntax {
        Syntax::Shell if plain => text.to_owned(),
        Syntax::Shell => format!("'{}'", text.replace('\0', "").replace('\'', r"'\''")),
        Syntax::Yaml if plain && !could_be_something_else(text) => text.to_owned(),
        Syntax::Json => double_quoted(text, true),
        Syntax::Yaml | Syntax::Toml => double_quoted(text, false),
    }
}

/// [`quote`] for a shell.
pub fn shell(text: &str) -> String {
    quote(text, Syntax::Shell)
}

/// [`quote`] for YAML.
pub fn yaml(text: &str) -> String {
    quote(text, Syntax::Yaml)
}

/// Characters that mean nothing to a shell and to YAML inside a word.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'%' | b'+' | b'=' | b':' | b',' | b'.' | b'/' | b'-')
}

/// Plain characters that YAML would still take for a number, a date, a mapping, a list or a reserved word.
fn could_be_something_else(text: &str) -> bool {
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let begins_as_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_');
    !begins_as_word || text.ends_with(':') || text.contains(',') || words.contains(&text.to_ascii_lowercase().as_str())
}

/// Double quotes with escapes that YAML, TOML and (with `surrogates`) JSON share.
fn double_quoted(text: &str, surrogates: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(c),
            c if surrogates => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a String does not fail.
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
            c if u32::from(c) < 0x1_0000 => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
