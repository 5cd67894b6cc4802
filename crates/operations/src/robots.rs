//! Robots: accounts of machines. Each belongs to a team and survives whoever made it; who manages people and the team's
//! leads care for it.

mod secrets;
mod templates;

pub use secrets::{NewRobotSecret, RobotSecretRow};
pub use templates::Templates;

use crate::{
    Error, Kind, Operations, Result,
    people::shown,
    reach::{holds_grants_of, leads_wholly},
    subjects::{ByName, NameQuery, SubjectGrant, day, described, manages_people, name_taken, own_grants, version},
};
use domain::{
    Actor, FieldErrors, Id, Place, Timestamp, access::Subject, audit::Act, audit::Outcome, robots::RobotName,
};
use std::collections::HashMap;
use store::{AddRobot, EditRobot, RemoveRobot, Robot, SetRobotDisabled};

/// Whether a robot can act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RobotState {
    /// May act.
    Active,
    /// Kept from acting.
    Disabled,
    /// Its time is over.
    Expired,
}

impl RobotState {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
        }
    }
    fn of(robot: &Robot, now: Timestamp) -> Self {
        match (robot.disabled, robot.acts(now)) {
            (true, _) => Self::Disabled,
            (false, true) => Self::Active,
            (false, false) => Self::Expired,
        }
    }
}

/// A robot in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotRow {
    /// Its name.
    pub name: String,
    /// The team it belongs to, by name.
    pub team: String,
    /// What it is for.
    pub purpose: String,
    /// Whether it can act.
    pub state: RobotState,
    /// The first moment at which it may no longer act.
    pub expires: Option<Timestamp>,
    /// When one of its secrets was used last, to the minute.
    pub last_used: Option<Timestamp>,
    /// How many grants are made to it.
    pub grants: usize,
}

/// A robot's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotDetails {
    /// The number that grants name it by.
    pub id: Id,
    /// What lists show.
    pub row: RobotRow,
    /// The user name to sign in with at a registry.
    pub user: String,
    /// The name of whoever made it.
    pub made_by: String,
    /// Which version of it this is: an edit has to name it.
    pub version: i64,
    /// Since when.
    pub created: Timestamp,
    /// Its secrets, the newest first.
    pub secrets: Vec<RobotSecretRow>,
    /// What it holds rights by, as far as the one who asks may look.
    pub grants: Vec<SubjectGrant>,
    /// Is there more, at places where they may not look?
    pub more_grants: bool,
    /// May the one who asks change it?
    pub may_care: bool,
    /// The teams it could be given to by the one who asks, by name.
    pub teams: Vec<String>,
}

/// What is typed to make or change a robot, every field a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RobotForm {
    /// Its name; can't be changed later.
    pub name: String,
    /// The team it belongs to, by name.
    pub team: String,
    /// What it is for.
    pub purpose: String,
    /// The first day on which it may no longer act (`2027-01-31`); empty for never.
    pub expires: String,
}

/// What the log says of a robot.
fn told(team: &str, purpose: &str, expires: Option<Timestamp>) -> serde_json::Value {
    serde_json::json!({ "team": team, "purpose": purpose, "expires": expires.map(Timestamp::rfc3339) })
}

impl Operations {
    /// A part of the robots of the teams that the actor sees, by name.
    pub async fn robots(&self, actor: &Actor, query: &NameQuery) -> Result<ByName<RobotRow>> {
        let seen = self.teams_seen(actor).await?;
        let (robots, text) = (self.0.store.robots(), query.text());
        let rows = robots.list(seen.as_deref(), &text, &query.part()).await?;
        let count = robots.count(seen.as_deref(), &text).await?;
        let page = query.page(rows, count, |robot| &robot.name);
        let (previous, next) = (page.previous, page.next);
        Ok(ByName { rows: self.robot_rows(page.rows).await?, count, previous, next })
    }

