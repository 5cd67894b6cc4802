//! What people ask to be granted: asking, taking back, and what those answer who could grant it.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path, Query},
    grants::Grant,
    tokens::PermissionName,
    values::{Time, bounded, cursor, limit, read_cursor},
};
use domain::Id;
use operations::access_requests::{RequestForm, RequestGrant, RequestRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_requests, request_access))
        .routes(routes!(read_request))
        .routes(routes!(grant_request))
        .routes(routes!(close_request))
        .routes(routes!(decline_request))
        .routes(routes!(withdraw_request))
        .routes(routes!(list_own_requests))
}

/// The list, for cursors.
const LIST: &str = "request";
/// Requests of a page, unless another number is asked for.
const PAGE: u32 = 50;

#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WantedRequests {
    /// Requests of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u16>,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 2000)]
    cursor: String,
}

/// Requests that wait.
#[derive(Serialize, ToSchema)]
struct AccessRequests {
    /// The oldest first.
    requests: Vec<AccessRequest>,
    /// How many there are in all pages.
    total: usize,
}

/// One's own requests.
#[derive(Serialize, ToSchema)]
struct OwnRequests {
    /// The newest first, and no more than the last 20.
    requests: Vec<AccessRequest>,
}

/// What somebody asks to be granted.
#[derive(Serialize, ToSchema)]
struct AccessRequest {
    /// Its number.
    #[schema(value_type = i64)]
    id: Id,
    /// Who asks.
    subject: String,
    /// What they are called.
    name: String,
    /// What they ask for.
    act: PermissionName,
    /// Where.
    r#where: String,
    /// What for.
    because: String,
    /// When they asked.
    created: Time,
    /// The smallest role that whoever looks could grant for it: `writer`, `custom-4`.
    role: Option<String>,
    /// Do they have it by now, by whatever grant?
    has_it: bool,
    /// The answer, once there is one.
    answer: Option<RequestAnswer>,
}

/// What became of a request.
#[derive(Serialize, ToSchema)]
struct RequestAnswer {
    /// `granted`, `declined` or `withdrawn`.
    answer: &'static str,
    /// Why; may be empty.
    reason: String,
    /// When.
    at: Time,
    /// By whom.
    by: String,
}

impl From<RequestRow> for AccessRequest {
    fn from(row: RequestRow) -> Self {
        let answer = row.answered.map(|own| RequestAnswer {
            answer: own.answer.as_str(),
            reason: own.reason,
            at: own.at.into(),
            by: own.by,
        });
        Self {
            id: row.id,
            subject: row.subject.to_string(),
            name: row.name,
            act: row.permission.into(),
            r#where: row.place,
            because: row.because,
            created: row.created.into(),
            role: row.role.map(|role| role.id.to_string()),
            has_it: row.has_it,
            answer,
        }
    }
}

/// What one asks to be granted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "act": "repository.push", "where": "demo/storefront~web", "because": "the release" }))]
struct NewRequest {
    /// What.
    act: PermissionName,
    /// Where: a registry, a registry and a repository (`production/team~api`), or `everything`.
    #[schema(min_length = 1, max_length = 400)]
    r#where: String,
    /// What for.
    #[schema(min_length = 1, max_length = 500)]
    because: String,
}

/// How a request is granted; what is left out is as it was asked for.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "until": "2099-12-31" }))]
struct RequestGranting {
    /// The role; without, the smallest that would do.
    #[schema(nullable, max_length = 40)]
    role: Option<String>,
    /// Its last day in UTC, or the first moment at which it no longer holds; without, no end.
    #[schema(nullable)]
    until: Option<String>,
    /// Why; without, the reason that was given.
    #[schema(nullable, max_length = 300)]
    because: Option<String>,
}

/// Why a request is declined.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The release is frozen until Monday." }))]
struct Declining {
    /// What whoever asked is told.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ByRequest {
    /// The number of the request.
    #[param(example = 1, minimum = 1, value_type = i64)]
    request: Id,
}

/// List requests for access
///
/// Those that wait for an answer and that one could grant. With `limit=1`, `total` says how many they are.
#[utoipa::path(get, path = "/access/requests", tag = "Access", operation_id = "listRequests", params(WantedRequests),
    responses((status = 200, description = "The requests.", body = AccessRequests)))]
