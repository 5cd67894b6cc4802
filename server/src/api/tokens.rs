//! One's access tokens.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path},
    problem::Problem,
    values::{Time, permission_names},
};
use axum::http::{HeaderValue, header};
use operations::tokens::{TokenForm, TokenRow};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::schema::{ObjectBuilder, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new().routes(routes!(list_tokens, make_token)).routes(routes!(revoke_token))
}

/// The name of a permission.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct PermissionName(String);

impl PartialSchema for PermissionName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(permission_names()));
        names.description(Some("The name of a permission.")).into()
    }
}

impl ToSchema for PermissionName {}

impl PermissionName {
    /// The name itself.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl From<domain::Permission> for PermissionName {
    fn from(permission: domain::Permission) -> Self {
        Self(permission.to_string())
    }
}

/// The most that a token may do. What is left out restricts nothing.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Restriction {
    /// Only these permissions; what they need to be of use (seeing what one pulls) comes along.
    permissions: Vec<PermissionName>,
    /// Only in this registry, by its name.
    #[schema(nullable, example = json!(null))]
    registry: Option<String>,
    /// Only on repositories that match: `*` stands for any characters, `?` for one.
    #[schema(nullable, example = "storefront/*")]
    repositories: Option<String>,
}

/// A token. Its secret is not in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    /// The public part that it is called by; the token itself has it in its middle.
    prefix: String,
    /// What it is for.
    name: String,
    /// The most that it may do.
    restriction: Restriction,
    /// Since when.
    created: Time,
    /// Until when; without, until it is revoked.
    expires: Option<Time>,
    /// Has it run out?
    expired: bool,
    /// When it was used last, to the minute.
    last_used: Option<Time>,
    /// From where, then; empty before.
    last_address: String,
    /// Is it the one that asks?
    current: bool,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        let permissions = row.restriction.permissions().iter().map(|own| PermissionName(own.to_string()));
        Self {
            prefix: row.prefix,
            name: row.name,
            restriction: Restriction {
                permissions: permissions.collect(),
                registry: row.registry,
                repositories: row.restriction.repositories().map(ToString::to_string),
            },
            created: row.created.into(),
            expires: row.expires.map(Time),
            expired: row.expired,
            last_used: row.last_used.map(Time),
            last_address: row.last_address,
            current: row.current,
        }
    }
}

/// One's tokens.
#[derive(Serialize, ToSchema)]
struct Tokens {
    /// The newest first.
    tokens: Vec<Token>,
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "nightly report", "days": 90, "restriction": { "permissions": ["repository.view"] } }))]
struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// For how many days; without, until it is revoked.
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<u16>,
    /// The most that it may do.
    #[serde(default)]
    restriction: Restriction,
}

/// A token that was made just now.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    /// The whole of it, shown only this once.
    secret: String,
    /// What lists show of it.
    token: Token,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByPrefix {
    /// The public part of the token.
    #[param(example = "0123456789ab", pattern = "^[0-9a-f]{12}$")]
    prefix: String,
}

/// List one's tokens
#[utoipa::path(get, path = "/me/tokens", tag = "Me", operation_id = "listTokens",
    responses((status = 200, description = "The tokens, without secrets.", body = Tokens)))]
async fn list_tokens(asked: Asked) -> Answer {
    let rows = asked.operations.tokens(&asked.actor).await?;
    asked.answer(&Tokens { tokens: rows.into_iter().map(Token::from).collect() })
}

/// Make a token
///
/// It may do no more than the token that asks, and lives no longer. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/me/tokens", tag = "Me", operation_id = "makeToken", request_body = NewToken,
    responses((status = 201, description = "It is made.", body = MadeToken)))]
async fn make_token(asked: Asked, Json(new): Json<NewToken>) -> Answer {
    let form = TokenForm {
        name: new.name,
        days: new.days.map_or_else(|| "never".to_owned(), |days| days.to_string()),
        permissions: new.restriction.permissions.into_iter().map(|name| name.0).collect(),
        registry: filled("registry", new.restriction.registry)?,
        repositories: filled("repositories", new.restriction.repositories)?,
    };
    let made = asked.operations.make_token(&asked.actor, &form).await?;
    let path = format!("/me/tokens/{}", made.row.prefix);
    let mut response = asked.created(&path, &MadeToken { secret: made.secret, token: made.row.into() })?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A restriction that is named is one: an empty text would be none at all.
fn filled(field: &str, text: Option<String>) -> Result<String, Problem> {
    match text {
        Some(text) if text.trim().is_empty() => {
            Err(operations::Error::field(field, "Leave it out where it is to restrict nothing.").into())
        }
        text => Ok(text.unwrap_or_default()),
    }
}

/// Revoke a token
///
/// At once, and for good. A token may revoke itself.
#[utoipa::path(delete, path = "/me/tokens/{prefix}", tag = "Me", operation_id = "revokeToken", params(ByPrefix),
    responses((status = 204, description = "It is revoked.")))]
async fn revoke_token(asked: Asked, Path(at): Path<ByPrefix>) -> Answer {
    asked.operations.revoke_token(&asked.actor, &at.prefix).await?;
    done()
}
