//! What nothing names any more leaves, with all that only it named; what is named, or may be again, stays.

use super::{NOW, ada, fresh};
use crate::index::{Content, Index, Shared};
use domain::{
    Digest, Id, Kind, Summary, Tag, Timestamp, Visible,
    content_facts::{BlobFact, BlobRole, ChildFact, ChildRole, Facts},
};

const LATER: Timestamp = Timestamp(NOW.0 + 1_000);
const MUCH_LATER: Timestamp = Timestamp(NOW.0 + 9_000);

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn content(text: &str, facts: Facts, kind: Kind) -> Content {
    Content {
        digest: Digest::of(text.as_bytes()),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        bytes: text.as_bytes().to_vec(),
        summary: Summary {
            kind,
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: None,
            platforms: Vec::new(),
            size: 7,
            created: None,
            subject: None,
        },
        config: None,
        config_bytes: None,
        made_from: 1,
        facts,
        findings: Vec::new(),
    }
}

/// An image with a layer of its own, of seven bytes.
fn image(text: &str) -> Content {
    let blob = BlobFact {
        digest: Digest::of(format!("layer of {text}").as_bytes()),
        size: 7,
        media_type: String::new(),
        role: BlobRole::Layer,
        position: 0,
    };
    content(text, Facts { blobs: vec![blob], ..Facts::default() }, Kind::Image)
}

fn index_of(text: &str, child: &Content) -> Content {
    let child = ChildFact { digest: child.digest.clone(), size: 1, platform: None, role: ChildRole::Platform };
    content(text, Facts { children: vec![child], ..Facts::default() }, Kind::Index)
}

async fn count(index: &Index, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(&index.pools.readers).await.expect("counted")
}

async fn repository(index: &Index, name: &str) -> Id {
    index.ensure_repository(1, &name.parse().expect("a name"), NOW).await.expect("made")
}

async fn bytes(index: &Index) -> u64 {
    index.totals(&Visible::to(&ada()), 1).await.expect("summed").bytes.expect("all is seen")
}

/// One pass over everything that has been nameless since before `before`.
async fn sweep(index: &Index, before: Timestamp, now: Timestamp) {
    for one in index.nameless(1, before, None).await.expect("asked") {
        index.let_go(one.repository, &[one.digest], before, now).await.expect("let go");
    }
    let (unheld, _) = index.unheld(1, 0).await.expect("asked");
    index.forget_unheld(&unheld).await.expect("forgotten");
}

#[tokio::test]
async fn what_an_index_named_leaves_after_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, "team/api").await;
    let child = image("child");
    let (parent, next) = (index_of("parent", &child), image("next"));
    index.save_content(id, &[child, parent.clone(), next.clone()], NOW).await.expect("saved");
    index.set_tag_digests(id, &[(tag("latest"), parent.digest.clone())], NOW).await.expect("set");
    sweep(index, MUCH_LATER, LATER).await;
    assert_eq!(
        (count(index, "manifests").await, bytes(index).await),
        (3, 14),
        "all is named, or was never asked about"
    );

    index.set_tag_digests(id, &[(tag("latest"), next.digest.clone())], LATER).await.expect("moved");
    sweep(index, LATER, LATER).await;
    assert_eq!(count(index, "manifests").await, 3, "its time is not up");
    sweep(index, MUCH_LATER, MUCH_LATER).await;
    assert_eq!(count(index, "manifests").await, 2, "the index goes, and its child's time begins");
    sweep(index, Timestamp(MUCH_LATER.0 + 1), MUCH_LATER).await;
    assert_eq!((count(index, "manifests").await, count(index, "documents").await), (1, 1));
    assert_eq!((count(index, "blobs").await, bytes(index).await), (1, 7), "and its bytes with it");
}

#[tokio::test]
async fn what_never_had_a_name_gets_its_time_too() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, "team/api").await;
    let (opened, tagged) = (image("opened by its digest"), image("tagged"));
    index.save_content(id, &[opened, tagged.clone()], NOW).await.expect("saved");
    index.set_tag_digests(id, &[(tag("latest"), tagged.digest)], NOW).await.expect("set");
    assert_eq!(index.rows_of(1, 0).await.expect("asked"), [id]);
    index.note_never_named(id, LATER).await.expect("noted");
    sweep(index, LATER, LATER).await;
    assert_eq!(count(index, "manifests").await, 2);
    sweep(index, MUCH_LATER, MUCH_LATER).await;
    assert_eq!((count(index, "manifests").await, bytes(index).await), (1, 7));
}

