//! Sessions: expiry, revoking, and that nothing brings one back.

use super::{NOW, fresh, make};
use crate::{CreatePerson, Error, NewPerson, NewSession, RevokeOtherSessions, RevokeSession, RevokeSessions, Store};
use domain::Id;

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

fn session(secret: &str, person: Option<Id>) -> NewSession<'_> {
    NewSession {
        secret,
        person,
        data: "{}",
        at: NOW,
        idle_expires: NOW.plus_seconds(3600),
        absolute_expires: NOW.plus_seconds(86_400),
        address: "192.0.2.1",
        agent: "Browser/1",
    }
}

#[tokio::test]
async fn a_session_is_found_by_its_secret_until_it_runs_out() {
    let fresh = fresh().await;
    let ada = somebody(&fresh.store, "ada").await;
    let sessions = fresh.store.sessions();
    let id = sessions.create(&session("secret", Some(ada))).await.expect("begun");
    let found = sessions.load("secret", NOW).await.expect("asked").expect("found");
    assert_eq!((found.id, found.person, found.data.as_str()), (id, Some(ada), "{}"));
    assert_eq!(sessions.load("Secret", NOW).await.expect("asked"), None);
    assert_eq!(sessions.load("secret", NOW.plus_seconds(3600)).await.expect("asked"), None, "idle for too long");
    assert!(sessions.save("secret", "{\"a\":1}", Some(ada), NOW.plus_seconds(90_000)).await.expect("saved"));
    assert!(sessions.load("secret", NOW.plus_seconds(3600)).await.expect("asked").is_some(), "used since");
    assert_eq!(sessions.load("secret", NOW.plus_seconds(86_400)).await.expect("asked"), None, "used, but too old");
    assert_eq!(sessions.remove_expired(NOW.plus_seconds(86_400)).await.expect("removed"), 1);
    let taken = (sessions.create(&session("twice", None)).await, sessions.create(&session("twice", None)).await);
    assert!(matches!(taken, (Ok(_), Err(Error::Taken("session")))), "{taken:?}");
}

#[tokio::test]
async fn the_secret_is_not_in_the_file() {
    let fresh = fresh().await;
    fresh.store.sessions().create(&session("a-very-secret-cookie", None)).await.expect("begun");
    fresh.store.close().await;
    let bytes = std::fs::read(fresh.directory.path().join("data/wharfinger.db")).expect("read");
    assert!(!bytes.windows(20).any(|window| window == b"a-very-secret-cookie"));
    assert!(bytes.windows(9).any(|window| window == b"Browser/1"), "the row is there");
}

#[tokio::test]
async fn a_session_that_was_ended_stays_ended() {
    let fresh = fresh().await;
    let sessions = fresh.store.sessions();
    sessions.create(&session("secret", None)).await.expect("begun");
    sessions.delete("secret").await.expect("ended");
    assert!(!sessions.save("secret", "{}", None, NOW.plus_seconds(60)).await.expect("asked"));
    assert_eq!(sessions.load("secret", NOW).await.expect("asked"), None);
}

#[tokio::test]
async fn last_seen_is_written_once_a_minute() {
    let fresh = fresh().await;
    let sessions = fresh.store.sessions();
    sessions.create(&session("secret", None)).await.expect("begun");
    let touch = |seconds| {
        let at = NOW.plus_seconds(seconds);
        sessions.touch("secret", at, at.plus_seconds(3600), "192.0.2.9", "Browser/2")
    };
    assert!(!touch(59).await.expect("asked"));
    assert!(touch(60).await.expect("asked"));
    assert!(!touch(61).await.expect("asked"));
    let found = sessions.load("secret", NOW).await.expect("asked").expect("found");
    assert_eq!((found.last_seen, found.address.as_str()), (NOW.plus_seconds(60), "192.0.2.9"));
}

#[tokio::test]
async fn sessions_are_revoked_one_by_one_or_together_by_their_owner_only() {
    let fresh = fresh().await;
    let (ada, bob) = (somebody(&fresh.store, "ada").await, somebody(&fresh.store, "bob").await);
    let sessions = fresh.store.sessions();
    let mut ids = Vec::new();
    for secret in ["one", "two", "three"] {
        ids.push(sessions.create(&session(secret, Some(ada))).await.expect("begun"));
    }
    let of_bob = sessions.create(&session("four", Some(bob))).await.expect("begun");
    let listed = async || -> Vec<Id> { sessions.list(ada, NOW).await.expect("listed").iter().map(|s| s.id).collect() };

    let foreign = make(&fresh.store, "session.revoke", RevokeSession { person: ada, session: of_bob }).await;
    assert!(matches!(foreign, Err(Error::NotFound("session"))), "{foreign:?}");
    make(&fresh.store, "session.revoke", RevokeSession { person: ada, session: ids[1] }).await.expect("revoked");
    assert_eq!(listed().await, [ids[2], ids[0]]);
    let ended = make(&fresh.store, "session.revoke", RevokeOtherSessions { person: ada, except: ids[0] }).await;
    assert_eq!(ended.expect("revoked"), 1);
    assert_eq!(listed().await, [ids[0]]);
    make(&fresh.store, "session.revoke", RevokeSessions { person: ada }).await.expect("revoked");
    assert_eq!(listed().await, [0; 0]);
    assert!(sessions.load("four", NOW).await.expect("asked").is_some(), "Bob stays signed in");
}
