//! Oneself: the profile, and where one is signed in.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path},
    tokens::Token,
    values::Time,
};
use domain::Id;
use operations::sessions::SessionRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(read_me, edit_me))
        .routes(routes!(list_sessions, end_sessions))
        .routes(routes!(end_session))
}

/// Who asks.
#[derive(Serialize, ToSchema)]
struct Me {
    /// The name one signs in with.
    name: String,
    /// The full name; may be empty.
    display_name: String,
    /// An IANA time zone; empty is UTC.
    time_zone: String,
    /// `light`, `dark` or empty for the system's.
    theme: String,
    /// The role.
    role: String,
    /// When the account was made.
    created: Time,
    /// The token that asks.
    token: Option<Token>,
}

/// What changes about oneself; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "time_zone": "Europe/Berlin" }))]
struct MyEdit {
    /// The full name.
    #[schema(max_length = 120)]
    display_name: Option<String>,
    /// An IANA time zone; empty is UTC.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// How pages look.
    #[schema(inline)]
    theme: Option<Theme>,
}

/// How pages look.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Theme {
    /// As the system does.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Where one is signed in.
#[derive(Serialize, ToSchema)]
struct Sessions {
    /// The one used last first.
    sessions: Vec<Session>,
}

/// A signed-in browser.
#[derive(Serialize, ToSchema)]
struct Session {
    /// Its number.
    #[schema(value_type = i64)]
    id: Id,
    /// Where it was last seen.
    address: String,
    /// The browser's own description.
    agent: String,
    /// When it began.
    created: Time,
    /// When it was last seen, to the minute.
    last_seen: Time,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            address: row.address,
            agent: row.agent,
            created: row.created.into(),
            last_seen: row.last_seen.into(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct BySession {
    /// The number of the session.
    #[param(example = 1, minimum = 1, value_type = i64)]
    session: Id,
}

async fn me(asked: &Asked) -> Result<Me, super::problem::Problem> {
    let (profile, token) = asked.operations.whoami(&asked.actor).await?;
    Ok(Me {
        name: profile.name,
        display_name: profile.display_name,
        time_zone: profile.time_zone,
        theme: profile.theme,
        role: profile.role.to_owned(),
        created: profile.created.into(),
        token: token.map(Token::from),
    })
}

/// Read who asks
///
/// The person, and the token with its restriction. Every good token may ask this.
#[utoipa::path(get, path = "/me", tag = "Me", operation_id = "readMe",
    responses((status = 200, description = "Who asks.", body = Me)))]
async fn read_me(asked: Asked) -> Answer {
    asked.answer(&me(&asked).await?)
}

/// Change one's profile
#[utoipa::path(patch, path = "/me", tag = "Me", operation_id = "editMe", request_body = MyEdit,
    responses((status = 200, description = "Who asks, as it is now.", body = Me)))]
async fn edit_me(asked: Asked, Json(edit): Json<MyEdit>) -> Answer {
    let now = asked.operations.profile(&asked.actor).await?;
    if edit.display_name.is_some() || edit.time_zone.is_some() {
        let name = edit.display_name.unwrap_or(now.display_name);
        asked.operations.edit_profile(&asked.actor, &name, &edit.time_zone.unwrap_or(now.time_zone)).await?;
    }
    if let Some(theme) = edit.theme {
        let theme = match theme {
            Theme::System => "",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        asked.operations.set_theme(&asked.actor, theme).await?;
    }
    Ok(axum::response::IntoResponse::into_response(axum::Json(me(&asked).await?)))
}

/// List one's sessions
#[utoipa::path(get, path = "/me/sessions", tag = "Me", operation_id = "listSessions",
    responses((status = 200, description = "Where one is signed in.", body = Sessions)))]
async fn list_sessions(asked: Asked) -> Answer {
    let rows = asked.operations.sessions(&asked.actor).await?;
    asked.answer(&Sessions { sessions: rows.into_iter().map(Session::from).collect() })
}

/// Sign out everywhere
///
/// Ends all sessions. Tokens stay.
#[utoipa::path(delete, path = "/me/sessions", tag = "Me", operation_id = "endSessions",
    responses((status = 204, description = "They are ended.")))]
async fn end_sessions(asked: Asked) -> Answer {
    asked.operations.revoke_other_sessions(&asked.actor).await?;
    done()
}

/// End one of one's sessions
#[utoipa::path(delete, path = "/me/sessions/{session}", tag = "Me", operation_id = "endSession", params(BySession),
    responses((status = 204, description = "It is ended.")))]
async fn end_session(asked: Asked, Path(at): Path<BySession>) -> Answer {
    asked.operations.revoke_session(&asked.actor, at.session).await?;
    done()
}
