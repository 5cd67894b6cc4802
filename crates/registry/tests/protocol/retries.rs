//! What is asked again, and what never is.

use crate::support::{Scripted, answer, at, connect, name, permit};
use bytes::Bytes;
use domain::{Digest, Permission};
use registry::Error;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use tokio::{io::AsyncReadExt, net::TcpListener};

#[tokio::test]
async fn a_failure_that_passes_is_outlived() {
    for status in [429, 502, 503, 504] {
        let home =
            Scripted::start(move |_, n| if n < 2 { answer(status, &[], "") } else { answer(200, &[], "{}") }).await;
        home.registry().ping().await.expect("the third time");
        assert_eq!(home.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_failure_that_stays_is_told_after_three_repeats() {
    let home = Scripted::start(|_, _| answer(503, &[], "")).await;
    assert_eq!(home.registry().ping().await.expect_err("it stays").status(), Some(503));
    assert_eq!(home.requests().len(), 4);
}

#[tokio::test]
async fn other_answers_are_final() {
    for status in [400, 403, 404, 500, 501] {
        let home = Scripted::start(move |_, _| answer(status, &[], "")).await;
        home.registry().ping().await.expect_err("it is final");
        assert_eq!(home.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_short_pause_that_is_asked_for_is_kept() {
    let home =
        Scripted::start(|_, n| if n == 0 { answer(429, &[("retry-after", "1")], "") } else { answer(200, &[], "{}") })
            .await;
    let started = Instant::now();
    home.registry().ping().await.expect("after the pause");
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_long_pause_is_told_and_kept_by_everybody() {
    let home = Scripted::start(|_, _| answer(429, &[("retry-after", "3600")], "")).await;
    let registry = home.registry();
    assert_eq!(registry.ping().await, Err(Error::RateLimited { retry_after: Some(Duration::from_hours(1)) }));
    let again = registry.clone().tags(&name("a/b")).await;
    assert!(
        matches!(again, Err(Error::RateLimited { retry_after: Some(rest) }) if rest > Duration::from_secs(3590)),
        "{again:?}"
    );
    assert_eq!(home.requests().len(), 1);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the header is made from the clock that the client compares it with")]
async fn a_pause_may_be_a_date_and_nonsense_is_none() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_mins(10));
    let home = Scripted::start(move |_, _| answer(429, &[("retry-after", &date)], "")).await;
    let told = home.registry().ping().await;
    assert!(
        matches!(told, Err(Error::RateLimited { retry_after: Some(rest) }) if rest > Duration::from_secs(590)),
        "{told:?}"
    );
    for odd in ["-1", "soon", "99999999999999999999"] {
        let home =
            Scripted::start(
                move |_, n| if n == 0 { answer(429, &[("retry-after", odd)], "") } else { answer(200, &[], "{}") },
            )
            .await;
        home.registry().ping().await.expect("it is asked again in our own time");
    }
}

#[tokio::test]
async fn a_change_is_never_sent_twice() {
    for status in [429, 502, 503, 504] {
        let home = Scripted::start(
            move |got, _| if got.method == "HEAD" { answer(404, &[], "") } else { answer(status, &[], "") },
        )
        .await;
        let registry = home.registry();
        let (push, delete) = (permit("a/b", Permission::RepositoryPush), permit("a/b", Permission::TagDelete));
        registry.writer(&push).expect("a permit").put_blob(Bytes::from_static(b"x")).await.expect_err("it fails");
        registry.writer(&delete).expect("a permit").delete_manifest(&Digest::of(b"x")).await.expect_err("it fails");
        let methods: Vec<String> = home.requests().into_iter().map(|got| got.method).collect();
        assert_eq!(methods, ["HEAD", "POST", "DELETE"]);
    }
}

#[tokio::test]
async fn a_connection_that_closes_is_opened_again_for_reading_only() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 1024]).await;
        }
    });
    let registry = connect(&at(addr));
    assert!(matches!(registry.ping().await, Err(Error::Unreachable { .. })));
    assert_eq!(seen.swap(0, Ordering::SeqCst), 4);
    let delete = permit("a/b", Permission::TagDelete);
    let outcome = registry.writer(&delete).expect("a permit").delete_manifest(&Digest::of(b"x")).await;
    assert!(matches!(outcome, Err(Error::Unreachable { .. })), "{outcome:?}");
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nobody_silences_us_for_longer_than_a_day() {
    let never = ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT");
    for header in [never, ("x-retry-after", "253402300799"), ("retry-after", "18446744073709551615")] {
        let home = Scripted::start(move |_, _| answer(429, &[header], "")).await;
        let registry = home.registry();
        for _ in 0..2 {
            let told = registry.ping().await;
            let Err(Error::RateLimited { retry_after: Some(rest) }) = told else { panic!("{header:?}: {told:?}") };
            assert!(rest <= Duration::from_hours(24) && rest > Duration::from_hours(23), "{header:?}: {rest:?}");
        }
    }
}
