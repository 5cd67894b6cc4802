//! A registry and the token server: how its tokens are issued, what it needs to take them, and whether it does.

use super::{
    answer::Answer,
    asked::{Asked, Interface, Json, Path},
    values::{HealthTone, InRegistry, Time},
};
use axum::response::IntoResponse;
use domain::{
    Timestamp,
    token_check::{Bundle, Line, TokenCheck},
};
use operations::token_settings::{RegistryTokens, TokenSettings, TokenSettingsForm};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(read_registry_tokens, edit_registry_tokens))
        .routes(routes!(check_registry_tokens))
}

/// A registry and the token server.
#[derive(Serialize, ToSchema)]
struct TokensOfRegistry {
    /// How tokens are issued.
    settings: TokenIssuing,
    /// The audience of its tokens, which stays.
    #[schema(example = "registry-1")]
    service: String,
    /// Where clients ask for tokens; without the setting `--public-url`, that is not known.
    realm: Option<String>,
    /// The certificates that the registry is to trust, without signing in.
    certificates: Option<String>,
    /// The same keys as a JSON Web Key Set.
    jwks: Option<String>,
    /// What is to be pasted, in the order in which it is done.
    configuration: Vec<Pasted>,
    /// What the last check found, if one was made since the program started.
    check: Option<CheckOfTokens>,
    /// Does the whole program take no passwords for tokens, whatever `settings` say?
    no_passwords: bool,
    /// What the registry was last seen to know of the key that signs next; without, it was not asked about this one.
    next_key: Option<NextKey>,
    /// Is anything asked of the registry?
    enabled: bool,
    /// Does the dashboard itself come with such tokens?
    signs_in_so: bool,
}

/// How tokens are issued.
#[derive(Serialize, ToSchema)]
struct TokenIssuing {
    /// What they are signed with: `ES256`, `RS256` or `EdDSA`.
    algorithm: &'static str,
    /// Are passwords taken, or only tokens and robots’ secrets?
    passwords: bool,
    /// Seconds that a token lives.
    seconds: i64,
}

/// What a registry was seen to know of the key that signs next.
#[derive(Serialize, ToSchema)]
pub(super) struct NextKey {
    /// `current`: it takes what that key signs; `old`: it does not; `unused`: it does not use this token server; `unclear`.
    bundle: &'static str,
    /// When.
    at: Time,
}

impl NextKey {
    pub(super) fn of((bundle, at): (Bundle, Timestamp)) -> Self {
        Self { bundle: bundle.as_str(), at: at.into() }
    }
}

/// A text for a file.
#[derive(Serialize, ToSchema)]
pub(super) struct Pasted {
    /// What it is, and where it goes.
    caption: String,
    /// The text.
    text: String,
}

/// What a check found.
#[derive(Serialize, ToSchema)]
struct CheckOfTokens {
    /// When it was made.
    at: Time,
    /// How that is as a whole.
    tone: HealthTone,
    /// The answer in one sentence.
    verdict: &'static str,
    /// What was looked at, in order.
    lines: Vec<CheckLine>,
}

/// One thing that was looked at.
#[derive(Serialize, ToSchema)]
struct CheckLine {
    /// What it is about.
    about: &'static str,
    /// How good or bad it is.
    tone: HealthTone,
    /// What was seen.
    seen: String,
    /// What to do, where there is something to do.
    to_do: Option<String>,
}

impl From<domain::commands::Snippet> for Pasted {
    fn from(snippet: domain::commands::Snippet) -> Self {
        Self { caption: snippet.caption, text: snippet.text }
    }
}

impl From<TokenSettings> for TokenIssuing {
    fn from(settings: TokenSettings) -> Self {
        Self { algorithm: settings.algorithm.as_str(), passwords: settings.passwords, seconds: settings.seconds }
    }
}

impl From<TokenCheck> for CheckOfTokens {
    fn from(check: TokenCheck) -> Self {
        let (tone, verdict) = check.verdict();
        let line = |line: Line| CheckLine {
            about: line.about.name(),
            tone: line.tone.into(),
            seen: line.seen,
            to_do: line.to_do,
        };
        Self { at: check.at.into(), tone: tone.into(), verdict, lines: check.lines.into_iter().map(line).collect() }
    }
}

