//! A registry and the token server: what its page writes, what a check finds, how its tokens are issued, and that the
//! dashboard itself comes with them. With the real `docker-registry`, configured with what the page wrote.

use crate::world::{World, line, person, stranger};
use domain::{
    Actor,
    access::Rights,
    probe::Tone,
    token_check::{About, Bundle, TokenCheck},
};
use operations::{
    Clock, Kind, Settings,
    connections::ConnectionForm,
    repositories::RepositoriesQuery,
    tags::TagsQuery,
    token_settings::{RegistryTokens, TokenSettingsForm},
};
use registry::fake::{
    Fake, FakeOptions,
    real::{Pasted, Real, RealOptions},
};

const PUBLIC: &str = "https://wharf.example.com/dock";
/// Where the examples look for the certificates.
const BUNDLE: &str = "/etc/wharfinger/tokens.pem";

/// By the real clock: a real registry goes by it too.
async fn public() -> (World, Actor) {
    let settings = Settings { public_url: Some(format!("{PUBLIC}/")), ..Settings::default() };
    World::open(Clock::system(), settings).await.and_ada().await
}

fn form(address: &str, sign_in: &str) -> ConnectionForm {
    ConnectionForm {
        name: "lab".into(),
        address: address.into(),
        sign_in: sign_in.into(),
        connect_timeout: "1".into(),
        ..ConnectionForm::empty()
    }
}

/// The page's configuration for distribution 2.8, as somebody would paste it.
fn pasted(tokens: &RegistryTokens, certificates: String) -> Pasted {
    let written = tokens.written.as_ref().expect("there is a public address");
    let two = written.snippets.iter().find(|snippet| snippet.caption.contains("2.8")).expect("a snippet");
    assert!(two.text.contains(BUNDLE), "{}", two.text);
    Pasted { yaml: two.text.clone(), path: BUNDLE.into(), file: certificates }
}

async fn certificates(world: &World) -> String {
    world.operations.token_certificates(None).await.expect("read").expect("there are keys")
}

/// A world with a registry that takes its tokens, and what was sent to it.
async fn closed() -> (World, Actor, Real) {
    let (world, ada) = public().await;
    // Its service is known once it is added, and it takes no other: it is added before it is there.
    world.operations.add_registry(&ada, &form("http://127.0.0.1:1", "token-server")).await.expect("added");
    let tokens = world.operations.registry_tokens(&ada, "lab").await.expect("shown");
    let pasted = pasted(&tokens, certificates(&world).await);
    let real = start(pasted).await;
    connect(&world, &ada, &real, "token-server").await;
    (world, ada, real)
}

async fn start(pasted: Pasted) -> Real {
    Real::start(RealOptions { pasted: Some(pasted), ..RealOptions::default() }).await.expect("docker-registry starts")
}

async fn connect(world: &World, ada: &Actor, real: &Real, sign_in: &str) {
    let now = world.operations.connection(ada, "lab").await.expect("there").form;
    let address = real.address().to_string();
    let edit = ConnectionForm { address, sign_in: sign_in.into(), ..now };
    world.operations.edit_registry(ada, &edit).await.expect("edited");
}

fn tones(check: &TokenCheck) -> Vec<(About, Tone)> {
    check.lines.iter().filter(|line| line.tone != Tone::Good).map(|line| (line.about, line.tone)).collect()
}

/// Puts an image into the registry's own folder, as if it had always been there.
fn plant(real: &Real, repository: &str) {
    let digest = domain::Digest::of(b"{}");
    let hex = digest.as_str().trim_start_matches("sha256:");
    let root = real.directory().join("data/docker/registry/v2");
    let blob = root.join("blobs/sha256").join(&hex[..2]).join(hex);
    let place = root.join("repositories").join(repository);
    // By this folder the catalogue knows a repository.
    std::fs::create_dir_all(place.join("_layers")).expect("a folder");
    let manifests = place.join("_manifests");
    for (folder, file, text) in [
        (blob, "data", "{}"),
        (manifests.join("tags/v1/current"), "link", digest.as_str()),
        (manifests.join("revisions/sha256").join(hex), "link", digest.as_str()),
    ] {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(file), text).expect("a file");
    }
}

