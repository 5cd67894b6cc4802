//! From what a registry or the memory said to what stopped an operation: the kind, a sentence with the way out, and
//! what came back.

use crate::{Error, Kind};
use registry::error::Missing;

impl From<registry::Error> for Error {
    fn from(error: registry::Error) -> Self {
        let message = format!("{error} {}", error.what_to_do());
        let mut made = Self::new(registry_kind(&error), message);
        made.tried = vec![came_back(&error)];
        if let registry::Error::RateLimited { retry_after } = &error {
            made.retry_after = retry_after.map(|wait| wait.as_secs().max(1));
        }
        made.cause = Some(Box::new(error));
        made
    }
}

fn registry_kind(error: &registry::Error) -> Kind {
    use registry::Error as E;
    match error {
        // distribution 2.8 answers 404 for a manifest that is there in a form that was not asked for.
        E::NotFound { what: Missing::Repository | Missing::Manifest | Missing::Blob | Missing::Upload, .. } => {
            if error.is_absence() { Kind::NotFound } else { Kind::RegistryOdd }
        }
        E::NotFound { what: Missing::Catalog | Missing::Referrers, .. } | E::Unsupported { .. } => Kind::Unsupported,
        E::RateLimited { .. } => Kind::TooMany,
        E::Unauthorized { .. }
        | E::Denied { .. }
        | E::Rejected { .. }
        | E::RealmNotConfirmed { .. }
        | E::ForbiddenAddress { .. } => Kind::RegistryRefused,
        E::TooLarge { .. }
        | E::Integrity { .. }
        | E::Malformed { .. }
        | E::BadLink { .. }
        | E::BadRedirect { .. }
        | E::TooManyRedirects { .. }
        | E::NotFound { .. } => Kind::RegistryOdd,
        E::Settings { .. } => Kind::Setting,
        E::NoPermit { .. } => Kind::Internal,
        _ => Kind::RegistryDown,
    }
}

/// What came back, in a line; where nothing did, that.
fn came_back(error: &registry::Error) -> String {
    use registry::Error as E;
    match error {
        E::RateLimited { retry_after: Some(wait) } => {
            format!("The registry answered 429, and asks to wait {} s.", wait.as_secs().max(1))
        }
        E::RateLimited { retry_after: None } => "The registry answered 429, and does not say for how long.".to_owned(),
        E::Integrity { expected, found } => format!("{expected} was asked for, and {found} came."),
        other => other.said().map_or_else(|| other.to_string(), |said| format!("The registry answered {said}.")),
    }
}

impl Error {
    /// Is it the place in a list, as a client named it, that can't be read?
    pub fn is_about_a_place(&self) -> bool {
        let cause = self.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
        matches!(cause, Some(store::Error::Cursor))
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        use store::Error as E;
        let (kind, message) = match &error {
            E::Taken(what) => (Kind::Conflict, format!("The {what} is in use already. Choose another.")),
            E::NotFound(what) => (Kind::NotFound, format!("There is no such {what}. Somebody may have removed it.")),
            E::Conflict(_) => (Kind::Conflict, format!("{}. Reload the page and try again.", sentence(&error))),
            E::LeaseLost(_) => {
                (Kind::Conflict, "This work is being done elsewhere. Look again in a minute.".to_owned())
            }
            E::Cursor => (Kind::NotFound, "This place in the list can’t be read. Begin at its first page.".to_owned()),
            E::Filter(_) => (Kind::Invalid, format!("{}.", sentence(&error))),
            E::Unreadable { .. }
            | E::KeyFile(_)
            | E::Backup { .. }
            | E::Locked(_)
            | E::NewerSchema { .. }
            | E::OlderSchema { .. } => (Kind::Setting, format!("{}.", sentence(&error))),
            E::Busy => (Kind::Internal, "The database is busy for longer than we wait. Try again.".to_owned()),
            E::Full => (
                Kind::Internal,
                "The disk that holds the data directory is full. Make room there, then try again.".to_owned(),
            ),
            E::File { path, .. } => (Kind::Internal, format!("The file {} can’t be used.", path.display())),
            E::Broken(_) | E::Database(_) => (Kind::Internal, "Something went wrong on our side.".to_owned()),
        };
        Self { cause: Some(Box::new(error)), ..Self::new(kind, message) }
    }
}

/// The error's own words, beginning with a capital.
fn sentence(error: &store::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_registry_that_is_down_says_so_and_what_to_do() {
        let error = Error::from(registry::Error::Refused { host: "registry.example.com:5000".into() });
        assert_eq!(error.kind, Kind::RegistryDown);
        assert!(error.message.contains("refuses the connection"), "{error}");
        assert!(error.message.contains("Check the port"), "{error}");
        assert!(error.cause.is_some());
        assert_eq!(error.tried.len(), 1);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_passed_on() {
        let error = Error::from(registry::Error::RateLimited { retry_after: Some(Duration::from_secs(12)) });
        assert_eq!((error.kind, error.retry_after), (Kind::TooMany, Some(12)));
    }

    #[test]
    fn what_the_store_says_about_itself_is_not_shown() {
        let error = Error::from(store::Error::Broken("row 7 of people".into()));
        assert!(error.is_internal());
        assert!(!error.message.contains("row 7"), "{error}");
        let error = Error::from(store::Error::Filter("a filter has at most 256 characters"));
        assert_eq!((error.kind, error.message.as_str()), (Kind::Invalid, "A filter has at most 256 characters."));
    }
}
