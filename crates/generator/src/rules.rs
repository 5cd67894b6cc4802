//! What the rules cost by themselves: `generator - rules` prints one figure per line, with tabs: what, figure, goal.

use domain::{
    Actor, ActorKind, Permission, Place, Timestamp,
    access::{Authority, BuiltIn, Facts, Grant, PersonFacts, RoleId, Scope, Subject},
    permission::allows,
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const PEOPLE: i64 = 1_000;
const TIME: Duration = Duration::from_secs(2);

/// A thousand people and so many grants; the first person has half of them.
fn authority(grants: i64) -> Authority {
    let person = |id: i64| PersonFacts { id, name: format!("p{id}"), display_name: String::new(), disabled: false };
    let grant = |n: i64| Grant {
        id: n + 1,
        subject: Subject::Person(if n % 2 == 0 { 1 } else { 1 + n % PEOPLE }),
        role: RoleId::BuiltIn(if n % 3 == 0 { BuiltIn::Writer } else { BuiltIn::Reader }),
        scope: Scope::new(Some(1 + n % 3), format!("team-{}/app-{n}/**", n % 500).parse().ok()),
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
    for grants in [10, 1_000, 100_000] {
        let authority = authority(grants);
        let rights = authority.rights_of(Subject::Person(1), Timestamp(1));
        let held = rights.held().count();
        let actor = Actor { kind: ActorKind::Person, id: 1, rights, ..Actor::anonymous("", "", "") };
        let names: Vec<_> = (0..64_i64)
            .filter_map(|n| format!("team-{}/app-{}/web", n * 2 % 500, n * 2 % grants.max(1)).parse().ok())
            .collect();
        let (begun, mut asked, mut granted) = (Instant::now(), 0_usize, 0_usize);
        while begun.elapsed() < TIME {
            for name in &names {
                let place = Place::Repository(1, domain::RepositoryName::clone(name));
                granted += usize::from(black_box(allows(&actor, Permission::RepositoryPull, place)).is_ok());
                asked += 1;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let (rate, share) = (asked as f64 / begun.elapsed().as_secs_f64(), granted as f64 / asked as f64);
        println!(
            "allows() by one who holds {held} of {grants} grants\t{:.2} million/s ({:.0} % of them a yes)\ttold",
            rate / 1e6,
            share * 100.0
        );
    }
}
