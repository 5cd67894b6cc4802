//! What one can act as: with a link as a person, with a secret as a robot, as a team's lead as each of its robots. Who opens
//! such a way holds at least what lies at its end.

use crate::subjects::{holds_all_of, leads};
use domain::{
    Actor, ActorKind, Id, Timestamp,
    access::{Authority, Grant, Held, Rights, Subject},
};
use std::sync::Arc;

/// What grants give `subject` now, whether it may act or not: who is disabled can be enabled a moment later.
fn granted(authority: &Authority, subject: Subject, now: Timestamp) -> Rights {
    let held = |grant: &Grant| {
        let permissions = authority.permissions(grant.role);
        Arc::new(Held { grant: Some(grant.id), permissions, scope: grant.scope.clone() })
    };
    let grants = authority.grants_of(subject);
    Rights::new(grants.iter().filter(|grant| grant.holds(now)).map(|grant| held(grant)).collect())
}

/// The teams whose robots `subject` can act as: those that a person leads, and for a team its own.
fn led_by(authority: &Authority, subject: Subject) -> Vec<Id> {
    match subject {
        Subject::Person(id) => {
            let own = authority.members().iter().filter(|member| member.person == id && member.lead);
            own.map(|member| member.team).collect()
        }
        Subject::Team(id) => vec![id],
        Subject::Robot(_) | Subject::Everyone | Subject::Anonymous => Vec::new(),
    }
}

/// Does `actor` hold all that is granted to `subject`, its robots aside? The command line does.
pub(crate) fn holds_grants_of(actor: &Actor, authority: &Authority, subject: Subject, now: Timestamp) -> bool {
    actor.kind == ActorKind::Cli || holds_all_of(actor, &granted(authority, subject, now))
}

/// Does `actor` hold all that `subject` can act with: what is granted to it, and what is granted to each robot of the teams it
/// leads? A team stands for its leads. What the actor leads too, and not by a narrow token, is theirs already.
pub(crate) fn holds_reach_of(actor: &Actor, authority: &Authority, subject: Subject, now: Timestamp) -> bool {
    let led = led_by(authority, subject).into_iter().filter(|team| !leads_wholly(actor, authority, *team));
    let led: Vec<Id> = led.collect();
    let weighed = |robot: &Subject| match robot {
        Subject::Robot(id) => authority.robot(*id).is_some_and(|robot| led.contains(&robot.team)),
        _ => false,
    };
    holds_grants_of(actor, authority, subject, now)
        && (led.is_empty()
            || authority
                .subjects()
                .into_iter()
                .filter(weighed)
                .all(|robot| holds_grants_of(actor, authority, robot, now)))
}

/// Is the actor one of this team's leads, and comes by nothing that narrows what they may do?
pub(crate) fn leads_wholly(actor: &Actor, authority: &Authority, team: Id) -> bool {
    actor.restriction().is_none() && leads(actor, authority, team)
}
