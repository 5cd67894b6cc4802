//! The keys that sign tokens for registries.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path},
    registry_tokens::NextKey,
    values::{Time, bounded},
};
use operations::token_keys::{KeyRow, KeyState, KeysOfAlgorithm, Readiness};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_signing_keys)).routes(routes!(rotate_signing_key))
}

/// What tokens are signed with.
#[derive(Serialize, ToSchema)]
struct SigningKeys {
    /// Every algorithm that has keys.
    algorithms: Vec<KeysOf>,
}

/// The keys of one algorithm.
#[derive(Serialize, ToSchema)]
struct KeysOf {
    /// `ES256`, `RS256` or `EdDSA`.
    algorithm: &'static str,
    /// How many registries' tokens are signed with it.
    registries: usize,
    /// The one that signs, the next one, then retired ones, the youngest first.
    keys: Vec<SigningKey>,
    /// The registries that may be seen, by name, and whether they know the next key: one that does not is cut off by a rotation.
    readiness: Vec<RegistryReadiness>,
}

/// A registry, and the key that signs next.
#[derive(Serialize, ToSchema)]
struct RegistryReadiness {
    /// Which registry.
    registry: String,
    /// What it was seen to know; without, it was not asked about this key.
    next_key: Option<NextKey>,
}

/// A key. Its private part is not in it.
#[derive(Serialize, ToSchema)]
struct SigningKey {
    /// Its name, as tokens carry it.
    kid: String,
    /// What it is there for.
    state: SigningKeyState,
    /// Can it be unsealed? A retired key is never asked.
    readable: bool,
    /// Since when there is such a key.
    created: Time,
    /// Since when it signs, or when it stopped signing.
    since: Option<Time>,
    /// When its certificate ends.
    ends: Time,
    /// Does that come within a year?
    ends_soon: bool,
    /// Does it stand in the bundle that registries read?
    published: bool,
}

/// What a key is there for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SigningKeyState {
    /// It signs.
    Current,
    /// It signs after the next rotation.
    Next,
    /// It signed.
    Retired,
}

impl From<KeyRow> for SigningKey {
    fn from(row: KeyRow) -> Self {
        let state = match row.state {
            KeyState::Current => SigningKeyState::Current,
            KeyState::Next => SigningKeyState::Next,
            KeyState::Retired => SigningKeyState::Retired,
        };
        Self {
            kid: row.kid,
            state,
            readable: row.readable,
            created: row.created.into(),
            since: row.since.map(Time),
            ends: row.ends.into(),
            ends_soon: row.ends_soon,
            published: row.published,
        }
    }
}

impl From<Readiness> for RegistryReadiness {
    fn from(own: Readiness) -> Self {
        Self { registry: own.registry.to_string(), next_key: own.found.zip(own.at).map(NextKey::of) }
    }
}

impl From<KeysOfAlgorithm> for KeysOf {
    fn from(own: KeysOfAlgorithm) -> Self {
        Self {
            algorithm: own.algorithm.as_str(),
            registries: own.registries,
            keys: own.keys.into_iter().map(SigningKey::from).collect(),
            readiness: own.readiness.into_iter().map(RegistryReadiness::from).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByAlgorithm {
    /// `ES256`, `RS256` or `EdDSA`.
    #[param(example = "ES256", min_length = 1, max_length = 20, pattern = "^[A-Za-z0-9]+$")]
    algorithm: String,
}

/// Which key was seen to sign.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "current": "AAAA:BBBB" }))]
struct Rotation {
    /// The name of the key that signs: if another does by now, the answer is 409, and what is sent twice rotates once. Null for
    /// whichever does.
    #[schema(nullable, max_length = 200)]
    current: Option<String>,
}

/// List signing keys
///
/// Of every algorithm that has some. Takes `registry.manage` everywhere.
#[utoipa::path(get, path = "/access/keys", tag = "Access", operation_id = "listSigningKeys",
    responses((status = 200, description = "The keys.", body = SigningKeys)))]
async fn list_signing_keys(asked: Asked) -> Answer {
    let keys = asked.operations.signing_keys(&asked.actor).await?;
    asked.answer(&SigningKeys { algorithms: keys.into_iter().map(KeysOf::from).collect() })
}

/// Rotate signing keys
///
/// The next key signs from now on, and another is made to be next. Registries that have the bundle notice nothing; they know two
/// keys, so fetch it anew before the rotation after this one.
#[utoipa::path(post, path = "/access/keys/{algorithm}/rotate", tag = "Access", operation_id = "rotateSigningKey",
    params(ByAlgorithm), request_body = Rotation, responses((status = 204, description = "It is so.")))]
async fn rotate_signing_key(asked: Asked, Path(at): Path<ByAlgorithm>, Json(rotation): Json<Rotation>) -> Answer {
    let current = rotation.current.unwrap_or_default();
    bounded("current", &current, 200)?;
    let current = Some(current.as_str()).filter(|kid| !kid.is_empty());
    asked.operations.rotate_signing_key(&asked.actor, &at.algorithm, current).await?;
    done()
}
