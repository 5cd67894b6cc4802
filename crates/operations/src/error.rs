//! What stopped an operation: a kind that pages and status codes follow, a sentence for people, and the cause for the log.

use domain::fields::FieldError;
use domain::{InvalidName, Refusal};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of stop it was. Pages choose their words and their status by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What was typed does not do; the fields say why.
    Invalid,
    /// Nobody is signed in.
    SignInNeeded,
    /// Name and password do not match.
    WrongPassword,
    /// May be seen, may not be done.
    Forbidden,
    /// Not there, or not to be known.
    NotFound,
    /// Somebody else changed it in between.
    Conflict,
    /// Too often; try again later.
    TooMany,
    /// The registry can't be reached, or answers with faults.
    RegistryDown,
    /// The registry refuses us.
    RegistryRefused,
    /// The registry's answer can't be read or isn't what it claims to be.
    RegistryOdd,
    /// The registry can't do this.
    Unsupported,
    /// A setting is missing or a file is wrong.
    Setting,
    /// Our own fault, or our own disk's.
    Internal,
}

impl Kind {
    /// The HTTP status that says the same (RFC 9110).
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid | Self::Setting => 422,
            Self::SignInNeeded | Self::WrongPassword => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooMany => 429,
            Self::RegistryDown => 504,
            Self::RegistryRefused | Self::RegistryOdd => 502,
            Self::Unsupported => 501,
            Self::Internal => 500,
        }
    }
}

/// Where a person can go from an error. Our own pages only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "to", content = "name")]
pub enum WayOut {
    /// The overview.
    Overview,
    /// The sign-in page.
    SignIn,
    /// A registry's settings, by name.
    Connection(String),
    /// A registry's repositories, by name.
    Registry(String),
    /// A repository's tags: registry and repository.
    Repository(String, String),
    /// Why one may not do what this permission is for.
    Explain(String),
    /// The same page again.
    Again,
}

/// What stopped an operation.
#[derive(Debug)]
pub struct Error {
    /// The kind.
    pub kind: Kind,
    /// One or two sentences for people. No secrets.
    pub message: String,
    /// What is wrong with which field.
    pub fields: Vec<FieldError>,
    /// Seconds after which a new try makes sense.
    pub retry_after: Option<u64>,
    /// What was tried and what came back, line by line, where a registry is concerned.
    pub tried: Vec<String>,
    /// The way on.
    pub way_out: Option<WayOut>,
    /// The cause, for the log.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What operations answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind with a sentence.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            fields: Vec::new(),
            retry_after: None,
            tried: Vec::new(),
            way_out: None,
            cause: None,
        }
    }
    /// What was typed does not do.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::new(Kind::Invalid, "Some fields need another look.") }
    }
    /// One field does not do.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }
    /// `what` is not there. "There is no repository storefront/web on production."
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(Kind::NotFound, format!("There is no {what}."))
    }
    /// Our own fault, with its cause.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Box::new(cause)), ..Self::new(Kind::Internal, "Something went wrong on our side.") }
    }
    /// With a way out.
    #[must_use]
    pub fn way_out(mut self, way: WayOut) -> Self {
        self.way_out = Some(way);
        self
    }
    /// With what was tried.
    #[must_use]
    pub fn tried(mut self, line: impl Into<String>) -> Self {
        self.tried.push(line.into());
        self
    }
    /// Is it ours to look at? Internal ones are logged as errors and their cause is hidden; the rest is shown.
    pub fn is_internal(&self) -> bool {
        self.kind == Kind::Internal
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as _)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        if refusal.may_know {
            Self::new(Kind::Forbidden, format!("You need the permission {} for this.", refusal.permission))
                .way_out(WayOut::Explain(refusal.permission.to_string()))
        } else if refusal.actor == "anonymous" {
            Self::new(Kind::SignInNeeded, "Sign in to go on.").way_out(WayOut::SignIn)
        } else {
            Self::new(Kind::NotFound, "There is nothing here that you may see.")
        }
    }
}

impl From<InvalidName> for Error {
    fn from(invalid: InvalidName) -> Self {
        Self::new(Kind::NotFound, invalid.0)
    }
}
