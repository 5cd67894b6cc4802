//! What a hostile registry can put into the index, and what it can take out of it: nothing of anybody else.

use super::{NOW, ada, fresh};
use crate::index::{Content, Index, Listing, TagFilter};
use domain::{Digest, Id, Kind, Summary, Tag, Timestamp, Visible, content_facts::Facts};

fn visible() -> Visible {
    Visible::to(&ada())
}

fn tag() -> Tag {
    "latest".parse().expect("a tag")
}

fn content(text: &str) -> Content {
    let config = format!("config of {text}").into_bytes();
    Content {
        digest: Digest::of(text.as_bytes()),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        bytes: text.as_bytes().to_vec(),
        summary: Summary {
            kind: Kind::Image,
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: None,
            platforms: vec!["linux/amd64".to_owned()],
            size: 12,
            created: Some(Timestamp(5)),
            subject: None,
        },
        config: Some(Digest::of(&config)),
        config_bytes: Some(config),
        made_from: 2,
        facts: Facts::default(),
        findings: Vec::new(),
    }
}

async fn repository(index: &Index, registry: Id) -> Id {
    index.ensure_repository(registry, &"team/api".parse().expect("a name"), NOW).await.expect("made")
}

async fn count(index: &Index, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(&index.pools.readers).await.expect("counted")
}

#[tokio::test]
async fn what_does_not_match_its_digest_is_not_kept() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1).await;
    let real = content("real");
    let forged = Content { bytes: b"forged".to_vec(), ..real.clone() };
    let forged_config = Content { config_bytes: Some(b"forged".to_vec()), ..content("other") };
    let nameless_config = Content { config: None, ..content("third") };
    let blake: Digest = "blake3:abcdef".parse().expect("a digest");
    let unverifiable = Content { digest: blake.clone(), ..content("fourth") };
    index.save_content(id, &[forged, forged_config, nameless_config, unverifiable], NOW).await.expect("saved");
    assert_eq!((count(index, "manifests").await, count(index, "documents").await), (0, 0));
    assert_eq!(index.manifest(&visible(), id, &blake).await.expect("asked"), None);
    // A forgery that came first does not stand in the way of what is right.
    index.save_content(id, std::slice::from_ref(&real), NOW).await.expect("saved");
    let kept = index.manifest(&visible(), id, &real.digest).await.expect("asked").expect("kept");
    assert_eq!(kept.bytes, b"real");
}

#[tokio::test]
async fn naming_a_digest_shows_nothing_that_another_registry_served() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (ours, hostile) = (repository(index, 1).await, repository(index, 2).await);
    let secret = content("secret");
    let config = secret.config.clone().expect("it has one");
    index.set_tag_digests(ours, &[(tag(), secret.digest.clone())], NOW).await.expect("set");
    index.save_content(ours, std::slice::from_ref(&secret), NOW).await.expect("saved");

    // The header of a HEAD is all that the other registry gives.
    index.set_tag_digests(hostile, &[(tag(), secret.digest.clone())], NOW).await.expect("set");
    index.hold(hostile, std::slice::from_ref(&config)).await.expect("held");
    let listing = Listing { limit: 9, ..Listing::default() };
    for filter in [TagFilter::default(), TagFilter { kind: Some(Kind::Image), ..TagFilter::default() }] {
        let page = index.tags(&visible(), hostile, &filter, &listing).await.expect("a page");
        assert!(page.rows.iter().all(|row| row.summary.is_none()), "{:?}", page.rows);
    }
    assert_eq!(index.tag(&visible(), hostile, &tag()).await.expect("asked").expect("listed").summary, None);
    let digests = std::slice::from_ref(&secret.digest);
    assert_eq!(index.known(2, digests).await.expect("asked"), [], "it has to be fetched from there");
    assert_eq!(index.unread(hostile, None, 9).await.expect("asked").len(), 1);
    assert_eq!(index.progress(&visible(), hostile).await.expect("asked").read, 0);
    assert!(index.summaries(&visible(), hostile, digests).await.expect("asked").is_empty());
    assert_eq!(index.manifest(&visible(), hostile, &secret.digest).await.expect("asked"), None);
    assert_eq!(index.document(&visible(), hostile, &config).await.expect("asked"), None);
    assert_eq!(index.newest(&visible(), &[2], NOW, 9).await.expect("asked"), []);
    let row = index.repository(&visible(), 2, &"team/api".parse().expect("a name")).await.expect("asked");
    assert_eq!(row.expect("known").newest, None);
    assert_eq!(index.newest(&visible(), &[1, 2], NOW, 9).await.expect("asked").len(), 1);
}

#[tokio::test]
async fn no_registry_changes_what_another_ones_lists_show() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (ours, hostile) = (repository(index, 1).await, repository(index, 2).await);
    let real = content("real");
    index.set_tag_digests(ours, &[(tag(), real.digest.clone())], NOW).await.expect("set");
    index.save_content(ours, std::slice::from_ref(&real), NOW).await.expect("saved");
    let mut other = real.clone();
    other.summary = Summary { kind: Kind::HelmChart, size: 1, created: None, ..other.summary };
    other.made_from = 9;
    index.save_content(hostile, &[other], NOW).await.expect("saved");
    let shown = index.tag(&visible(), ours, &tag()).await.expect("asked").expect("listed");
    assert_eq!(shown.summary, Some(real.summary));
}

#[tokio::test]
async fn a_summary_is_never_replaced_by_one_made_from_less() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let id = repository(index, 1).await;
    let real = content("real");
    let mut less = Content { config_bytes: None, made_from: 1, ..real.clone() };
    less.summary = Summary { platforms: Vec::new(), created: None, ..less.summary };
    let shown = async || {
        let digests = std::slice::from_ref(&real.digest);
        index.summaries(&visible(), id, digests).await.expect("asked").remove(&real.digest).expect("kept")
    };
    index.save_content(id, std::slice::from_ref(&less), NOW).await.expect("saved");
    assert_eq!(shown().await, less.summary);
    index.save_content(id, std::slice::from_ref(&real), NOW).await.expect("saved");
    assert_eq!(shown().await, real.summary, "it becomes truer");
    index.save_content(id, &[less], NOW).await.expect("saved");
    assert_eq!(shown().await, real.summary);
}
