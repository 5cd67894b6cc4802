//! One style sheet out of `style/index.css` and what it imports.

use crate::Outcome;
use std::{fs, path::Path};

/// Puts each `@import url("x.css") layer(y);` in as `@layer y { … }`, so that a page asks for one file.
pub fn bundle(folder: &Path, release: bool) -> Outcome<String> {
    let index = read(&folder.join("index.css"))?;
    let mut sheet = String::new();
    for line in index.lines() {
        let Some((file, layer)) = import(line)? else {
            sheet.extend([line, "\n"]);
            continue;
        };
        let text = read(&folder.join(file))?;
        if text.contains("@import") {
            return Err(format!("style/{file} imports another file; only style/index.css may").into());
        }
        sheet.extend(["@layer ", layer, " {\n", &text, "}\n"]);
    }
    Ok(if release { smaller(&sheet) } else { sheet })
}

fn read(file: &Path) -> Outcome<String> {
    fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()).into())
}

/// The file and the layer that a line imports, if it imports.
fn import(line: &str) -> Outcome<Option<(&str, &str)>> {
    let Some(rest) = line.trim().strip_prefix("@import") else { return Ok(None) };
    let parts = rest.trim().strip_prefix("url(\"").and_then(|rest| {
        let (file, rest) = rest.split_once("\")")?;
        let layer = rest.trim().strip_prefix("layer(")?.strip_suffix(");")?;
        Some((file, layer))
    });
    parts
        .map(Some)
        .ok_or_else(|| format!("style/index.css: write `@import url(\"x.css\") layer(y);`, not `{line}`").into())
}

/// Without comments, indentation and line ends; text in quotes stays as it is.
fn smaller(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut quote = None;
    let mut rest = sheet;
    while let Some(next) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
            continue;
        }
        rest = &rest[next.len_utf8()..];
        match quote {
            Some(_) if next == '\\' => {
                out.push(next);
                if let Some(escaped) = rest.chars().next() {
                    out.push(escaped);
                    rest = &rest[escaped.len_utf8()..];
                }
                continue;
            }
            Some(mark) if next == mark => quote = None,
            None if next == '"' || next == '\'' => quote = Some(next),
            None if next.is_whitespace() => {
                // A space may part two selectors or two words; after these it parts nothing.
                if !out.is_empty() && !out.ends_with([' ', '{', '}', ';', ',']) {
                    out.push(' ');
                }
                continue;
            }
            None if matches!(next, '{' | '}' | ';') && out.ends_with(' ') => {
                out.pop();
            }
            _ => {}
        }
        out.push(next);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_names_its_file_and_layer() {
        let line = "@import url(\"base.css\") layer(base);";
        assert_eq!(import(line).expect("well formed"), Some(("base.css", "base")));
        assert_eq!(import("a { color: red }").expect("no import"), None);
        assert!(import("@import \"base.css\";").is_err());
    }

    #[test]
    fn a_smaller_sheet_says_the_same() {
        let sheet = "/* why */\na > b,\n\tc {\n\t\tcontent: \"/*  ; \\\" */\";\n\t\tcolor: red;\n\t}\n";
        assert_eq!(smaller(sheet), "a > b,c{content: \"/*  ; \\\" */\";color: red;}");
    }

    #[test]
    fn a_space_between_selectors_stays() {
        assert_eq!(smaller("nav  a:hover { width: calc(1px + 2px) }"), "nav a:hover{width: calc(1px + 2px)}");
    }

    #[test]
    fn the_style_of_the_program_becomes_one_file() {
        let sheet = bundle(&crate::process::root().join("style"), true).expect("style/index.css and its imports");
        assert!(!sheet.contains("@import"));
        assert!(sheet.starts_with("@layer reset,tokens"), "the order of layers comes first: {}", &sheet[..60]);
        assert_eq!(sheet.matches('{').count(), sheet.matches('}').count());
    }
}
