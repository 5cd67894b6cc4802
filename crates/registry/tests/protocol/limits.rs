//! Sizes, times, and how much at once.

use crate::support::{Scripted, answer, at, connect, name, raw, tag};
use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use domain::Digest;
use futures_util::{future::join_all, stream};
use registry::{
    Error, MANIFEST_CAP,
    fake::{Fake, FakeOptions, Fault, Trouble},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A body without a stated length that never ends.
fn endless() -> Body {
    Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 8192]))))
}

#[tokio::test]
async fn a_manifest_without_end_is_cut_at_its_cap() {
    let home = Scripted::start(|_, _| answer(200, &[], endless())).await;
    let error = home.registry().manifest(&name("a/b"), &tag("latest")).await.expect_err("too large");
    assert_eq!(error, Error::TooLarge { what: "manifest", cap: MANIFEST_CAP });
}

#[tokio::test]
async fn blobs_and_pings_are_cut_at_their_caps() {
    let home = Scripted::start(|_, _| answer(200, &[], endless())).await;
    let error = home.registry().blob(&name("a/b"), &Digest::of(b"x"), 1000).await.expect_err("too large");
    assert_eq!(error, Error::TooLarge { what: "blob", cap: 1000 });
    assert!(matches!(home.registry().ping().await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn an_error_without_end_is_read_a_little_and_shown_clean() {
    let home = Scripted::start(|_, _| answer(500, &[], endless())).await;
    let error = home.registry().ping().await.expect_err("it fails");
    assert_eq!(error.said().expect("words").message.chars().count(), 500);
    let home = Scripted::start(|_, _| answer(500, &[], "a\u{1b}[2Jb\u{0}\r\nc\u{202e}d")).await;
    let error = home.registry().ping().await.expect_err("it fails");
    assert_eq!(error.said().expect("words").message, "a[2Jb  cd");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_not_waited_for() {
    let fake = Fake::start(FakeOptions::default()).await.expect("the fake starts");
    fake.fault(Fault::at("/v2/", Trouble::Hang));
    let mut connection = fake.connection();
    connection.request_timeout = 1;
    let error = connect(&connection).ping().await.expect_err("nothing comes");
    assert_eq!(error, Error::Timeout { host: fake.addr.to_string(), after: Duration::from_secs(1) });
}

#[tokio::test]
async fn a_body_that_trickles_is_not_waited_for_either() {
    let home = Scripted::start(|_, _| {
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
        });
        answer(200, &[], Body::from_stream(drip))
    })
    .await;
    let mut connection = home.connection();
    connection.request_timeout = 1;
    assert!(matches!(connect(&connection).ping().await, Err(Error::Timeout { .. })));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let addr = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}").await;
    let error = connect(&at(addr)).ping().await.expect_err("it broke off");
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    for nonsense in
        [&b"nonsense\r\n\r\n"[..], b"HTTP/1.1 2000 X\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: a\r\n\r\n"]
    {
        let error = connect(&at(raw(nonsense).await)).ping().await.expect_err("nonsense");
        assert!(
            matches!(error, Error::Unreachable { .. } | Error::Malformed { .. } | Error::Interrupted { .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counters = (now.clone(), most.clone());
    let handler = move || {
        let (now, most) = counters.clone();
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(10)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            "{}"
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut connection = at(listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v2/", get(handler))).await });
    connection.concurrency = 3;
    let registry = connect(&connection);
    for answer in join_all((0..30).map(|_| registry.ping())).await {
        answer.expect("it answers");
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}
