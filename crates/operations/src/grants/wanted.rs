//! What a form about a grant means, and whether whoever sends it may give that.

use super::{Names, name_of, role_name};
use crate::{Error, Kind, Operations, Result};
use domain::{
    Actor, FieldErrors, Id, Permit, Timestamp,
    access::{Authority, Grant, PermissionSet, Role, RoleId, Scope, Subject, delegation},
    audit::{Act, Outcome},
    patterns::Pattern,
    permission::allows_giving,
};

/// Characters of a reason at most.
const REASON: usize = 300;
/// A day, in seconds.
const DAY: i64 = 86_400;

/// What is typed to give or change a grant, every field a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantForm {
    /// To whom: `person-3`, `everyone`, or a name; `team payments` and `robot ci` where it is not a person's.
    pub subject: String,
    /// The role: `writer`, `custom-4`.
    pub role: String,
    /// In which registry, by name; empty for all. Of a grant that is changed, also [`super::GrantRow::same_registry`].
    pub registry: String,
    /// On which repositories, as a pattern; empty for all.
    pub repositories: String,
    /// Its last day in UTC (`2026-12-31`), or the first moment at which it no longer holds; empty for no end.
    pub until: String,
    /// Why; may be empty.
    pub because: String,
}

/// The subject of this name. Names of teams and robots may say so before them.
pub(crate) fn subject(authority: &Authority, text: &str) -> std::result::Result<Subject, String> {
    let text = text.trim();
    let unknown = || format!("There is no person, team or robot called {}.", domain::text::visible(text, 80));
    if text.is_empty() {
        return Err("Say to whom.".to_owned());
    }
    if let Ok(subject) = text.parse::<Subject>() {
        return authority.name(subject).map(|_| subject).ok_or_else(unknown);
    }
    let (kind, name) = match text.split_once(' ') {
        Some((kind @ ("person" | "team" | "robot"), name)) => (kind, name.trim()),
        _ => ("", text),
    };
    let is_called = |subject: &Subject| {
        let fits = match subject {
            Subject::Person(_) => matches!(kind, "" | "person"),
            Subject::Team(_) => matches!(kind, "" | "team"),
            Subject::Robot(_) => matches!(kind, "" | "robot"),
            Subject::Everyone | Subject::Anonymous => kind.is_empty(),
        };
        fits && authority.name(*subject).is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    let called: Vec<Subject> = authority.subjects().into_iter().filter(is_called).collect();
    match called[..] {
        [one] => Ok(one),
        [] => Err(unknown()),
        _ => Err(format!("Several are called so. Say whom: person {name}, team {name} or robot {name}.")),
    }
}

/// A registry by number, as no registry is called.
pub(super) fn by_number(id: Id) -> String {
    format!("#{id}")
}

/// The end: the last day is whole.
fn until(text: &str) -> std::result::Result<Option<Timestamp>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let end = match Timestamp::parse(&format!("{text}T00:00:00Z")) {
        Some(day) => Some(day.plus_seconds(DAY)),
        None => Timestamp::parse(text),
    };
    end.map(Some).ok_or("A day looks like 2026-12-31.")
}

impl Operations {
    /// Reads a form. The grant that is edited lends its number, its subject and its beginning. Of a subject that is not there
    /// only they learn it who could give the rest: others are refused as if it were, and `act` tells of it.
    pub(super) async fn wanted_grant(
        &self,
        actor: &Actor,
        authority: &Authority,
        was: Option<&Grant>,
        form: &GrantForm,
        act: Option<&Act>,
    ) -> Result<(Grant, Role)> {
        let mut wrong = FieldErrors::new();
        let to = match was {
            Some(was) => Some(was.subject),
            None => wrong.take("subject", subject(authority, &form.subject)),
        };
        let role = form.role.trim().parse::<RoleId>().ok().and_then(|id| authority.role(id));
        if role.is_none() {
            wrong.push("role", if form.role.trim().is_empty() { "Choose a role." } else { "There is no such role." });
        }
        if let (Some(to), Some(role)) = (to, &role)
            && !delegation::suits(to, role)
        {
            wrong.push(
                "role",
                "Nobody known may look and pull at most: what changes something has to be somebody’s doing.",
            );
        }
        let registry = wrong.take("registry", self.wanted_registry(actor, was, &form.registry).await).flatten();
        let repositories = match form.repositories.trim() {
            "" => None,
            pattern => wrong.take("repositories", pattern.parse::<Pattern>()),
        };
        if let (None, Some(role), true) = (to, &role, wrong.0.iter().all(|wrong| wrong.field == "subject")) {
            self.may_give(actor, role.permissions, &Scope::new(registry, repositories.clone()), act).await?;
        }
        let end = wrong.take("until", until(&form.until)).flatten();
        if end.is_some_and(|end| end <= self.now()) && end != was.and_then(|was| was.until) {
            wrong.push("until", "This day is over.");
        }
        let because = form.because.trim().to_owned();
        if because.chars().count() > REASON || because.chars().any(domain::text::is_hidden) {
            wrong.push("because", format!("Say why in up to {REASON} characters of one line."));
        }
        let (Some(subject), Some(role), true) = (to, role, wrong.is_empty()) else {
            return Err(Error::invalid(wrong.0));
        };
        let grant = Grant {
            id: was.map_or(0, |was| was.id),
            subject,
            role: role.id,
            scope: Scope::new(registry, repositories),
            until: end,
            because,
            by: actor.name.clone(),
            created: was.map_or(self.now(), |was| was.created),
            reviewed: was.and_then(|was| was.reviewed),
        };
        Ok((grant, role))
    }