impl From<RegistryTokens> for TokensOfRegistry {
    fn from(own: RegistryTokens) -> Self {
        let (realm, certificates, jwks, snippets) = match own.written {
            Some(written) => (Some(written.realm), Some(written.bundle_url), Some(written.jwks_url), written.snippets),
            None => (None, None, None, Vec::new()),
        };
        Self {
            settings: own.settings.into(),
            service: own.service,
            realm,
            certificates,
            jwks,
            configuration: snippets.into_iter().map(Pasted::from).collect(),
            check: own.check.map(CheckOfTokens::from),
            no_passwords: own.no_passwords,
            next_key: own.bundle.map(NextKey::of),
            enabled: own.enabled,
            signs_in_so: own.signs_in_so,
        }
    }
}

/// What tokens are signed with.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
enum SigningAlgorithm {
    /// ECDSA on P-256: the usual one.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA.
    #[serde(rename = "RS256")]
    Rs256,
    /// Ed25519, which distribution 2.8 can’t read.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    fn word(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// How tokens are to be issued; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "seconds": 300 }))]
struct TokenIssuingEdit {
    /// What they are signed with.
    #[schema(inline)]
    algorithm: Option<SigningAlgorithm>,
    /// Are passwords taken, or only tokens and robots’ secrets?
    passwords: Option<bool>,
    /// Seconds that a token lives.
    #[schema(minimum = 60, maximum = 300)]
    seconds: Option<u32>,
}

/// Read how a registry’s tokens are issued
///
/// With what the registry needs to take them. Takes `registry.manage` there.
#[utoipa::path(get, path = "/registries/{registry}/tokens", tag = "Registries", operation_id = "readRegistryTokens",
    params(InRegistry), responses((status = 200, description = "The settings, and what to paste.", body = TokensOfRegistry)))]
async fn read_registry_tokens(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    let tokens = asked.operations.registry_tokens(&asked.actor, &at.registry).await?;
    asked.answer(&TokensOfRegistry::from(tokens))
}

/// Change how a registry’s tokens are issued
#[utoipa::path(patch, path = "/registries/{registry}/tokens", tag = "Registries", operation_id = "editRegistryTokens",
    params(InRegistry), request_body = TokenIssuingEdit,
    responses((status = 200, description = "The settings as they are now.", body = TokensOfRegistry)))]
async fn edit_registry_tokens(asked: Asked, Path(at): Path<InRegistry>, Json(edit): Json<TokenIssuingEdit>) -> Answer {
    let was = TokenSettingsForm::from(asked.operations.registry_tokens(&asked.actor, &at.registry).await?.settings);
    let word = |on: bool| if on { "on".to_owned() } else { String::new() };
    let form = TokenSettingsForm {
        algorithm: edit.algorithm.map_or(was.algorithm, |algorithm| algorithm.word().to_owned()),
        passwords: edit.passwords.map_or(was.passwords, word),
        seconds: edit.seconds.map_or(was.seconds, |seconds| seconds.to_string()),
    };
    asked.operations.edit_token_settings(&asked.actor, &at.registry, &form).await?;
    let tokens = asked.operations.registry_tokens(&asked.actor, &at.registry).await?;
    Ok(axum::Json(TokensOfRegistry::from(tokens)).into_response())
}

/// Check whether a registry takes our tokens
///
/// And only these: asks it with good tokens, forged ones and none. Needs the setting `--public-url`.
#[utoipa::path(post, path = "/registries/{registry}/tokens/check", tag = "Registries", operation_id = "checkRegistryTokens",
    params(InRegistry), responses((status = 200, description = "What was found.", body = CheckOfTokens)))]
async fn check_registry_tokens(asked: Asked, Path(at): Path<InRegistry>) -> Answer {
    let check = asked.operations.check_registry_tokens(&asked.actor, &at.registry).await?;
    Ok(axum::Json(CheckOfTokens::from(check)).into_response())
}
