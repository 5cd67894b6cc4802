//! Connected registries, their secrets, probes and hand-entered repositories.

use super::{NOW, ada, fresh, make, options};
use crate::{
    AddManualRepository, AddRegistry, EditRegistry, Error, Held, Registry, RemoveManualRepository, RemoveRegistry,
    SecretEdit, SecretsEdit, SetEnabled, Store,
};
use domain::{Connection, Id, Secret, Visible, permission::allows};
use serde_json::json;

fn visible() -> Visible {
    Visible::to(&ada())
}

fn connection() -> Connection {
    Connection::new("https://registry.example.com".parse().expect("an address"))
}

fn secrets(password: &str) -> SecretsEdit {
    SecretsEdit { password: SecretEdit::Set(Secret::new(password)), ..SecretsEdit::default() }
}

fn production() -> AddRegistry {
    AddRegistry {
        name: "production".parse().expect("a name"),
        description: "Where it runs".to_owned(),
        connection: connection(),
        secrets: SecretsEdit { client_key: SecretEdit::Set(Secret::new("key")), ..secrets("one") },
    }
}

async fn get(store: &Store, id: Id) -> Registry {
    store.registries().by_id(&visible(), id).await.expect("asked").expect("found")
}

fn edit(registry: &Registry) -> EditRegistry {
    EditRegistry {
        id: registry.id,
        version: registry.version,
        name: registry.name.clone(),
        description: registry.description.clone(),
        connection: registry.connection.clone(),
        secrets: SecretsEdit::default(),
    }
}

#[tokio::test]
async fn a_new_proxy_gets_no_credentials_of_the_old_one_and_nothing_it_could_read() {
    let proxied = |scheme: &str, proxy: &str| Connection {
        proxy: Some(format!("http://{proxy}.example.com:3128")),
        ..Connection::new(format!("{scheme}://registry.example.com").parse().expect("an address"))
    };
    for (scheme, proxy, password, credentials) in [
        ("https", "one", true, true),
        ("https", "two", true, false),
        ("http", "one", true, true),
        ("http", "two", false, false),
    ] {
        let fresh = fresh().await;
        let secrets = SecretsEdit { proxy_credentials: SecretEdit::Set(Secret::new("ada:through")), ..secrets("one") };
        let added = AddRegistry { connection: proxied(scheme, "one"), secrets, ..production() };
        let id = make(&fresh.store, "registry.add", added).await.expect("added");
        let before = get(&fresh.store, id).await;
        let change = EditRegistry { connection: proxied(scheme, proxy), ..edit(&before) };
        make(&fresh.store, "registry.edit", change).await.expect("edited");
        let held = get(&fresh.store, id).await.held;
        assert_eq!((held.password, held.proxy_credentials), (password, credentials), "{scheme} {proxy}");
    }
}

#[tokio::test]
async fn a_registry_is_added_found_and_seen_only_by_those_who_may() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    let found = get(&fresh.store, id).await;
    assert_eq!((found.name.as_str(), found.enabled, found.connection.clone()), ("production", true, connection()));
    assert_eq!(found.held, Held { password: true, client_key: true, ..Held::default() });
    assert_eq!(fresh.store.registries().by_name(&visible(), &found.name).await.expect("asked"), Some(found.clone()));
    let kept = fresh.store.registries().secrets(id).await.expect("unsealed");
    assert_eq!(kept.password, Some(Secret::new("one")));
    assert_eq!((kept.client_key, kept.identity_token), (Some(Secret::new("key")), None));

    let stranger = Visible::to(&domain::Actor::anonymous("", "", ""));
    assert!(
        allows(&domain::Actor::anonymous("", "", ""), domain::Permission::RegistryView, domain::Place::System).is_err()
    );
    assert_eq!(fresh.store.registries().list(&stranger).await.expect("asked"), []);
    assert_eq!(fresh.store.registries().by_id(&stranger, id).await.expect("asked"), None);
    assert_eq!(fresh.store.registries().by_name(&stranger, &found.name).await.expect("asked"), None);

    let twice = make(&fresh.store, "registry.add", production()).await;
    assert!(matches!(twice, Err(Error::Taken("name"))), "{twice:?}");
}

#[tokio::test]
async fn of_two_who_edit_at_once_the_second_is_told() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    let seen_by_both = get(&fresh.store, id).await;
    let change = EditRegistry { description: "first".to_owned(), ..edit(&seen_by_both) };
    make(&fresh.store, "registry.edit", change).await.expect("edited");
    let late = EditRegistry { description: "second".to_owned(), ..edit(&seen_by_both) };
    let late = make(&fresh.store, "registry.edit", late).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    let stale = seen_by_both.version;
    for refused in [
        make(&fresh.store, "registry.edit", SetEnabled { id, version: stale, enabled: false }).await,
        make(&fresh.store, "registry.remove", RemoveRegistry { id, version: stale, by: "ada".into() }).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    }
    let found = get(&fresh.store, id).await;
    assert_eq!((found.description.as_str(), found.enabled), ("first", true));
    assert_eq!(fresh.store.registries().secrets(id).await.expect("kept").password, Some(Secret::new("one")));
}

