//! Access tokens: found by their public part, owned by one person, their last use noted now and then.

use super::{NOW, fresh, make};
use crate::{AddToken, CreatePerson, Error, NewPerson, RevokeToken, SetDisabled, Store};
use domain::{Id, Permission, Restriction, access::RoleId};

/// Somebody who may do everything: the last one could not be disabled.
async fn administrator(store: &Store) {
    let person = NewPerson {
        name: "root".to_owned(),
        display_name: String::new(),
        password_hash: "a hash".to_owned(),
        time_zone: String::new(),
        theme: String::new(),
    };
    make(store, "person.add", CreatePerson(person, Some(RoleId::ADMINISTRATOR))).await.expect("created");
}

async fn somebody(store: &Store, name: &str) -> Id {
    let person = NewPerson {
        name: name.to_owned(),
        display_name: String::new(),
        password_hash: String::new(),
        time_zone: String::new(),
        theme: String::new(),
    };
    make(store, "person.add", CreatePerson(person, None)).await.expect("created")
}

fn new(person: Id, prefix: &str) -> AddToken {
    AddToken {
        prefix: prefix.to_owned(),
        secret_hash: "a hash".to_owned(),
        person,
        name: "nightly".to_owned(),
        restriction: Restriction::new(
            [Permission::RepositoryPull],
            Some(7),
            Some("team/*".parse().expect("a pattern")),
        ),
        expires: Some(NOW.plus_seconds(60)),
    }
}

#[tokio::test]
async fn a_token_is_found_by_its_prefix_with_its_restriction_and_its_person() {
    let fresh = fresh().await;
    administrator(&fresh.store).await;
    let ada = somebody(&fresh.store, "Ada").await;
    let id = make(&fresh.store, "token.create", new(ada, "aaa")).await.expect("made");
    let held = fresh.store.tokens().by_prefix("aaa").await.expect("asked").expect("found");
    assert_eq!((held.token.id, held.person_name.as_str(), held.disabled), (id, "Ada", false));
    assert_eq!(held.token.restriction, new(ada, "aaa").restriction);
    assert_eq!(held.token.expires, Some(NOW.plus_seconds(60)));
    assert_eq!(fresh.store.tokens().by_prefix("AAA").await.expect("asked"), None);
    let taken = make(&fresh.store, "token.create", new(ada, "aaa")).await;
    assert!(matches!(taken, Err(Error::Taken("token prefix"))), "{taken:?}");

    make(&fresh.store, "person.disable", SetDisabled { person: ada, disabled: true }).await.expect("disabled");
    assert!(fresh.store.tokens().by_prefix("aaa").await.expect("asked").expect("found").disabled);
    make(&fresh.store, "person.enable", SetDisabled { person: ada, disabled: false }).await.expect("enabled");
    assert!(!fresh.store.tokens().by_prefix("aaa").await.expect("asked").expect("found").disabled);
    let nobody = make(&fresh.store, "person.disable", SetDisabled { person: ada + 9, disabled: true }).await;
    assert!(matches!(nobody, Err(Error::NotFound("person"))), "{nobody:?}");
}

#[tokio::test]
async fn a_token_is_revoked_by_its_owner_only_and_once() {
    let fresh = fresh().await;
    let (ada, bob) = (somebody(&fresh.store, "ada").await, somebody(&fresh.store, "bob").await);
    for (person, prefix) in [(ada, "aaa"), (ada, "bbb"), (bob, "ccc")] {
        make(&fresh.store, "token.create", new(person, prefix)).await.expect("made");
    }
    let revoke = |person, prefix: &str| RevokeToken { person, prefix: prefix.to_owned() };
    for (person, prefix) in [(ada, "ccc"), (ada, "ddd")] {
        let refused = make(&fresh.store, "token.revoke", revoke(person, prefix)).await;
        assert!(matches!(refused, Err(Error::NotFound("token"))), "{refused:?}");
    }
    make(&fresh.store, "token.revoke", revoke(ada, "bbb")).await.expect("revoked");
    assert!(make(&fresh.store, "token.revoke", revoke(ada, "bbb")).await.is_err(), "it is gone");
    let left = fresh.store.tokens().of_person(ada).await.expect("listed");
    assert_eq!(left.iter().map(|token| token.prefix.as_str()).collect::<Vec<_>>(), ["aaa"]);
    assert!(fresh.store.tokens().by_prefix("ccc").await.expect("asked").is_some(), "Bob keeps his");
}

#[tokio::test]
async fn the_last_use_is_written_once_a_minute() {
    let fresh = fresh().await;
    let ada = somebody(&fresh.store, "ada").await;
    let id = make(&fresh.store, "token.create", new(ada, "aaa")).await.expect("made");
    let tokens = fresh.store.tokens();
    for (seconds, noted) in [(0, 0), (59, 0), (60, 60), (61, 60)] {
        tokens.used(id, NOW.plus_seconds(seconds), &format!("192.0.2.{seconds}")).await.expect("noted");
        let found = tokens.by_prefix("aaa").await.expect("asked").expect("found").token;
        assert_eq!(found.last_address, format!("192.0.2.{noted}"), "after {seconds} s");
        assert_eq!(found.last_used, Some(NOW.plus_seconds(noted)), "after {seconds} s");
    }
}
