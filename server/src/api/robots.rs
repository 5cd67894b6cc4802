//! Robots: accounts of machines, and their secrets.

use super::{
    answer::{Answer, done},
    asked::{Asked, Interface, Json, Path, Query},
    people::HeldGrant,
    problem::Problem,
    values::{Time, bounded},
};
use axum::{
    http::{HeaderValue, header},
    response::IntoResponse,
};
use operations::{
    robots::{RobotDetails, RobotForm, RobotRow, RobotSecretRow, RobotState},
    subjects::NameQuery,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Interface> {
    OpenApiRouter::new()
        .routes(routes!(list_robots, make_robot))
        .routes(routes!(read_robot, edit_robot, remove_robot))
        .routes(routes!(switch_robot))
        .routes(routes!(make_robot_secret))
        .routes(routes!(revoke_robot_secret))
}

/// Which robots are wanted.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RobotsWanted {
    /// A part of the name.
    #[param(max_length = 100)]
    q: String,
    /// Where to go on: take the whole link of the page before.
    #[param(max_length = 200)]
    cursor: String,
}

/// A part of the robots.
#[derive(Serialize, ToSchema)]
struct Robots {
    /// By name.
    robots: Vec<ListedRobot>,
    /// How many there are in all pages.
    count: u64,
}

/// Whether a robot can act.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum RobotStateWord {
    /// May act.
    Active,
    /// Kept from acting.
    Disabled,
    /// Its time is over.
    Expired,
}

/// A robot in the list.
#[derive(Serialize, ToSchema)]
struct ListedRobot {
    /// Its name.
    name: String,
    /// The team it belongs to.
    team: String,
    /// What it is for.
    purpose: String,
    /// Whether it can act.
    state: RobotStateWord,
    /// The first moment at which it may no longer act.
    expires: Option<Time>,
    /// When one of its secrets was used last, to the minute.
    last_used: Option<Time>,
    /// How many grants are made to it, for those who may look at all grants.
    own_grants: Option<usize>,
}

impl ListedRobot {
    fn of(row: RobotRow, counts: bool) -> Self {
        Self {
            name: row.name,
            team: row.team,
            purpose: row.purpose,
            state: match row.state {
                RobotState::Active => RobotStateWord::Active,
                RobotState::Disabled => RobotStateWord::Disabled,
                RobotState::Expired => RobotStateWord::Expired,
            },
            expires: row.expires.map(Time),
            last_used: row.last_used.map(Time),
            own_grants: counts.then_some(row.grants),
        }
    }
}

/// A robot.
#[derive(Serialize, ToSchema)]
struct Robot {
    /// As grants name it.
    #[schema(example = "robot-5")]
    subject: String,
    /// The user name that goes with its secrets at a registry.
    #[schema(example = "robot+ci-build")]
    user: String,
    /// What lists show.
    #[serde(flatten)]
    listed: ListedRobot,
    /// The name of whoever made it.
    made_by: String,
    /// Which version of it this is: an edit has to name it.
    version: i64,
    /// Since when.
    created: Time,
    /// Its secrets, the newest first.
    secrets: Vec<RobotSecret>,
    /// What it holds rights by.
    grants: Vec<HeldGrant>,
}

/// A robot's secret. The secret itself is not in it.
#[derive(Serialize, ToSchema)]
struct RobotSecret {
    /// The public part that it is called by; the secret itself has it in its middle.
    prefix: String,
    /// Where it is used.
    name: String,
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
}

impl From<RobotSecretRow> for RobotSecret {
    fn from(row: RobotSecretRow) -> Self {
        Self {
            prefix: row.prefix,
            name: row.name,
            created: row.created.into(),
            expires: row.expires.map(Time),
            expired: row.expired,
            last_used: row.last_used.map(Time),
            last_address: row.last_address,
        }
    }
}

