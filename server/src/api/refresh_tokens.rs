//! Refresh tokens, which docker keeps after `docker login`: one's own, and those of people and robots one looks after.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Path},
    people::InPerson,
    robots::InRobot,
    values::Time,
};
use domain::{Id, access::Subject};
use operations::token_server::RefreshTokenRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_own_refresh_tokens))
        .routes(routes!(revoke_own_refresh_token))
        .routes(routes!(list_refresh_tokens_of_person))
        .routes(routes!(revoke_refresh_token_of_person))
        .routes(routes!(list_refresh_tokens_of_robot))
        .routes(routes!(revoke_refresh_token_of_robot))
}

/// Refresh tokens of one account.
#[derive(Serialize, ToSchema)]
struct RefreshTokens {
    /// The last used first, and no more than a thousand.
    refresh_tokens: Vec<RefreshToken>,
}

/// A refresh token. The secret itself is not in it.
#[derive(Serialize, ToSchema)]
struct RefreshToken {
    /// What it is revoked by.
    #[schema(value_type = i64)]
    id: Id,
    /// Its public part.
    prefix: String,
    /// The registry it is good for, by name; its service where the registry is gone or can’t be seen.
    registry: String,
    /// What the client calls itself.
    client: String,
    /// The token or secret it was made with; without, a password.
    made_with: Option<String>,
    /// Since when.
    created: Time,
    /// When it was used last, to the minute.
    last_used: Time,
    /// From where, then.
    last_address: String,
    /// When it ends if it is not used.
    ends: Time,
}

impl From<RefreshTokenRow> for RefreshToken {
    fn from(row: RefreshTokenRow) -> Self {
        Self {
            id: row.id,
            prefix: row.prefix,
            registry: row.registry,
            client: row.client,
            made_with: row.made_with,
            created: row.created.into(),
            last_used: row.last_used.into(),
            last_address: row.last_address,
            ends: row.ends.into(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByRefreshToken {
    /// The number of the refresh token.
    #[param(example = 1, minimum = 1, value_type = i64)]
    refresh: Id,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct RefreshTokenOfPerson {
    /// The name of the person.
    #[param(example = "grace", min_length = 1, max_length = 64)]
    person: String,
    /// The number of the refresh token.
    #[param(example = 1, minimum = 1, value_type = i64)]
    refresh: Id,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct RefreshTokenOfRobot {
    /// The name of the robot.
    #[param(example = "ci-build", min_length = 1, max_length = 64, pattern = "^[a-z0-9]+([._-][a-z0-9]+)*$")]
    robot: String,
    /// The number of the refresh token.
    #[param(example = 1, minimum = 1, value_type = i64)]
    refresh: Id,
}

async fn list(asked: &Asked, of: Subject) -> Answer {
    let rows = asked.operations.refresh_tokens(&asked.actor, of).await?;
    asked.answer(&RefreshTokens { refresh_tokens: rows.into_iter().map(RefreshToken::from).collect() })
}

async fn revoke(asked: &Asked, of: Subject, id: Id) -> Answer {
    asked.operations.revoke_refresh_token(&asked.actor, of, id).await?;
    done()
}

impl Asked {
    /// The person of this name, for those who may know of them.
    pub(super) async fn person(&self, name: &str) -> Result<Subject, super::problem::Problem> {
        Ok(Subject::Person(self.operations.person_details(&self.actor, name).await?.id))
    }
    /// The robot of this name, for those who may know of it.
    pub(super) async fn robot(&self, name: &str) -> Result<Subject, super::problem::Problem> {
        Ok(Subject::Robot(self.operations.robot(&self.actor, name).await?.id))
    }
}

/// List one's refresh tokens
#[utoipa::path(get, path = "/me/refresh-tokens", tag = "Me", operation_id = "listOwnRefreshTokens",
    responses((status = 200, description = "The refresh tokens, without secrets.", body = RefreshTokens)))]
async fn list_own_refresh_tokens(asked: Asked) -> Answer {
    list(&asked, Subject::Person(asked.actor.id)).await
}

/// Revoke one of one's refresh tokens
///
/// At once, and for good: the client has to sign in again.
#[utoipa::path(delete, path = "/me/refresh-tokens/{refresh}", tag = "Me", operation_id = "revokeOwnRefreshToken",
    params(ByRefreshToken), responses((status = 204, description = "It is revoked.")))]
async fn revoke_own_refresh_token(asked: Asked, Path(at): Path<ByRefreshToken>) -> Answer {
    revoke(&asked, Subject::Person(asked.actor.id), at.refresh).await
}

/// List somebody's refresh tokens
#[utoipa::path(get, path = "/people/{person}/refresh-tokens", tag = "People", operation_id = "listRefreshTokensOfPerson",
    params(InPerson), responses((status = 200, description = "The refresh tokens, without secrets.", body = RefreshTokens)))]
async fn list_refresh_tokens_of_person(asked: Asked, Path(at): Path<InPerson>) -> Answer {
    list(&asked, asked.person(&at.person).await?).await
}

/// Revoke a refresh token of somebody
#[utoipa::path(delete, path = "/people/{person}/refresh-tokens/{refresh}", tag = "People",
    operation_id = "revokeRefreshTokenOfPerson", params(RefreshTokenOfPerson),
    responses((status = 204, description = "It is revoked.")))]
async fn revoke_refresh_token_of_person(asked: Asked, Path(at): Path<RefreshTokenOfPerson>) -> Answer {
    revoke(&asked, asked.person(&at.person).await?, at.refresh).await
}

/// List a robot's refresh tokens
#[utoipa::path(get, path = "/robots/{robot}/refresh-tokens", tag = "Robots", operation_id = "listRefreshTokensOfRobot",
    params(InRobot), responses((status = 200, description = "The refresh tokens, without secrets.", body = RefreshTokens)))]
async fn list_refresh_tokens_of_robot(asked: Asked, Path(at): Path<InRobot>) -> Answer {
    list(&asked, asked.robot(&at.robot).await?).await
}

/// Revoke a refresh token of a robot
#[utoipa::path(delete, path = "/robots/{robot}/refresh-tokens/{refresh}", tag = "Robots",
    operation_id = "revokeRefreshTokenOfRobot", params(RefreshTokenOfRobot),
    responses((status = 204, description = "It is revoked.")))]
async fn revoke_refresh_token_of_robot(asked: Asked, Path(at): Path<RefreshTokenOfRobot>) -> Answer {
    revoke(&asked, asked.robot(&at.robot).await?, at.refresh).await
}
