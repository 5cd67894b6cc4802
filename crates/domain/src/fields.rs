//! What is wrong with what a person typed, field by field, so that all of it comes back at once.

use serde::{Deserialize, Serialize};

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name in the form.
    pub field: String,
    /// A sentence that says what is wrong and what would be right.
    pub message: String,
}

impl FieldError {
    /// An error of `field`.
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// What is wrong with a form: one or more fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }
    /// One wrong field.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        Self(vec![FieldError::new(field, message)])
    }
    /// Adds an error.
    pub fn push(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }
    /// The value of a result, or its error noted under `field`.
    pub fn take<T, E: std::fmt::Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(field, error.to_string());
                None
            }
        }
    }
    /// The first error of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
    /// Is nothing wrong?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// `value` if nothing is wrong, else what is.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self(vec![error])
    }
}

impl std::fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let messages: Vec<_> = self.0.iter().map(|error| error.message.as_str()).collect();
        f.write_str(&messages.join(" "))
    }
}

impl std::error::Error for FieldErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_come_back_at_once() {
        let mut errors = FieldErrors::new();
        let name = errors.take("name", "Bad Name".parse::<crate::RegistryName>());
        let address = errors.take("address", "ftp://x".parse::<crate::Address>());
        assert!(name.is_none() && address.is_none());
        assert_eq!(errors.0.len(), 2);
        assert_eq!(errors.get("address"), Some("An address begins with https:// or http://."));
        assert_eq!(errors.get("other"), None);
        assert!(errors.or(()).is_err());
    }

    #[test]
    fn without_errors_the_value_goes_through() {
        let mut errors = FieldErrors::new();
        let name = errors.take("name", "production".parse::<crate::RegistryName>());
        assert_eq!(errors.or(name.is_some()), Ok(true));
    }
}
