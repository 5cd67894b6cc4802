use crate::world::{World, line, stranger};
use domain::probe::{Ability, Tone, Topic};
use operations::{
    Kind,
    connections::{ConnectionForm, Stored},
};
use registry::fake::{Access, Fake, FakeOptions, User};

async fn guarded() -> Fake {
    let options =
        FakeOptions { access: Access::Basic(vec![User::new("wharfinger", "keep out")]), ..FakeOptions::default() };
    Fake::start(options).await.expect("a registry")
}

fn form(fake: &Fake, password: &str) -> ConnectionForm {
    ConnectionForm {
        name: "lab".into(),
        address: fake.address().to_string(),
        sign_in: "basic".into(),
        username: "wharfinger".into(),
        password: password.into(),
        ..ConnectionForm::empty()
    }
}

#[tokio::test]
async fn a_registry_is_added_probed_edited_and_removed_and_the_log_has_no_secret() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    let added = operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    assert_eq!(added.as_str(), "lab");
    let details = operations.connection(&ada, "lab").await.expect("there");
    let report = details.report.expect("probed at once");
    assert_eq!(report.finding(Topic::Credentials).map(|f| f.tone), Some(Tone::Good));
    assert_eq!(report.capabilities.catalogue, Ability::Yes);
    assert_eq!(details.stored, Stored { password: true, ..Stored::default() });
    assert!(details.form.password.is_empty());

    let edit = ConnectionForm { description: "what CI builds".into(), ..details.form.clone() };
    operations.edit_registry(&ada, &edit).await.expect("the stored password is kept");
    let details = operations.connection(&ada, "lab").await.expect("there");
    assert_eq!(details.report.and_then(|r| r.finding(Topic::Credentials).map(|f| f.tone)), Some(Tone::Good));

    let typo = operations.remove_registry(&ada, "lab", "labb").await.expect_err("another name");
    assert_eq!(typo.fields[0].field, "confirm");
    operations.remove_registry(&ada, "lab", "lab").await.expect("removed");
    assert_eq!(operations.connection(&ada, "lab").await.expect_err("gone").kind, Kind::NotFound);
    assert_eq!(operations.remove_registry(&ada, "lab", "lab").await.expect_err("gone").kind, Kind::NotFound);

    let acts: Vec<String> = world.log(&ada).await.into_iter().map(|l| format!("{} {}", l.0, l.2)).collect();
    for act in ["registry.add done", "registry.edit done", "registry.remove done"] {
        assert!(acts.contains(&act.to_owned()), "{act} in {acts:?}");
    }
    assert!(!world.whole_log(&ada).await.contains("keep out"));
}

#[tokio::test]
async fn strangers_change_nothing_and_their_tries_are_written_down() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    let refused = operations.add_registry(&stranger(), &form(&fake, "keep out")).await.expect_err("refused");
    assert_eq!(refused.kind, Kind::SignInNeeded);
    assert_eq!(world.log(&ada).await[0], line("registry.add", "anonymous", "refused"));
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    let asked = fake.requests().len();
    assert!(operations.switch_registry(&stranger(), "lab", false).await.is_err());
    assert!(operations.remove_registry(&stranger(), "lab", "lab").await.is_err());
    assert!(operations.probe_registry(&stranger(), "lab").await.is_err());
    assert!(operations.test_registry(&stranger(), &form(&fake, "keep out")).await.is_err());
    assert_eq!(world.log(&ada).await[0], line("registry.test", "anonymous", "refused"));
    assert!(operations.keep_draft(&stranger(), &form(&fake, "keep out"), None).is_err());
    assert!(operations.draft(&stranger(), "any").is_err());
    assert!(operations.registry_names(&stranger()).await.is_err());
    assert!(operations.connection(&stranger(), "lab").await.is_err());
    assert!(operations.connections(&stranger()).await.is_err());
    assert_eq!(fake.requests().len(), asked, "no request was made for a stranger");
    assert!(operations.connection(&ada, "lab").await.expect("there").enabled);
}

#[tokio::test]
async fn another_address_asks_for_the_password_again() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (fake, other) = (guarded().await, guarded().await);
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    let stored = operations.connection(&ada, "lab").await.expect("there").form;
    let moved = ConnectionForm { address: other.address().to_string(), ..stored };
    let refused = operations.edit_registry(&ada, &moved).await.expect_err("the password did not go along");
    assert_eq!(refused.fields[0].field, "password");
    assert!(other.requests().is_empty(), "the other address saw nothing of it");
    let typed = ConnectionForm { password: "keep out".into(), ..moved };
    operations.edit_registry(&ada, &typed).await.expect("typed again");
}

