//! People who manage others: inviting, links, disabling, removing. Each allowed, refused, failed, repeated, and told.

use crate::world::{NOW, PASSWORD, World, line, person, stranger};
use domain::{
    Actor, Id, Permission, Place, Restriction, Via,
    access::{RoleId, Subject},
    permission::allows,
};
use operations::{
    Kind,
    people::{LinkKind, PersonState},
    subjects::NameQuery,
    tokens::TokenForm,
};
use store::{CreatePerson, NewPerson};

const NEW: &str = "the gulls know better";

/// The token in a link.
fn token(path: &str) -> &str {
    path.strip_prefix("/join/").expect("a link of ours")
}

/// The actor with what the grants say.
async fn real(world: &World, id: Id, name: &str) -> Actor {
    let actor = person(id, name);
    Actor { rights: world.operations.rights_of(Subject::Person(id)).await.expect("rights"), ..actor }
}

/// Grace, who may do nothing.
async fn grace(world: &World) -> Actor {
    let (id, _) = world.operations.add_person(&Actor::cli(), "grace", Some(PASSWORD.into())).await.expect("added");
    real(world, id, "grace").await
}

#[tokio::test]
async fn somebody_is_invited_chooses_a_password_and_is_in() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let made = operations.invite(&ada, " alan ", "Alan T.").await.expect("invited");
    assert_eq!((made.person.as_str(), made.kind, made.expires), ("alan", LinkKind::Invite, NOW.plus_seconds(604_800)));
    let listed = operations.people(&ada, &NameQuery::default(), "invited").await.expect("listed");
    assert_eq!((listed.count, listed.rows[0].name.as_str(), listed.rows[0].state), (1, "alan", PersonState::Invited));
    assert_eq!(listed.rows[0].link_until, Some(made.expires));
    let nothing = operations.sign_in(&stranger(), "alan", String::new()).await.expect_err("no password is none");
    assert_eq!(nothing.kind, Kind::WrongPassword);

    let link = operations.invitation(token(&made.path)).await.expect("asked").expect("good");
    assert_eq!((link.name.as_str(), link.kind), ("alan", LinkKind::Invite));
    let weak = operations.join(&stranger(), token(&made.path), "alan".into(), "alan".into()).await;
    assert_eq!(weak.expect_err("too weak").fields[0].field, "password");
    let id = operations.join(&stranger(), token(&made.path), NEW.into(), NEW.into()).await.expect("in");
    assert_eq!(operations.sign_in(&stranger(), "alan", NEW.into()).await.expect("let in"), id);
    let again = operations.join(&stranger(), token(&made.path), PASSWORD.into(), PASSWORD.into()).await;
    assert_eq!(again.expect_err("used up").kind, Kind::Forbidden);
    assert_eq!(operations.invitation(token(&made.path)).await.expect("asked"), None);
    let alan = real(&world, id, "alan").await;
    assert!(allows(&alan, Permission::RegistryView, Place::System).is_err(), "no rights came along");

    let log = world.log(&ada).await;
    for told in [
        line("person.invite", "ada", "done"),
        line("person.join", "alan", "done"),
        line("person.join", "anonymous", "refused"),
    ] {
        assert!(log.contains(&told), "{told:?} in {log:?}");
    }
    let whole = world.whole_log(&ada).await;
    assert!(!whole.contains(token(&made.path)) && !whole.contains(NEW));
}

