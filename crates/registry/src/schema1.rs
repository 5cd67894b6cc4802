//! Docker's schema 1, which nothing makes any more and some registries still hold: a JSON document with its signatures
//! inside, whose digest is that of the document without them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

#[derive(Deserialize)]
struct Signed {
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    protected: String,
}

#[derive(Deserialize)]
struct Protected {
    #[serde(rename = "formatLength")]
    length: usize,
    #[serde(rename = "formatTail")]
    tail: String,
}

/// The signed bytes, put together from the beginning of the document and the tail kept in its first signature.
pub(crate) fn payload(document: &[u8]) -> Option<Vec<u8>> {
    let signed: Signed = serde_json::from_slice(document).ok()?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    let protected: Protected = serde_json::from_slice(&decode(&signed.signatures.first()?.protected)?).ok()?;
    let mut payload = document.get(..protected.length)?.to_vec();
    payload.extend(decode(&protected.tail)?);
    Some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_comes_back_without_its_signatures() {
        let original = b"{\n   \"schemaVersion\": 1\n}";
        let length = original.len() - 2;
        let protected = format!(r#"{{"formatLength":{length},"formatTail":"{}"}}"#, URL_SAFE_NO_PAD.encode(b"\n}"));
        let mut document = original[..length].to_vec();
        document.extend(
            format!(",\n   \"signatures\": [{{\"protected\":\"{}\"}}]\n}}", URL_SAFE_NO_PAD.encode(protected)).bytes(),
        );
        assert_eq!(payload(&document).as_deref(), Some(&original[..]));
        assert_eq!(payload(b"{}"), None);
    }
}
