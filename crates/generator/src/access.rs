//! People, robots, secrets and any number of grants, for measuring the token server: `generator DATA_DIR access GRANTS`.
//! What is needed to ask for tokens is printed, one per line: what it is, the user's name and the secret.

use crate::{Outcome, chance::Chance, connect, now};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use domain::{
    Actor, Id, Permission, Place, Restriction, Timestamp,
    access::{BuiltIn, RoleId, Scope, Subject},
    audit::Act,
    permission::allows,
};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use store::{
    AddGrant, AddRobot, AddRobotSecret, AddTeam, AddToken, Change, CreatePerson, Granted, NewPerson, SetRobotDisabled,
    Store, StoreOptions,
};

const PEOPLE: usize = 1_000;
const ROBOTS: usize = 100;
const TEAMS: usize = 100;
/// Those whose secrets are printed, of robots and of people each. Each has a grant for `team-N/**` of its own number.
const ASKING: usize = 5;
/// In one transaction.
const BATCH: usize = 2_000;
/// What secrets begin with, as `operations` writes them.
const ROBOT: &str = "wharfinger_robot";
const PERSON: &str = "wharfinger";
/// Everybody's: its hash is given from outside, at the cost that the program uses.
const PASSWORD: &str = "a harbour at low tide";

struct Making<'s> {
    store: &'s Store,
    now: Timestamp,
}

impl Making<'_> {
    async fn all<C: Change>(&self, changes: Vec<C>) -> Outcome<Vec<C::Output>> {
        let mut outputs = Vec::new();
        let mut changes = changes.into_iter().peekable();
        while changes.peek().is_some() {
            let some: Vec<C> = changes.by_ref().take(BATCH).collect();
            let permit = allows(&Actor::cli(), Permission::PeopleManage, Place::System)
                .map_err(|refusal| refusal.to_string())?;
            let opened = self.store.open_act(permit, &Act::new("bench.make", "many"), self.now).await?;
            outputs.extend(self.store.write(opened, some, self.now).await?);
        }
        Ok(outputs)
    }
}

/// Fills an empty data directory.
pub async fn generate(data_dir: PathBuf, grants: usize) -> Outcome {
    let now = now()?;
    let password_hash = &hashed(PASSWORD)?;
    let store = Store::open(&StoreOptions { data_dir, now }).await?;
    let registry = connect(&store, now).await?;
    let making = Making { store: &store, now };
    let administrator = CreatePerson(new("ada".to_owned(), password_hash), Some(RoleId::ADMINISTRATOR));
    making.all(vec![administrator]).await?;
    let people = making.all((0..PEOPLE).map(|n| person(n, password_hash)).collect()).await?;
    let teams = making.all((0..TEAMS).map(team).collect()).await?;
    let robots = making.all((0..ROBOTS).map(|n| robot(n, teams[n % TEAMS])).collect()).await?;
    let (secrets, tokens): (Vec<_>, Vec<_>) = (secrets("robot", ROBOTS), secrets("token", PEOPLE));
    let robot_secret = |n: usize| AddRobotSecret {
        robot: robots[n],
        prefix: secrets[n].0.clone(),
        secret_hash: hash(&secrets[n].1),
        name: "bench".to_owned(),
        expires: None,
        most: 1,
    };
    making.all((0..ROBOTS).map(robot_secret).collect()).await?;
    let token = |n: usize| AddToken {
        prefix: tokens[n].0.clone(),
        secret_hash: hash(&tokens[n].1),
        person: people[n],
        name: "bench".to_owned(),
        restriction: Restriction::default(),
        expires: None,
    };
    making.all((0..PEOPLE).map(token).collect()).await?;
    making.all(all_grants(grants, registry, &people, &robots, &teams)).await?;
    println!("service registry-{registry} -");
    for n in 0..ASKING {
        println!("robot robot+{} {}", robot_name(n), whole(ROBOT, &secrets[n]));
        println!("token p{n} {}", whole(PERSON, &tokens[n]));
    }
    println!("password p {PASSWORD}");
    store.close().await;
    Ok(())
}

