//! The whole thing on loopback: the program with its token server, and a real registry that trusts it.

use crate::tools::{Login, Tools};
use domain::{
    Actor, Id, Permission, Place, Restriction, Timestamp,
    access::{BuiltIn, RoleId, Scope, Subject},
    audit::Act,
    connection::Connection,
    permission::allows,
};
use operations::{Clock, Operations};
use server::{
    listen,
    routes::{self, Parts},
    serve::for_operations,
    settings::{Flags, Settings},
};
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use store::{
    AddGrant, AddRegistry, AddRobot, AddRobotSecret, AddTeam, AddToken, Change, Granted, RevokeGrant, SecretsEdit,
    Store, StoreOptions,
};
use tokio::{net::TcpListener, sync::watch};

pub const PASSWORD: &str = "a harbour at low tide";
/// Longer than the second in which a change of rights has to show.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Harbour {
    pub operations: Operations,
    pub tools: Tools,
    /// `host:port` of the registry.
    pub registry: String,
    pub id: Id,
    /// `host:port` of the program.
    pub program: String,
    child: Child,
    folder: tempfile::TempDir,
    number: AtomicU64,
    _stop: watch::Sender<bool>,
}

impl Drop for Harbour {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port")
}

impl Harbour {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let program = listener.local_addr().expect("an address").to_string();
        let data_dir = folder.path().join("data");
        let mut flags = Flags::default();
        flags.insert("public-url", vec![format!("http://{program}")]);
        flags.insert("data-dir", vec![data_dir.display().to_string()]);
        let settings = Settings::resolve(&flags, None, &|_| None).expect("good settings");
        let clock = Clock::system();
        let store = Store::open(&StoreOptions { data_dir, now: clock.now() }).await.expect("the records");
        let operations = Operations::new(store, clock, for_operations(&settings)).expect("operations");
        let (stop, stopping) = watch::channel(false);
        let assets = Arc::new(app::shell::Assets::default);
        let parts = Parts { settings, operations: operations.clone(), assets, stop: stopping.clone() };
        let router = routes::build(parts).expect("a router");
        tokio::spawn(listen::serve(listener, None, router, stopping));

        let address = free_address();
        let add = AddRegistry {
            name: "harbour".parse().expect("a name"),
            description: String::new(),
            connection: Connection::new(format!("http://{address}").parse().expect("an address")),
            secrets: SecretsEdit::default(),
        };
        let id = write(&operations, Permission::RegistryManage, add).await;
        let bundle = tokio::task::spawn_blocking({
            let program = program.clone();
            move || get(&program, "/token/certificates.pem", "")
        });
        let (status, bundle) = bundle.await.expect("asked");
        assert_eq!(status, 200, "{bundle}");
        let child = start_registry(folder.path(), address, &program, id, &bundle, &operations);
        let tools = Tools::new(folder.path());
        let number = AtomicU64::new(0);
        Self { operations, tools, registry: address.to_string(), id, program, child, folder, number, _stop: stop }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What clients call a repository and tag of the registry.
    pub fn name(&self, rest: &str) -> String {
        format!("{}/{rest}", self.registry)
    }

