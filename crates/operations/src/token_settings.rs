//! How the token server issues for a registry, and what that registry needs so that it takes what is issued.

use crate::{
    Error, Kind, Operations, Result, WayOut,
    issuing::{Algorithm, bundle_pem},
    token_server::{LONGEST_LIFE, SHORTEST_LIFE, service_name},
};
use domain::{
    Actor, FieldError, Id, Permission, Place, RegistryName, Timestamp,
    audit::Act,
    commands::Snippet,
    permission::allows,
    token_check::{Bundle, TokenCheck},
    token_config::TokenConfig,
};
use serde::{Deserialize, Serialize};
use store::{SetTokenSetting, TokenSetting};

/// How tokens for a registry are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// What they are signed with.
    pub algorithm: Algorithm,
    /// Are passwords taken, or only tokens and robots' secrets?
    pub passwords: bool,
    /// Seconds that a token lives, from [`SHORTEST_LIFE`] to [`LONGEST_LIFE`].
    pub seconds: i64,
}

impl TokenSettings {
    fn chosen(self) -> TokenSetting {
        TokenSetting { algorithm: self.algorithm.as_str().to_owned(), passwords: self.passwords, seconds: self.seconds }
    }

    /// For the audit log.
    fn told(self) -> serde_json::Value {
        serde_json::json!({ "algorithm": self.algorithm, "passwords": self.passwords, "seconds": self.seconds })
    }
}

/// The form of these settings, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenSettingsForm {
    /// `ES256`, `RS256` or `EdDSA`.
    pub algorithm: String,
    /// `on`, or empty.
    pub passwords: String,
    /// Seconds.
    pub seconds: String,
}

impl From<TokenSettings> for TokenSettingsForm {
    fn from(settings: TokenSettings) -> Self {
        Self {
            algorithm: settings.algorithm.as_str().to_owned(),
            passwords: if settings.passwords { "on".to_owned() } else { String::new() },
            seconds: settings.seconds.to_string(),
        }
    }
}

impl TokenSettingsForm {
    fn read(&self) -> Result<TokenSettings> {
        let mut wrong = Vec::new();
        let mut say = |field: &str, message: String| wrong.push(FieldError { field: field.to_owned(), message });
        let algorithm = Algorithm::from_name(self.algorithm.trim());
        if algorithm.is_none() {
            say("algorithm", "Choose ES256, RS256 or EdDSA.".to_owned());
        }
        let seconds =
            self.seconds.trim().parse().ok().filter(|seconds| (SHORTEST_LIFE..=LONGEST_LIFE).contains(seconds));
        if seconds.is_none() {
            say("seconds", format!("Enter a number from {SHORTEST_LIFE} to {LONGEST_LIFE}."));
        }
        match (algorithm, seconds) {
            (Some(algorithm), Some(seconds)) => {
                Ok(TokenSettings { algorithm, passwords: self.passwords == "on", seconds })
            }
            _ => Err(Error::invalid(wrong)),
        }
    }
}

/// All about one registry and the token server.
#[derive(Clone, Debug)]
pub struct RegistryTokens {
    /// Which registry.
    pub registry: RegistryName,
    /// Its address.
    pub address: String,
    /// The audience of its tokens.
    pub service: String,
    /// How they are issued.
    pub settings: TokenSettings,
    /// What is to be copied into its configuration; nothing without a public address of ours.
    pub written: Option<Written>,
    /// What the last check found, if one was made since the program started.
    pub check: Option<TokenCheck>,
    /// Does anything ask it?
    pub enabled: bool,
    /// Does the dashboard itself come with such tokens?
    pub signs_in_so: bool,
    /// Does the whole program take no passwords for tokens, whatever is chosen for the registry?
    pub no_passwords: bool,
    /// What it was last seen to know of the next key, and when; nothing where it was not asked about this one.
    pub bundle: Option<(Bundle, Timestamp)>,
}

/// What is to be copied, and where the public keys are.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where clients ask for tokens.
    pub realm: String,
    /// The certificates, without signing in.
    pub bundle_url: String,
    /// The same keys as a JSON Web Key Set.
    pub jwks_url: String,
    /// What is to be copied, in the order in which it is done.
    pub snippets: Vec<Snippet>,
}

impl Operations {
    /// How tokens for a registry are issued.
    pub(crate) async fn token_settings(&self, registry: Id) -> Result<TokenSettings> {
        let known = self.token_memory().await?;
        let unknown = || Error::new(Kind::NotFound, "There is no such registry.");
        let service = known.services.get(&registry).ok_or_else(unknown)?;
        Ok(TokenSettings { algorithm: service.algorithm, passwords: service.passwords, seconds: service.seconds })
    }

    /// Where clients ask for tokens, if our own address is set: it is never guessed from a request.
    pub fn token_realm(&self) -> Option<String> {
        Some(format!("{}/token", self.settings().public_url.as_deref()?.trim_end_matches('/')))
    }

    /// All about a registry and the token server.
    pub async fn registry_tokens(&self, actor: &Actor, name: &str) -> Result<RegistryTokens> {
        let record = self.record(actor, name).await?;
        allows(actor, Permission::RegistryManage, Place::Registry(record.id))?;
        let settings = self.token_settings(record.id).await?;
        Ok(RegistryTokens {
            address: record.connection.address.to_string(),
            service: service_name(record.id),
            settings,
            written: self.written(record.id, settings).await?,
            check: self.0.token_checks.of(record.id),
            enabled: record.enabled,
            signs_in_so: record.connection.sign_in == domain::SignIn::TokenServer,
            no_passwords: self.settings().no_token_passwords,
            bundle: self.bundle_of(actor, &record.name, settings.algorithm).await?,
            registry: record.name,
        })
    }

    async fn written(&self, registry: Id, settings: TokenSettings) -> Result<Option<Written>> {
        let Some(realm) = self.token_realm() else { return Ok(None) };
        let algorithm = settings.algorithm;
        self.prepare_signing_keys(algorithm).await?;
        let config = TokenConfig {
            service: service_name(registry),
            issuer: self.token_issuer().to_owned(),
            algorithm: algorithm.as_str().to_owned(),
            known_to_distribution_2: algorithm.known_to_distribution_2(),
            bundle_url: format!("{realm}/certificates.pem?algorithm={}", algorithm.as_str()),
            jwks_url: format!("{realm}/jwks.json"),
            bundle: bundle_pem(&self.public_keys(algorithm).await?),
            realm,
        };
        let snippets = config.snippets();
        let TokenConfig { realm, bundle_url, jwks_url, .. } = config;
        Ok(Some(Written { realm, bundle_url, jwks_url, snippets }))
    }

    /// Sets how tokens for a registry are issued. What is so already changes nothing.
    pub async fn edit_token_settings(&self, actor: &Actor, name: &str, form: &TokenSettingsForm) -> Result<()> {
        let record = self.record(actor, name).await?;
        let before = self.token_settings(record.id).await?;
        let act = Act::new("registry.tokens", format!("registry {name}")).before(before.told());
        let permit = self.decide(actor, Permission::RegistryManage, Place::Registry(record.id), &act).await?;
        let wanted = form.read().map_err(|error| error.way_out(WayOut::Connection(name.to_owned())))?;
        if wanted == before {
            return Ok(());
        }
        // Their certificates must be there to be fetched before the first token comes.
        self.prepare_signing_keys(wanted.algorithm).await?;
        let change = SetTokenSetting { registry: record.id, setting: wanted.chosen() };
        self.change(permit, &act.after(wanted.told()), change).await
    }
}
