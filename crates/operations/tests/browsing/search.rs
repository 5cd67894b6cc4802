//! Search over everything, suggestions, and where a digest is.

use crate::world::{World, image, index, name, query};
use domain::{Actor, Digest, Permission, Restriction, Via};
use operations::{
    Kind as Stop,
    search::{Because, Exact, Found, Kind, SearchQuery, Suggestion},
    whereabouts::How,
};

fn text(text: &str) -> SearchQuery {
    SearchQuery { text: text.into(), ..SearchQuery::default() }
}

async fn search(world: &World, q: &str) -> Found {
    world.operations.search(&world.ada, &text(q)).await.expect("an answer")
}

fn repositories(found: &Found) -> Vec<String> {
    found.repositories.rows.iter().map(|hit| format!("{}/{}", hit.registry, hit.name)).collect()
}

fn tags(found: &Found) -> Vec<String> {
    found.tags.rows.iter().map(|hit| format!("{}:{}", hit.repository, hit.tag.as_ref().expect("a tag"))).collect()
}

fn by_token(world: &World, permissions: &[Permission], pattern: Option<&str>) -> Actor {
    let pattern = pattern.map(|pattern| pattern.parse().expect("a pattern"));
    let restriction = Restriction::new(permissions.iter().copied(), None, pattern);
    Actor { via: Via::Token { id: 1, restriction }, ..world.ada.clone() }
}

/// Three repositories, of which all is read.
async fn known() -> (World, Digest) {
    let world = World::new().await;
    for repository in ["tools/web-old", "web"] {
        image(&world.fake, repository, "v1", 1, 100);
    }
    let child = image(&world.fake, "storefront/web", "web-preview", 2, 200);
    index(&world.fake, "storefront/web", "all", &[(&child, "amd64")]);
    world.known_names().await;
    for repository in ["tools/web-old", "web", "storefront/web"] {
        world.settled(repository, &query("name")).await;
    }
    (world, child)
}

#[tokio::test]
async fn strangers_find_nothing() {
    let (world, digest) = known().await;
    let nobody = Actor::anonymous("198.51.100.7", "", "");
    assert_eq!(world.operations.search(&nobody, &text("web")).await.expect_err("refused").kind, Stop::SignInNeeded);
    assert_eq!(world.operations.suggest(&nobody, "web").await.expect_err("refused").kind, Stop::SignInNeeded);
    assert_eq!(world.operations.where_is(&nobody, &digest).await.expect_err("refused").kind, Stop::SignInNeeded);
}

#[tokio::test]
async fn names_tags_and_labels_are_found_together_the_closest_first() {
    let (world, _) = known().await;
    let found = search(&world, "WEB").await;
    assert_eq!(repositories(&found), ["lab/web", "lab/storefront/web", "lab/tools/web-old"]);
    assert_eq!(tags(&found), ["storefront/web:web-preview"]);
    assert_eq!(found.labels.rows.iter().map(|hit| hit.value.as_str()).collect::<Vec<_>>(), ["web-preview"]);
    assert_eq!((found.kind, found.short, found.late.len()), (None, false, 0));
    assert_eq!((found.searched, found.partly.len()), (4, 0));
    assert_eq!(found.registries.len(), 1);
    let nothing = search(&world, "nothing-like-it").await;
    assert_eq!((nothing.repositories.found, nothing.tags.found, nothing.labels.found), (0, 0, 0));
    assert!(search(&world, "we").await.short);
    let long = "x".repeat(257);
    assert_eq!(world.operations.search(&world.ada, &text(&long)).await.expect_err("too long").kind, Stop::Invalid);
    assert_eq!(search(&world, "  ").await.repositories.found, 0);
}

#[tokio::test]
async fn one_kind_or_one_registry_can_be_asked_for() {
    let (world, _) = known().await;
    let one = SearchQuery { text: "web".into(), kind: "tags".into(), registry: "lab".into() };
    let found = world.operations.search(&world.ada, &one).await.expect("an answer");
    assert_eq!(
        (found.kind, found.only.as_ref().map(|name| name.as_str().to_owned())),
        (Some(Kind::Tags), Some("lab".into()))
    );
    assert_eq!(tags(&found), ["storefront/web:web-preview"]);
    assert_eq!(search(&world, "tag:web").await.kind, Some(Kind::Tags));
    assert_eq!(tags(&search(&world, "storefront/web:a").await), ["storefront/web:all"]);
    assert_eq!(repositories(&search(&world, "lab/tools").await), ["lab/tools/web-old"], "only on that registry");
}

#[tokio::test]
async fn a_registry_that_is_switched_off_is_not_searched() {
    let (world, digest) = known().await;
    world.operations.switch_registry(&world.ada, "lab", false).await.expect("switched off");
    let found = search(&world, "web").await;
    assert_eq!((found.repositories.found, found.tags.found, found.labels.found), (0, 0, 0));
    assert_eq!(world.operations.where_is(&world.ada, &digest).await.expect("an answer").places.found, 0);
    assert_eq!(world.operations.suggest(&world.ada, "web").await.expect("an answer"), []);
}