#[tokio::test]
async fn a_child_of_an_index_that_is_kept_stays_although_nobody_holds_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, "team/api").await;
    let child = image("child");
    index.save_content(id, &[child.clone(), index_of("parent", &child)], NOW).await.expect("saved");
    index.forget_repository(1, &"team/api".parse().expect("a name")).await.expect("forgotten");
    let (unheld, _) = index.unheld(1, 0).await.expect("asked");
    let digests: Vec<_> = unheld.iter().map(|one| one.digest.clone()).collect();
    assert_eq!(digests, [Digest::of(b"parent")], "the parent first, perhaps kept for a history's sake");
}

/// Looks once through all that images share.
async fn sweep_shared(index: &Index) -> u64 {
    let mut all = 0;
    for shared in Shared::ALL {
        let mut after = Some(0);
        while let Some(from) = after {
            let (gone, next) = index.forget_unused(shared, from).await.expect("swept");
            (all, after) = (all + gone, next);
        }
    }
    all
}

/// Rows of labels, platforms and names of tags, and how many names and labels the words find.
async fn shared(index: &Index) -> [i64; 5] {
    let mut counts = [0; 5];
    let words = |table: &str, word: &str| format!("{table} WHERE {table} MATCH '\"{word}\"'");
    let tables = [
        "labels".into(),
        "platforms".into(),
        "tag_names".into(),
        words("label_words", "tea"),
        words("tag_words", "rel"),
    ];
    for (count, table) in counts.iter_mut().zip::<[String; 5]>(tables) {
        *count = self::count(index, &table).await;
    }
    counts
}

#[tokio::test]
async fn what_images_share_leaves_once_none_uses_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, "team/api").await;
    let made = |text: &str, platform: &str, label: &str| {
        let mut made = image(text);
        made.summary.platforms = vec![platform.to_owned()];
        made.facts.labels = vec![("team".to_owned(), label.to_owned())];
        made
    };
    let (one, two) = (made("one", "linux/amd64", "shop"), made("two", "linux/arm64", "mail"));
    index.save_content(id, &[one.clone(), two.clone()], NOW).await.expect("saved");
    let tags = [(tag("release-1"), one.digest), (tag("release-2"), two.digest.clone())];
    index.set_tag_digests(id, &tags, NOW).await.expect("set");
    let before = shared(index).await;
    assert_eq!((sweep_shared(index).await, shared(index).await), (0, before), "all is used");

    index.forget_tags(id, &[tag("release-2")], NOW).await.expect("forgotten");
    assert_eq!(sweep_shared(index).await, 1, "a name that no tag has; the image is held still");
    sweep(index, LATER, LATER).await;
    assert_eq!(sweep_shared(index).await, 2, "a label and a set of platforms");
    let [labels, platforms, names, label_words, tag_words] = shared(index).await;
    assert_eq!([labels, names, label_words, tag_words], [1, 1, 1, 1]);
    assert_eq!(platforms, before[1] - 1);
    index.save_content(id, &[two], LATER).await.expect("it comes back");
    assert_eq!(shared(index).await[0], 2);
    super::meddle_index(&fresh.store, "INSERT INTO label_words (label_words) VALUES ('integrity-check')")
        .await
        .expect("whole");
    super::meddle_index(&fresh.store, "INSERT INTO tag_words (tag_words) VALUES ('integrity-check')")
        .await
        .expect("whole");
}

#[tokio::test]
async fn stretches_of_what_nothing_uses_are_bounded() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
                INSERT INTO labels (source, key, value) SELECT 0, 'n', i FROM n";
    super::meddle_index(&fresh.store, fill).await.expect("filled");
    let mut steps = Vec::new();
    let mut after = Some(0);
    while let Some(from) = after {
        let (gone, next) = index.forget_unused(Shared::Labels, from).await.expect("swept");
        steps.push(gone);
        after = next;
    }
    assert_eq!((steps, count(index, "labels").await), (vec![2_000, 2_000, 500, 0], 0));
}
