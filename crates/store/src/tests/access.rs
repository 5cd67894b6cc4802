use super::{NOW, fresh, make};
use crate::{CreateFirstPerson, CreatePerson, Error, NewPerson, SetDisabled, Store};
use domain::{
    Id,
    access::{Authority, RoleId, Subject},
};

fn person(name: &str) -> NewPerson {
    NewPerson {
        name: name.to_owned(),
        display_name: String::new(),
        password_hash: "a hash".to_owned(),
        time_zone: String::new(),
        theme: String::new(),
    }
}

async fn everything(store: &Store, id: Id) -> bool {
    let (_, facts) = store.authority().await.expect("read");
    let rights = Authority::new(facts).rights_of(Subject::Person(id), NOW);
    rights == domain::access::Rights::administrator() || rights.title() == "Administrator"
}

#[tokio::test]
async fn the_first_person_may_do_everything_and_the_next_nothing() {
    let fresh = fresh().await;
    let first = make(&fresh.store, "person.create", CreateFirstPerson(person("ada"))).await.expect("created");
    let next = make(&fresh.store, "person.create", CreatePerson(person("bob"), None)).await.expect("created");
    assert!(everything(&fresh.store, first).await && !everything(&fresh.store, next).await);
}

#[tokio::test]
async fn every_change_of_who_may_do_what_counts() {
    let fresh = fresh().await;
    let mut last = fresh.store.authority_generation().await.expect("asked");
    let first = make(&fresh.store, "person.create", CreateFirstPerson(person("ada"))).await.expect("created");
    let administrator = CreatePerson(person("bob"), Some(RoleId::ADMINISTRATOR));
    let second = make(&fresh.store, "person.create", administrator).await.expect("created");
    for disabled in [true, false] {
        let now = fresh.store.authority_generation().await.expect("asked");
        assert!(now > last);
        last = now;
        make(&fresh.store, "person.disable", SetDisabled { person: first, disabled }).await.expect("changed");
        assert_eq!(everything(&fresh.store, first).await, !disabled);
    }
    assert!(everything(&fresh.store, second).await);
    assert_eq!(
        fresh.store.authority().await.expect("read").0,
        fresh.store.authority_generation().await.expect("asked")
    );
}

#[tokio::test]
async fn the_last_who_may_do_everything_is_kept() {
    let fresh = fresh().await;
    let ada = make(&fresh.store, "person.create", CreateFirstPerson(person("ada"))).await.expect("created");
    make(&fresh.store, "person.create", CreatePerson(person("bob"), None)).await.expect("created");
    let refused = make(&fresh.store, "person.disable", SetDisabled { person: ada, disabled: true }).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert!(everything(&fresh.store, ada).await, "nothing has changed");
    let carol = CreatePerson(person("carol"), Some(RoleId::ADMINISTRATOR));
    make(&fresh.store, "person.create", carol).await.expect("created");
    make(&fresh.store, "person.disable", SetDisabled { person: ada, disabled: true }).await.expect("disabled");
}
