//! The error as pages and forms see it: serializable, free of secrets, small enough for an address.

use crate::context::{Site, request_id, tell};
use domain::fields::FieldError;
use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use operations::error::{Error, Kind, WayOut};
use serde::{Deserialize, Serialize};

/// What stopped a page or a form. Where it travels in an address (a form without WebAssembly), `mac` proves that we
/// made it: nobody can make a link that puts words into our pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// The kind; decides title and status.
    pub kind: Kind,
    /// One or two sentences.
    pub message: String,
    /// What is wrong with which field.
    pub fields: Vec<FieldError>,
    /// What was tried and what came back, line by line.
    pub tried: Vec<String>,
    /// The number to quote.
    pub reference: String,
    /// Where to go from here.
    pub way_out: Option<WayOut>,
    /// Seconds after which a new try makes sense.
    pub retry_after: Option<u64>,
    /// What was typed, without secrets, so that a form without WebAssembly loses nothing.
    pub typed: Vec<(String, String)>,
    /// Proof that we made it.
    pub mac: String,
}

/// The key of [`AppError::mac`]: random, made anew at each start.
#[derive(Clone)]
pub struct ErrorKey(pub std::sync::Arc<ring::hmac::Key>);

impl ErrorKey {
    /// A new random key.
    ///
    /// # Panics
    /// When the system has no randomness.
    pub fn random() -> Self {
        let key = ring::hmac::Key::generate(ring::hmac::HMAC_SHA256, &ring::rand::SystemRandom::new());
        Self(std::sync::Arc::new(key.expect("the system gives random bytes")))
    }
}

impl AppError {
    /// The one translation of what stopped an operation. Logs it once, with the request's number.
    pub fn from_operation(error: &Error, reference: &str) -> Self {
        if error.is_internal() {
            let cause = error.cause.as_deref().map(|cause| chain(cause)).unwrap_or_default();
            tracing::error!(request = reference, cause, "{error}");
        } else {
            tracing::debug!(request = reference, kind = ?error.kind, "{error}");
        }
        Self {
            kind: error.kind,
            message: error.message.clone(),
            fields: error.fields.clone(),
            tried: error.tried.clone(),
            reference: reference.to_owned(),
            way_out: error.way_out.clone(),
            retry_after: error.retry_after,
            typed: Vec::new(),
            mac: String::new(),
        }
    }

    fn plain(kind: Kind, message: &str) -> Self {
        Self {
            kind,
            message: message.to_owned(),
            fields: Vec::new(),
            tried: Vec::new(),
            reference: String::new(),
            way_out: None,
            retry_after: None,
            typed: Vec::new(),
            mac: String::new(),
        }
    }

    /// An error that no operation made: nothing is behind this address.
    pub fn not_found(message: &str) -> Self {
        Self { way_out: Some(WayOut::Overview), ..Self::plain(Kind::NotFound, message) }
    }

    fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&Self { mac: String::new(), ..self.clone() }).unwrap_or_default()
    }

    /// Proves that we made it, and makes it small enough for an address.
    #[must_use]
    pub fn sealed(mut self, key: &ErrorKey) -> Self {
        self.tried.truncate(5);
        while self.body().len() > 3_000 && self.typed.pop().is_some() {}
        self.mac = hex(ring::hmac::sign(&key.0, &self.body()).as_ref());
        self
    }

    /// Did we make it?
    pub fn is_ours(&self, key: &ErrorKey) -> bool {
        unhex(&self.mac).is_some_and(|mac| ring::hmac::verify(&key.0, &self.body(), &mac).is_ok())
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<String> {
        self.fields.iter().find(|f| f.field == field).map(|f| f.message.clone())
    }

    /// What was typed into this field.
    pub fn typed(&self, field: &str) -> Option<String> {
        self.typed.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.is_ascii() && text.len().is_multiple_of(2);
    digits.then(|| (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect())?
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

/// What stopped a server function before or after its operation; told like an error of one.
fn outside(kind: Kind, message: &str) -> AppError {
    let error = AppError { reference: request_id(), ..AppError::plain(kind, message) };
    tell(&error);
    match use_context::<Site>() {
        Some(site) => error.sealed(&site.errors),
        None => error,
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(why)
            | ServerFnErrorErr::MissingArg(why)
            | ServerFnErrorErr::Deserialization(why) => {
                tracing::debug!(why, "a form did not fit");
                outside(Kind::Invalid, "This form does not fit what we expect. Reload the page and try again.")
            }
            other => {
                tracing::error!(cause = %other, "a server function failed outside of an operation");
                outside(Kind::Internal, "Something went wrong on our side.")
            }
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_an_address_is_believed_only_when_we_made_it() {
        let key = ErrorKey::random();
        let ours = AppError::not_found("There is no repository a.").sealed(&key);
        assert!(ours.is_ours(&key));
        let read: AppError = serde_json::from_slice(&serde_json::to_vec(&ours).expect("json")).expect("json");
        assert!(read.is_ours(&key));
        let forged = AppError { message: "Call this number".into(), ..read.clone() };
        assert!(!forged.is_ours(&key));
        assert!(!AppError { mac: String::new(), ..read.clone() }.is_ours(&key));
        assert!(!read.is_ours(&ErrorKey::random()));
    }

    #[test]
    fn what_was_typed_is_kept_as_far_as_it_fits() {
        let key = ErrorKey::random();
        let typed = vec![("name".into(), "production".into()), ("ca".into(), "x".repeat(10_000))];
        let sealed = AppError { typed, ..AppError::not_found("no") }.sealed(&key);
        assert_eq!(sealed.typed("name").as_deref(), Some("production"));
        assert_eq!(sealed.typed("ca"), None);
        assert!(sealed.is_ours(&key));
    }
}