async fn list_requests(asked: Asked, Query(wanted): Query<WantedRequests>) -> Answer {
    bounded("cursor", &wanted.cursor, 2_000)?;
    let after = if wanted.cursor.is_empty() { None } else { Some(read_cursor(LIST, &wanted.cursor)?) };
    let limit = limit(wanted.limit)?.unwrap_or(PAGE) as usize;
    let mut rows = asked.operations.requests(&asked.actor).await?;
    let total = rows.len();
    rows.retain(|row| after.is_none_or(|after| row.id > after));
    let next = rows.get(limit).and_then(|_| rows.get(limit - 1)).map(|last| cursor(LIST, last.id));
    rows.truncate(limit);
    let requests = AccessRequests { requests: rows.into_iter().map(AccessRequest::from).collect(), total };
    asked.page(&requests, next.as_deref())
}

/// Ask for access
///
/// Those who could grant it see it. The registry has to be one that may be seen; whether the repository is there is not told.
#[utoipa::path(post, path = "/access/requests", tag = "Access", operation_id = "requestAccess", request_body = NewRequest,
    responses((status = 201, description = "It waits for an answer.", body = AccessRequest)))]
async fn request_access(asked: Asked, Json(new): Json<NewRequest>) -> Answer {
    let form = RequestForm { act: new.act.into_text(), place: new.r#where, because: new.because };
    let id = asked.operations.request_access(&asked.actor, &form).await?;
    let row = asked.operations.request(&asked.actor, id).await?;
    asked.created(&format!("/access/requests/{id}"), &AccessRequest::from(row))
}

/// Read a request for access
///
/// For those who could grant it, and whoever made it.
#[utoipa::path(get, path = "/access/requests/{request}", tag = "Access", operation_id = "readRequest", params(ByRequest),
    responses((status = 200, description = "The request.", body = AccessRequest)))]
async fn read_request(asked: Asked, Path(at): Path<ByRequest>) -> Answer {
    let row = asked.operations.request(&asked.actor, at.request).await?;
    asked.answer(&AccessRequest::from(row))
}

/// Grant a request
///
/// Gives whoever asked what they asked for, where they asked for it, as one that is granted otherwise; that answers the request.
#[utoipa::path(post, path = "/access/requests/{request}/grant", tag = "Access", operation_id = "grantRequest",
    params(ByRequest), request_body = RequestGranting, responses((status = 201, description = "It is granted.", body = Grant)))]
async fn grant_request(asked: Asked, Path(at): Path<ByRequest>, Json(how): Json<RequestGranting>) -> Answer {
    let text = Option::unwrap_or_default;
    let how = RequestGrant { role: text(how.role), until: text(how.until), because: text(how.because) };
    let row = asked.operations.grant_request(&asked.actor, at.request, &how).await?;
    asked.created(&format!("/grants/{}", row.id), &Grant::from(row))
}

/// Close a request as granted
///
/// Of somebody who has by now what they asked for, by whatever grant.
#[utoipa::path(post, path = "/access/requests/{request}/close", tag = "Access", operation_id = "closeRequest",
    params(ByRequest), responses((status = 204, description = "It is answered.")))]
async fn close_request(asked: Asked, Path(at): Path<ByRequest>) -> Answer {
    asked.operations.answer_request(&asked.actor, at.request).await?;
    done()
}

/// Decline a request
#[utoipa::path(post, path = "/access/requests/{request}/decline", tag = "Access", operation_id = "declineRequest",
    params(ByRequest), request_body = Declining, responses((status = 204, description = "It is answered.")))]
async fn decline_request(asked: Asked, Path(at): Path<ByRequest>, Json(why): Json<Declining>) -> Answer {
    asked.operations.decline_request(&asked.actor, at.request, &why.reason).await?;
    done()
}

/// Take back one's own request
///
/// It stays on record, answered so.
#[utoipa::path(post, path = "/access/requests/{request}/withdraw", tag = "Access", operation_id = "withdrawRequest",
    params(ByRequest), responses((status = 204, description = "It is taken back.")))]
async fn withdraw_request(asked: Asked, Path(at): Path<ByRequest>) -> Answer {
    asked.operations.withdraw_request(&asked.actor, at.request).await?;
    done()
}

/// List one's own requests for access
#[utoipa::path(get, path = "/me/requests", tag = "Me", operation_id = "listOwnRequests",
    responses((status = 200, description = "The requests, with their answers.", body = OwnRequests)))]
async fn list_own_requests(asked: Asked) -> Answer {
    let rows = asked.operations.own_requests(&asked.actor).await?;
    asked.answer(&OwnRequests { requests: rows.into_iter().map(AccessRequest::from).collect() })
}