#[tokio::test]
async fn of_two_edits_from_the_same_page_the_second_is_told() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    let page = operations.connection(&ada, "lab").await.expect("there").form;
    let first = ConnectionForm { description: "first".into(), ..page.clone() };
    let second = ConnectionForm { description: "second".into(), ..page };
    operations.edit_registry(&ada, &first).await.expect("saved");
    assert_eq!(operations.edit_registry(&ada, &second).await.expect_err("too late").kind, Kind::Conflict);
    assert_eq!(operations.connection(&ada, "lab").await.expect("there").form.description, "first");
    assert!(world.log(&ada).await.contains(&line("registry.edit", "ada", "failed")));
}

#[tokio::test]
async fn names_are_unique_while_they_are_used() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    let taken = operations.add_registry(&ada, &form(&fake, "keep out")).await.expect_err("taken");
    assert_eq!(taken.fields[0].field, "name");
    operations.remove_registry(&ada, "lab", "lab").await.expect("removed");
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("free again");
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_added_and_said_to_be_down() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    let form = form(&fake, "keep out");
    drop(fake);
    operations.add_registry(&ada, &form).await.expect("added all the same");
    let row = &operations.connections(&ada).await.expect("list")[0];
    assert_eq!(row.health.0, Tone::Danger);
    assert!(row.health.1.contains("can't be reached") || row.health.1.contains("can’t be reached"), "{}", row.health.1);
}

#[tokio::test]
async fn what_is_typed_is_tested_without_being_kept() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    let report = operations.test_registry(&ada, &form(&fake, "let me in")).await.expect("tested");
    assert_eq!(report.finding(Topic::Credentials).map(|f| f.tone), Some(Tone::Danger));
    assert!(operations.connections(&ada).await.expect("list").is_empty());

    let draft = operations.keep_draft(&ada, &form(&fake, "keep out"), Some(report)).expect("may");
    let kept = operations.draft(&ada, &draft).expect("may").expect("kept");
    assert!(kept.form.password.is_empty() && kept.stored.password && kept.report.is_some());
    let grace = crate::world::person(99, "grace");
    assert!(operations.draft(&grace, &draft).expect("may").is_none(), "nobody else sees it");
    let from_page = ConnectionForm { draft: draft.clone(), ..kept.form };
    operations.add_registry(&ada, &from_page).await.expect("with the password that was kept");
    assert!(operations.draft(&ada, &draft).expect("may").is_none(), "not longer than it is needed");
}

#[tokio::test]
async fn a_draft_gives_its_secrets_only_in_time_and_only_to_the_same_end_on_the_same_way() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    let typed = form(&fake, "keep out");
    let draft = operations.keep_draft(&ada, &typed, None).expect("may");
    let again = ConnectionForm { draft: draft.clone(), ..typed.shown() };
    for other in [
        ConnectionForm { trust: "anybody".into(), ..again.clone() },
        ConnectionForm { proxy: "http://proxy.example.com:3128".into(), ..again.clone() },
        ConnectionForm { address: "http://other.example.com".into(), ..again.clone() },
    ] {
        let refused = operations.test_registry(&ada, &other).await.expect_err("the password did not go along");
        assert_eq!(refused.fields[0].field, "password");
    }
    operations.test_registry(&ada, &again).await.expect("with the password that was kept");
    world.clock.advance(16 * 60);
    assert!(operations.draft(&ada, &draft).expect("may").is_none(), "not for ever");
    let late = operations.test_registry(&ada, &again).await.expect_err("too late");
    assert_eq!(late.fields[0].field, "password");
}

#[tokio::test]
async fn of_many_drafts_of_one_person_the_newest_stay() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = crate::world::person(99, "grace");
    let hers = operations.keep_draft(&grace, &ConnectionForm::empty(), None).expect("may");
    let mut drafts = Vec::new();
    for _ in 0..7 {
        world.clock.advance(1);
        drafts.push(operations.keep_draft(&ada, &ConnectionForm::empty(), None).expect("may"));
    }
    let kept: Vec<bool> = drafts.iter().map(|id| operations.draft(&ada, id).expect("may").is_some()).collect();
    assert_eq!(kept, [false, false, true, true, true, true, true]);
    assert!(operations.draft(&grace, &hers).expect("may").is_some(), "nobody pushes out somebody else's");
}

#[tokio::test]
async fn another_proxy_gets_no_stored_secret() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (fake, proxy) = (guarded().await, guarded().await);
    let typed = ConnectionForm {
        proxy: "http://127.0.0.1:9".into(),
        proxy_credentials: "ada:through".into(),
        ..form(&fake, "keep out")
    };
    operations.add_registry(&ada, &typed).await.expect("added");
    let stored = operations.connection(&ada, "lab").await.expect("there").form;
    let moved = ConnectionForm { proxy: proxy.address().to_string(), ..stored };
    for refused in [
        operations.test_registry(&ada, &moved).await.expect_err("the secrets did not go along"),
        operations.edit_registry(&ada, &moved).await.expect_err("the secrets did not go along"),
    ] {
        assert_eq!(refused.fields[0].field, "password");
    }
    assert!(proxy.requests().is_empty(), "the other proxy saw nothing of it");
    let named = ConnectionForm { password: "keep out".into(), ..moved };
    operations.edit_registry(&ada, &named).await.expect("typed again");
    let stored = operations.connection(&ada, "lab").await.expect("there").stored;
    assert_eq!(stored, Stored { password: true, ..Stored::default() }, "the other proxy has no credentials");
}

