//! What ends a command: one sentence and an exit code.

use std::fmt;

/// Why a command ended early.
#[derive(Debug)]
pub struct Stopped {
    /// 1: tried and failed; 2: a wrong setting.
    pub code: u8,
    why: String,
}

impl Stopped {
    /// Tried and failed, said in a sentence.
    pub fn new(why: impl fmt::Display) -> Self {
        Self { code: 1, why: sentence(&why.to_string()) }
    }
    /// The same as the fault of a setting.
    #[must_use]
    pub fn of_setting(self, what: &str) -> Self {
        Self { code: 2, why: format!("{what}: {}", self.why) }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl From<crate::settings::Wrong> for Stopped {
    fn from(wrong: crate::settings::Wrong) -> Self {
        Self { code: 2, why: wrong.0 }
    }
}

impl From<store::Error> for Stopped {
    fn from(error: store::Error) -> Self {
        // The last cause says most: "the database failed" alone helps nobody.
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(next) = cause {
            let said = next.to_string();
            if !text.contains(&said) {
                text = format!("{text}: {said}");
            }
            cause = next.source();
        }
        Self::new(text)
    }
}

impl From<operations::error::Error> for Stopped {
    fn from(error: operations::error::Error) -> Self {
        let fields = error.fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" ");
        let cause = error.cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        if fields.is_empty() { Self::new(format!("{}{cause}", error.message)) } else { Self::new(fields) }
    }
}

/// A capital at its beginning and a full stop at its end.
fn sentence(text: &str) -> String {
    let text = crate::settings::visible(text.trim());
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let rest = letters.as_str();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{stop}")
}
