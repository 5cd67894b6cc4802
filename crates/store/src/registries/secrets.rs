//! A registry's four sealed fields.

use crate::{
    Error,
    sealing::{Bound, Keys},
};
use domain::{Address, Id, Secret, Secrets};
use sqlx::{Row as _, sqlite::SqliteRow};

/// What becomes of one secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SecretEdit {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is replaced.
    Set(Secret),
    /// It is forgotten.
    Clear,
}

impl From<Option<Secret>> for SecretEdit {
    /// Nothing entered: nothing changed.
    fn from(secret: Option<Secret>) -> Self {
        secret.map_or(Self::Keep, Self::Set)
    }
}

/// What becomes of a registry's secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretsEdit {
    /// For Basic and the token challenge.
    pub password: SecretEdit,
    /// For the identity token.
    pub identity_token: SecretEdit,
    /// The private key of the client certificate.
    pub client_key: SecretEdit,
    /// For the proxy.
    pub proxy_credentials: SecretEdit,
}

impl From<Secrets> for SecretsEdit {
    /// Replaces those that are given.
    fn from(secrets: Secrets) -> Self {
        Self {
            password: secrets.password.into(),
            identity_token: secrets.identity_token.into(),
            client_key: secrets.client_key.into(),
            proxy_credentials: secrets.proxy_credentials.into(),
        }
    }
}

/// Which secrets a registry has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four fields, each filled or not: they are the columns themselves")]
pub struct Held {
    /// For Basic and the token challenge.
    pub password: bool,
    /// For the identity token.
    pub identity_token: bool,
    /// The private key of the client certificate.
    pub client_key: bool,
    /// For the proxy.
    pub proxy_credentials: bool,
    /// One of them was sealed with a key that is not at hand: it must be entered again.
    pub unreadable: bool,
}

/// The sealed fields as they stand in a row.
#[derive(Default)]
pub(super) struct Sealed {
    pub(super) password: Option<Vec<u8>>,
    pub(super) identity_token: Option<Vec<u8>>,
    pub(super) client_key: Option<Vec<u8>>,
    pub(super) proxy_credentials: Option<Vec<u8>>,
}

impl Sealed {
    pub(super) fn read(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            password: row.try_get("password")?,
            identity_token: row.try_get("identity_token")?,
            client_key: row.try_get("client_key")?,
            proxy_credentials: row.try_get("proxy_credentials")?,
        })
    }

    pub(super) fn held(&self, keys: &Keys) -> Held {
        let all = [&self.password, &self.identity_token, &self.client_key, &self.proxy_credentials];
        Held {
            password: self.password.is_some(),
            identity_token: self.identity_token.is_some(),
            client_key: self.client_key.is_some(),
            proxy_credentials: self.proxy_credentials.is_some(),
            unreadable: all.into_iter().flatten().any(|sealed| !keys.sealed(sealed)),
        }
    }

    pub(super) fn open(&self, keys: &Keys, registry: Id, address: &Address) -> Result<Secrets, Error> {
        let open = |field, sealed: &Option<Vec<u8>>| {
            let bound = Bound { registry, field, address };
            sealed.as_ref().map(|sealed| keys.unseal(bound, sealed)).transpose()
        };
        Ok(Secrets {
            password: open(PASSWORD, &self.password)?,
            identity_token: open(IDENTITY_TOKEN, &self.identity_token)?,
            client_key: open(CLIENT_KEY, &self.client_key)?,
            proxy_credentials: open(PROXY_CREDENTIALS, &self.proxy_credentials)?,
        })
    }

    pub(super) fn edit(self, edit: SecretsEdit, keys: &Keys, registry: Id, address: &Address) -> Result<Self, Error> {
        let one = |field, sealed, edit| match edit {
            SecretEdit::Keep => Ok(sealed),
            SecretEdit::Clear => Ok(None),
            SecretEdit::Set(secret) => keys.seal(Bound { registry, field, address }, &secret).map(Some),
        };
        Ok(Self {
            password: one(PASSWORD, self.password, edit.password)?,
            identity_token: one(IDENTITY_TOKEN, self.identity_token, edit.identity_token)?,
            client_key: one(CLIENT_KEY, self.client_key, edit.client_key)?,
            proxy_credentials: one(PROXY_CREDENTIALS, self.proxy_credentials, edit.proxy_credentials)?,
        })
    }
}

const PASSWORD: &str = "password";
const IDENTITY_TOKEN: &str = "identity token";
const CLIENT_KEY: &str = "client key";
const PROXY_CREDENTIALS: &str = "proxy credentials";
