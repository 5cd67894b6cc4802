//! Keys that sign tokens: sealed beside their certificates, one current and one next, retired without a private half.

use super::{Fresh, NOW, fresh, make, meddle};
use crate::{AddSigningKeys, Error, KeyState, NewSigningKey, PrivateKey, RotateSigningKeys, SigningKey, Successor};

fn key(name: &str) -> NewSigningKey {
    let certificate = format!("certificate of {name}").into_bytes();
    NewSigningKey { private: PrivateKey(name.as_bytes().to_vec()), certificate, expires: NOW.plus_seconds(60) }
}

async fn first(fresh: &Fresh, current: &str, next: &str) {
    let add = AddSigningKeys { algorithm: "ES256", current: key(current), next: key(next) };
    make(&fresh.store, "key.create", add).await.expect("kept");
}

async fn list(fresh: &Fresh) -> Vec<SigningKey> {
    fresh.store.signing_keys().list().await.expect("read")
}

/// State and private half, in the order of their ids.
fn shown(keys: &[SigningKey]) -> Vec<(&'static str, Option<String>)> {
    let private = |key: &SigningKey| Some(String::from_utf8_lossy(&key.private.as_ref()?.0).into_owned());
    keys.iter().map(|key| (key.state.as_str(), private(key))).collect()
}

fn is(state: KeyState, private: &str) -> (&'static str, Option<String>) {
    (state.as_str(), (!private.is_empty()).then(|| private.to_owned()))
}

#[tokio::test]
async fn the_first_keys_stay_whoever_else_makes_some() {
    let fresh = fresh().await;
    first(&fresh, "one", "two").await;
    first(&fresh, "three", "four").await;
    assert_eq!(shown(&list(&fresh).await), [is(KeyState::Current, "one"), is(KeyState::Next, "two")]);
}

#[tokio::test]
async fn a_rotation_takes_the_next_key_once_and_wipes_the_last_one() {
    let fresh = fresh().await;
    first(&fresh, "one", "two").await;
    let next = list(&fresh).await[1].id;
    let rotate = || RotateSigningKeys { algorithm: "ES256", successor: Successor::Next(next), next: key("three") };
    make(&fresh.store, "key.rotate", rotate()).await.expect("rotated");
    let expected = [is(KeyState::Retired, ""), is(KeyState::Current, "two"), is(KeyState::Next, "three")];
    let keys = list(&fresh).await;
    assert_eq!(shown(&keys), expected);
    assert_eq!((keys[0].retired, keys[1].activated, keys[2].activated), (Some(NOW), Some(NOW), None));
    // Of two who rotate at once, one finds that it is done.
    assert!(matches!(make(&fresh.store, "key.rotate", rotate()).await, Err(Error::Conflict(_))));
    assert_eq!(shown(&list(&fresh).await), expected, "and nothing has changed");

    let replace = RotateSigningKeys { algorithm: "ES256", successor: Successor::New(key("four")), next: key("five") };
    make(&fresh.store, "key.rotate", replace).await.expect("replaced");
    let states = shown(&list(&fresh).await);
    assert_eq!(states[3..], [is(KeyState::Current, "four"), is(KeyState::Next, "five")]);
    assert!(states[..3].iter().all(|state| *state == is(KeyState::Retired, "")));
}

#[tokio::test]
async fn a_private_key_is_sealed_and_opens_beside_its_own_certificate_only() {
    let fresh = fresh().await;
    first(&fresh, "one secret", "another").await;
    let sealed: Vec<Vec<u8>> = sqlx::query_scalar("SELECT private FROM signing_keys ORDER BY id")
        .fetch_all(&fresh.store.inner.records.readers)
        .await
        .expect("read");
    assert!(sealed.iter().all(|sealed| !sealed.windows(6).any(|part| part == b"secret")));
    assert!(!format!("{:?}", list(&fresh).await).contains("secret"));
    meddle(&fresh.store, "UPDATE signing_keys SET certificate = x'00' WHERE state = 'next'").await.expect("meddled");
    assert_eq!(shown(&list(&fresh).await), [is(KeyState::Current, "one secret"), is(KeyState::Next, "")]);
}
