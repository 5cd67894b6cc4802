//! The program's own lines, told together.

use super::*;

const NOW: Timestamp = Timestamp(1_795_262_400_000_000);

/// A round of reading: a token for pulling from each of these repositories, `times` each.
fn round(registry: Id, names: usize, times: u64) -> HashMap<Line, Times> {
    let mut all = HashMap::new();
    for n in 0..names {
        let name: RepositoryName = format!("team/app-{n:05}").parse().expect("a name");
        let entry = AccessEntry::repository(&name, true, false, false).expect("an entry");
        for line in own(registry, &[entry]) {
            all.insert(line, Times { count: times, first: NOW, last: NOW.plus_seconds(7) });
        }
    }
    all
}

fn after(happened: &Happened) -> &serde_json::Value {
    happened.act.after.as_ref().expect("what came of it")
}

#[test]
fn rounds_over_thousands_of_repositories_are_few_lines_and_name_them_all() {
    let told = own_told(round(3, 10_000, 2));
    assert_eq!(told.len(), 10_000 / NAMES);
    let named = |one: &Happened| after(one)["repositories"].as_object().expect("by name").len();
    assert_eq!(told.iter().map(named).sum::<usize>(), 10_000);
    let first = told.iter().find(|one| after(one)["repositories"]["team/app-00000"] == 2).expect("the first of them");
    assert_eq!(first.act.target, format!("{NAMES} repositories"));
    assert_eq!((&after(first)["times"], &after(first)["granted"]), (&(2 * NAMES).into(), &"pull".into()));
    assert_eq!(after(first)["last"], NOW.plus_seconds(7).rfc3339());
    assert_eq!((&first.place, first.actor.name.as_str()), (&Place::Registry(3), "wharfinger"));
}

#[test]
fn what_differs_in_more_than_the_repository_stays_apart() {
    let mut all = round(3, 2, 1);
    all.extend(round(4, 1, 1));
    all.extend(own(3, &[AccessEntry::catalog()]).into_iter().map(|line| (line, Times::once(NOW))));
    all.extend(own(3, &[]).into_iter().map(|line| (line, Times::once(NOW))));
    let deletes = AccessEntry::repository(&"team/app-00000".parse().expect("a name"), true, false, true).expect("one");
    all.extend(own(3, &[deletes]).into_iter().map(|line| (line, Times::once(NOW))));
    let mut told: Vec<_> = own_told(all).iter().map(|one| (one.act.target.clone(), one.place.registry())).collect();
    told.sort();
    let expected = [
        ("2 repositories", 3),
        ("list of repositories", 3),
        ("repository team/app-00000", 3),
        ("repository team/app-00000", 4),
        ("sign-in at a registry", 3),
    ];
    assert_eq!(told, expected.map(|(target, registry)| (target.to_owned(), Some(registry))));
}