#[tokio::test]
async fn an_invitation_is_refused_checked_and_made_once() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = grace(&world).await;
    assert_eq!(operations.invite(&grace, "eve", "").await.expect_err("refused").kind, Kind::Forbidden);
    assert_eq!(operations.invite(&stranger(), "eve", "").await.expect_err("refused").kind, Kind::SignInNeeded);
    for bad in ["", "a b", "robot+ci", "wharfinger", ".."] {
        assert_eq!(operations.invite(&ada, bad, "").await.expect_err("invalid").fields[0].field, "name", "{bad}");
    }
    let taken = operations.invite(&ada, "GRACE", "").await.expect_err("taken");
    assert_eq!((taken.kind, taken.fields[0].field.as_str()), (Kind::Invalid, "name"));
    let log = world.log(&ada).await;
    assert!(log.contains(&line("person.invite", "grace", "refused")));
    assert!(log.contains(&line("person.invite", "ada", "failed")), "the name that was taken: {log:?}");
    assert_eq!(operations.people(&grace, &NameQuery::default(), "").await.expect_err("refused").kind, Kind::Forbidden);
    assert_eq!(operations.person_details(&grace, "ada").await.expect_err("not to be known").kind, Kind::NotFound);
    assert!(operations.person_details(&grace, "grace").await.expect("oneself").own);
}

#[tokio::test]
async fn a_link_ends_by_time_by_another_one_and_by_being_voided() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let good = async |path: &str| operations.invitation(token(path)).await.expect("asked").is_some();
    let first = operations.invite(&ada, "alan", "").await.expect("invited").path;
    let second = operations.make_link(&ada, "alan").await.expect("another");
    assert_eq!(second.kind, LinkKind::Invite, "they have not come in yet");
    assert!(!good(&first).await && good(&second.path).await);
    operations.revoke_link(&ada, "alan").await.expect("voided");
    operations.revoke_link(&ada, "alan").await.expect("nothing more to do");
    assert!(!good(&second.path).await);
    let third = operations.make_link(&ada, "alan").await.expect("another").path;
    world.clock.advance(7 * 24 * 60 * 60);
    assert!(!good(&third).await);
    let late = operations.join(&stranger(), token(&third), NEW.into(), NEW.into()).await.expect_err("too late");
    assert_eq!(late.kind, Kind::Forbidden);
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_gets_in() {
    let (world, ada) = World::with_ada().await;
    let path = world.operations.invite(&ada, "alan", "").await.expect("invited").path;
    let (one, other) = (stranger(), stranger());
    let join = |actor| world.operations.join(actor, token(&path), NEW.into(), NEW.into());
    let (a, b) = tokio::join!(join(&one), join(&other));
    assert!(a.is_ok() ^ b.is_ok(), "one of the two");
}

#[tokio::test]
async fn guessing_links_is_slowed_down_and_good_ones_still_open() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let good = operations.invite(&ada, "alan", "").await.expect("invited").path;
    let mut last = None;
    for n in 0..8 {
        last = operations.join(&stranger(), &format!("guess{n}"), NEW.into(), NEW.into()).await.err().map(|e| e.kind);
    }
    assert_eq!(last, Some(Kind::TooMany));
    assert!(operations.open_link(&stranger(), "guess").await.is_err());
    assert!(operations.open_link(&stranger(), token(&good)).await.expect("asked"), "nobody is kept from a good one");
    operations.join(&stranger(), token(&good), NEW.into(), NEW.into()).await.expect("in");
}

#[tokio::test]
async fn a_reset_ends_nothing_until_it_is_used_and_then_all_sessions() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = grace(&world).await;
    world.session(&grace, "hers").await;
    let made = operations.make_link(&ada, "grace").await.expect("made");
    assert_eq!(made.kind, LinkKind::Reset);
    assert_eq!(operations.person_details(&ada, "grace").await.expect("details").sessions, 1);
    operations.sign_in(&stranger(), "grace", PASSWORD.into()).await.expect("the old one is still good");
    operations.join(&stranger(), token(&made.path), NEW.into(), NEW.into()).await.expect("changed");
    assert_eq!(operations.person_details(&ada, "grace").await.expect("details").sessions, 0);
    operations.sign_in(&stranger(), "grace", PASSWORD.into()).await.expect_err("the old one is void");
    operations.sign_in(&stranger(), "grace", NEW.into()).await.expect("let in");
    let log = world.log(&ada).await;
    assert!(
        log.contains(&line("person.reset", "ada", "done")) && log.contains(&line("person.password", "grace", "done"))
    );
    assert!(!world.whole_log(&ada).await.contains(token(&made.path)));
}

