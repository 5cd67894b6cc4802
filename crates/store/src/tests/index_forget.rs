//! A registry that is forgotten: wherever a crash comes in between, what is left is known and goes at the next start.

use super::{NOW, fresh};
use crate::index::{Content, Index};
use domain::{Digest, Id, Kind, Summary, content_facts::Facts};
use std::{pin::pin, task::Poll};

const TABLES: [&str; 8] =
    ["catalogues", "repositories", "tags", "holds", "manifests", "documents", "namespaces", "forgotten"];

async fn fill(index: &Index, registry: Id) {
    for r in 0..6 {
        let name = format!("team/r{r}").parse().expect("a name");
        let id = index.ensure_repository(registry, &name, NOW).await.expect("made");
        let mut tags = Vec::new();
        for t in 0..3 {
            let text = format!("{registry} {r} {t}");
            let content = Content {
                digest: Digest::of(text.as_bytes()),
                media_type: String::new(),
                bytes: text.into_bytes(),
                summary: Summary {
                    kind: Kind::Image,
                    media_type: String::new(),
                    artifact_type: None,
                    platforms: Vec::new(),
                    size: 7,
                    created: None,
                    subject: None,
                },
                config: None,
                config_bytes: None,
                made_from: 1,
                facts: Facts::default(),
                findings: Vec::new(),
            };
            tags.push((format!("v{t}").parse().expect("a tag"), content.digest.clone()));
            index.save_content(id, &[content], NOW).await.expect("saved");
        }
        index.set_tag_digests(id, &tags, NOW).await.expect("set");
    }
}

async fn rows(index: &Index) -> [i64; 8] {
    let mut rows = [0; 8];
    for (rows, table) in rows.iter_mut().zip(TABLES) {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        *rows = sqlx::query_scalar(sql).fetch_one(&index.pools.readers).await.expect("counted");
    }
    rows
}

/// Runs it until it has waited so many times, and drops it there; did it come to its end?
async fn crash_after(waits: u32, work: impl Future<Output = Result<(), crate::Error>>) -> bool {
    let (mut work, mut waited) = (pin!(work), 0);
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(came) => {
            came.expect("it works");
            Poll::Ready(true)
        }
        Poll::Pending if waited == waits => Poll::Ready(false),
        Poll::Pending => {
            waited += 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn a_registry_that_was_half_forgotten_is_known_and_goes_to_its_end() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    fill(index, 2).await;
    let other = rows(index).await;
    let mut crashes = 0;
    for waits in 0_u32.. {
        fill(index, 1).await;
        let whole = rows(index).await;
        let ended = crash_after(waits * 3, index.forget_registry(1)).await;
        let left = rows(index).await;
        // The records don't know it any more: that alone tells, before anything was written.
        let half = index.half_forgotten(&[2]).await.expect("asked");
        assert_eq!(half.is_empty(), left == other, "after {waits}: {left:?}");
        // The records know it still, at another address: from the first step on it is known by its mark.
        let half = index.half_forgotten(&[1, 2]).await.expect("asked");
        assert_eq!(half.is_empty(), left == other || left == whole, "after {waits}: {left:?}");
        index.forget_registry(1).await.expect("forgotten");
        assert_eq!(rows(index).await, other);
        if ended {
            break;
        }
        crashes += 1;
    }
    assert!(crashes > 10, "{crashes} crashes");
}