#[tokio::test]
async fn a_new_address_or_trust_forgets_the_secrets_that_are_not_entered_anew() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    let mut change = edit(&get(&fresh.store, id).await);
    change.connection.concurrency = 2;
    make(&fresh.store, "registry.edit", change).await.expect("edited");
    assert!(get(&fresh.store, id).await.held.password, "the same end keeps them");

    let mut change = edit(&get(&fresh.store, id).await);
    change.connection.address = "https://elsewhere.example.com".parse().expect("an address");
    change.secrets = secrets("two");
    make(&fresh.store, "registry.edit", change).await.expect("edited");
    assert_eq!(get(&fresh.store, id).await.held, Held { password: true, ..Held::default() });
    assert_eq!(fresh.store.registries().secrets(id).await.expect("kept").password, Some(Secret::new("two")));

    let mut change = edit(&get(&fresh.store, id).await);
    change.connection.trust = domain::Trust::Anybody;
    make(&fresh.store, "registry.edit", change).await.expect("edited");
    assert_eq!(get(&fresh.store, id).await.held, Held::default());
}

#[tokio::test]
async fn secrets_are_rotated_and_cleared_one_by_one() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    let rotate = SecretsEdit { client_key: SecretEdit::Clear, ..secrets("two") };
    let change = EditRegistry { secrets: rotate, ..edit(&get(&fresh.store, id).await) };
    make(&fresh.store, "registry.edit", change).await.expect("rotated");
    let kept = fresh.store.registries().secrets(id).await.expect("unsealed");
    assert_eq!((kept.password, kept.client_key), (Some(Secret::new("two")), None));
    assert_eq!(get(&fresh.store, id).await.version, 2);
}

#[tokio::test]
async fn with_the_key_lost_the_program_starts_and_says_what_is_unreadable() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    let options = options(fresh.directory.path());
    fresh.store.close().await;
    drop(fresh.store);
    std::fs::remove_file(options.data_dir.join("wharfinger.key")).expect("lost");
    let store = Store::open(&options).await.expect("it starts");
    let found = get(&store, id).await;
    assert!(found.held.unreadable && found.held.password);
    assert!(matches!(store.registries().secrets(id).await, Err(Error::Unreadable { field: "password" })));
    let anew = SecretsEdit { client_key: SecretEdit::Clear, ..secrets("again") };
    make(&store, "registry.edit", EditRegistry { secrets: anew, ..edit(&found) }).await.expect("entered");
    assert!(!get(&store, id).await.held.unreadable);
    assert_eq!(store.registries().secrets(id).await.expect("kept").password, Some(Secret::new("again")));
}

#[tokio::test]
async fn a_removed_registry_frees_its_name_and_never_its_id() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    make(&fresh.store, "registry.remove", RemoveRegistry { id, version: 1, by: "ada".into() }).await.expect("removed");
    assert_eq!(fresh.store.registries().by_id(&visible(), id).await.expect("asked"), None);
    assert!(matches!(fresh.store.registries().secrets(id).await, Err(Error::NotFound("registry"))));
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT COALESCE(password, client_key) FROM registries")
        .fetch_one(&fresh.store.inner.records.writer)
        .await
        .expect("the row stays");
    assert_eq!(sealed, None, "the secrets are gone");
    let next = make(&fresh.store, "registry.add", production()).await.expect("the name is free");
    assert!(next > id);
    let names = fresh.store.registries().names(&visible()).await.expect("asked");
    assert_eq!(names, [(id, "production".to_owned()), (next, "production".to_owned())]);
    let called = fresh.store.registries().called(&visible()).await.expect("asked");
    assert_eq!(called, [(id, "production, removed".to_owned()), (next, "production".to_owned())]);
}

#[tokio::test]
async fn probes_are_kept_with_their_time_up_to_a_hundred() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    assert_eq!(fresh.store.probes().latest(&visible(), id).await.expect("asked"), None);
    for n in 0..103 {
        fresh.store.probes().save(id, &json!({"n": n}), NOW.plus_seconds(n)).await.expect("saved");
    }
    let latest = fresh.store.probes().latest(&visible(), id).await.expect("asked").expect("there");
    assert_eq!((latest.report.clone(), latest.at), (json!({"n": 102}), NOW.plus_seconds(102)));
    assert_eq!(fresh.store.probes().latest_of_all(&visible()).await.expect("asked"), [(id, latest)]);
    let all = fresh.store.probes().list(&visible(), id, 200).await.expect("listed");
    assert_eq!((all.len(), all[99].report.clone()), (100, json!({"n": 3})));
}

#[tokio::test]
async fn repositories_entered_by_hand_are_kept() {
    let fresh = fresh().await;
    let id = make(&fresh.store, "registry.add", production()).await.expect("added");
    let (zoo, api) = ("zoo".parse().expect("a name"), "team/api".parse().expect("a name"));
    for name in [&zoo, &api, &zoo] {
        let change = AddManualRepository { registry: id, name: domain::RepositoryName::clone(name) };
        make(&fresh.store, "repository.add", change).await.expect("added, or there already");
    }
    let list = async || fresh.store.registries().manual_repositories(&visible(), id).await.expect("listed");
    assert_eq!(list().await, [(api.clone(), NOW), (zoo.clone(), NOW)]);
    let change = RemoveManualRepository { registry: id, name: api };
    make(&fresh.store, "repository.remove", change.clone()).await.expect("removed");
    assert_eq!(list().await, [(zoo, NOW)]);
    let again = make(&fresh.store, "repository.remove", change).await;
    assert!(matches!(again, Err(Error::NotFound("repository"))), "{again:?}");
}