impl Robot {
    async fn named(asked: &Asked, name: &str) -> Result<Self, Problem> {
        let robot = asked.operations.robot(&asked.actor, name).await?;
        Ok(Self::of(robot, asked.counts_grants()))
    }

    fn of(robot: RobotDetails, counts: bool) -> Self {
        Self {
            subject: format!("robot-{}", robot.id),
            user: robot.user,
            listed: ListedRobot::of(robot.row, counts),
            made_by: robot.made_by,
            version: robot.version,
            created: robot.created.into(),
            secrets: robot.secrets.into_iter().map(RobotSecret::from).collect(),
            grants: robot.grants.into_iter().map(HeldGrant::from).collect(),
        }
    }
}

/// A robot to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "ci-build", "team": "payments", "purpose": "builds the storefront", "expires": "2028-01-31" }))]
struct NewRobot {
    /// Its name, which stays as it is.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9]+([._-][a-z0-9]+)*$")]
    name: String,
    /// The team it belongs to, by name.
    #[schema(min_length = 1, max_length = 64)]
    team: String,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 500)]
    purpose: String,
    /// The first day, in UTC, on which it may do nothing; without, it stays.
    #[schema(format = Date)]
    expires: Option<String>,
}

/// A robot as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RobotEdit {
    /// The version that was read.
    version: i64,
    /// The team it belongs to, by name.
    #[schema(min_length = 1, max_length = 64)]
    team: String,
    /// What it is for.
    #[schema(max_length = 500)]
    purpose: String,
    /// The first day, in UTC, on which it may do nothing; without, it stays.
    #[schema(format = Date)]
    expires: Option<String>,
}

/// Whether a robot is kept from acting.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RobotSwitch {
    /// May it no longer act?
    disabled: bool,
}

/// A secret to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "GitHub Actions" }))]
struct NewSecret {
    /// Where it is used.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The first day, in UTC, on which it is refused; without, until it is revoked.
    #[schema(format = Date)]
    expires: Option<String>,
}

/// A secret that was made just now.
#[derive(Serialize, ToSchema)]
struct MadeSecret {
    /// The whole of it, shown only this once.
    secret: String,
    /// The user name that goes with it.
    user: String,
    /// What lists show of it.
    shown: RobotSecret,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InRobot {
    /// The name of the robot.
    #[param(example = "ci-build", min_length = 1, max_length = 64, pattern = "^[a-z0-9]+([._-][a-z0-9]+)*$")]
    pub(super) robot: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct SecretOf {
    /// The name of the robot.
    #[param(example = "ci-build", min_length = 1, max_length = 64, pattern = "^[a-z0-9]+([._-][a-z0-9]+)*$")]
    robot: String,
    /// The public part of the secret.
    #[param(example = "0123456789ab", pattern = "^[0-9a-f]{12}$")]
    prefix: String,
}

/// List robots
///
/// All of them for who sees every account, else those of one's teams.
#[utoipa::path(get, path = "/robots", tag = "Robots", operation_id = "listRobots", params(RobotsWanted),
    responses((status = 200, description = "The robots, by name.", body = Robots)))]
async fn list_robots(asked: Asked, Query(wanted): Query<RobotsWanted>) -> Answer {
    bounded("q", &wanted.q, 100)?;
    bounded("cursor", &wanted.cursor, 200)?;
    let query = NameQuery { text: wanted.q, after: wanted.cursor, before: String::new() };
    let found = asked.operations.robots(&asked.actor, &query).await?;
    let counts = asked.counts_grants();
    let rows = found.rows.into_iter().map(|row| ListedRobot::of(row, counts));
    let robots = Robots { robots: rows.collect(), count: found.count };
    asked.page(&robots, found.next.as_deref())
}

/// Make a robot
///
/// Without secrets and without rights.
#[utoipa::path(post, path = "/robots", tag = "Robots", operation_id = "makeRobot", request_body = NewRobot,
    responses((status = 201, description = "It is made.", body = Robot)))]
