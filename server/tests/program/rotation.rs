//! Rotating the keys of registry tokens from the command line: who may be cut off is named first.

use crate::program::{folder, run, stderr, stdout};
use domain::{Actor, Connection, Permission, Place, audit::Act, permission::allows, token_check::Bundle};
use operations::{
    Clock, Operations, Settings,
    audit::AuditQuery,
    token_keys::{Algorithm, KeyState},
};
use std::path::Path;
use store::{AddRegistry, BundleCheck, SecretsEdit, Store, StoreOptions};

async fn opened(data_dir: &Path) -> Operations {
    let clock = Clock::system();
    let options = StoreOptions { data_dir: data_dir.to_owned(), now: clock.now() };
    let store = Store::open_beside(&options).await.expect("a store");
    Operations::new(store, clock, Settings::default()).expect("operations")
}

/// Two registries, and the keys that sign for them.
async fn two_registries(data_dir: &Path) {
    let operations = opened(data_dir).await;
    for name in ["harbour", "quay"] {
        let permit = allows(&Actor::cli(), Permission::RegistryManage, Place::System).expect("the command line may");
        let (store, now) = (operations.store(), operations.now());
        let entry = store.open_act(permit, &Act::new("registry.add", name), now).await.expect("opened");
        let connection = Connection::new("http://registry.test:5000".parse().expect("an address"));
        let (name, description) = (name.parse().expect("a name"), String::new());
        let add = AddRegistry { name, description, connection, secrets: SecretsEdit::default() };
        store.write(entry, add, now).await.expect("a registry");
    }
    operations.prepare_signing_keys(Algorithm::default()).await.expect("keys");
}

/// The key that signs, and the next one.
async fn keys(operations: &Operations) -> (String, String) {
    let all = operations.signing_keys(&Actor::cli()).await.expect("the keys");
    let of = |state| all[0].keys.iter().find(|key| key.state == state).expect("such a key").kid.clone();
    (of(KeyState::Current), of(KeyState::Next))
}

/// Lets it be seen what registries know of the next key.
async fn seen(operations: &Operations, all: &[(i64, Bundle)]) {
    let kid = keys(operations).await.1;
    for (registry, found) in all {
        let check = BundleCheck { registry: *registry, at: operations.now(), kid: kid.clone(), found: *found };
        operations.store().keep_bundle_check(&check).await.expect("kept");
    }
}

#[tokio::test]
async fn keys_are_rotated_where_nobody_is_cut_off_or_that_was_said() {
    let folder = folder();
    let data_dir = folder.path().join("data");
    let text = data_dir.display().to_string();
    let rotate = |more: &[&str]| run(&[&["admin", "rotate-keys", "--data-dir", text.as_str()], more].concat());
    two_registries(&data_dir).await;
    let operations = opened(&data_dir).await;
    let first = keys(&operations).await;

    let unknown = rotate(&[]);
    assert_eq!(unknown.status.code(), Some(1));
    let said = stderr(&unknown);
    assert!(said.contains("the next key: harbour, quay.") && said.contains("--anyway"), "{said}");
    seen(&operations, &[(1, Bundle::Current), (2, Bundle::Old)]).await;
    let old = rotate(&[]);
    assert_eq!(old.status.code(), Some(1));
    assert!(
        stderr(&old).contains("the next key signs: quay.") && !stderr(&old).contains("harbour"),
        "{}",
        stderr(&old)
    );
    assert_eq!(keys(&opened(&data_dir).await).await, first, "nothing was rotated");

    seen(&operations, &[(2, Bundle::Current)]).await;
    let done = rotate(&[]);
    assert!(done.status.success() && !stdout(&done).contains("quay"), "{} {}", stdout(&done), stderr(&done));
    let operations = opened(&data_dir).await;
    assert_eq!(keys(&operations).await.0, first.1);
    assert_eq!(rotate(&[]).status.code(), Some(1), "what was seen was about another key");
    let anyway = rotate(&["--anyway"]);
    assert!(anyway.status.success() && stdout(&anyway).contains("harbour, quay"), "{}", stderr(&anyway));

    let of = rotate(&["--algorithm", "HS256", "--anyway"]);
    assert!(of.status.code() == Some(1) && stderr(&of).contains("HS256"), "{}", stderr(&of));
    let log = operations.audit(&Actor::cli(), &AuditQuery::default()).await.expect("the log");
    let done = log.entries.iter().filter(|one| one.entry.act == "key.rotate" && one.outcome.as_str() == "done");
    assert_eq!(done.count(), 2, "each rotation, and no other");
}