    /// The registry that a form names. That of a grant that is changed stays, however it is called by now; and one that may not
    /// be seen does not become all of them.
    async fn wanted_registry(&self, actor: &Actor, was: Option<&Grant>, text: &str) -> Result<Option<Id>> {
        let text = text.trim();
        if let Some(own) = was.and_then(|was| was.scope.registry()) {
            let called = self.registry_names_for(actor).await?.remove(&own);
            if text == by_number(own) || called.as_deref() == Some(text) {
                return Ok(Some(own));
            }
            if text.is_empty() && called.is_none() {
                return Err(Error::new(
                    Kind::Invalid,
                    "You may not see the registry it is in: name another, or leave it.",
                ));
            }
        }
        if text.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.record(actor, text).await?.id))
    }

    /// May `actor` give or take `permissions` there? A refusal of a change is written down.
    pub(crate) async fn may_give(
        &self,
        actor: &Actor,
        permissions: PermissionSet,
        scope: &Scope,
        act: Option<&Act>,
    ) -> Result<Permit> {
        match allows_giving(actor, permissions, scope) {
            Ok(permit) => Ok(permit),
            Err(missing) => {
                let names: Vec<&str> = missing.iter().map(domain::Permission::as_str).collect();
                let names = names.join(", ");
                if let Some(act) = act {
                    let detail = format!("{} has no {names} in all of it", actor.name);
                    self.event(actor, act, Outcome::Refused, Some(&detail), &domain::Place::System).await;
                }
                let message =
                    format!("Nobody gives or takes more than they have. In all of this you have no {names} yourself.");
                Err(Error::new(Kind::Forbidden, message))
            }
        }
    }

    /// What is given ends no later than what it comes from.
    pub(super) fn ends_in_time(actor: &Actor, authority: &Authority, grant: &Grant, was: Option<&Grant>) -> Result<()> {
        let permissions = authority.permissions(grant.role);
        // What becomes narrower than it is was not given by whoever narrows it.
        if let Some(was) = was {
            let sooner = was.until.is_none_or(|was| grant.until.is_some_and(|new| new <= was));
            let narrower =
                authority.permissions(was.role).contains_all(permissions) && grant.scope.is_within(&was.scope);
            if sooner && narrower {
                return Ok(());
            }
        }
        match authority.given_until(actor, permissions, &grant.scope) {
            Some(end) if grant.until.is_none_or(|until| until > end) => {
                let message = format!("You have this yourself only until {}: what you give ends no later.", end.utc());
                Err(Error::field("until", message))
            }
            _ => Ok(()),
        }
    }
}

/// What the audit log says of a grant.
pub(super) fn told(authority: &Authority, names: &Names, grant: &Grant) -> serde_json::Value {
    serde_json::json!({
        "subject": format!("{} {}", grant.subject, name_of(authority, grant.subject)),
        "role": role_name(authority, grant.role),
        "where": place(names, &grant.scope),
        "until": grant.until.map(Timestamp::rfc3339),
        "because": grant.because,
    })
}

/// Where a grant holds, in words.
pub(crate) fn place(names: &Names, scope: &Scope) -> String {
    let registry = |id: Id| names.get(&id).map_or_else(|| format!("registry {id}"), |name| format!("registry {name}"));
    match (scope.registry(), scope.repositories()) {
        (None, None) => "everything".to_owned(),
        (Some(id), None) => registry(id),
        (None, Some(pattern)) => format!("{pattern} in every registry"),
        (Some(id), Some(pattern)) => format!("{pattern} in {}", registry(id)),
    }
}

/// What an act on a grant is done to.
pub(super) fn target(authority: &Authority, names: &Names, grant: &Grant) -> String {
    let (role, to) = (role_name(authority, grant.role), name_of(authority, grant.subject));
    let what = format!("{role} for {to} on {}", place(names, &grant.scope));
    if grant.id == 0 { format!("grant of {what}") } else { format!("grant {} of {what}", grant.id) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::access::{Facts, PersonFacts, TeamFacts};

    #[test]
    fn a_last_day_is_whole_and_a_moment_is_taken_as_it_is() {
        let moment = |text| until(text).expect("a time").map(Timestamp::rfc3339);
        assert_eq!(moment("2026-12-31").as_deref(), Some("2027-01-01T00:00:00Z"));
        assert_eq!(moment(" 2026-12-31T12:00:00Z ").as_deref(), Some("2026-12-31T12:00:00Z"));
        assert_eq!(moment(""), None);
        for bad in ["tomorrow", "2026-02-31", "31.12.2026"] {
            assert!(until(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn subjects_are_found_by_number_and_by_name() {
        let person =
            |id, name: &str| PersonFacts { id, name: name.into(), display_name: String::new(), disabled: false };
        let authority = Authority::new(Facts {
            people: vec![person(1, "ada"), person(2, "ops")],
            teams: vec![TeamFacts { id: 1, name: "ops".into() }],
            ..Facts::default()
        });
        let of = |text: &str| subject(&authority, text);
        assert_eq!(of("person-1"), Ok(Subject::Person(1)));
        assert_eq!((of("Ada"), of("person ada")), (Ok(Subject::Person(1)), Ok(Subject::Person(1))));
        assert_eq!((of("team ops"), of("person ops")), (Ok(Subject::Team(1)), Ok(Subject::Person(2))));
        assert_eq!((of("everyone signed in"), of("anonymous")), (Ok(Subject::Everyone), Ok(Subject::Anonymous)));
        assert!(of("ops").is_err_and(|why| why.contains("Several")));
        for gone in ["", "eve", "person-9", "robot ada"] {
            assert!(of(gone).is_err(), "{gone}");
        }
    }
}
