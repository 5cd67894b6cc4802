//! An installation with one registry, and requests for tokens to it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Actor, ActorKind, Connection, Id, Permission, Place, Restriction, Timestamp,
    access::{BuiltIn, RoleId, Scope, Subject},
    audit::Act,
    permission::allows,
};
use operations::{
    Clock, Operations, Settings,
    audit::AuditQuery,
    token_server::{Credentials, IssuedToken, TokenRefusal, TokenRequest},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::{
    AddGrant, AddRegistry, AddRobot, AddRobotSecret, AddTeam, AddToken, Change, Granted, SecretsEdit, SetTokenSetting,
    Store, StoreOptions, TokenSetting,
};

/// A Saturday in November 2026.
pub const NOW: Timestamp = Timestamp(1_795_262_400_000_000);
pub const PASSWORD: &str = "a harbour at low tide";
/// The service of the one registry.
pub const SERVICE: &str = "registry-1";

pub struct World {
    pub operations: Operations,
    pub clock: Clock,
    pub registry: Id,
    _directory: tempfile::TempDir,
}

/// A request, to be changed where it differs.
pub fn request(credentials: Credentials, scopes: &[&str]) -> TokenRequest {
    TokenRequest {
        stranger: Actor::anonymous("192.0.2.1", "a client", "r-1"),
        credentials,
        account: None,
        service: SERVICE.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        client: "a test".to_owned(),
        offline: false,
    }
}

pub fn pair(name: &str, secret: &str) -> Credentials {
    Credentials::Pair { name: name.to_owned(), secret: secret.to_owned() }
}

/// What a token says.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

/// The name of the key that signed it.
pub fn kid(token: &str) -> String {
    let part = token.split('.').next().expect("three parts");
    let head: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON");
    head["kid"].as_str().expect("a key's name").to_owned()
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl World {
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let options = StoreOptions { data_dir: directory.path().to_owned(), now: NOW };
        let store = Store::open(&options).await.expect("a store");
        let clock = Clock::standing(NOW);
        let operations = Operations::new(store, clock.clone(), settings).expect("operations");
        let mut world = Self { operations, clock, registry: 0, _directory: directory };
        world.operations.first_person("ada", PASSWORD.into()).await.expect("made").expect("the first");
        world.registry = world
            .write(AddRegistry {
                name: "harbour".parse().expect("a name"),
                description: String::new(),
                connection: Connection::new("http://registry.test:5000".parse().expect("an address")),
                secrets: SecretsEdit::default(),
            })
            .await;
        assert_eq!(world.registry, 1);
        world
    }

    /// Another program over the same records, by the same clock.
    pub async fn beside(&self, settings: Settings) -> Operations {
        let options =
            StoreOptions { data_dir: self.operations.store().data_dir().to_owned(), now: self.operations.now() };
        let store = Store::open_beside(&options).await.expect("opened beside");
        Operations::new(store, self.clock.clone(), settings).expect("operations")
    }

    /// Makes a change as the command line would beside us, and lets the program know of it as if it were its own.
    pub async fn write<C: Change>(&self, change: C) -> C::Output {
        let permit = allows(&Actor::cli(), Permission::PeopleManage, Place::System).expect("the command line may");
        let (store, now) = (self.operations.store(), self.operations.now());
        let opened = store.open_act(permit, &Act::new("test.change", "something"), now).await.expect("opened");
        let output = store.write(opened, change, now).await.expect("written");
        self.seen().await;
        output
    }

    /// A change of the program's own: it looks at the records anew after it.
    async fn seen(&self) {
        if let Ok(Some(ada)) = self.operations.store().people().by_name("ada").await {
            let actor = Actor { kind: ActorKind::Person, id: ada.id, ..Actor::anonymous("", "", "") };
            let name = if ada.display_name == "Ada" { "Ada L." } else { "Ada" };
            self.operations.edit_profile(&actor, name, "UTC").await.expect("changed");
        }
    }

    pub async fn grant(&self, subject: Subject, role: BuiltIn, pattern: Option<&str>, until: Option<Timestamp>) -> Id {
        let scope = Scope::new(Some(self.registry), pattern.map(|pattern| pattern.parse().expect("a pattern")));
        let role = RoleId::BuiltIn(role);
        let granted = Granted { role, scope, until, because: String::new(), by: "test".into() };
        self.write(AddGrant { subject, granted, seen: None }).await
    }

    /// Somebody with [`PASSWORD`] and this role on `team-a/**`.
    pub async fn person(&self, name: &str, role: BuiltIn) -> Id {
        let made = self.operations.add_person(&Actor::cli(), name, Some(PASSWORD.into())).await;
        let (id, _) = made.expect("made");
        self.grant(Subject::Person(id), role, Some("team-a/**"), None).await;
        id
    }

    /// A token of a person: its prefix and its text.
    pub async fn token(&self, person: Id, restriction: Restriction, expires: Option<Timestamp>) -> (String, String) {
        let secret = hash(&format!("token of {person} {restriction:?} {expires:?}"));
        let prefix = hash(&secret)[..12].to_owned();
        let add = AddToken {
            prefix: prefix.clone(),
            secret_hash: hash(&secret),
            person,
            name: "t".into(),
            restriction,
            expires,
        };
        self.write(add).await;
        let text = format!("wharfinger_{prefix}_{secret}");
        (prefix, text)
    }

    /// A robot with this role on `team-a/**`: its number, and its first secret.
    pub async fn robot(&self, name: &str, role: BuiltIn, expires: Option<Timestamp>) -> (Id, String) {
        let team = self.write(AddTeam { name: format!("team of {name}"), description: String::new() }).await;
        let made_by = "test".to_owned();
        let robot = self.write(AddRobot { name: name.into(), team, purpose: "test".into(), expires, made_by }).await;
        self.grant(Subject::Robot(robot), role, Some("team-a/**"), None).await;
        let text = self.robot_secret(robot, "first", None).await;
        (robot, text)
    }

    /// Another secret of a robot.
    pub async fn robot_secret(&self, robot: Id, name: &str, expires: Option<Timestamp>) -> String {
        let secret = hash(&format!("secret {name} of {robot}"));
        let prefix = hash(&secret)[..12].to_owned();
        let (secret_hash, name) = (hash(&secret), name.to_owned());
        self.write(AddRobotSecret { robot, prefix: prefix.clone(), secret_hash, name, expires, most: 9 }).await;
        format!("wharfinger_robot_{prefix}_{secret}")
    }

    /// Sets how tokens for the registry are issued.
    pub async fn choose(&self, algorithm: &str, passwords: bool, seconds: i64) {
        let setting = TokenSetting { algorithm: algorithm.to_owned(), passwords, seconds };
        self.write(SetTokenSetting { registry: self.registry, setting }).await;
    }

    pub async fn issue(&self, request: TokenRequest) -> Result<IssuedToken, TokenRefusal> {
        self.operations.issue_token(&request).await
    }

    /// What of the scopes is given, as scopes; `refused` where there is no token.
    pub async fn given(&self, credentials: Credentials, scopes: &[&str]) -> String {
        match self.issue(request(credentials, scopes)).await {
            Ok(issued) => {
                let access = claims(&issued.token)["access"].clone();
                let said = if issued.scope.is_empty() { 0 } else { issued.scope.split(' ').count() };
                assert_eq!(access.as_array().map(Vec::len), Some(said));
                issued.scope
            }
            Err(TokenRefusal::Wrong { .. }) => "refused".to_owned(),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Ada, who may do everything.
    pub async fn ada(&self) -> Actor {
        let person = self.operations.store().people().by_name("ada").await.expect("asked").expect("there");
        let actor = Actor { kind: ActorKind::Person, id: person.id, name: person.name, ..Actor::anonymous("", "", "") };
        self.operations.with_rights(actor).await.expect("rights")
    }

    /// The entries of the log that are about tokens, the oldest first.
    pub async fn told(&self) -> Vec<Told> {
        self.operations.write_token_events().await;
        let (ada, mut all, mut query) = (self.ada().await, Vec::new(), AuditQuery::default());
        loop {
            let page = self.operations.audit(&ada, &query).await.expect("the log");
            all.extend(page.entries);
            let Some(older) = page.older else { break };
            query.below = Some(older);
        }
        all.retain(|entry| ["token.issue", "token.refuse"].contains(&entry.entry.act.as_str()));
        all.sort_by_key(|entry| entry.entry.sequence);
        let told = |entry: store::Entry| Told {
            act: entry.entry.act,
            by: entry.actor_name,
            target: entry.entry.target,
            place: (entry.entry.registry_id, entry.entry.repository),
            why: entry.detail.unwrap_or_default(),
            after: entry.after.map(|text| serde_json::from_str(&text).expect("JSON")).unwrap_or_default(),
        };
        all.into_iter().map(told).collect()
    }
}

/// An entry of the log about a token.
#[derive(Debug)]
pub struct Told {
    pub act: String,
    pub by: String,
    pub target: String,
    pub place: (Option<Id>, Option<String>),
    pub why: String,
    pub after: Value,
}
