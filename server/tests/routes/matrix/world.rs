//! Somebody in each role, and what is theirs beside what is not.

use crate::{
    api::image,
    site::{Answer, PASSWORD, Site},
};
use axum::http::{Method, header};
use domain::{
    Actor, ActorKind, Digest, Id, Permission, Place, RepositoryName, Via,
    access::{BuiltIn, RoleId, Scope, Subject},
    audit::{Act, Outcome},
    permission::allows,
};
use operations::{
    connections::ConnectionForm, grants::GrantForm, robots::RobotForm, roles::RoleForm, tokens::TokenForm,
};
use registry::fake::{Fake, FakeOptions};
use store::{AddGrant, Granted};
use tower::ServiceExt;

/// Who asks, in the order of the columns: the administrator of everything; each role on `team-a/**` of `lab`; who manages
/// people, and nothing else; somebody without a grant; nobody.
pub const WHO: [&str; 10] =
    ["root", "viewer", "reader", "writer", "maintainer", "auditor", "administrator", "host", "nobody", "stranger"];
/// The column of who manages people.
pub const HOST: usize = 7;
/// What stands before the column of strangers.
pub const STRANGER: usize = WHO.len() - 1;

/// A place to ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// The route has no place in it.
    Nowhere,
    /// `team-a/app` of `lab`, which the grants are for.
    Own,
    /// `team-b/quokka` of `lab`: the same registry, another team's.
    Foreign,
    /// `team-b/quokka` of `faraway`: a registry that nobody but the administrator has to do with.
    Far,
}

impl Where {
    pub fn registry(self) -> &'static str {
        if self == Self::Far { "faraway" } else { "lab" }
    }
    pub fn repository(self) -> &'static str {
        if matches!(self, Self::Own | Self::Nowhere) { "team-a/app" } else { "team-b/quokka" }
    }
}

pub struct World {
    pub site: Site,
    /// The image that every repository holds under `v1`, so that it is a foreign one's, too.
    pub digest: Digest,
    cookies: Vec<String>,
    tokens: Vec<String>,
    /// An entry of the log about each place: own, foreign, far, and one about the program.
    entries: [i64; 4],
    /// A grant of everything, and one of what is their own.
    grants: [i64; 2],
    guest: Id,
    _fakes: [Fake; 2],
}

async fn grant(site: &Site, person: Id, role: BuiltIn, scope: Scope) {
    let permit = allows(&Actor::cli(), Permission::GrantManage, Place::System).expect("the command line may");
    let store = site.operations.store();
    let opened = store.open_act(permit, &Act::new("grant.add", "a role"), site.clock.now()).await.expect("opened");
    let granted =
        Granted { role: RoleId::BuiltIn(role), scope, until: None, because: String::new(), by: "root".into() };
    let add = AddGrant { subject: Subject::Person(person), granted, seen: None };
    store.write(opened, add, site.clock.now()).await.expect("granted");
}

fn person(id: Id, name: &str) -> Actor {
    let stranger = Actor::anonymous("192.0.2.1", "a test", "r-1");
    Actor { kind: ActorKind::Person, id, name: name.into(), via: Via::Session(1), ..stranger }
}