#[tokio::test]
async fn a_real_registry_configured_by_the_page_is_closed_to_others_and_open_to_us() {
    let (world, ada, real) = closed().await;
    plant(&real, "team/app");
    let operations = &world.operations;
    let details = operations.connection(&ada, "lab").await.expect("there");
    assert!(details.form.password.is_empty() && !details.stored.password, "no secret is needed");

    operations.refresh_registry(&ada, "lab").await.expect("refreshed");
    let shown = operations.repositories(&ada, "lab", &RepositoriesQuery::default(), false).await.expect("a page");
    assert_eq!((shown.totals.repositories, shown.trouble.is_none()), (1, true));
    let name = "team/app".parse().expect("a name");
    let tags = operations.tags(&ada, "lab", &name, &TagsQuery::default(), false).await.expect("a page");
    assert_eq!(tags.rows.len(), 1, "{tags:?}");

    let check = operations.check_registry_tokens(&ada, "lab").await.expect("checked");
    // Only that this registry, on this machine, has no TLS.
    assert_eq!(tones(&check), [(About::Transport, Tone::Warn)], "{check:?}");
    assert_eq!(check.verdict().0, Tone::Warn);
    let kept = operations.registry_tokens(&ada, "lab").await.expect("shown").check;
    assert_eq!(kept.as_ref(), Some(&check), "kept for the page, with its time");
    let again = operations.check_registry_tokens(&ada, "lab").await.expect("checked again");
    assert!(again.at >= check.at && again.lines == check.lines);
    let done = world.log(&ada).await;
    assert_eq!(done.iter().filter(|l| **l == line("registry.tokens-check", "ada", "done")).count(), 2, "{done:?}");
    operations.write_token_events().await;
    let told = world.whole_log(&ada).await;
    assert!(!told.contains("eyJ"), "no token is written down");
    let own = world.log(&ada).await.into_iter().filter(|l| *l == line("token.issue", "wharfinger", "done")).count();
    assert!(own >= 3 && told.contains("team/app"), "{own} kinds of our own tokens are told: {told}");

    // Another way of signing in finds it closed, and the check says how that is mended.
    connect(&world, &ada, &real, "none").await;
    let check = operations.check_registry_tokens(&ada, "lab").await.expect("checked");
    assert_eq!(tones(&check), [(About::Transport, Tone::Warn), (About::Dashboard, Tone::Warn)]);
}

#[tokio::test]
async fn a_registry_with_other_certificates_refuses_us_and_the_check_says_so() {
    let ((world, ada), (other, bob)) = (public().await, public().await);
    for (world, ada) in [(&world, &ada), (&other, &bob)] {
        world.operations.add_registry(ada, &form("http://127.0.0.1:1", "token-server")).await.expect("added");
    }
    let theirs = other.operations.registry_tokens(&bob, "lab").await.expect("shown");
    let real = start(pasted(&theirs, certificates(&other).await)).await;
    connect(&world, &ada, &real, "token-server").await;
    let check = world.operations.check_registry_tokens(&ada, "lab").await.expect("checked");
    assert_eq!(check.verdict(), (Tone::Danger, "The registry does not use this token server."));
    let tokens = check.lines.iter().find(|line| line.about == About::Tokens).expect("a line");
    assert_eq!(tokens.tone, Tone::Danger);
    assert!(tokens.to_do.as_ref().is_some_and(|to_do| to_do.contains("restart")), "{tokens:?}");
    assert!(check.lines.iter().all(|line| line.about != About::Forgeries), "who refuses all proves nothing");
}

/// What the pages say of the registry and the next key.
async fn bundle(world: &World, ada: &Actor) -> Option<Bundle> {
    let of_registry = world.operations.registry_tokens(ada, "lab").await.expect("shown").bundle.map(|(found, _)| found);
    let keys = world.operations.signing_keys(ada).await.expect("the keys");
    let of_keys: Vec<_> =
        keys.iter().flat_map(|one| &one.readiness).filter(|one| one.registry.as_str() == "lab").collect();
    let [one] = of_keys.as_slice() else { panic!("{of_keys:?}") };
    assert_eq!(
        (one.found, one.is_open()),
        (of_registry, !matches!(of_registry, Some(Bundle::Current | Bundle::Unused)))
    );
    of_registry
}

