//! Teams: who is in them, who leads them, and which robots they own. Who manages people makes and removes them; their leads
//! care for members and robots.

use crate::{
    Error, Kind, Operations, Result,
    people::{check_name, last_administrator, shown},
    reach::{holds_grants_of, holds_reach_of},
    robots::RobotRow,
    subjects::{
        ByName, NameQuery, SubjectGrant, described, manages_people, name_taken, own_grants, sees_accounts, version,
    },
};
use domain::{
    Actor, ActorKind, FieldErrors, Id, Permission, Place, Timestamp, access::Subject, audit::Act, audit::Outcome,
    permission::allows,
};
use std::collections::HashMap;
pub use store::TeamMember;
use store::{AddTeam, EditTeam, RemoveTeam, RemoveTeamMember, SetTeamMember, Team};

/// A team in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// How many are in it.
    pub members: usize,
    /// Those who lead it, by name.
    pub leads: Vec<String>,
    /// How many robots it owns.
    pub robots: usize,
    /// How many grants are made to it.
    pub grants: usize,
}

/// A team's page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing that a page shows or leaves out")]
pub struct TeamDetails {
    /// The number that grants name it by.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Which version of it this is: an edit has to name it.
    pub version: i64,
    /// Since when.
    pub created: Timestamp,
    /// Who is in it, by name.
    pub members: Vec<TeamMember>,
    /// Its robots, by name.
    pub robots: Vec<RobotRow>,
    /// What it was granted, as far as the one who asks may look.
    pub grants: Vec<SubjectGrant>,
    /// Is there more, at places where they may not look?
    pub more_grants: bool,
    /// May the one who asks rename and remove it?
    pub may_manage: bool,
    /// May the one who asks change its members and robots?
    pub may_care: bool,
    /// Does the one who asks see every account, so that names can be links?
    pub sees_accounts: bool,
}

/// What the log says of a team.
fn told(name: &str, description: &str) -> serde_json::Value {
    serde_json::json!({ "name": name, "description": description })
}

/// The name of a team is made like a person's.
fn check(name: &str, description: &str) -> Result<String> {
    let mut wrong = FieldErrors::new();
    if let Err(error) = check_name(name) {
        wrong.0.extend(error.fields);
    }
    let description = described(&mut wrong, "description", description, 500);
    wrong.or(description).map_err(|wrong| Error::invalid(wrong.0))
}

impl Operations {
    /// The teams the actor sees: all, or those they are in.
    pub(crate) async fn teams_seen(&self, actor: &Actor) -> Result<Option<Vec<Id>>> {
        if sees_accounts(actor) {
            return Ok(None);
        }
        let authority = self.authority().await?;
        // A token that does not reach one's own account shows nothing of it.
        let minds_own =
            actor.kind == ActorKind::Person && allows(actor, Permission::ProfileEdit, Place::System).is_ok();
        let own = if minds_own { authority.teams_of(actor.id) } else { &[] };
        Ok(Some(own.to_vec()))
    }

    /// A part of the teams that the actor sees, by name.
    pub async fn teams(&self, actor: &Actor, query: &NameQuery) -> Result<ByName<TeamRow>> {
        let seen = self.teams_seen(actor).await?;
        let (teams, text) = (self.0.store.teams(), query.text());
        let rows = teams.list(seen.as_deref(), &text, &query.part()).await?;
        let count = teams.count(seen.as_deref(), &text).await?;
        let authority = self.authority().await?;
        let mut robots: HashMap<Id, usize> = HashMap::new();
        for subject in authority.subjects() {
            if let Subject::Robot(id) = subject
                && let Some(robot) = authority.robot(id)
            {
                *robots.entry(robot.team).or_default() += 1;
            }
        }
        let page = query.page(rows, count, |team| &team.name);
        Ok(page.map(|team| {
            let members = || authority.members().iter().filter(move |member| member.team == team.id);
            let leads = members().filter(|member| member.lead).filter_map(|member| authority.person(member.person));
            TeamRow {
                members: members().count(),
                leads: leads.map(|person| person.name.clone()).collect(),
                robots: robots.get(&team.id).copied().unwrap_or(0),
                grants: own_grants(&authority, Subject::Team(team.id)),
                name: team.name,
                description: team.description,
            }
        }))
    }

    /// A team, for who sees every account and for its members.
    pub async fn team(&self, actor: &Actor, name: &str) -> Result<TeamDetails> {
        let team = self.team_called(actor, name).await?;
        let authority = self.authority().await?;
        let robots = self.0.store.robots().of_team(team.id).await?;
        let (grants, more_grants) = self.grants_shown(actor, Subject::Team(team.id)).await?;
        Ok(TeamDetails {
            members: self.0.store.teams().members(team.id).await?,
            robots: self.robot_rows(robots).await?,
            grants,
            more_grants,
            may_manage: manages_people(actor),
            may_care: Self::cares_for(actor, &authority, team.id),
            sees_accounts: sees_accounts(actor),
            id: team.id,
            name: team.name,
            description: team.description,
            version: team.version,
            created: team.created,
        })
    }