#[tokio::test]
async fn nobody_becomes_more_by_anothers_link() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let _ = grace(&world).await;
    let narrow = Restriction::new([Permission::PeopleManage], None, None);
    let by_token = Actor { via: Via::Token { id: 1, restriction: narrow }, ..ada.clone() };
    let refused = operations.make_link(&by_token, "ada").await.expect_err("that would be everything");
    assert_eq!(refused.kind, Kind::Forbidden);
    assert!(world.log(&ada).await.contains(&line("person.reset", "ada", "refused")));
    operations.make_link(&by_token, "grace").await.expect("who has nothing gives nothing away");
}

#[tokio::test]
async fn disabling_ends_sessions_and_tokens_at_once() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = grace(&world).await;
    world.session(&grace, "hers").await;
    let form = TokenForm { name: "nightly".into(), days: "7".into(), ..TokenForm::default() };
    let secret = operations.make_token(&grace, &form).await.expect("made").secret;
    operations.by_token(&stranger(), &secret).await.expect("it is good");

    assert_eq!(operations.disable_person(&grace, "grace", true).await.expect_err("refused").kind, Kind::Forbidden);
    operations.disable_person(&ada, "grace", true).await.expect("disabled");
    operations.disable_person(&ada, "grace", true).await.expect("it is so already");
    assert_eq!(operations.by_token(&stranger(), &secret).await.expect_err("refused").kind, Kind::SignInNeeded);
    operations.sign_in(&stranger(), "grace", PASSWORD.into()).await.expect_err("refused");
    let details = operations.person_details(&ada, "grace").await.expect("details");
    assert_eq!((details.state, details.sessions), (PersonState::Disabled, 0));
    assert_eq!(operations.make_link(&ada, "grace").await.expect_err("not now").kind, Kind::Conflict);

    operations.disable_person(&ada, "grace", false).await.expect("enabled");
    operations.by_token(&stranger(), &secret).await.expect("it is good again");
    assert_eq!(operations.person_details(&ada, "grace").await.expect("details").sessions, 0, "sessions stay ended");
    let log = world.log(&ada).await;
    let count = |act: &str, outcome| log.iter().filter(|told| **told == line(act, "ada", outcome)).count();
    assert_eq!((count("person.disable", "done"), count("person.enable", "done")), (1, 1));
    assert!(log.contains(&line("person.disable", "grace", "refused")));
}

#[tokio::test]
async fn the_last_who_may_do_everything_stays() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let disabled = operations.disable_person(&ada, "ada", true).await.expect_err("the last one");
    assert!(disabled.kind == Kind::Conflict && disabled.message.contains("Administrator"), "{disabled}");
    let removed = operations.remove_person(&ada, "ada", "ada").await.expect_err("the last one");
    assert_eq!(removed.kind, Kind::Conflict);
    assert!(world.log(&ada).await.contains(&line("person.remove", "ada", "failed")));
    operations.sign_in(&stranger(), "ada", PASSWORD.into()).await.expect("still there");

    operations.add_administrator(&Actor::cli(), "grace", Some(PASSWORD.into())).await.expect("another");
    operations.disable_person(&ada, "ada", true).await.expect("there is another now");
    let invited = NewPerson {
        name: "alan".into(),
        display_name: String::new(),
        password_hash: String::new(),
        time_zone: String::new(),
        theme: String::new(),
    };
    let act = domain::audit::Act::new("person.create", "person alan");
    let permit = allows(&Actor::cli(), Permission::PeopleManage, Place::System).expect("the command line may");
    let opened = operations.store().open_act(permit, &act, NOW).await.expect("opened");
    operations.store().write(opened, CreatePerson(invited, Some(RoleId::ADMINISTRATOR)), NOW).await.expect("made");
    let last =
        operations.disable_person(&ada, "grace", true).await.expect_err("who has not come in yet does not count");
    assert_eq!(last.kind, Kind::Conflict);
}

