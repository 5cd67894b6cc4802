//! People: their accounts, and what each may change about themselves.

mod listing;
mod managing;

pub use listing::{PersonDetails, PersonRow};
pub(crate) use managing::last_administrator;
pub use store::{LinkKind, PersonState};

use crate::{Error, Kind, Operations, Result, passwords::Passwords, sessions::session_id, setup::random_token};
use domain::{
    Actor, ActorKind, Id, Permission, Place, Timestamp, access::RoleId, audit::Act, audit::Outcome, fields::FieldError,
    permission::allows,
};
use store::{CreatePerson, NewPerson, Person, RevokeOtherSessions, RevokeSessions, SetPassword, UpdateProfile};

/// What a person sees of their own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name one signs in with.
    pub name: String,
    /// The full name; may be empty.
    pub display_name: String,
    /// An IANA time zone; empty is UTC.
    pub time_zone: String,
    /// `light`, `dark` or empty.
    pub theme: String,
    /// The role's word.
    pub role: &'static str,
    /// When the account was made.
    pub created: Timestamp,
}

impl Profile {
    pub(crate) fn of(person: &Person, actor: &Actor) -> Self {
        Self {
            name: person.name.clone(),
            display_name: person.display_name.clone(),
            time_zone: person.time_zone.clone(),
            theme: person.theme.clone(),
            role: actor.rights.title(),
            created: person.created,
        }
    }
}

/// What a stranger typed as a name, as it may stand in the audit log.
pub(crate) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// Names that mean somebody else, at registries and in grants.
const RESERVED: [&str; 3] = ["anonymous", "everyone", "wharfinger"];

/// The name one signs in with: 1 to 64 letters, digits and `. _ - @`, and among them a letter or a digit. It has no `+`: a
/// robot's user name does ([`domain::robots::USER`]).
pub(crate) fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    if name.is_empty() {
        Err(Error::field("name", "Enter a name."))
    } else if name.len() > 64 || !name.chars().all(plain) {
        Err(Error::field("name", "A name has up to 64 letters, digits and . _ - @."))
    } else if !name.chars().any(|c| c.is_ascii_alphanumeric()) {
        Err(Error::field("name", "A name has a letter or a digit."))
    } else if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        Err(Error::field("name", "This name means somebody else. Choose another."))
    } else {
        Ok(())
    }
}

