//! What the rules cost by themselves: `generator - rules` prints one figure per line, with tabs: what, figure, goal.

use domain::{
    Actor, ActorKind, Permission, Place, RepositoryName, Restriction, Timestamp, Visible,
    access::{Authority, BuiltIn, Facts, Grant, PersonFacts, Rights, RoleId, Scope, Subject, matrix::Rows},
    permission::allows,
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const PEOPLE: i64 = 1_000;
const TIME: Duration = Duration::from_secs(2);
const NOW: Timestamp = Timestamp(1);
/// As wide and high as a page of the matrix.
const WINDOW: usize = 50;
/// Who holds half of all grants.
const HEAVY: Subject = Subject::Person(1);

/// How the places of grants are written.
#[derive(Clone, Copy)]
enum Written {
    /// `team-a/app-17/**`
    Below,
    /// `team-a/app-17`
    Exactly,
}

/// A thousand people and so many grants; the first person has half of them.
fn authority(grants: i64, written: Written) -> Authority {
    let person = |id: i64| PersonFacts { id, name: format!("p{id}"), display_name: String::new(), disabled: false };
    let place = |n: i64| match written {
        Written::Below => format!("team-{}/app-{n}/**", n % 500),
        Written::Exactly => format!("team-{}/app-{n}", n % 500),
    };
    let grant = |n: i64| Grant {
        id: n + 1,
        subject: if n % 2 == 0 { HEAVY } else { Subject::Person(1 + n % PEOPLE) },
        role: RoleId::BuiltIn(match n % 3 {
            0 => BuiltIn::Writer,
            1 => BuiltIn::Reader,
            _ => BuiltIn::Maintainer,
        }),
        scope: Scope::new(Some(1 + n % 3), place(n).parse().ok()),
        until: None,
        because: String::new(),
        by: String::new(),
        created: Timestamp(0),
        reviewed: None,
    };
    Authority::new(Facts {
        people: (1..=PEOPLE).map(person).collect(),
        grants: (0..grants).map(grant).collect(),
        ..Facts::default()
    })
}

/// Prints the figures.
pub fn print() {
    for (written, said) in [(Written::Below, "team/app/**"), (Written::Exactly, "team/app")] {
        let mut rates = Vec::new();
        for grants in [10, 1_000, 100_000] {
            rates.push(allowing(grants, written, said));
        }
        println!("allows() on {said}: 10 grants against 100,000\t{:.2}\tflat (≤ 2)", rates[0] / rates[rates.len() - 1]);
    }
    let authority = authority(100_000, Written::Below);
    matrix(&authority);
    explaining(&authority);
    seeing(&authority);
}

/// Yes and no in turn, of one who holds half of so many grants; gives how many a second.
fn allowing(grants: i64, written: Written, said: &str) -> f64 {
    let rights = authority(grants, written).rights_of(HEAVY, NOW);
    let held = rights.held().count();
    let actor = actor(rights);
    let name = |n: i64| match written {
        Written::Below => format!("team-{}/app-{}/web", n * 2 % 500, n * 2 % grants),
        Written::Exactly => format!("team-{}/app-{}", n * 2 % 500, n * 2 % grants),
    };
    let names: Vec<RepositoryName> = (0..64).filter_map(|n| name(n).parse().ok()).collect();
    let (begun, mut asked, mut granted) = (Instant::now(), 0_usize, 0_usize);
    while begun.elapsed() < TIME {
        for name in &names {
            let place = Place::Repository(1, RepositoryName::clone(name));
            granted += usize::from(black_box(allows(&actor, Permission::RepositoryPull, place)).is_ok());
            asked += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let (rate, share) = (asked as f64 / begun.elapsed().as_secs_f64(), granted as f64 / asked as f64);
    println!(
        "allows() by one who holds {held} of {grants} grants on {said}\t{:.2} million/s ({:.0} % of them a yes)\ttold",
        rate / 1e6,
        share * 100.0
    );
    rate
}

fn actor(rights: Rights) -> Actor {
    Actor { kind: ActorKind::Person, id: 1, rights, ..Actor::anonymous("", "", "") }
}

/// What a page and the whole of the matrix are made of.
fn matrix(authority: &Authority) {
    let begun = Instant::now();
    let columns: Vec<Scope> = authority.columns(NOW, |_| true).into_iter().collect();
    told("the columns of the matrix, once for each change of grants", begun.elapsed(), "told");
    let subjects = authority.rows();
    // The first window has whoever holds half of all grants in it.
    let begun = Instant::now();
    let mut rows = Rows::new(authority, &columns[..WINDOW], NOW);
    let cells: usize = subjects.iter().take(WINDOW).map(|subject| rows.row(*subject).len()).sum();
    told(
        &format!("the {cells} cells of a window of the matrix that hold something"),
        begun.elapsed(),
        "≤ 50 ms with its page",
    );
    let begun = Instant::now();
    let mut rows = Rows::new(authority, &columns, NOW);
    let cells: usize = subjects.iter().map(|subject| rows.row(*subject).len()).sum();
    told(&format!("the {cells} cells of the whole matrix"), begun.elapsed(), "≤ 10 s with its CSV");
}

/// Why somebody may or may not do something, with who else may and who could grant it.
fn explaining(authority: &Authority) {
    let place = "team-4/app-4/web".parse().map(|name| Place::Repository(1, name));
    let Ok(place) = place else { return };
    let begun = Instant::now();
    let explained = authority.explain(HEAVY, Restriction::NONE, Permission::TagDelete, &place, NOW, |_| true);
    let holders = black_box(explained).holders.len();
    told(
        &format!("explain() at 1,000 people and 100,000 grants ({holders} may)"),
        begun.elapsed(),
        "≤ 50 ms with its page",
    );
}

/// What one who holds very much may see: made once, then asked for each name.
fn seeing(authority: &Authority) {
    let actor = actor(authority.rights_of(HEAVY, NOW));
    let begun = Instant::now();
    let visible = Visible::to(&actor);
    told("what may be seen by 50,000 grants, made for the first time", begun.elapsed(), "told");
    let name = |n: i64| format!("team-{}/app-{}/web", n * 2 % 500, n * 2 % 100_000);
    let names: Vec<RepositoryName> = (0..10_000).filter_map(|n| name(n).parse().ok()).collect();
    let begun = Instant::now();
    let seen = names.iter().filter(|name| black_box(Visible::to(&actor).repository(1, name))).count();
    told(&format!("asking it for 10,000 names ({seen} of them a yes)"), begun.elapsed(), "told");
    black_box(visible);
}

fn told(what: &str, took: Duration, goal: &str) {
    println!("{what}\t{:.1} ms\t{goal}", took.as_secs_f64() * 1e3);
}