#[tokio::test]
async fn a_real_registry_shows_whether_it_has_the_bundle_with_the_next_key() {
    let (world, ada, _before) = closed().await;
    let operations = &world.operations;
    let checked = async || operations.check_registry_tokens(&ada, "lab").await.expect("checked");
    let next_key =
        |check: &TokenCheck| check.lines.iter().find(|line| line.about == About::NextKey).map(|line| line.tone);
    assert_eq!(bundle(&world, &ada).await, None, "nobody has asked yet");
    assert_eq!(next_key(&checked().await), Some(Tone::Good));
    assert_eq!(bundle(&world, &ada).await, Some(Bundle::Current), "it has read both");

    operations.rotate_signing_key(&ada, "ES256", None).await.expect("rotated");
    assert_eq!(bundle(&world, &ada).await, None, "another key is next, of which nobody knows");
    let check = checked().await;
    assert_eq!(next_key(&check), Some(Tone::Warn), "{check:?}");
    let fine = |about| check.lines.iter().any(|line| line.about == about && line.tone == Tone::Good);
    assert!(fine(About::Tokens) && fine(About::Forgeries), "it goes on with the key it knew as the next: {check:?}");
    assert_eq!(bundle(&world, &ada).await, Some(Bundle::Old));

    // The new bundle is copied there, and the registry restarted.
    let tokens = operations.registry_tokens(&ada, "lab").await.expect("shown");
    let real = start(pasted(&tokens, certificates(&world).await)).await;
    connect(&world, &ada, &real, "token-server").await;
    assert_eq!(next_key(&checked().await), Some(Tone::Good));
    assert_eq!(bundle(&world, &ada).await, Some(Bundle::Current));

    // A registry that is away leaves what was seen last.
    drop(real);
    assert_eq!(tones(&checked().await), [(About::Registry, Tone::Danger)]);
    assert_eq!(bundle(&world, &ada).await, Some(Bundle::Current));
}

#[tokio::test]
async fn a_registry_that_goes_without_tokens_of_ours_stands_in_no_rotation_s_way() {
    let (world, ada) = public().await;
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    world.operations.add_registry(&ada, &form(&fake.address().to_string(), "none")).await.expect("added");
    world.operations.registry_tokens(&ada, "lab").await.expect("shown");
    assert_eq!(bundle(&world, &ada).await, None);
    world.operations.check_registry_tokens(&ada, "lab").await.expect("checked");
    assert_eq!(bundle(&world, &ada).await, Some(Bundle::Unused));
}

#[tokio::test]
async fn a_registry_for_another_service_gets_no_token_of_ours() {
    let (world, ada, real) = closed().await;
    let operations = &world.operations;
    let second = ConnectionForm { name: "second".into(), ..form(&real.address().to_string(), "token-server") };
    operations.add_registry(&ada, &second).await.expect("added");
    let check = operations.check_registry_tokens(&ada, "second").await.expect("checked");
    let amiss = tones(&check);
    assert!(amiss.contains(&(About::Service, Tone::Danger)), "{amiss:?}");
    assert!(amiss.contains(&(About::Tokens, Tone::Danger)), "{amiss:?}");
    let report = operations.connection(&ada, "second").await.expect("there").report.expect("probed");
    let said = format!("{report:?}");
    assert!(said.contains("and not for registry-2"), "{said}");
}

#[tokio::test]
async fn an_open_registry_is_found_open() {
    let (world, ada) = public().await;
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    world.operations.add_registry(&ada, &form(&fake.address().to_string(), "none")).await.expect("added");
    let check = world.operations.check_registry_tokens(&ada, "lab").await.expect("checked");
    assert_eq!(check.verdict().0, Tone::Danger);
    for about in [About::Challenge, About::Strangers] {
        assert!(tones(&check).contains(&(about, Tone::Danger)), "{about:?} in {check:?}");
    }
    assert!(tones(&check).contains(&(About::Catalogue, Tone::Warn)), "{check:?}");
}