/// Checks name and password together, so that all that is wrong comes back at once, and hashes the password.
pub(crate) async fn new_person(
    passwords: &Passwords,
    name: &str,
    password: String,
    again: String,
) -> Result<NewPerson> {
    let mut wrong: Vec<FieldError> = Vec::new();
    if let Err(error) = check_name(name) {
        wrong.extend(error.fields);
    }
    if let Err(fields) = Passwords::check(name, &password, &again) {
        wrong.extend(fields);
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let password_hash = passwords.hash(password).await?;
    Ok(NewPerson {
        name: name.to_owned(),
        display_name: String::new(),
        password_hash,
        time_zone: String::new(),
        theme: String::new(),
    })
}

/// `Europe/Berlin`, `UTC`, `Etc/GMT+1`; the browser knows whether the zone exists.
fn is_time_zone(zone: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
    zone.len() <= 64 && zone.chars().all(plain) && zone.chars().next().is_none_or(|c| c.is_ascii_uppercase())
}

impl Operations {
    /// The person who acts, on what is their own.
    pub(crate) async fn person(&self, actor: &Actor) -> Result<Person> {
        let sign_in = || Error::new(Kind::SignInNeeded, "Sign in to go on.");
        if actor.kind != ActorKind::Person {
            return Err(sign_in());
        }
        allows(actor, Permission::ProfileEdit, Place::System)?;
        self.0.store.people().by_id(actor.id).await?.filter(|person| !person.disabled).ok_or_else(sign_in)
    }

    /// One's own account.
    pub async fn profile(&self, actor: &Actor) -> Result<Profile> {
        let person = self.person(actor).await?;
        Ok(Profile::of(&person, actor))
    }

    /// Changes one's full name and time zone.
    pub async fn edit_profile(&self, actor: &Actor, display_name: &str, time_zone: &str) -> Result<()> {
        let person = self.person(actor).await?;
        let (display_name, time_zone) = (display_name.trim(), time_zone.trim());
        let mut wrong = Vec::new();
        if display_name.chars().count() > 120 || display_name.chars().any(char::is_control) {
            wrong.push(FieldError {
                field: "display_name".into(),
                message: "A full name has up to 120 characters.".into(),
            });
        }
        if !is_time_zone(time_zone) {
            wrong.push(FieldError {
                field: "time_zone".into(),
                message: "A time zone looks like Europe/Berlin.".into(),
            });
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let theme = person.theme.clone();
        self.update_profile(actor, &person, display_name, time_zone, &theme).await
    }

    /// Changes one's theme: `light`, `dark` or empty for the system's.
    pub async fn set_theme(&self, actor: &Actor, theme: &str) -> Result<()> {
        let person = self.person(actor).await?;
        if !matches!(theme, "" | "light" | "dark") {
            return Err(Error::field("theme", "A theme is light, dark or as the system."));
        }
        if person.theme == theme {
            return Ok(());
        }
        self.update_profile(actor, &person, &person.display_name, &person.time_zone, theme).await
    }

    async fn update_profile(
        &self,
        actor: &Actor,
        person: &Person,
        display_name: &str,
        time_zone: &str,
        theme: &str,
    ) -> Result<()> {
        let fields = |name: &str, zone: &str, theme: &str| serde_json::json!({ "full name": name, "time zone": zone, "theme": theme });
        let act = Act::new("profile.edit", format!("person {}", person.name))
            .before(fields(&person.display_name, &person.time_zone, &person.theme))
            .after(fields(display_name, time_zone, theme));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        let change = UpdateProfile {
            person: person.id,
            display_name: display_name.to_owned(),
            time_zone: time_zone.to_owned(),
            theme: theme.to_owned(),
            renamed: display_name != person.display_name,
        };
        self.change(permit, &act, change).await
    }

    /// Changes one's password: asks for the old one, and ends all other sessions.
    pub async fn change_password(&self, actor: &Actor, old: String, password: String, again: String) -> Result<()> {
        let person = self.person(actor).await?;
        let act = Act::new("profile.password", format!("person {}", person.name));
        let permit = self.decide(actor, Permission::ProfileEdit, Place::System, &act).await?;
        self.throttle(&person.name, actor)?;
        self.0.throttle.failed(&person.name, &actor.address, self.now());
        if !self.0.passwords.verify(old, Some(person.password_hash.clone())).await? {
            self.event(actor, &act, Outcome::Refused, Some("the old password is wrong"), &Place::System).await;
            return Err(Error::field("old", "This is not your password."));
        }
        self.0.throttle.succeeded(&person.name, &actor.address, self.now());
        Passwords::check(&person.name, &password, &again).map_err(Error::invalid)?;
        let password_hash = self.0.passwords.hash(password).await?;
        let change = SetPassword { person: person.id, password_hash };
        let except = session_id(actor).unwrap_or(0);
        self.change(permit, &act, (change, RevokeOtherSessions { person: person.id, except })).await?;
        Ok(())
    }

    /// Adds a person who has no rights yet, from the command line; the first one may do everything. Without a password one
    /// is made and given back.
    pub async fn add_person(
        &self,
        actor: &Actor,
        name: &str,
        password: Option<String>,
    ) -> Result<(Id, Option<String>)> {
        let role = self.is_empty().await?.then_some(RoleId::ADMINISTRATOR);
        self.add_with_role(actor, name, password, role).await
    }

    /// Adds a person who may do everything, from the command line. Without a password one is made and given back.
    pub async fn add_administrator(
        &self,
        actor: &Actor,
        name: &str,
        password: Option<String>,
    ) -> Result<(Id, Option<String>)> {
        self.add_with_role(actor, name, password, Some(RoleId::ADMINISTRATOR)).await
    }

    async fn add_with_role(
        &self,
        actor: &Actor,
        name: &str,
        password: Option<String>,
        role: Option<RoleId>,
    ) -> Result<(Id, Option<String>)> {
        let act = Act::new("person.create", format!("person {name}"))
            .after(serde_json::json!({ "role": role.map(|role| role.to_string()) }));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        let made = password.is_none().then(random_token).transpose()?.map(|token| token[..32].to_owned());
        let password = password.or_else(|| made.clone()).unwrap_or_default();
        let new = new_person(&self.0.passwords, name, password.clone(), password).await?;
        let id = self.change(permit, &act, CreatePerson(new, role)).await.map_err(|error| match error.kind {
            Kind::Conflict => Error::field("name", format!("Somebody is called {name} already.")),
            _ => error,
        })?;
        Ok((id, made))
    }

    /// Gives a person a new password, from the command line, and ends all their sessions.
    pub async fn reset_password(&self, actor: &Actor, name: &str, password: Option<String>) -> Result<Option<String>> {
        let act = Act::new("person.password", format!("person {name}"));
        let permit = self.decide(actor, Permission::PeopleManage, Place::System, &act).await?;
        let person =
            self.0.store.people().by_name(name).await?.ok_or_else(|| Error::not_found(format!("person {name}")))?;
        let made = password.is_none().then(random_token).transpose()?.map(|token| token[..32].to_owned());
        let password = password.or_else(|| made.clone()).unwrap_or_default();
        Passwords::check(&person.name, &password, &password).map_err(Error::invalid)?;
        let change = SetPassword { person: person.id, password_hash: self.0.passwords.hash(password).await? };
        self.change(permit, &act, (change, RevokeSessions { person: person.id })).await?;
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_time_zones_are_plain() {
        assert!(check_name("ada.lovelace@example.com").is_ok());
        for bad in ["", "a b", "ada<", "ä", "..", "robot+ci", "Anonymous", "wharfinger", &"a".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert!(is_time_zone("Europe/Berlin") && is_time_zone("") && is_time_zone("Etc/GMT+1"));
        assert!(!is_time_zone("europe") && !is_time_zone("A\"b") && !is_time_zone("<script>"));
    }
}
