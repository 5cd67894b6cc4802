use crate::world::{NOW, PASSWORD, World, line, person, stranger};
use domain::Actor;
use futures_util::FutureExt as _;
use operations::Kind;

#[tokio::test]
async fn the_setup_link_makes_one_person_and_no_second() {
    let world = World::empty().await;
    let operations = &world.operations;
    let token = operations.new_setup_token().await.expect("asked").expect("a token");
    assert!(operations.setup_ready(&stranger(), &token).await.expect("asked"));

    let wrong = operations.complete_setup(&stranger(), "not the token", "eve", PASSWORD.into(), PASSWORD.into()).await;
    assert_eq!(wrong.expect_err("refused").kind, Kind::Forbidden);
    let weak = operations.complete_setup(&stranger(), &token, "a b", "password1234".into(), "other".into()).await;
    let fields: Vec<String> = weak.expect_err("invalid").fields.into_iter().map(|f| f.field).collect();
    assert_eq!(fields, ["name", "password"]);

    let id =
        operations.complete_setup(&stranger(), &token, "ada", PASSWORD.into(), PASSWORD.into()).await.expect("made");
    let again = operations.complete_setup(&stranger(), &token, "eve", PASSWORD.into(), PASSWORD.into()).await;
    assert_eq!(again.expect_err("used up").kind, Kind::Forbidden);
    assert_eq!(operations.new_setup_token().await.expect("asked"), None);

    let log = world.log(&person(id, "ada")).await;
    let refused = line("person.create", "anonymous", "refused");
    assert_eq!(log, [refused.clone(), line("person.create", "anonymous", "done"), refused]);
    assert!(!world.whole_log(&person(id, "ada")).await.contains(&token));
}

#[tokio::test]
async fn a_setup_link_is_void_after_a_day_and_after_the_next_start() {
    let world = World::empty().await;
    let operations = &world.operations;
    let first = operations.new_setup_token().await.expect("asked").expect("a token");
    let second = operations.new_setup_token().await.expect("asked").expect("a token");
    assert!(!operations.setup_ready(&stranger(), &first).await.expect("asked"));
    assert!(operations.setup_ready(&stranger(), &second).await.expect("asked"));
    world.clock.advance(24 * 60 * 60 + 1);
    assert!(!operations.setup_ready(&stranger(), &second).await.expect("asked"));
}

#[tokio::test]
async fn of_two_that_set_up_at_once_one_gets_in() {
    let world = World::empty().await;
    let token = world.operations.new_setup_token().await.expect("asked").expect("a token");
    let try_it = |name: &'static str| {
        let (operations, token) = (world.operations.clone(), token.clone());
        async move { operations.complete_setup(&stranger(), &token, name, PASSWORD.into(), PASSWORD.into()).await.is_ok() }
    };
    let (a, b) = tokio::join!(try_it("ada"), try_it("eve"));
    assert!(a ^ b, "one of the two");
}

#[tokio::test]
async fn signing_in_says_the_same_to_a_wrong_password_and_to_nobody() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    assert_eq!(operations.sign_in(&stranger(), "Ada", PASSWORD.into()).await.expect("let in"), ada.id);
    let wrong = operations.sign_in(&stranger(), "ada", "not it, not it".into()).await.expect_err("refused");
    let nobody = operations.sign_in(&stranger(), "eve", PASSWORD.into()).await.expect_err("refused");
    assert_eq!((wrong.kind, wrong.message), (nobody.kind, nobody.message));
    let log = world.log(&ada).await;
    assert_eq!(
        log[..2],
        [line("session.create", "anonymous", "refused"), line("session.create", "anonymous", "refused")]
    );
    assert_eq!(log[2], line("session.create", "ada", "done"));
    assert!(!world.whole_log(&ada).await.contains("not it"));
}

#[tokio::test]
async fn guessing_is_slowed_down_and_locks_nobody_else_out() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    for _ in 0..6 {
        operations.sign_in(&stranger(), "ada", "wrong, and wrong".into()).await.expect_err("refused");
    }
    let slowed = operations.sign_in(&stranger(), "ada", PASSWORD.into()).await.expect_err("too often");
    assert_eq!((slowed.kind, slowed.retry_after), (Kind::TooMany, Some(1)));
    let elsewhere = Actor::anonymous("198.51.100.7", "a test", "r-2");
    assert_eq!(operations.sign_in(&elsewhere, "ada", PASSWORD.into()).await.expect("let in"), ada.id);
    world.clock.advance(2);
    assert_eq!(operations.sign_in(&stranger(), "ada", PASSWORD.into()).await.expect("let in"), ada.id);
}