#[tokio::test]
async fn a_form_without_a_version_changes_nothing() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    let page = operations.connection(&ada, "lab").await.expect("there").form;
    for version in ["", "one", "1.5"] {
        let edit = ConnectionForm { version: version.into(), description: "blind".into(), ..page.clone() };
        assert_eq!(operations.edit_registry(&ada, &edit).await.expect_err("refused").kind, Kind::Conflict);
    }
    assert_eq!(operations.connection(&ada, "lab").await.expect("there").form.description, "");
}

#[tokio::test]
async fn a_probe_stands_in_the_log_with_how_it_ended() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    operations.test_registry(&ada, &form(&fake, "keep out")).await.expect("tested");
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    assert!(operations.probes_settled(std::time::Duration::from_secs(20)).await);
    let log = operations.audit(&ada, &operations::audit::AuditQuery::default()).await.expect("the log").entries;
    for act in ["registry.test", "registry.probe"] {
        let entry = log.iter().find(|entry| entry.entry.act == act).unwrap_or_else(|| panic!("no {act}"));
        assert_eq!(entry.entry.stage, domain::audit::Stage::Opened, "{act} was written down before it began");
        assert_eq!((entry.outcome.as_str(), entry.ended.is_some()), ("done", true), "{act}");
    }
}

#[tokio::test]
async fn what_was_read_at_the_old_address_is_forgotten_with_it() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (fake, other) = (guarded().await, guarded().await);
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    let index = operations.store().index();
    let visible = domain::Visible::to(&ada);
    let id = operations.registry_names(&ada).await.expect("names")[0].0;
    let name = "team/api".parse().expect("a name");
    index.ensure_repository(id, &name, operations.now()).await.expect("read");
    let stored = operations.connection(&ada, "lab").await.expect("there").form;
    let described = ConnectionForm { description: "the same".into(), ..stored };
    operations.edit_registry(&ada, &described).await.expect("saved");
    assert!(index.repository(&visible, id, &name).await.expect("asked").is_some(), "the address is the same");
    let stored = operations.connection(&ada, "lab").await.expect("there").form;
    let moved = ConnectionForm { address: other.address().to_string(), password: "keep out".into(), ..stored };
    operations.edit_registry(&ada, &moved).await.expect("moved");
    assert!(index.repository(&visible, id, &name).await.expect("asked").is_none());
}

#[tokio::test]
async fn a_registry_that_is_switched_off_is_asked_nothing() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let fake = guarded().await;
    operations.add_registry(&ada, &form(&fake, "keep out")).await.expect("added");
    operations.switch_registry(&ada, "lab", false).await.expect("off");
    operations.switch_registry(&ada, "lab", false).await.expect("off is off");
    assert_eq!(operations.connections(&ada).await.expect("list")[0].health.1, "Switched off");
    let asked = fake.requests().len();
    let refused = operations.probe_registry(&ada, "lab").await.expect_err("it is switched off");
    assert!(refused.message.contains("switched off"), "{refused}");
    let page = operations.connection(&ada, "lab").await.expect("there").form;
    let edit = ConnectionForm { description: "resting".into(), ..page };
    operations.edit_registry(&ada, &edit).await.expect("saved");
    assert_eq!(fake.requests().len(), asked, "it was asked nothing");
    operations.switch_registry(&ada, "lab", true).await.expect("on");
    let acts: Vec<String> = world.log(&ada).await.into_iter().map(|l| l.0).filter(|a| a.ends_with("able")).collect();
    assert_eq!(acts, ["registry.enable", "registry.disable"]);
}

#[tokio::test]
async fn a_probe_that_takes_long_goes_on_while_nobody_waits_for_it() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", silent.local_addr().expect("an address"));
    // It takes connections and says nothing, until the other end of the channel is dropped.
    let (hold, mut held) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(async move {
        let mut connections = Vec::new();
        loop {
            tokio::select! {
                _ = &mut held => return,
                accepted = silent.accept() => connections.extend(accepted),
            }
        }
    });
    let form = ConnectionForm { name: "lab".into(), address, ..ConnectionForm::empty() };
    operations.add_registry(&ada, &form).await.expect("added");
    let details = operations.connection(&ada, "lab").await.expect("there");
    assert!(details.probing && details.report.is_none(), "nobody waited for the end of the probe");
    drop(hold);
    assert!(operations.probes_settled(std::time::Duration::from_secs(20)).await);
    let details = operations.connection(&ada, "lab").await.expect("there");
    assert!(!details.probing && details.report.is_some());
}