impl World {
    pub async fn new() -> Self {
        let site = Site::empty(&[]).await;
        let cli = Actor::cli();
        let fakes = [
            Fake::start(FakeOptions::default()).await.expect("a registry"),
            Fake::start(FakeOptions::default()).await.expect("a registry"),
        ];
        let tags = ["v1".to_owned(), "v2".to_owned()];
        let digest = image(&fakes[0], "team-a/app", &tags);
        image(&fakes[0], "team-b/quokka", &tags);
        image(&fakes[1], "team-b/quokka", &tags);
        let mut ids = Vec::new();
        for name in &WHO[..STRANGER] {
            let (id, _) = site.operations.add_person(&cli, name, Some(PASSWORD.to_owned())).await.expect("added");
            ids.push(id);
        }
        // Whom only root may do something to.
        let (guest, _) = site.operations.add_person(&cli, "guest", Some(PASSWORD.to_owned())).await.expect("added");
        site.operations.make_team(&cli, "crew", "").await.expect("a team");
        let derrick = RobotForm { name: "derrick".into(), team: "crew".into(), ..RobotForm::default() };
        site.operations.make_robot(&cli, &derrick).await.expect("a robot");
        let (mut lab, mut far) = (0, 0);
        for (name, fake) in ["lab", "faraway"].into_iter().zip(&fakes) {
            let form =
                ConnectionForm { name: name.into(), address: fake.address().to_string(), ..ConnectionForm::empty() };
            site.operations.add_registry(&cli, &form).await.expect("added");
            let names = site.operations.registry_names(&cli).await.expect("names");
            let id = names.iter().find(|(_, own)| own == name).expect("it is there").0;
            if name == "lab" { lab = id } else { far = id }
        }
        let pattern: domain::patterns::Pattern = "team-a/**".parse().expect("a pattern");
        for (role, id) in BuiltIn::ALL.iter().zip(&ids[1..]) {
            grant(&site, *id, *role, Scope::new(Some(lab), Some(pattern.clone()))).await;
        }
        let permissions = vec!["people.manage".to_owned()];
        let form = RoleForm { name: "Host".into(), description: String::new(), permissions };
        let role = site.operations.add_role(&cli, &form).await.expect("a role").row.role.id.to_string();
        let form = GrantForm { subject: WHO[HOST].into(), role, ..GrantForm::default() };
        site.operations.add_grant(&cli, &form, None).await.expect("granted");
        let (mut cookies, mut tokens) = (Vec::new(), Vec::new());
        for (name, id) in WHO.iter().zip(&ids) {
            cookies.push(site.signed_in_as(name).await);
            let actor = site.operations.with_rights(person(*id, name)).await.expect("rights");
            let form = TokenForm { name: "matrix".into(), days: "30".into(), ..TokenForm::default() };
            tokens.push(site.operations.make_token(&actor, &form).await.expect("a token").secret);
        }
        let name = |text: &str| text.parse::<RepositoryName>().expect("a name");
        let places = [
            Place::Repository(lab, name("team-a/app")),
            Place::Repository(lab, name("team-b/quokka")),
            Place::Repository(far, name("team-b/quokka")),
            Place::System,
        ];
        let mut entries = [0; 4];
        for (entry, place) in entries.iter_mut().zip(&places) {
            let act = Act::new("test.happened", "something");
            let store = site.operations.store();
            *entry = store.record(&cli, &act, Outcome::Done, None, place, site.clock.now()).await.expect("recorded");
        }
        let grants = {
            let authority = site.operations.authority().await.expect("the grants");
            let of = |scoped: bool| {
                let all = authority.grants().filter(|grant| grant.scope.is_everything() != scoped);
                all.map(|grant| grant.id).min().expect("a grant")
            };
            [of(false), of(true)]
        };
        let world = Self { site, digest, cookies, tokens, entries, grants, guest, _fakes: fakes };
        for place in [Where::Own, Where::Foreign, Where::Far] {
            let path = world.filled("/registries/{registry}/repositories/{repository}/tags", place);
            let answer = world.api(Method::GET, &path, None, 0).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        assert!(world.site.operations.reading_settled(std::time::Duration::from_secs(30)).await, "everything is read");
        world
    }

    /// A path or a body with names that are there at this place.
    pub fn filled(&self, text: &str, place: Where) -> String {
        let segment = place.repository().replace('/', "~");
        let entry = match place {
            Where::Own => self.entries[0],
            Where::Foreign => self.entries[1],
            Where::Far => self.entries[2],
            Where::Nowhere => self.entries[3],
        };
        let grant = match place {
            Where::Own => self.grants[1],
            Where::Foreign | Where::Far => self.grants[0],
            Where::Nowhere => 4711,
        };
        text.replace("{registry}", place.registry())
            .replace("{repository}", &segment)
            .replace("{repo}", place.repository())
            .replace("{grant}", &grant.to_string())
            .replace("{guest}", &format!("person-{}", self.guest))
            .replace("{tag}", "v1")
            .replace("{digest}", self.digest.as_str())
            .replace("{sequence}", &entry.to_string())
    }

    /// Asks as a browser that goes to a page, as the person of this column.
    pub async fn page(&self, path: &str, who: usize) -> Answer {
        let cookie = self.cookies.get(who).map_or("", String::as_str);
        let ask = self.site.get(path).html().cookie(cookie);
        // A stream has no end: that it begins is enough.
        if path.starts_with("/events") {
            let response = self.site.router.clone().oneshot(ask.request()).await.expect("a router never fails");
            return Answer { status: response.status(), headers: response.headers().clone(), body: String::new() };
        }
        ask.send().await
    }

    /// Asks as a script of our own page does.
    pub async fn script(&self, path: &str, who: usize) -> Answer {
        let cookie = self.cookies.get(who).map_or("", String::as_str);
        self.site.get(path).cookie(cookie).with("accept", "application/json").send().await
    }

    /// Posts a form as a script of our own page does.
    pub async fn form(&self, path: &str, body: &str, who: usize) -> Answer {
        let cookie = self.cookies.get(who).map_or("", String::as_str);
        let ask = self.site.post(path).on_our_page().cookie(cookie).with("accept", "application/json");
        ask.with("content-type", "application/x-www-form-urlencoded").body(body.to_owned()).send().await
    }

    /// Asks the interface with the person's token.
    pub async fn api(&self, method: Method, path: &str, body: Option<&str>, who: usize) -> Answer {
        let ask = self.site.ask(method, &format!("/api/v1{path}"));
        let ask = match self.tokens.get(who) {
            Some(token) => ask.with(header::AUTHORIZATION, &format!("Bearer {token}")),
            None => ask,
        };
        match body {
            Some(body) => ask.with("content-type", "application/json").body(body.to_owned()).send().await,
            None => ask.send().await,
        }
    }
}