/// Disables a robot, by its user name, beside the program that serves.
pub async fn disable(data_dir: PathBuf, user: &str) -> Outcome {
    let now = now()?;
    let store = Store::open_beside(&StoreOptions { data_dir, now }).await?;
    let name = user.trim_start_matches("robot+");
    let robot = store.robots().by_name(name).await?.ok_or("there is no such robot")?;
    Making { store: &store, now }.all(vec![SetRobotDisabled { robot: robot.id, disabled: true }]).await?;
    store.close().await;
    Ok(())
}

fn all_grants(count: usize, registry: Id, people: &[Id], robots: &[Id], teams: &[Id]) -> Vec<AddGrant> {
    let asking = |n: usize| {
        let who = n / 2 % ASKING;
        if n.is_multiple_of(2) { Subject::Robot(robots[who]) } else { Subject::Person(people[who]) }
    };
    let mut chance = Chance::of(&[7]);
    let mut one = |n: usize| {
        // Those who ask hold a tenth of all: what they hold grows with the number, as it does for everybody.
        let subject = match n {
            n if n < 2 * ASKING || n.is_multiple_of(10) => asking(n),
            n if n.is_multiple_of(3) => Subject::Team(teams[some(&mut chance, TEAMS)]),
            n if n % 3 == 1 => Subject::Robot(robots[some(&mut chance, ROBOTS)]),
            _ => Subject::Person(people[some(&mut chance, PEOPLE)]),
        };
        let pattern =
            if n < 2 * ASKING { format!("team-{}/**", n / 2) } else { format!("group-{}/app-{n}/**", n % 977) };
        let granted = Granted {
            role: RoleId::BuiltIn(if n < 2 * ASKING { BuiltIn::Writer } else { BuiltIn::Reader }),
            scope: Scope::new(Some(registry), pattern.parse().ok()),
            until: None,
            because: "Made for benchmarks.".to_owned(),
            by: "generator".to_owned(),
        };
        AddGrant { subject, granted, seen: None }
    };
    (0..count.max(2 * ASKING)).map(&mut one).collect()
}

/// As the program hashes passwords (operations/src/passwords.rs).
fn hashed(password: &str) -> Outcome<String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| error.to_string())?;
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password(password.as_bytes());
    Ok(hash.map_err(|error| error.to_string())?.to_string())
}

fn some(chance: &mut Chance, of: usize) -> usize {
    usize::try_from(chance.below(of as u64)).unwrap_or_default()
}

fn person(n: usize, password_hash: &str) -> CreatePerson {
    CreatePerson(new(format!("p{n}"), password_hash), None)
}
fn new(name: String, password_hash: &str) -> NewPerson {
    NewPerson {
        name,
        display_name: String::new(),
        password_hash: password_hash.to_owned(),
        time_zone: String::new(),
        theme: String::new(),
    }
}
fn team(n: usize) -> AddTeam {
    AddTeam { name: format!("team-{n}"), description: String::new() }
}
fn robot_name(n: usize) -> String {
    format!("bench-{n}")
}
fn robot(n: usize, team: Id) -> AddRobot {
    AddRobot { name: robot_name(n), team, purpose: "bench".to_owned(), expires: None, made_by: "generator".to_owned() }
}

/// Public and secret parts; the same on every run, since nothing real hangs on them.
fn secrets(kind: &str, count: usize) -> Vec<(String, String)> {
    (0..count).map(|n| (hash(&format!("{kind} prefix {n}"))[..12].to_owned(), hash(&format!("{kind} {n}")))).collect()
}
fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
fn whole(mark: &str, (prefix, secret): &(String, String)) -> String {
    format!("{mark}_{prefix}_{secret}")
}
