//! Documents as they came, for pages and for whoever wants the bytes.

use crate::content::Found;

/// A document as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// Its text; bytes that are no text are replaced.
    pub text: String,
    /// How many bytes it has.
    pub size: usize,
    /// Its media type, as it was served.
    pub media_type: String,
}

impl Raw {
    pub(crate) fn of(found: &Found) -> Self {
        Self::new(&found.bytes, &found.media_type)
    }
    pub(crate) fn new(bytes: &[u8], media_type: &str) -> Self {
        Self { text: String::from_utf8_lossy(bytes).into_owned(), size: bytes.len(), media_type: media_type.to_owned() }
    }
}