#[tokio::test]
async fn a_registry_that_is_away_or_switched_off_is_a_finding_or_a_reason() {
    let (world, ada) = public().await;
    let operations = &world.operations;
    operations.add_registry(&ada, &form("http://127.0.0.1:1", "token-server")).await.expect("added");
    let check = operations.check_registry_tokens(&ada, "lab").await.expect("checked");
    assert_eq!(tones(&check), [(About::Registry, Tone::Danger)]);
    assert!(check.lines[0].to_do.is_some());
    operations.switch_registry(&ada, "lab", false).await.expect("off");
    let off = operations.check_registry_tokens(&ada, "lab").await.expect_err("switched off");
    assert_eq!(off.kind, Kind::RegistryDown);
}

#[tokio::test]
async fn without_a_public_address_nothing_is_written_and_nothing_checked() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    operations.add_registry(&ada, &form("http://127.0.0.1:1", "none")).await.expect("added");
    let tokens = operations.registry_tokens(&ada, "lab").await.expect("shown");
    assert!(tokens.written.is_none());
    assert_eq!(tokens.service, "registry-1");
    let refused = operations.check_registry_tokens(&ada, "lab").await.expect_err("nothing to compare with");
    assert_eq!(refused.kind, Kind::Setting);
}

#[tokio::test]
async fn the_page_writes_our_address_and_this_registry_s_service() {
    let (world, ada) = public().await;
    let operations = &world.operations;
    operations.add_registry(&ada, &form("http://127.0.0.1:1", "none")).await.expect("added");
    let written = operations.registry_tokens(&ada, "lab").await.expect("shown").written.expect("an address");
    assert_eq!(written.realm, "https://wharf.example.com/dock/token");
    assert_eq!(written.bundle_url, "https://wharf.example.com/dock/token/certificates.pem?algorithm=ES256");
    assert_eq!(written.jwks_url, "https://wharf.example.com/dock/token/jwks.json");
    let compose = written.snippets.iter().find(|snippet| snippet.caption.starts_with("compose")).expect("a snippet");
    assert_eq!(compose.text.matches("BEGIN CERTIFICATE").count(), 2, "current and next: {}", compose.text);

    let choice = TokenSettingsForm { algorithm: "EdDSA".into(), passwords: "on".into(), seconds: "120".into() };
    operations.edit_token_settings(&ada, "lab", &choice).await.expect("chosen");
    let written = operations.registry_tokens(&ada, "lab").await.expect("shown").written.expect("an address");
    assert!(written.bundle_url.ends_with("?algorithm=EdDSA"));
    assert!(written.snippets.iter().all(|snippet| !snippet.caption.contains("2.8")), "it would not start");
}