    /// Robots, as lists show them.
    pub(crate) async fn robot_rows(&self, robots: Vec<Robot>) -> Result<Vec<RobotRow>> {
        let used: HashMap<Id, Timestamp> = self.0.store.robots().last_uses().await?.into_iter().collect();
        let (authority, now) = (self.authority().await?, self.now());
        let row = |robot: Robot| RobotRow {
            state: RobotState::of(&robot, now),
            last_used: used.get(&robot.id).copied(),
            grants: own_grants(&authority, Subject::Robot(robot.id)),
            name: robot.name,
            team: robot.team_name,
            purpose: robot.purpose,
            expires: robot.expires,
        };
        Ok(robots.into_iter().map(row).collect())
    }

    /// A robot, for who sees every account and for its team.
    pub async fn robot(&self, actor: &Actor, name: &str) -> Result<RobotDetails> {
        let robot = self.robot_called(actor, name).await?;
        let authority = self.authority().await?;
        let may_care = Self::cares_for(actor, &authority, robot.team);
        let subject = Subject::Robot(robot.id);
        let secrets = self.0.store.robots().secrets(robot.id).await?;
        let now = self.now();
        let (grants, more_grants) = self.grants_shown(actor, subject).await?;
        let user = robot.name.parse::<RobotName>().map(|name| name.user()).unwrap_or_default();
        Ok(RobotDetails {
            id: robot.id,
            user,
            made_by: robot.made_by.clone(),
            version: robot.version,
            created: robot.created,
            secrets: secrets.into_iter().map(|secret| RobotSecretRow::of(secret, now)).collect(),
            grants,
            more_grants,
            may_care,
            teams: self.teams_to_care_for(actor).await?,
            row: self.robot_rows(vec![robot]).await?.remove(0),
        })
    }

    /// The teams whose robots the actor may make and change, by name.
    pub async fn teams_to_care_for(&self, actor: &Actor) -> Result<Vec<String>> {
        let authority = self.authority().await?;
        let mut teams: Vec<String> = authority
            .subjects()
            .into_iter()
            .filter_map(|subject| match subject {
                Subject::Team(id) if Self::cares_for(actor, &authority, id) => authority.team(id),
                _ => None,
            })
            .map(|team| team.name.clone())
            .collect();
        teams.sort_by_key(|name| name.to_lowercase());
        Ok(teams)
    }

    /// The robot of this name, if the actor may know of it.
    pub(crate) async fn robot_called(&self, actor: &Actor, name: &str) -> Result<Robot> {
        let found = self.0.store.robots().by_name(name.trim()).await?;
        let seen = self.teams_seen(actor).await?;
        let may_know = |robot: &Robot| seen.as_ref().is_none_or(|own| own.contains(&robot.team));
        found.filter(may_know).ok_or_else(|| Error::not_found(format!("robot {}", shown(name))))
    }

    /// Makes a robot without secrets and rights, and gives its name.
    pub async fn make_robot(&self, actor: &Actor, form: &RobotForm) -> Result<String> {
        let act = Act::new("robot.create", format!("robot {}", shown(form.name.trim())));
        let team = match self.team_called(actor, &form.team).await {
            Ok(team) => team,
            // Who may make robots is told which field is wrong; everybody else, that they may not.
            Err(error) if error.kind == Kind::NotFound && manages_people(actor) => {
                return Err(Error::field("team", "Choose a team that there is."));
            }
            Err(error) => {
                let why = "there is no such team for them";
                self.event(actor, &act, Outcome::Refused, Some(why), &Place::System).await;
                return Err(error);
            }
        };
        let permit = self.decide_for_team(actor, team.id, &act).await?;
        let mut wrong = FieldErrors::new();
        let name = wrong.take("name", form.name.trim().parse::<RobotName>());
        let purpose = described(&mut wrong, "purpose", &form.purpose, 500);
        let expires = day(&mut wrong, "expires", &form.expires, self.now());
        let name = wrong.or(name).map_err(|wrong| Error::invalid(wrong.0))?.map(String::from).unwrap_or_default();
        let act = act.after(told(&team.name, &purpose, expires));
        let change = AddRobot { name: name.clone(), team: team.id, purpose, expires, made_by: actor.name.clone() };
        let made = self.change(permit, &act, change).await;
        made.map(|_| name.clone()).map_err(|error| name_taken(error, "a robot", &name))
    }

