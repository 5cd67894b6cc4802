//! Labels and annotations.

use super::{Made, NOW, OFF, all_said, everywhere, fresh, only, put};
use crate::index::{Index, Rank};

async fn labels(index: &Index, text: &str) -> Vec<String> {
    let hits = index.find_labels(&everywhere(20), text).await.expect("it searches");
    hits.rows.iter().map(|hit| format!("{}={} {}", hit.key, hit.value, hit.images)).collect()
}

async fn world(index: &Index) {
    let web = Made {
        name: "web",
        created: 1,
        labels: &[("team", "Web"), ("org.opencontainers.image.title", "Checkout service")],
        annotations: &[("org.opencontainers.image.source", "https://git.example.com/web/100%_checkout")],
        ..Made::default()
    };
    let mail = Made { name: "mail", created: 2, labels: &[("team", "mail"), ("teams", "one")], ..Made::default() };
    let (web, mail) = (web.content(), mail.content());
    let both = Made { name: "index", created: 3, children: &[&web], ..Made::default() }.content();
    put(index, 1, "web", &[("v1", &web), ("v2", &web)]).await;
    put(index, 2, "mail", &[("v1", &mail), ("", &web), ("multi", &both)]).await;
    let off = Made { name: "off", labels: &[("team", "off")], ..Made::default() }.content();
    put(index, OFF, "off", &[("v1", &off)]).await;
}

#[tokio::test]
async fn labels_are_found_by_key_by_value_and_by_both() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    world(index).await;
    assert_eq!(labels(index, "team").await, ["team=mail 1", "team=Web 3", "teams=one 1"]);
    assert_eq!(labels(index, "web").await[0], "team=Web 3", "the whole value comes before a part of one");
    assert_eq!(labels(index, "checkout").await.len(), 2);
    assert_eq!(labels(index, "team=web").await, ["team=Web 3"]);
    assert_eq!(labels(index, "team=W").await, ["team=Web 3"], "a beginning of a value, with its key");
    assert_eq!(labels(index, "title=out serv").await, ["org.opencontainers.image.title=Checkout service 3"]);
    assert_eq!(labels(index, "team=").await.len(), 3, "all values of what fits");
    assert_eq!(labels(index, "team=nothing").await, [""; 0]);
    assert_eq!(labels(index, "100%_c").await.len(), 1, "nothing is a wildcard");
    assert_eq!(labels(index, "100_c").await, [""; 0]);
    assert_eq!(labels(index, "=").await, [""; 0]);
    let source = index.find_labels(&everywhere(20), "git.example.com").await.expect("it searches");
    assert_eq!(source.rows.iter().map(|hit| (hit.rank, hit.annotation)).collect::<Vec<_>>(), [(Rank::Infix, true)]);
}

#[tokio::test]
async fn a_label_leads_to_its_images_and_an_index_has_those_of_its_images() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    world(index).await;
    let hits = index.images_with_label(&everywhere(20), "team", "Web").await.expect("images");
    assert_eq!(all_said(&hits.rows), ["2 mail:multi", "1 web:v1", "1 web:v2"]);
    assert!(!hits.cut);
    assert_eq!(
        index.images_with_label(&everywhere(20), "team", "web").await.expect("none").found,
        0,
        "as it is written"
    );
}

#[tokio::test]
async fn a_label_is_found_only_by_who_may_see_an_image_that_has_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    world(index).await;
    let mail = only("mail", 20);
    let hits = index.find_labels(&mail, "team").await.expect("it searches");
    let said: Vec<_> = hits.rows.iter().map(|hit| (hit.value.as_str(), hit.images)).collect();
    assert_eq!(said, [("mail", 1), ("Web", 1), ("one", 1)]);
    let web = index.find_labels(&only("web", 20), "team").await.expect("it searches");
    assert_eq!((web.found, web.rows[0].value.as_str()), (1, "Web"));
    assert!(!web.cut);
    let images = index.images_with_label(&only("web", 20), "team", "mail").await.expect("images");
    assert_eq!(images.found, 0);
    let few = index.find_labels(&everywhere(1), "team").await.expect("it searches");
    assert_eq!(few.rows.len(), 1);
    assert!(few.found >= 3 || few.cut);
}

#[tokio::test]
async fn images_of_a_label_are_counted_although_most_that_have_it_are_platforms() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let names: Vec<String> = (0..700).map(|n| format!("child {n}")).collect();
    let children: Vec<_> =
        names.iter().map(|name| Made { name, labels: &[("team", "web")], ..Made::default() }.content()).collect();
    let all: Vec<_> = children.iter().collect();
    let multi = Made { name: "multi", children: &all, ..Made::default() }.content();
    // The tag is known before its index, and that before its platforms.
    let id = index.ensure_repository(1, &"web".parse().expect("a name"), NOW).await.expect("made");
    index.set_tag_digests(id, &[("v1".parse().expect("a tag"), multi.digest.clone())], NOW).await.expect("set");
    index.save_content(id, &children, NOW).await.expect("saved");
    index.save_content(id, &[multi], NOW).await.expect("saved");
    let hits = index.find_labels(&everywhere(10), "team=web").await.expect("it searches");
    assert_eq!(hits.rows.iter().map(|hit| (hit.images, hit.more)).collect::<Vec<_>>(), [(1, false)]);
}