#[tokio::test]
async fn settings_are_changed_by_who_manages_the_registry_and_written_down() {
    let (world, ada) = World::with_ada().await;
    let operations = &world.operations;
    operations.add_registry(&ada, &form("http://127.0.0.1:1", "none")).await.expect("added");
    let form = |algorithm: &str, passwords: &str, seconds: &str| TokenSettingsForm {
        algorithm: algorithm.into(),
        passwords: passwords.into(),
        seconds: seconds.into(),
    };
    let usual: TokenSettingsForm = operations.registry_tokens(&ada, "lab").await.expect("shown").settings.into();
    assert_eq!(usual, form("ES256", "on", "300"));

    operations.edit_token_settings(&ada, "lab", &form("RS256", "", "90")).await.expect("changed");
    let now: TokenSettingsForm = operations.registry_tokens(&ada, "lab").await.expect("shown").settings.into();
    assert_eq!(now, form("RS256", "", "90"), "at once");
    assert_eq!(world.log(&ada).await[0], line("registry.tokens", "ada", "done"));
    let log = world.whole_log(&ada).await;
    for said in
        [r#"before: Some("{\"algorithm\":\"ES256\",\"passwords\":true,\"seconds\":300}")"#, r#"\"seconds\":90}"#]
    {
        assert!(log.contains(said), "{said} in {log}");
    }

    let entries = world.log(&ada).await.len();
    operations.edit_token_settings(&ada, "lab", &form("RS256", "", "90")).await.expect("so already");
    assert_eq!(world.log(&ada).await.len(), entries, "what is so already is no change");

    for (bad, field) in [
        (form("HS256", "on", "300"), "algorithm"),
        (form("RS256", "on", "59"), "seconds"),
        (form("RS256", "on", "301"), "seconds"),
        (form("RS256", "on", "soon"), "seconds"),
    ] {
        let wrong = operations.edit_token_settings(&ada, "lab", &bad).await.expect_err("no");
        assert_eq!((wrong.kind, wrong.fields.len(), wrong.fields[0].field.as_str()), (Kind::Invalid, 1, field));
    }
    let both = operations.edit_token_settings(&ada, "lab", &form("x", "", "")).await.expect_err("no");
    assert_eq!(both.fields.len(), 2, "all that is wrong comes back at once");
}

#[tokio::test]
async fn who_does_not_manage_the_registry_sees_and_changes_nothing() {
    let (world, ada) = public().await;
    let operations = &world.operations;
    let fake = Fake::start(FakeOptions::default()).await.expect("a registry");
    operations.add_registry(&ada, &form(&fake.address().to_string(), "none")).await.expect("added");
    let asked = fake.requests().len();
    let reader = Actor { rights: Rights::program(), ..person(7, "bob") };
    let settings = TokenSettingsForm { algorithm: "RS256".into(), passwords: String::new(), seconds: "60".into() };
    for (actor, kind) in [(&reader, Kind::Forbidden), (&stranger(), Kind::SignInNeeded)] {
        let shown = operations.registry_tokens(actor, "lab").await.expect_err("not shown");
        let edited = operations.edit_token_settings(actor, "lab", &settings).await.expect_err("not changed");
        let checked = operations.check_registry_tokens(actor, "lab").await.expect_err("not asked");
        for error in [shown, edited, checked] {
            assert!(error.kind == kind || error.kind == Kind::NotFound, "{:?}", error.kind);
        }
    }
    let log = world.log(&ada).await;
    for act in ["registry.tokens", "registry.tokens-check"] {
        assert!(log.contains(&line(act, "bob", "refused")), "{act} in {log:?}");
    }
    assert_eq!(fake.requests().len(), asked, "nobody was asked for them");
    let unchanged: TokenSettingsForm = operations.registry_tokens(&ada, "lab").await.expect("shown").settings.into();
    assert_eq!(unchanged.algorithm, "ES256");
}

#[tokio::test]
async fn who_only_manages_a_registry_does_not_send_our_tokens_elsewhere() {
    let (world, ada) = public().await;
    world.operations.add_registry(&ada, &form("http://127.0.0.1:1", "token-server")).await.expect("added");
    let manages = domain::access::Held {
        grant: None,
        permissions: [domain::Permission::RegistryManage].into_iter().collect(),
        scope: domain::access::Scope::default(),
    };
    let grace = Actor { rights: Rights::new(vec![manages.into()]), ..person(2, "grace") };
    let stored = world.operations.connection(&grace, "lab").await.expect("there").form;
    let moved = ConnectionForm { address: "http://127.0.0.1:2".into(), ..stored.clone() };
    let refused = world.operations.edit_registry(&grace, &moved).await.expect_err("it would pull for her");
    assert_eq!(refused.kind, Kind::Forbidden);
    assert!(refused.to_string().contains("repository.pull"), "{refused}");
    let described = ConnectionForm { description: "hers".into(), ..stored };
    world.operations.edit_registry(&grace, &described).await.expect("the rest is hers to change");
    let page = world.operations.connection(&ada, "lab").await.expect("there").form;
    let moved = ConnectionForm { address: "http://127.0.0.1:2".into(), ..page };
    world.operations.edit_registry(&ada, &moved).await.expect("who has all of it may");
}