    /// Changes whose a robot is, what it is for and until when it acts, as it was at `asked`. To give it to another team
    /// takes caring for both, and leading both or holding all that the robot holds: the leads of the other team act as it.
    pub async fn edit_robot(&self, actor: &Actor, asked: &str, form: &RobotForm) -> Result<()> {
        let robot = self.robot_called(actor, &form.name).await?;
        let act = Act::new("robot.edit", format!("robot {}", robot.name)).before(told(
            &robot.team_name,
            &robot.purpose,
            robot.expires,
        ));
        let permit = self.decide_for_team(actor, robot.team, &act).await?;
        let mut wrong = FieldErrors::new();
        let authority = self.authority().await?;
        let team = self.team_called(actor, &form.team).await.ok();
        let team = team.filter(|team| team.id == robot.team || Self::cares_for(actor, &authority, team.id));
        if team.is_none() {
            wrong.push("team", "Choose a team that you care for.");
        }
        let purpose = described(&mut wrong, "purpose", &form.purpose, 500);
        // A day that has come may stay as it stands.
        let kept = robot.expires.filter(|at| at.rfc3339().get(..10) == Some(form.expires.trim()));
        let expires = kept.or_else(|| day(&mut wrong, "expires", &form.expires, self.now()));
        let team = wrong.or(team).map_err(|wrong| Error::invalid(wrong.0))?;
        let (team, team_name) = team.map_or((robot.team, robot.team_name), |team| (team.id, team.name));
        let act = act.after(told(&team_name, &purpose, expires));
        let own = |team: Id| leads_wholly(actor, &authority, team);
        let stays = team == robot.team || own(robot.team) && own(team);
        if !stays && !holds_grants_of(actor, &authority, Subject::Robot(robot.id), self.now()) {
            self.event(actor, &act, Outcome::Refused, Some("the robot may do more"), &Place::System).await;
            let message =
                format!("{} may do more than you. Somebody who may do as much gives it to another team.", robot.name);
            return Err(Error::new(Kind::Forbidden, message));
        }
        let change = EditRobot { id: robot.id, version: version(asked)?, team, purpose, expires };
        self.change(permit, &act, change).await
    }

    /// Keeps a robot from acting, from this second on, or lets it again. What is so already stays.
    pub async fn disable_robot(&self, actor: &Actor, name: &str, disabled: bool) -> Result<()> {
        let robot = self.robot_called(actor, name).await?;
        let act = Act::new(if disabled { "robot.disable" } else { "robot.enable" }, format!("robot {}", robot.name));
        let permit = self.decide_for_team(actor, robot.team, &act).await?;
        if robot.disabled == disabled {
            return Ok(());
        }
        self.change(permit, &act, SetRobotDisabled { robot: robot.id, disabled }).await
    }

    /// Removes a robot with its secrets and the grants made to it, once its name was typed.
    pub async fn remove_robot(&self, actor: &Actor, name: &str, confirm: &str) -> Result<()> {
        let robot = self.robot_called(actor, name).await?;
        let act = Act::new("robot.remove", format!("robot {}", robot.name)).before(told(
            &robot.team_name,
            &robot.purpose,
            robot.expires,
        ));
        let permit = self.decide_for_team(actor, robot.team, &act).await?;
        if confirm.trim() != robot.name {
            return Err(Error::field("confirm", format!("Type {}.", robot.name)));
        }
        self.change(permit, &act, RemoveRobot { robot: robot.id }).await.map(|_| ())
    }
}