    fn next(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// Somebody with a password and this role on `team-a/**`.
    pub async fn person(&self, name: &str, role: BuiltIn) -> Subject {
        let id = self.nobody(name).await;
        self.grant(Subject::Person(id), role, Some("team-a/**"), None).await;
        Subject::Person(id)
    }

    /// Somebody with a password and nothing else.
    pub async fn nobody(&self, name: &str) -> Id {
        let new = store::NewPerson {
            name: name.to_owned(),
            display_name: String::new(),
            password_hash: self.password_hash().await,
            time_zone: String::new(),
            theme: String::new(),
        };
        write(&self.operations, Permission::PeopleManage, store::CreatePerson(new, None)).await
    }

    /// The hash of [`PASSWORD`], as the program makes it.
    async fn password_hash(&self) -> String {
        let name = format!("h{}", self.next());
        let (id, _) = self.operations.add_person(&Actor::cli(), &name, Some(PASSWORD.into())).await.expect("made");
        let person = self.operations.store().people().by_id(id).await.expect("asked").expect("there");
        person.password_hash
    }

    pub async fn grant(&self, subject: Subject, role: BuiltIn, pattern: Option<&str>, until: Option<Timestamp>) -> Id {
        let granted = Granted {
            role: RoleId::BuiltIn(role),
            scope: Scope::new(Some(self.id), pattern.map(|pattern| pattern.parse().expect("a pattern"))),
            until,
            because: String::new(),
            by: "test".to_owned(),
        };
        write(&self.operations, Permission::PeopleManage, AddGrant { subject, granted, seen: None }).await
    }

    pub async fn revoke(&self, grant: Id) {
        let authority = self.operations.authority().await.expect("authority");
        let was = authority.grants().find(|one| one.id == grant).map(|one| domain::access::Grant::clone(one));
        let change = RevokeGrant { was: was.expect("the grant"), seen: None };
        write(&self.operations, Permission::PeopleManage, change).await;
    }

    /// A robot with this role on `team-a/**`; its user name at docker and its secret.
    pub async fn robot(&self, name: &str, role: BuiltIn, expires: Option<Timestamp>) -> (Subject, String, String) {
        let number = self.next();
        let team = AddTeam { name: format!("team {number}"), description: String::new() };
        let team = write(&self.operations, Permission::PeopleManage, team).await;
        let robot =
            AddRobot { name: name.to_owned(), team, purpose: "test".into(), expires, made_by: "test".to_owned() };
        let robot = write(&self.operations, Permission::PeopleManage, robot).await;
        let (prefix, secret) = secret(&format!("robot {number}"));
        let add =
            AddRobotSecret { robot, prefix, secret_hash: hash(&secret.1), name: "ci".into(), expires: None, most: 9 };
        write(&self.operations, Permission::PeopleManage, add).await;
        self.grant(Subject::Robot(robot), role, Some("team-a/**"), None).await;
        (Subject::Robot(robot), format!("robot+{name}"), format!("wharfinger_robot_{}_{}", secret.0, secret.1))
    }

    /// A token of a person.
    pub async fn token(&self, person: Subject, restriction: Restriction) -> (String, String) {
        let Subject::Person(person) = person else { panic!("a person") };
        let (prefix, secret) = secret(&format!("token {}", self.next()));
        let secret_hash = hash(&secret.1);
        let add =
            AddToken { prefix: prefix.clone(), secret_hash, person, name: "t".into(), restriction, expires: None };
        write(&self.operations, Permission::PeopleManage, add).await;
        (prefix, format!("wharfinger_{}_{}", secret.0, secret.1))
    }

    /// Asks the token server, as a client does: the status, and the answer.
    pub fn ask(&self, login: Login<'_>, scope: &str) -> (u16, serde_json::Value) {
        let credentials = login.map(|(user, secret)| format!("{user}:{secret}")).unwrap_or_default();
        let (status, body) =
            get(&self.program, &format!("/token?service=registry-{}&scope={scope}", self.id), &credentials);
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// What the token server gives of `scope`: the actions, in one text.
    pub fn given(&self, login: Login<'_>, scope: &str) -> String {
        let (status, answer) = self.ask(login, scope);
        if status != 200 {
            return status.to_string();
        }
        let token = answer["token"].as_str().expect("a token");
        let claims = token.split('.').nth(1).expect("three parts");
        let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).expect("base64");
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
        let actions = claims["access"].as_array().into_iter().flatten();
        let actions = actions.flat_map(|entry| entry["actions"].as_array().into_iter().flatten());
        actions.filter_map(|action| action.as_str()).collect::<Vec<_>>().join(",")
    }

    /// How long it takes until `given` is what it should be.
    pub fn until_given(&self, login: Login<'_>, scope: &str, wanted: &str) -> Duration {
        let begun = Instant::now();
        loop {
            let given = self.given(login, scope);
            if given == wanted {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < PATIENCE, "{given} and not {wanted} after {:?}", begun.elapsed());
        }
    }
}

/// Makes a change as the command line would.
pub async fn write<C: Change>(operations: &Operations, permission: Permission, change: C) -> C::Output {
    let permit = allows(&Actor::cli(), permission, Place::System).expect("the command line may");
    let (store, now) = (operations.store(), operations.now());
    let opened = store.open_act(permit, &Act::new("test.change", "something"), now).await.expect("opened");
    store.write(opened, change, now).await.expect("written")
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
/// A secret's public part, and both parts.
fn secret(of: &str) -> (String, (String, String)) {
    let prefix = hash(&format!("prefix of {of}"))[..12].to_owned();
    (prefix.clone(), (prefix, hash(of)))
}

fn start_registry(
    folder: &Path,
    at: SocketAddr,
    program: &str,
    id: Id,
    bundle: &str,
    operations: &Operations,
) -> Child {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let bundle = file("bundle.pem", bundle);
    let data = folder.join("registry").display().to_string();
    let issuer = operations.token_issuer();
    let configuration = serde_json::json!({
        "version": 0.1,
        "storage": { "filesystem": { "rootdirectory": data }, "delete": { "enabled": true } },
        "http": { "addr": at.to_string() },
        "auth": { "token": { "realm": format!("http://{program}/token"), "service": format!("registry-{id}"),
            "issuer": issuer, "rootcertbundle": bundle } },
    });
    let configuration = file("registry.yml", &configuration.to_string());
    let log = fs::File::create(folder.join("registry.log")).expect("a log");
    let mut registry = Command::new("docker-registry");
    registry.args(["serve", &configuration]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut child = registry.spawn().expect("docker-registry starts");
    let begun = Instant::now();
    while TcpStream::connect(at).is_err() {
        let ended = child.try_wait().expect("asked");
        let log = || fs::read_to_string(folder.join("registry.log")).unwrap_or_default();
        assert!(ended.is_none() && begun.elapsed() < PATIENCE, "{}", log());
        std::thread::yield_now();
    }
    child
}

/// A plain request; the status and the body.
pub fn get(host: &str, path: &str, credentials: &str) -> (u16, String) {
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, credentials);
    let basic = if credentials.is_empty() { String::new() } else { format!("Authorization: Basic {basic}\r\n") };
    asked(host, path, &basic)
}

/// The same with a token.
pub fn with_bearer(host: &str, path: &str, token: &str) -> (u16, String) {
    asked(host, path, &format!("Authorization: Bearer {token}\r\n"))
}

fn asked(host: &str, path: &str, header: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(host).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}
