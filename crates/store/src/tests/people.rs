//! People, the first of them, and the setup link.

use super::{NOW, fresh, make};
use crate::{CreateFirstPerson, CreatePerson, Error, Generations, NewPerson, SetPassword, UpdateProfile};

fn person(name: &str) -> NewPerson {
    NewPerson {
        name: name.to_owned(),
        display_name: name.to_owned(),
        password_hash: "$argon2id$hash".to_owned(),
        time_zone: String::new(),
        theme: "system".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_come_first_one_is_first() {
    let fresh = fresh().await;
    let attempts = (0..12).map(|n| {
        let store = fresh.store.clone();
        tokio::spawn(async move { make(&store, "setup.complete", CreateFirstPerson(person(&format!("p{n}")))).await })
    });
    let attempts: Vec<_> = attempts.collect();
    let mut created = 0;
    for attempt in attempts {
        match attempt.await.expect("it ran") {
            Ok(_) => created += 1,
            Err(error) => assert!(matches!(error, Error::Conflict(_)), "{error:?}"),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(fresh.store.people().count().await.expect("counted"), 1);
}

#[tokio::test]
async fn the_setup_link_is_valid_until_its_end_and_only_while_nobody_is_there() {
    let fresh = fresh().await;
    let setup = fresh.store.setup();
    let tomorrow = NOW.plus_seconds(86_400);
    assert!(setup.replace("first", tomorrow).await.expect("made"));
    assert!(setup.replace("second", tomorrow).await.expect("made"));
    assert!(!setup.is_valid("first", NOW).await.expect("asked"), "a new start voids the former link");
    assert!(setup.is_valid("second", NOW).await.expect("asked"));
    assert!(!setup.is_valid("second", tomorrow).await.expect("asked"), "it runs out");

    setup.replace("third", tomorrow).await.expect("made");
    make(&fresh.store, "setup.complete", CreateFirstPerson(person("ada"))).await.expect("created");
    assert!(!setup.is_valid("third", NOW).await.expect("asked"));
    assert!(!setup.replace("fourth", tomorrow).await.expect("asked"), "there is somebody");
}

#[tokio::test]
async fn names_are_one_in_any_case() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "person.add", CreatePerson(person("Ádá"), None)).await.expect("created");
    let again = make(&fresh.store, "person.add", CreatePerson(person("ádÁ"), None)).await;
    assert!(matches!(again, Err(Error::Taken("name"))), "{again:?}");
    let found = fresh.store.people().by_name("ÁDÁ").await.expect("asked").expect("found");
    assert_eq!((found.id, found.name.as_str(), found.created), (id, "Ádá", NOW));
    assert_eq!(fresh.store.people().by_name("somebody").await.expect("asked"), None);
}

#[tokio::test]
async fn profile_and_password_change_and_caches_hear_of_it() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "person.add", CreatePerson(person("ada"), None)).await.expect("created");
    let before = fresh.store.generations().read(Generations::PEOPLE).await.expect("read");
    let profile = UpdateProfile {
        person: id,
        display_name: "Ada L.".to_owned(),
        time_zone: "Europe/London".to_owned(),
        theme: "dark".to_owned(),
        renamed: true,
    };
    make(&fresh.store, "profile.edit", profile.clone()).await.expect("changed");
    make(&fresh.store, "profile.edit", SetPassword { person: id, password_hash: "new".to_owned() })
        .await
        .expect("changed");
    let found = fresh.store.people().by_id(id).await.expect("asked").expect("found");
    assert_eq!(
        (found.display_name.as_str(), found.theme.as_str(), found.password_hash.as_str()),
        ("Ada L.", "dark", "new")
    );
    assert_eq!(fresh.store.generations().read(Generations::PEOPLE).await.expect("read"), before + 1);
    let known = fresh.store.rights_generation().await.expect("read");
    let theme = UpdateProfile { theme: "light".to_owned(), renamed: false, ..profile.clone() };
    make(&fresh.store, "profile.edit", theme).await.expect("changed");
    assert_eq!(fresh.store.rights_generation().await.expect("read"), known, "a theme concerns nobody else");
    let nobody = make(&fresh.store, "profile.edit", UpdateProfile { person: 99, ..profile }).await;
    assert!(matches!(nobody, Err(Error::NotFound("person"))), "{nobody:?}");
}