#[tokio::test]
async fn removing_somebody_takes_what_is_theirs_and_leaves_the_log() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = grace(&world).await;
    let form = TokenForm { name: "nightly".into(), days: "7".into(), ..TokenForm::default() };
    let secret = operations.make_token(&grace, &form).await.expect("made").secret;
    assert_eq!(operations.remove_person(&grace, "grace", "grace").await.expect_err("refused").kind, Kind::Forbidden);
    let mistyped = operations.remove_person(&ada, "grace", "grac").await.expect_err("not confirmed");
    assert_eq!(mistyped.fields[0].field, "confirm");
    operations.remove_person(&ada, "grace", "grace").await.expect("removed");
    assert_eq!(operations.remove_person(&ada, "grace", "grace").await.expect_err("gone").kind, Kind::NotFound);
    operations.by_token(&stranger(), &secret).await.expect_err("gone with them");
    assert!(world.log(&ada).await.contains(&line("token.create", "grace", "done")), "what they did stays");
    let (again, _) =
        operations.add_person(&Actor::cli(), "grace", Some(PASSWORD.into())).await.expect("the name is free");
    assert_ne!(again, grace.id, "ids are never used again");
}

#[tokio::test]
async fn a_managers_hand_ends_sessions_and_tokens_of_others() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    let grace = grace(&world).await;
    world.session(&grace, "hers").await;
    let form = TokenForm { name: "nightly".into(), days: "7".into(), ..TokenForm::default() };
    let made = operations.make_token(&grace, &form).await.expect("made");
    operations.end_sessions_of(&ada, "grace").await.expect("ended");
    assert_eq!(operations.person_details(&ada, "grace").await.expect("details").sessions, 0);
    let prefix = &made.row.prefix;
    assert_eq!(operations.revoke_token_of(&grace, "grace", prefix).await.expect_err("refused").kind, Kind::Forbidden);
    operations.revoke_token_of(&ada, "grace", prefix).await.expect("revoked");
    assert_eq!(operations.revoke_token_of(&ada, "grace", prefix).await.expect_err("gone").kind, Kind::NotFound);
    operations.by_token(&stranger(), &made.secret).await.expect_err("refused");
    let log = world.log(&ada).await;
    assert!(log.contains(&line("session.revoke", "ada", "done")) && log.contains(&line("token.revoke", "ada", "done")));
}

#[tokio::test]
async fn the_list_filters_and_goes_on() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    for n in 0..60 {
        operations.invite(&ada, &format!("crew{n:02}"), if n == 7 { "Seven Seas" } else { "" }).await.expect("invited");
    }
    let first = operations.people(&ada, &NameQuery::default(), "").await.expect("listed");
    assert_eq!((first.rows.len(), first.count, first.previous.clone()), (50, 61, None));
    let after = NameQuery { after: first.next.expect("more"), ..NameQuery::default() };
    let second = operations.people(&ada, &after, "").await.expect("listed");
    assert_eq!((second.rows.len(), second.next), (11, None));
    let before = NameQuery { before: second.previous.expect("some"), ..NameQuery::default() };
    assert_eq!(operations.people(&ada, &before, "").await.expect("listed").rows, first.rows);
    let found = async |text: &str, state: &str| {
        let query = NameQuery { text: text.into(), ..NameQuery::default() };
        operations
            .people(&ada, &query, state)
            .await
            .expect("listed")
            .rows
            .into_iter()
            .map(|row| row.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("seven", "").await, ["crew07"]);
    assert_eq!(found("%", "").await, Vec::<String>::new(), "signs stand for themselves");
    assert_eq!(found("", "active").await, ["ada"]);
}