    /// The team of this name, if the actor may know of it.
    pub(crate) async fn team_called(&self, actor: &Actor, name: &str) -> Result<Team> {
        let found = self.0.store.teams().by_name(name.trim()).await?;
        let seen = self.teams_seen(actor).await?;
        let may_know = |team: &Team| seen.as_ref().is_none_or(|own| own.contains(&team.id));
        found.filter(may_know).ok_or_else(|| Error::not_found(format!("team {}", shown(name))))
    }

    /// Makes a team, and gives its name.
    pub async fn make_team(&self, actor: &Actor, name: &str, description: &str) -> Result<String> {
        let name = name.trim();
        let act = Act::new("team.create", format!("team {}", shown(name)));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        let description = check(name, description)?;
        let act = act.after(told(name, &description));
        let made = self.change(permit, &act, AddTeam { name: name.to_owned(), description }).await;
        made.map(|_| name.to_owned()).map_err(|error| name_taken(error, "a team", name))
    }

    /// Renames or describes a team, as it was at `version`; gives its name.
    pub async fn edit_team(
        &self,
        actor: &Actor,
        was: &str,
        asked: &str,
        name: &str,
        description: &str,
    ) -> Result<String> {
        let team = self.team_called(actor, was).await?;
        let name = name.trim();
        let act = Act::new("team.edit", format!("team {}", team.name)).before(told(&team.name, &team.description));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        let description = check(name, description)?;
        let act = act.after(told(name, &description));
        let change = EditTeam { id: team.id, version: version(asked)?, name: name.to_owned(), description };
        let edited = self.change(permit, &act, change).await;
        edited.map(|()| name.to_owned()).map_err(|error| name_taken(error, "a team", name))
    }

    /// Removes a team without robots, and the grants made to it, once its name was typed.
    pub async fn remove_team(&self, actor: &Actor, name: &str, confirm: &str) -> Result<()> {
        let team = self.team_called(actor, name).await?;
        let act = Act::new("team.remove", format!("team {}", team.name)).before(told(&team.name, &team.description));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        if confirm.trim() != team.name {
            return Err(Error::field("confirm", format!("Type {}.", team.name)));
        }
        let removed = self.change(permit, &act, RemoveTeam { team: team.id }).await;
        removed.map(|_| ()).map_err(|error| last_administrator(error, &format!("Removing {}", team.name)))
    }

    /// Puts somebody into a team, or says whether they lead it. What is so already stays. Who does it holds what comes with it:
    /// all that the team holds, and for a lead all that its robots hold, unless they lead it themselves.
    pub async fn set_team_member(&self, actor: &Actor, team: &str, person: &str, lead: bool) -> Result<()> {
        let team = self.team_called(actor, team).await?;
        let person = person.trim();
        let act = Act::new("team.member.set", format!("person {} in team {}", shown(person), team.name))
            .after(serde_json::json!({ "lead": lead }));
        let permit = self.decide_for_team(actor, team.id, &act).await?;
        let found = self.0.store.people().by_name(person).await?;
        let nobody = || Error::field("person", format!("There is nobody called {}.", shown(person)));
        let found = found.ok_or_else(nobody)?;
        let same =
            |member: &domain::access::Member| (member.team, member.person, member.lead) == (team.id, found.id, lead);
        let authority = self.authority().await?;
        if authority.members().iter().any(same) {
            return Ok(());
        }
        // Who is in a team has what the team has, and who leads it acts as its robots too.
        let (subject, now) = (Subject::Team(team.id), self.now());
        let stop = if !holds_grants_of(actor, &authority, subject, now) {
            let message = format!("{} may do more than you. Somebody who may do as much adds its members.", team.name);
            Some(("the team may do more", message))
        } else if lead && !holds_reach_of(actor, &authority, subject, now) {
            let message = format!("The robots of {} may do more than you. One of its leads adds leads.", team.name);
            Some(("the team's robots may do more", message))
        } else {
            None
        };
        if let Some((why, message)) = stop {
            self.event(actor, &act, Outcome::Refused, Some(why), &Place::System).await;
            return Err(Error::new(Kind::Forbidden, message));
        }
        self.change(permit, &act, SetTeamMember { team: team.id, person: found.id, lead }).await
    }

    /// Takes somebody out of a team.
    pub async fn remove_team_member(&self, actor: &Actor, team: &str, person: &str) -> Result<()> {
        let team = self.team_called(actor, team).await?;
        let person = person.trim();
        let act = Act::new("team.member.remove", format!("person {} in team {}", shown(person), team.name));
        let permit = self.decide_for_team(actor, team.id, &act).await?;
        let members = self.0.store.teams().members(team.id).await?;
        let member = members.into_iter().find(|member| member.name.eq_ignore_ascii_case(person));
        let member = member.ok_or_else(|| Error::not_found(format!("member {} of {}", shown(person), team.name)))?;
        let left = self.change(permit, &act, RemoveTeamMember { team: team.id, person: member.person }).await;
        left.map_err(|error| last_administrator(error, &format!("Taking {} out", member.name)))
    }
}
