//! Who may do what shows at once, and within a second where somebody else changed it.

use crate::world::{NOW, World, stranger};
use domain::{
    Actor, ActorKind, Permission, Place,
    access::{RoleId, Subject},
    audit::Act,
    permission::allows,
};
use std::time::{Duration, Instant};
use store::{CreatePerson, NewPerson, SetDisabled, Store, StoreOptions};

fn new(name: &str) -> NewPerson {
    NewPerson {
        name: name.to_owned(),
        display_name: String::new(),
        password_hash: "a hash".to_owned(),
        time_zone: String::new(),
        theme: String::new(),
    }
}

async fn write<C: store::Change>(store: &Store, change: C) -> C::Output {
    let permit = allows(&Actor::cli(), Permission::PeopleManage, Place::System).expect("the command line may");
    let opened = store.open_act(permit, &Act::new("person.change", "somebody"), NOW).await.expect("opened");
    store.write(opened, change, NOW).await.expect("written")
}

#[tokio::test]
async fn what_another_process_changed_shows_within_a_second() {
    let (world, ada) = World::with_ada().await;
    let data_dir = world.operations.store().data_dir().to_owned();
    let beside = Store::open_beside(&StoreOptions { data_dir, now: NOW }).await.expect("a second process");
    let administrator = CreatePerson(new("grace"), Some(RoleId::ADMINISTRATOR));
    let grace = write(&beside, administrator).await;
    let subject = Subject::Person(ada.id);
    assert_eq!(world.operations.rights_of(subject).await.expect("rights").title(), "Administrator");

    write(&beside, SetDisabled { person: ada.id, disabled: true }).await;
    let changed = Instant::now();
    while world.operations.rights_of(subject).await.expect("rights").anywhere(Permission::RegistryView) {
        assert!(changed.elapsed() < Duration::from_secs(1), "it still holds after {:?}", changed.elapsed());
        tokio::task::yield_now().await;
    }
    let graces = world.operations.rights_of(Subject::Person(grace)).await.expect("rights");
    assert!(graces.anywhere(Permission::RegistryView), "the others keep theirs");
}

#[tokio::test]
async fn whoever_comes_gets_what_they_hold_and_strangers_nothing() {
    let (world, ada) = World::with_ada().await;
    let bare = Actor { rights: domain::access::Rights::default(), ..ada };
    assert!(allows(&bare, Permission::RegistryManage, Place::System).is_err(), "nothing is held by being somebody");
    let known = world.operations.with_rights(bare).await.expect("rights");
    assert!(allows(&known, Permission::RegistryManage, Place::System).is_ok());
    for actor in [stranger(), Actor { kind: ActorKind::Robot, id: 77, ..stranger() }] {
        let actor = world.operations.with_rights(actor).await.expect("rights");
        assert!(allows(&actor, Permission::RegistryView, Place::System).is_err(), "{actor:?}");
    }
}
