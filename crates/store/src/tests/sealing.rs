//! Sealed secrets open only where they belong.

use crate::{
    Error,
    sealing::{Bound, Keys},
};
use domain::{Address, Secret};

fn keys(directory: &std::path::Path, name: &str) -> Keys {
    Keys::open(&directory.join(name)).expect("a key")
}

#[test]
fn a_secret_opens_only_with_its_key_registry_field_and_address() {
    let directory = tempfile::tempdir().expect("a directory");
    let (key, other_key) = (keys(directory.path(), "one.key"), keys(directory.path(), "other.key"));
    let address: Address = "https://registry.example.com".parse().expect("an address");
    let other: Address = "https://registry.example.com:5000".parse().expect("an address");
    let bound = Bound { registry: 1, field: "password", address: &address };
    let secret = Secret::new("correct horse");
    let sealed = key.seal(bound, &secret).expect("sealed");

    assert_eq!(key.unseal(bound, &sealed).expect("opens"), secret);
    assert_eq!(keys(directory.path(), "one.key").unseal(bound, &sealed).expect("the key file is kept"), secret);
    let elsewhere =
        [Bound { registry: 2, ..bound }, Bound { field: "client key", ..bound }, Bound { address: &other, ..bound }];
    for wrong in elsewhere {
        assert!(matches!(key.unseal(wrong, &sealed), Err(Error::Unreadable { .. })), "{wrong:?}");
    }
    assert!(matches!(other_key.unseal(bound, &sealed), Err(Error::Unreadable { field: "password" })));
    assert!(key.sealed(&sealed) && !other_key.sealed(&sealed));
}

#[test]
fn no_bit_of_a_sealed_secret_can_be_changed() {
    let directory = tempfile::tempdir().expect("a directory");
    let key = keys(directory.path(), "one.key");
    let address: Address = "https://registry.example.com".parse().expect("an address");
    let bound = Bound { registry: 1, field: "password", address: &address };
    let sealed = key.seal(bound, &Secret::new("x")).expect("sealed");
    assert_ne!(sealed, key.seal(bound, &Secret::new("x")).expect("sealed"), "a fresh nonce each time");
    for place in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        assert!(key.unseal(bound, &changed).is_err(), "byte {place}");
        assert!(key.unseal(bound, &sealed[..place]).is_err(), "cut at {place}");
    }
}

#[test]
fn a_key_file_that_holds_no_key_is_not_overwritten() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wharfinger.key");
    for text in ["", "abc", "zz", &"0".repeat(62)] {
        std::fs::write(&path, text).expect("written");
        assert!(matches!(Keys::open(&path), Err(Error::KeyFile(_))), "{text:?}");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
    }
}
