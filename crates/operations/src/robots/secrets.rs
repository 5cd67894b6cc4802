//! A robot's secrets: several at a time, so that one is changed for another without a pause.

use crate::{
    Error, Kind, Operations, Result,
    people::shown,
    reach::{holds_grants_of, leads_wholly},
    secrets::{self, SecretKind},
    subjects::day,
};
use domain::{Actor, FieldErrors, Place, Timestamp, access::Subject, audit::Act, audit::Outcome};
use store::{AddRobotSecret, RevokeRobotSecret, RobotSecret};

/// As many secrets a robot may have: two are enough to change them, some more for several places of use.
const MOST: u32 = 20;

/// A secret in the list of its robot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotSecretRow {
    /// The public part it is called by.
    pub prefix: String,
    /// Where it is used.
    pub name: String,
    /// Since when.
    pub created: Timestamp,
    /// Until when; without, until it is revoked.
    pub expires: Option<Timestamp>,
    /// Has it run out?
    pub expired: bool,
    /// When it was used last, to the minute.
    pub last_used: Option<Timestamp>,
    /// From where, then; empty before.
    pub last_address: String,
}

impl RobotSecretRow {
    pub(super) fn of(secret: RobotSecret, now: Timestamp) -> Self {
        Self {
            expired: secret.expires.is_some_and(|until| until <= now),
            prefix: secret.prefix,
            name: secret.name,
            created: secret.created,
            expires: secret.expires,
            last_used: secret.last_used,
            last_address: secret.last_address,
        }
    }
}

/// A secret that was made just now.
#[derive(Clone)]
pub struct NewRobotSecret {
    /// The whole of it: shown once, and kept nowhere.
    pub secret: String,
    /// What lists show of it.
    pub row: RobotSecretRow,
}

impl std::fmt::Debug for NewRobotSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewRobotSecret").field("row", &self.row).finish_non_exhaustive()
    }
}

impl Operations {
    /// Makes a secret for a robot; it comes back this once. Who does not lead the robot's team holds all that the robot holds:
    /// a secret is a way to act as it.
    pub async fn make_robot_secret(
        &self,
        actor: &Actor,
        robot: &str,
        name: &str,
        expires: &str,
    ) -> Result<NewRobotSecret> {
        let robot = self.robot_called(actor, robot).await?;
        let mut wrong = FieldErrors::new();
        let name = name.trim().to_owned();
        let act = Act::new("robot.secret.create", format!("secret {} of robot {}", shown(&name), robot.name));
        let permit = self.decide_for_team(actor, robot.team, &act).await?;
        let authority = self.authority().await?;
        let as_lead = leads_wholly(actor, &authority, robot.team);
        if !as_lead && !holds_grants_of(actor, &authority, Subject::Robot(robot.id), self.now()) {
            self.event(actor, &act, Outcome::Refused, Some("the robot may do more"), &Place::System).await;
            let message =
                format!("{} may do more than you. A lead of {} makes its secrets.", robot.name, robot.team_name);
            return Err(Error::new(Kind::Forbidden, message));
        }
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(domain::text::is_hidden) {
            wrong.push("name", "Say in up to 100 characters where the secret is used.");
        }
        let expires = day(&mut wrong, "expires", expires, self.now());
        wrong.or(()).map_err(|wrong| Error::invalid(wrong.0))?;
        let made = secrets::make(SecretKind::Robot)?;
        let act = act.after(told(&made.prefix, expires));
        let created = self.now();
        let change = AddRobotSecret {
            robot: robot.id,
            prefix: made.prefix.clone(),
            secret_hash: made.hash,
            name: name.clone(),
            expires,
            most: MOST,
        };
        let added = self.change(permit, &act, change).await;
        added.map_err(|error| match error.kind {
            Kind::Conflict => Error::field("name", format!("{} has {MOST} secrets. Revoke one first.", robot.name)),
            _ => error,
        })?;
        let row = RobotSecretRow {
            prefix: made.prefix,
            name,
            created,
            expires,
            expired: false,
            last_used: None,
            last_address: String::new(),
        };
        Ok(NewRobotSecret { secret: made.text, row })
    }

    /// Ends one of a robot's secrets, at once.
    pub async fn revoke_robot_secret(&self, actor: &Actor, robot: &str, prefix: &str) -> Result<()> {
        let robot = self.robot_called(actor, robot).await?;
        let own = self.0.store.robots().secrets(robot.id).await?;
        let found = own.into_iter().find(|secret| secret.prefix == prefix);
        let secret = found.ok_or_else(|| Error::not_found(format!("secret {}", shown(prefix))))?;
        let act = Act::new("robot.secret.revoke", format!("secret {} of robot {}", secret.name, robot.name))
            .before(told(&secret.prefix, secret.expires));
        let permit = self.decide_for_team(actor, robot.team, &act).await?;
        self.change(permit, &act, RevokeRobotSecret { robot: robot.id, prefix: secret.prefix }).await
    }
}

/// What the log says of a secret; never the secret.
fn told(prefix: &str, expires: Option<Timestamp>) -> serde_json::Value {
    serde_json::json!({ "prefix": prefix, "expires": expires.map(Timestamp::rfc3339) })
}
