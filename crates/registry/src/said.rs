//! What a registry says about an error: `{"errors":[{code, message, detail}]}`, plain text, or a page of somebody else's.

use serde::Deserialize;
use std::fmt;

/// The most characters that are kept of a text from a registry.
const KEPT: usize = 500;

/// What came back: the status, and what the registry said about it (OCI distribution specification 1.1, "Error Codes").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The HTTP status.
    pub status: u16,
    /// The specification's code, such as `MANIFEST_UNKNOWN`.
    pub code: Option<String>,
    /// The registry's own words, cut and without control characters. Still to be escaped where it is shown.
    pub message: String,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    #[serde(default)]
    code: serde_json::Value,
    #[serde(default)]
    message: serde_json::Value,
}

impl Said {
    /// Reads an error's body. The content type is not trusted: some registries send JSON as text.
    pub(crate) fn read(status: u16, content_type: &str, body: &[u8]) -> Self {
        if let Ok(Errors { errors }) = serde_json::from_slice::<Errors>(body) {
            // Several errors: the first tells what happened; distribution repeats it once for each missing blob.
            let first = errors.into_iter().next();
            let code = first
                .as_ref()
                .and_then(|e| e.code.as_str())
                .map(|code| clean(code, 60))
                .filter(|code| !code.is_empty());
            let message = first.as_ref().and_then(|e| e.message.as_str()).unwrap_or_default();
            return Self { status, code, message: clean(message, KEPT) };
        }
        let text = String::from_utf8_lossy(body);
        // A page of markup says nothing in an error line.
        let markup = content_type.contains("html") || text.trim_start().starts_with('<');
        Self { status, code: None, message: if markup { String::new() } else { clean(&text, KEPT) } }
    }
    /// Is this its code?
    pub(crate) fn has(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// Text from outside as it may stand in an error: cut, one line, no control and no direction-changing characters.
pub(crate) fn clean(text: &str, most: usize) -> String {
    let kept = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut out: String = kept.filter(|c| !c.is_control() && !is_invisible(*c)).take(most + 1).collect();
    if out.chars().count() > most {
        out = out.chars().take(most.saturating_sub(1)).collect();
        out.push('…');
    }
    out.trim().to_owned()
}

/// Characters that change how the text around them reads.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_errors_give_code_and_message_whatever_the_detail_is() {
        for detail in ["null", "{}", "\"sha256:0\"", "[1]", "{\"Tag\":\"x\"}"] {
            let body = format!(r#"{{"errors":[{{"code":"NAME_UNKNOWN","message":"not known","detail":{detail}}}]}}"#);
            let said = Said::read(404, "text/plain", body.as_bytes());
            assert_eq!(said.to_string(), "404 NAME_UNKNOWN: not known");
        }
    }

    #[test]
    fn plain_text_is_kept_and_pages_are_not() {
        assert_eq!(Said::read(404, "text/plain", b"404 page not found\n").to_string(), "404: 404 page not found");
        assert_eq!(Said::read(502, "text/html", b"<html>Bad gateway</html>").to_string(), "502");
    }

    #[test]
    fn control_and_direction_characters_go_and_long_texts_are_cut() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\nd", 100), "a[31mbc d");
        assert_eq!(clean(&"x".repeat(600), KEPT).chars().count(), KEPT);
    }
}