#[tokio::test]
async fn many_guesses_at_once_get_no_further_than_one_after_the_other() {
    let (world, _) = World::with_ada().await;
    let tries: Vec<_> = (0..30)
        .map(|_| {
            let operations = world.operations.clone();
            tokio::spawn(async move {
                operations.sign_in(&stranger(), "ada", "wrong, and wrong".into()).await.expect_err("refused").kind
            })
        })
        .collect();
    let mut looked_at = 0;
    for one in tries {
        looked_at += u32::from(one.await.expect("ran") == Kind::WrongPassword);
    }
    assert!(looked_at <= 6, "{looked_at} passwords were looked at");
}

#[tokio::test]
async fn a_changed_password_asks_for_the_old_one_and_ends_the_other_sessions() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let here = world.session(&ada, "one").await;
    world.session(&ada, "two").await;
    let new = "the tide comes back in";
    let wrong = operations.change_password(&here, "no".into(), new.into(), new.into()).await.expect_err("refused");
    assert_eq!(wrong.fields[0].field, "old");
    let differ =
        operations.change_password(&here, PASSWORD.into(), new.into(), "else".into()).await.expect_err("invalid");
    assert_eq!(differ.fields[0].field, "again");
    assert_eq!(operations.sessions(&here).await.expect("sessions").len(), 2, "nothing has changed so far");

    operations.change_password(&here, PASSWORD.into(), new.into(), new.into()).await.expect("changed");
    let left = operations.sessions(&here).await.expect("sessions");
    assert_eq!(left.len(), 1);
    assert!(left[0].current);
    operations.sign_in(&stranger(), "ada", PASSWORD.into()).await.expect_err("the old one is void");
    operations.sign_in(&stranger(), "ada", new.into()).await.expect("let in");
    let log = world.log(&ada).await;
    assert!(
        log.contains(&line("profile.password", "ada", "done"))
            && log.contains(&line("profile.password", "ada", "refused"))
    );
}

#[tokio::test]
async fn one_ends_only_ones_own_sessions() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (grace, _) = operations.add_person(&Actor::cli(), "grace", Some(PASSWORD.into())).await.expect("added");
    let grace = person(grace, "grace");
    let hers = world.session(&grace, "hers").await;
    let mine = world.session(&ada, "mine").await;
    let theirs = operations.sessions(&hers).await.expect("sessions")[0].id;
    assert_eq!(operations.revoke_session(&mine, theirs).await.expect_err("not there").kind, Kind::NotFound);
    operations.revoke_session(&hers, theirs).await.expect("ended");
    assert_eq!(operations.revoke_session(&hers, theirs).await.expect_err("not twice").kind, Kind::NotFound);
    assert_eq!(operations.sessions(&stranger()).await.expect_err("refused").kind, Kind::SignInNeeded);
}

#[tokio::test]
async fn the_profile_is_checked_kept_and_told() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let wrong = operations.edit_profile(&ada, &"x".repeat(121), "<zone>").await.expect_err("invalid");
    assert_eq!(wrong.fields.len(), 2);
    operations.edit_profile(&ada, " Ada Lovelace ", "Europe/London").await.expect("saved");
    operations.set_theme(&ada, "dark").await.expect("saved");
    operations.set_theme(&ada, "dark").await.expect("the same again is nothing new");
    assert_eq!(operations.set_theme(&ada, "pink").await.expect_err("invalid").kind, Kind::Invalid);
    let profile = operations.profile(&ada).await.expect("profile");
    assert_eq!(
        (profile.display_name.as_str(), profile.time_zone.as_str(), profile.theme.as_str()),
        ("Ada Lovelace", "Europe/London", "dark")
    );
    let edits = world.log(&ada).await.into_iter().filter(|l| l.0 == "profile.edit").count();
    assert_eq!(edits, 2);
    assert_eq!(profile.created, NOW);
}

#[tokio::test]
async fn the_command_line_adds_people_and_resets_passwords() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let (_, made) = operations.add_person(&Actor::cli(), "grace", None).await.expect("added");
    let made = made.expect("a password was made");
    operations.sign_in(&stranger(), "grace", made.clone()).await.expect("let in");
    let twice = operations.add_person(&Actor::cli(), "GRACE", Some(PASSWORD.into())).await.expect_err("taken");
    assert_eq!(twice.fields[0].field, "name");

    let grace = operations.store().people().by_name("grace").await.expect("asked").expect("there");
    let session = world.session(&person(grace.id, "grace"), "hers").await;
    let new = operations.reset_password(&Actor::cli(), "grace", None).await.expect("reset").expect("made");
    assert_eq!(operations.sessions(&session).await.expect("sessions").len(), 0, "all her sessions are ended");
    operations.sign_in(&stranger(), "grace", new).await.expect("let in");
    assert_eq!(
        operations.reset_password(&Actor::cli(), "nobody", None).await.expect_err("not there").kind,
        Kind::NotFound
    );
    assert_eq!(operations.add_person(&stranger(), "eve", None).await.expect_err("refused").kind, Kind::SignInNeeded);
    assert!(world.log(&ada).await.contains(&line("person.create", "anonymous", "refused")));
}