async fn make_robot(asked: Asked, Json(new): Json<NewRobot>) -> Answer {
    let form =
        RobotForm { name: new.name, team: new.team, purpose: new.purpose, expires: new.expires.unwrap_or_default() };
    let name = asked.operations.make_robot(&asked.actor, &form).await?;
    let robot = Robot::named(&asked, &name).await?;
    asked.created(&format!("/robots/{name}"), &robot)
}

/// Read about a robot
#[utoipa::path(get, path = "/robots/{robot}", tag = "Robots", operation_id = "readRobot", params(InRobot),
    responses((status = 200, description = "The robot.", body = Robot)))]
async fn read_robot(asked: Asked, Path(at): Path<InRobot>) -> Answer {
    asked.answer(&Robot::named(&asked, &at.robot).await?)
}

/// Change a robot
///
/// To give it to another team takes caring for both.
#[utoipa::path(put, path = "/robots/{robot}", tag = "Robots", operation_id = "editRobot", params(InRobot),
    request_body = RobotEdit, responses((status = 200, description = "The robot as it is now.", body = Robot)))]
async fn edit_robot(asked: Asked, Path(at): Path<InRobot>, Json(edit): Json<RobotEdit>) -> Answer {
    let form =
        RobotForm { name: at.robot, team: edit.team, purpose: edit.purpose, expires: edit.expires.unwrap_or_default() };
    asked.operations.edit_robot(&asked.actor, &edit.version.to_string(), &form).await?;
    let robot = Robot::named(&asked, &form.name).await?;
    Ok(axum::Json(robot).into_response())
}

/// Disable or enable a robot
#[utoipa::path(put, path = "/robots/{robot}/disabled", tag = "Robots", operation_id = "switchRobot", params(InRobot),
    request_body = RobotSwitch, responses((status = 204, description = "It is so.")))]
async fn switch_robot(asked: Asked, Path(at): Path<InRobot>, Json(switch): Json<RobotSwitch>) -> Answer {
    asked.operations.disable_robot(&asked.actor, &at.robot, switch.disabled).await?;
    done()
}

/// Remove a robot
///
/// With its secrets and the grants made to it.
#[utoipa::path(delete, path = "/robots/{robot}", tag = "Robots", operation_id = "removeRobot", params(InRobot),
    responses((status = 204, description = "It is removed.")))]
async fn remove_robot(asked: Asked, Path(at): Path<InRobot>) -> Answer {
    // Whoever calls this has typed the name: it stands in the address.
    asked.operations.remove_robot(&asked.actor, &at.robot, &at.robot).await?;
    done()
}

/// Make a secret for a robot
///
/// It is in this answer and nowhere else.
#[utoipa::path(post, path = "/robots/{robot}/secrets", tag = "Robots", operation_id = "makeRobotSecret", params(InRobot),
    request_body = NewSecret, responses((status = 201, description = "It is made.", body = MadeSecret)))]
async fn make_robot_secret(asked: Asked, Path(at): Path<InRobot>, Json(new): Json<NewSecret>) -> Answer {
    let expires = new.expires.unwrap_or_default();
    let made = asked.operations.make_robot_secret(&asked.actor, &at.robot, &new.name, &expires).await?;
    let path = format!("/robots/{}/secrets/{}", at.robot, made.row.prefix);
    let user = format!("{}{}", domain::robots::USER, at.robot);
    let answer = MadeSecret { secret: made.secret, user, shown: made.row.into() };
    let mut response = asked.created(&path, &answer)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Revoke a secret of a robot
///
/// At once, and for good.
#[utoipa::path(delete, path = "/robots/{robot}/secrets/{prefix}", tag = "Robots", operation_id = "revokeRobotSecret",
    params(SecretOf), responses((status = 204, description = "It is revoked.")))]
async fn revoke_robot_secret(asked: Asked, Path(at): Path<SecretOf>) -> Answer {
    asked.operations.revoke_robot_secret(&asked.actor, &at.robot, &at.prefix).await?;
    done()
}
