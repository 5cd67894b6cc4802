//! Links by which people choose passwords, and what ends with a person.

use super::{Fresh, NOW, fresh, make, meddle};
use crate::{
    AddLink, CreatePerson, Error, InvitePerson, LinkKind, NewLink, NewPerson, PersonState, RemovePerson, SetDisabled,
    SetPassword, UseLink,
};
use domain::{Id, access::RoleId};

fn person(name: &str, password_hash: &str) -> NewPerson {
    NewPerson {
        name: name.into(),
        display_name: String::new(),
        password_hash: password_hash.into(),
        time_zone: String::new(),
        theme: String::new(),
    }
}

fn link(hash: &str, kind: LinkKind) -> NewLink {
    NewLink { token_hash: hash.into(), kind, made_by: "ada".into(), expires: NOW.plus_seconds(60) }
}

/// With Ada, who may do everything; gives her id.
async fn with_ada(fresh: &Fresh) -> Id {
    make(&fresh.store, "person.add", CreatePerson(person("ada", "$"), Some(RoleId::ADMINISTRATOR))).await.expect("made")
}

#[tokio::test]
async fn a_person_has_one_link_and_it_is_used_once() {
    let fresh = fresh().await;
    with_ada(&fresh).await;
    let invite = InvitePerson(person("alan", ""), link("one", LinkKind::Invite));
    let alan = make(&fresh.store, "person.invite", invite).await.expect("invited");
    let wrong = make(&fresh.store, "person.reset", AddLink { person: alan, link: link("x", LinkKind::Reset) }).await;
    assert!(matches!(wrong, Err(Error::Conflict(_))), "there is no password to choose another for: {wrong:?}");
    let links = fresh.store.links();
    assert!(links.good("one", NOW).await.expect("asked").is_some(), "what failed undid itself");
    make(&fresh.store, "person.invite", AddLink { person: alan, link: link("two", LinkKind::Invite) })
        .await
        .expect("made");
    assert_eq!(links.good("one", NOW).await.expect("asked"), None, "the former is void");
    let good = links.good("two", NOW).await.expect("asked").expect("good");
    assert_eq!((good.person, good.kind, good.made_by.as_str()), (alan, LinkKind::Invite, "ada"));
    assert_eq!(links.good("two", NOW.plus_seconds(60)).await.expect("asked"), None, "it runs out");

    let using = |person| UseLink { token_hash: "two".into(), person, password_hash: "$new".into() };
    let other = make(&fresh.store, "person.join", using(alan - 1)).await;
    assert!(matches!(other, Err(Error::NotFound("link"))), "it is for one person: {other:?}");
    make(&fresh.store, "person.join", using(alan)).await.expect("used");
    let again = make(&fresh.store, "person.join", using(alan)).await;
    assert!(matches!(again, Err(Error::NotFound("link"))), "{again:?}");
    let found = fresh.store.people().by_id(alan).await.expect("asked").expect("there");
    assert_eq!((found.state(), found.password_hash.as_str()), (PersonState::Active, "$new"));
}

#[tokio::test]
async fn a_password_that_is_set_otherwise_and_disabling_void_the_link() {
    let fresh = fresh().await;
    with_ada(&fresh).await;
    let alan = make(&fresh.store, "person.add", CreatePerson(person("alan", "$"), None)).await.expect("made");
    let reset = |hash: &str| AddLink { person: alan, link: link(hash, LinkKind::Reset) };
    make(&fresh.store, "person.reset", reset("one")).await.expect("made");
    make(&fresh.store, "person.password", SetPassword { person: alan, password_hash: "$2".into() }).await.expect("set");
    assert_eq!(fresh.store.links().good("one", NOW).await.expect("asked"), None);
    make(&fresh.store, "person.reset", reset("two")).await.expect("made");
    make(&fresh.store, "person.disable", SetDisabled { person: alan, disabled: true }).await.expect("disabled");
    assert_eq!(fresh.store.links().good("two", NOW).await.expect("asked"), None);
    let refused = make(&fresh.store, "person.reset", reset("three")).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
}

#[tokio::test]
async fn all_that_is_a_persons_goes_with_them() {
    let fresh = fresh().await;
    with_ada(&fresh).await;
    let alan = make(&fresh.store, "person.add", CreatePerson(person("alan", "$"), None)).await.expect("made");
    assert_eq!(alan, 2);
    meddle(
        &fresh.store,
        "INSERT INTO sessions (secret_hash, person_id, data, created, last_seen, idle_expires, absolute_expires, address, agent)
         VALUES ('s', 2, '{}', 0, 0, 0, 0, '', '');
         INSERT INTO tokens (prefix, secret_hash, person_id, name, restriction, created) VALUES ('t', '', 2, '', '{}', 0);
         INSERT INTO teams (name, folded, description, created, updated) VALUES ('crew', 'crew', '', 0, 0);
         INSERT INTO team_members (team_id, person_id, added) VALUES (1, 2, 0);
         INSERT INTO links (token_hash, person_id, kind, made_by, created, expires) VALUES ('l', 2, 'reset', '', 0, 0);
         INSERT INTO refresh_tokens (prefix, secret_hash, subject, person_id, service, client, created, last_used, last_address)
         VALUES ('r', '', 'person-2', 2, '', '', 0, 0, '');
         INSERT INTO grants (subject, role, because, by_name, created) VALUES ('person-2', 'writer', '', '', 0), ('person-22', 'writer', '', '', 0)",
    )
    .await
    .expect("there");
    assert_eq!(make(&fresh.store, "person.remove", RemovePerson { person: alan }).await.expect("removed"), 1);
    for sql in [
        "SELECT COUNT(*) FROM sessions",
        "SELECT COUNT(*) FROM tokens",
        "SELECT COUNT(*) FROM team_members",
        "SELECT COUNT(*) FROM links",
        "SELECT COUNT(*) FROM refresh_tokens",
        "SELECT COUNT(*) FROM grants WHERE subject = 'person-2'",
    ] {
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&fresh.store.inner.records.readers).await.expect("counted");
        assert_eq!(left, 0, "{sql}");
    }
    let last = make(&fresh.store, "person.remove", RemovePerson { person: 1 }).await;
    assert!(matches!(last, Err(Error::Conflict(_))), "{last:?}");
    assert!(fresh.store.people().by_id(1).await.expect("asked").is_some(), "what failed undid itself");
}