#[tokio::test]
async fn a_stranger_chooses_neither_the_words_nor_the_length_of_the_log() {
    let world = World::empty().await;
    let operations = &world.operations;
    let long = format!("eve\n{}", "x".repeat(100_000));
    for _ in 0..50 {
        operations.complete_setup(&stranger(), "wrong", &long, PASSWORD.into(), PASSWORD.into()).await.expect_err("no");
    }
    let token = operations.new_setup_token().await.expect("asked").expect("a token");
    let id = operations.complete_setup(&stranger(), &token, "ada", PASSWORD.into(), PASSWORD.into()).await;
    let ada = person(id.expect("a good link never waits"), "ada");
    let tries = world.log(&ada).await.into_iter().filter(|l| l.2 == "refused").count();
    assert_eq!(tries, 6, "more are not even written down");
    assert!(world.whole_log(&ada).await.len() < 20_000);

    let form = operations::connections::ConnectionForm { name: long, ..Default::default() };
    operations.add_registry(&stranger(), &form).await.expect_err("refused");
    let page = operations.audit(&ada, &operations::audit::AuditQuery::default()).await.expect("the log");
    assert_eq!(page.entries[0].entry.target.chars().count(), 300);
}

#[tokio::test]
async fn guesses_at_other_names_keep_nobody_out() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = operations.add_person(&Actor::cli(), "grace", Some(PASSWORD.into())).await.expect("added").0;
    operations.sign_in(&stranger(), "ada", PASSWORD.into()).await.expect("let in");
    for n in 0..40 {
        operations.sign_in(&stranger(), &format!("guess{n}"), "wrong, and wrong".into()).await.expect_err("refused");
    }
    assert_eq!(operations.sign_in(&stranger(), "ada", PASSWORD.into()).await.expect("let in as before"), ada.id);
    let waits = operations.sign_in(&stranger(), "grace", PASSWORD.into()).await.expect_err("in a moment");
    assert!(waits.retry_after.is_some_and(|seconds| seconds <= 2), "{waits:?}");
    world.clock.advance(2);
    assert_eq!(operations.sign_in(&stranger(), "grace", PASSWORD.into()).await.expect("let in"), grace);
}

#[tokio::test]
async fn a_change_whose_asker_goes_away_is_finished_all_the_same() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let mut change = Box::pin(operations.set_theme(&ada, "dark"));
    let opened = async {
        loop {
            if let Some(ended) = (&mut change).now_or_never() {
                ended.expect("saved");
            }
            let log = world.log(&ada).await;
            if log[0].0 == "profile.edit" {
                break;
            }
        }
    };
    opened.await;
    drop(change);
    let finished = async { while world.log(&ada).await[0] != line("profile.edit", "ada", "done") {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), finished).await.expect("it is finished");
    assert_eq!(operations.profile(&ada).await.expect("profile").theme, "dark");
}

#[tokio::test]
async fn a_restored_backup_says_so_in_its_own_log() {
    let (world, ada) = World::with_ada().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup.db");
    world.operations.backup(&Actor::cli(), &file).await.expect("made");
    assert_eq!(world.log(&ada).await[0], line("backup.make", "command line", "done"));
    let options = store::StoreOptions { data_dir: folder.path().join("data"), now: NOW };
    operations::restore(&stranger(), &options, &file).await.expect_err("refused");
    assert!(!options.data_dir.exists(), "nothing was touched");
    operations::restore(&Actor::cli(), &options, &file).await.expect("restored");
    let store = store::Store::open(&options).await.expect("a store");
    let operations =
        operations::Operations::new(store, operations::Clock::standing(NOW), operations::Settings::default());
    let page = operations.expect("operations").audit(&ada, &operations::audit::AuditQuery::default()).await;
    let newest = &page.expect("the log").entries[0];
    assert_eq!((newest.entry.act.as_str(), newest.actor_name.as_str()), ("backup.restore", "command line"));
    assert_eq!(newest.outcome.as_str(), "done");
}

#[tokio::test]
async fn a_day_that_is_none_is_told_and_not_ignored() {
    let (world, ada) = World::with_ada().await;
    let query =
        |from: &str, to: &str| operations::audit::AuditQuery { from: from.into(), to: to.into(), ..Default::default() };
    let wrong = world.operations.audit(&ada, &query("yesterday", "2026-02-31")).await.expect_err("invalid");
    let fields: Vec<&str> = wrong.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["from", "to"]);
    assert!(world.operations.audit(&ada, &query(" 2026-11-21 ", "")).await.is_ok());
}

#[tokio::test]
async fn strangers_read_no_log() {
    let (world, _) = World::with_ada().await;
    let refused = world.operations.audit(&stranger(), &operations::audit::AuditQuery::default()).await;
    assert_eq!(refused.expect_err("refused").kind, Kind::SignInNeeded);
}