#[tokio::test]
async fn a_text_that_names_one_thing_leads_there_only_if_it_is_there() {
    let (world, digest) = known().await;
    let lab = || "lab".parse().expect("a name");
    let host = world.fake.address().authority();
    let web = Exact::Repository(lab(), name("web"));
    let tag = Exact::Tag(lab(), name("web"), "v1".parse().expect("a tag"));
    let manifest = Exact::Manifest(lab(), name("storefront/web"), digest.clone());
    for (q, exact) in [
        ("lab/web".to_owned(), &web),
        (format!("{host}/web:v1"), &tag),
        (format!("lab/storefront/web:v9@{digest}"), &manifest),
    ] {
        let found = search(&world, &q).await;
        assert_eq!((found.exact.as_ref(), found.unknown), (Some(exact), None), "{q}");
    }
    // The beginning of a name, a tag that is not known: the registry may know them, nobody is sent there.
    for (q, unknown) in [
        ("lab/we", Exact::Repository(lab(), name("we"))),
        ("lab/web:v9", Exact::Tag(lab(), name("web"), "v9".parse().expect("a tag"))),
    ] {
        let found = search(&world, q).await;
        assert_eq!((found.exact, found.unknown), (None, Some(unknown)), "{q}");
    }
    assert_eq!(repositories(&search(&world, "lab/we").await), ["lab/storefront/web", "lab/tools/web-old", "lab/web"]);
    for q in ["lab", "lab/", "other/web:v1", "lab/Web", "lab/a:b:c", "web"] {
        let found = search(&world, q).await;
        assert_eq!((found.exact, found.unknown), (None, None), "{q}");
    }
}

#[tokio::test]
async fn a_digest_is_found_by_its_beginning_and_everywhere() {
    let (world, digest) = known().await;
    let found = search(&world, &digest.encoded()[..8]).await;
    assert_eq!(found.digests.rows.iter().map(|hit| &hit.digest).collect::<Vec<_>>(), [&digest]);
    let places = found.whereabouts.expect("it is the only one").places;
    let named = |places: &operations::whereabouts::Hits<(operations::search::ImageFound, How)>| -> Vec<_> {
        places.rows.iter().map(|(hit, how)| (hit.tag.as_ref().map(ToString::to_string), *how)).collect()
    };
    let both = [(Some("web-preview".to_owned()), How::Itself), (Some("all".to_owned()), How::Index)];
    assert_eq!(named(&places), both);
    assert_eq!(named(&world.operations.where_is(&world.ada, &digest).await.expect("an answer").places), both);

    let layer = Digest::of(&[b'x'; 200]);
    let found = search(&world, &format!("layer:{layer}")).await;
    let images = found.images.expect("images");
    assert_eq!((images.because, images.hits.found, found.kind), (Because::Layer(layer), 2, Some(Kind::Images)));
}

#[tokio::test]
async fn a_label_leads_to_its_images_and_needs_the_permission_to_pull() {
    let (world, _) = known().await;
    let found = search(&world, "tag=web-preview").await;
    assert_eq!(found.labels.found, 1);
    assert_eq!(found.images.expect("images").because, Because::Label("tag".into(), "web-preview".into()));
    let viewer = by_token(&world, &[Permission::RepositoryView], None);
    let seen = world.operations.search(&viewer, &text("tag=web-preview")).await.expect("an answer");
    assert_eq!((seen.labels.found, seen.images), (0, None), "names and sizes are all that may be seen");
    let names = world.operations.search(&viewer, &text("web")).await.expect("an answer");
    assert_eq!((names.repositories.found, names.tags.found, names.labels.found), (3, 1, 0));
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_found_and_not_suggested() {
    let (world, digest) = known().await;
    let narrow = by_token(&world, &[], Some("tools/*"));
    let found = world.operations.search(&narrow, &text("web")).await.expect("an answer");
    assert_eq!(repositories(&found), ["lab/tools/web-old"]);
    assert_eq!((found.tags.found, found.repositories.found), (0, 1));
    let hidden = world.operations.search(&narrow, &text("lab/web")).await.expect("an answer");
    assert_eq!((hidden.exact, hidden.unknown), (None, None), "not even that it is there");
    let there = world.operations.search(&narrow, &text("lab/tools/web-old")).await.expect("an answer");
    assert_eq!(there.exact, Some(Exact::Repository("lab".parse().expect("a name"), name("tools/web-old"))));
    let suggested = world.operations.suggest(&narrow, "web").await.expect("an answer");
    assert_eq!(suggested.len(), 1);
    assert_eq!(world.operations.where_is(&narrow, &digest).await.expect("an answer").places.found, 0);
}

#[tokio::test]
async fn the_best_are_suggested_while_somebody_types() {
    let (world, digest) = known().await;
    for n in 0..12 {
        image(&world.fake, &format!("many/part-{n}"), "v1", 1, 100);
    }
    world.later();
    world.known_names().await;
    let lab = || "lab".parse().expect("a name");
    let repository = |text: &str| Suggestion { target: Exact::Repository(lab(), name(text)), kind: Kind::Repositories };
    let preview = Exact::Tag(lab(), name("storefront/web"), "web-preview".parse().expect("a tag"));
    let suggested = world.operations.suggest(&world.ada, "web").await.expect("suggestions");
    let expected = [
        repository("web"),
        repository("storefront/web"),
        repository("tools/web-old"),
        Suggestion { target: preview, kind: Kind::Tags },
    ];
    assert_eq!(suggested, expected);
    assert_eq!(world.operations.suggest(&world.ada, "part").await.expect("suggestions").len(), 8);
    let of_digest = world.operations.suggest(&world.ada, &digest.encoded()[..10]).await.expect("suggestions");
    assert_eq!(of_digest[0].target, Exact::Manifest(lab(), name("storefront/web"), digest));
    assert_eq!(world.operations.suggest(&world.ada, "").await.expect("nothing"), []);
}
