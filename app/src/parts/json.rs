//! Raw JSON for people: indented and coloured on the server by a small reader of tokens. It never fails and never
//! recurses, whatever the text is; everything it writes is escaped.

use super::Icon;
use leptos::prelude::*;

/// Longer documents are shown as they came, without colours.
const MOST_COLOURED: usize = 256 * 1024;
/// Deeper levels are indented no further.
const DEEPEST: usize = 40;
/// More of a document than this is not put into a page.
const MOST_SHOWN: usize = 2 * 1024 * 1024;

/// A document's text with its names and values told apart, and a button that copies it.
#[component]
pub fn Json(
    /// The document.
    #[prop(into)]
    text: String,
    /// What it is, for those who hear it.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let html = coloured(&text);
    view! {
        <div class="command json">
            <pre tabindex="0" aria-label=what.clone() inner_html=html></pre>
            <button type="button" class="copy" aria-label=format!("Copy {what}")><Icon name="copy"/></button>
        </div>
    }
}

/// A part of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    /// A string, quotes included.
    Text(&'a str),
    /// A number, `true`, `false`, `null`, or anything else in one piece.
    Word(&'a str),
    /// One of `{ } [ ] : ,`.
    Mark(char),
}

/// Cuts a text into tokens; blanks between them are left out.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match first {
            '{' | '}' | '[' | ']' | ':' | ',' => {
                rest = &rest[1..];
                return Some(Token::Mark(first));
            }
            '"' => end_of_string(rest),
            _ => rest.find(|c: char| c.is_whitespace() || "{}[]:,\"".contains(c)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(if first == '"' { Token::Text(token) } else { Token::Word(token) })
    })
}

/// Where the string at the beginning of `text` ends, its quote included; one without an end takes the rest.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The text as HTML: one line for each value, names and values in spans.
fn coloured(text: &str) -> String {
    let mut end = text.len().min(MOST_SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = &text[..end];
    let mut html = if cut.len() > MOST_COLOURED { escaped(cut) } else { indented(cut) };
    if end < text.len() {
        html.push_str("\n…");
    }
    html
}

fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut all = tokens(text).peekable();
    while let Some(token) = all.next() {
        // A deep document grows by its indents: one that grows too much is shown as it came.
        if out.len() > MOST_SHOWN {
            return escaped(text);
        }
        match token {
            Token::Mark(open @ ('{' | '[')) => {
                out.push(open);
                match all.peek() {
                    Some(Token::Mark(close @ ('}' | ']'))) => {
                        out.push(*close);
                        all.next();
                    }
                    _ => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            Token::Mark(close @ ('}' | ']')) => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(close);
            }
            Token::Mark(',') => {
                out.push(',');
                line(&mut out, depth);
            }
            Token::Mark(mark) => {
                out.push(mark);
                out.push(' ');
            }
            Token::Text(string) => {
                let kind = if all.peek() == Some(&Token::Mark(':')) { "name" } else { "text" };
                span(&mut out, kind, string);
            }
            Token::Word(word) => span(&mut out, "word", word),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

fn span(out: &mut String, kind: &str, text: &str) {
    out.push_str("<span data-json=\"");
    out.push_str(kind);
    out.push_str("\">");
    out.push_str(&escaped(text));
    out.push_str("</span>");
}

/// Text that can stand in HTML; characters that hide or turn what is around them are written out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in domain::text::visible_lines(text, usize::MAX).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(html: &str) -> String {
        let mut out = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        out.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    #[test]
    fn a_document_on_one_line_is_indented_and_stays_the_same_json() {
        let text = r#"{"schemaVersion":2,"layers":[],"annotations":{"a":"b, {c}","d\"e":null},"list":[1,true]}"#;
        let html = coloured(text);
        assert!(
            html.contains(
                r#"<span data-json="name">&quot;schemaVersion&quot;</span>: <span data-json="word">2</span>"#
            )
        );
        let shown = plain(&html);
        assert!(shown.lines().count() > 8, "{shown}");
        let (read, was): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&shown).expect("json"), serde_json::from_str(text).expect("json"));
        assert_eq!(read, was);
    }

    #[test]
    fn markup_in_a_label_stays_text() {
        let html = coloured(r#"{"a":"</script><script>alert(1)</script>","<b>":'"}"#);
        assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;/script&gt;"));
    }

    #[test]
    fn characters_that_turn_the_text_are_written_out() {
        let html = coloured("{\"a\":\"safe\u{202e}txt.exe\"}");
        assert!(!html.contains('\u{202e}'), "{html}");
    }

    #[test]
    fn deep_and_broken_documents_are_shown_as_far_as_they_go() {
        let deep = "[".repeat(100_000);
        assert_eq!(coloured(&deep), deep);
        assert!(coloured(&deep[..1_000]).contains('\n'));
        assert!(coloured("{\"open").contains("&quot;open"));
        assert!(coloured("]]]}}}").contains(']'));
        assert_eq!(coloured(""), "");
    }

    #[test]
    fn a_very_long_document_is_cut_and_says_so() {
        let long = format!("[\"{}\"]", "ä".repeat(MOST_SHOWN));
        let html = coloured(&long);
        assert!(html.ends_with("\n…") && html.len() < MOST_SHOWN + 100);
    }
}
