//! Polite and fast: what background work does when a registry is quick, slow, short of patience or of quota, and that
//! people overtake it.

use crate::support::{Scripted, answer, at, connect, name, tag};
use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, response::Response};
use futures_util::{StreamExt, stream};
use registry::{PauseWhy, Registry};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

async fn look(registry: &Registry) {
    registry.head_manifest(&name("a/b"), &tag("v1"), None).await.expect("it answers");
}

/// Asks so often, with as much at a time as one likes.
async fn looks(registry: &Registry, times: usize) {
    stream::iter(0..times).for_each_concurrent(64, |_| look(registry)).await;
}

/// Waits until this is so.
async fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}");
        tokio::task::yield_now().await;
    }
}

/// A server whose answers wait for permission, and which says who is being answered.
#[derive(Clone)]
struct Gate {
    open: Arc<Semaphore>,
    now: Arc<Mutex<Vec<String>>>,
}

async fn gated(State(gate): State<Gate>, request: axum::extract::Request) -> Response {
    gate.now.lock().expect("the list").push(request.uri().path().to_owned());
    gate.open.acquire().await.expect("never closed").forget();
    answer(200, &[], "{}")
}

impl Gate {
    async fn start() -> (Self, SocketAddr) {
        let gate = Self { open: Arc::new(Semaphore::new(0)), now: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let router = Router::new().fallback(gated).with_state(gate.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (gate, addr)
    }
    fn seen(&self) -> Vec<String> {
        self.now.lock().expect("the list").clone()
    }
}

#[tokio::test]
async fn background_starts_small_and_grows_to_the_cap_less_one() {
    let home = Scripted::start(|_, _| answer(200, &[], "")).await;
    let mut connection = home.connection();
    connection.concurrency = 4;
    let registry = connect(&connection);
    assert_eq!((registry.state().limit, registry.state().cap), (2, 4));
    looks(&registry.background(), 200).await;
    let state = registry.state();
    assert_eq!((state.requests, state.errors, state.in_flight, state.background_waiting), (200, 0, 0, 0));
    assert!((2..=3).contains(&state.limit) && state.per_second > 0.0 && state.paused.is_none(), "{state:?}");
}

#[tokio::test]
async fn people_overtake_background_and_find_a_place_at_once() {
    let (gate, addr) = Gate::start().await;
    let mut connection = at(addr);
    connection.concurrency = 3;
    let registry = connect(&connection);
    let background: Vec<_> = (0..10)
        .map(|_| {
            let background = registry.background();
            tokio::spawn(async move { background.tags(&name("back/ground")).await.map(|_| ()) })
        })
        .collect();
    until("background fills its limit", || gate.seen().len() == 2 && registry.state().background_waiting == 8).await;
    // One place is left: a person is answered while all of background waits.
    let person = registry.clone();
    let first = tokio::spawn(async move { person.ping().await });
    until("a person is asked for at once", || gate.seen().len() == 3).await;
    assert_eq!(gate.seen()[2], "/v2/");
    // All places are taken: the next person waits for one that ends, and goes before all of background.
    let person = registry.clone();
    let second = tokio::spawn(async move { person.ping().await });
    until("a person waits", || registry.state().people_waiting == 1).await;
    gate.open.add_permits(1);
    until("the person goes first", || gate.seen().len() == 4).await;
    assert_eq!(gate.seen()[3], "/v2/");
    gate.open.add_permits(100);
    for person in [first, second] {
        person.await.expect("it ends").expect("it answers");
    }
    for one in background {
        // The gate's answers are no lists, which is nobody's concern here.
        one.await.expect("it ends").expect_err("no list");
    }
    assert_eq!(gate.seen().len(), 12);
}

#[tokio::test]
async fn a_request_that_is_given_up_while_it_waits_holds_up_nobody() {
    let (gate, addr) = Gate::start().await;
    let mut connection = at(addr);
    connection.concurrency = 1;
    let registry = connect(&connection);
    let spawn = |registry: Registry| tokio::spawn(async move { registry.ping().await });
    let under_way = spawn(registry.background());
    until("one is under way", || gate.seen().len() == 1).await;
    let (given_up, last) = (spawn(registry.clone()), spawn(registry.background()));
    until("two wait", || registry.state().people_waiting + registry.state().background_waiting == 2).await;
    given_up.abort();
    assert!(given_up.await.is_err());
    under_way.abort();
    assert!(under_way.await.is_err());
    gate.open.add_permits(2);
    last.await.expect("it ends").expect("it answers");
    assert_eq!((registry.state().in_flight, registry.state().people_waiting), (0, 0));
}

#[tokio::test]
async fn too_many_stops_background_at_once_and_it_goes_on_afterwards() {
    let home = Scripted::start(|_, n| match n {
        4 => answer(429, &[("retry-after", "1")], ""),
        _ => answer(200, &[], ""),
    })
    .await;
    let registry = home.registry();
    let all = {
        let background = registry.background();
        tokio::spawn(async move { looks(&background, 40).await })
    };
    until("it pauses", || registry.state().paused.is_some()).await;
    let pause = registry.state().paused.expect("a pause");
    assert!(pause.why == PauseWhy::Asked && pause.remaining <= Duration::from_secs(1), "{pause:?}");
    // What was under way may still arrive; nothing else does.
    until("nothing is under way", || registry.state().in_flight == 0).await;
    let (sent, begun) = (home.requests().len(), Instant::now());
    assert!(sent <= 12, "{sent}");
    until("it goes on", || home.requests().len() > sent).await;
    assert!(begun.elapsed() + Duration::from_millis(100) > pause.remaining.min(Duration::from_secs(1)) / 2);
    all.await.expect("every request got its answer");
    let state = registry.state();
    assert_eq!((home.requests().len(), state.errors, state.paused), (41, 1, None));
}

#[tokio::test]
async fn a_used_up_quota_stops_background_until_its_reset_and_leaves_the_rest_to_people() {
    let home = Scripted::start(|_, n| match n {
        0 => answer(
            200,
            &[("ratelimit-remaining", "3;w=60"), ("ratelimit-limit", "100;w=60"), ("ratelimit-reset", "1")],
            "",
        ),
        _ => answer(200, &[("ratelimit-remaining", "100;w=60"), ("ratelimit-limit", "100;w=60")], ""),
    })
    .await;
    let registry = home.registry();
    let begun = Instant::now();
    look(&registry.background()).await;
    let state = registry.state();
    assert_eq!(state.paused.map(|pause| pause.why), Some(PauseWhy::Quota));
    assert_eq!(state.quota.map(|quota| (quota.remaining, quota.limit)), Some((3, Some(100))));
    let next = {
        let background = registry.background();
        tokio::spawn(async move { look(&background).await })
    };
    until("background waits", || registry.state().background_waiting == 1).await;
    look(&registry).await;
    assert_eq!(home.requests().len(), 2);
    next.await.expect("it goes on");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(registry.state().quota.map(|quota| quota.remaining), Some(100));
}

#[tokio::test]
async fn a_quota_of_another_host_is_not_the_registrys() {
    let blobs =
        Scripted::start(|_, _| answer(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3600")], "x"))
            .await;
    let to = format!("http://127.0.0.1:{}/x", blobs.addr.port());
    let home = Scripted::start(move |_, _| answer(307, &[("location", &to)], "")).await;
    let mut connection = home.connection();
    connection.realm_host = Some(blobs.addr.to_string());
    let registry = connect(&connection);
    registry.background().blob(&name("a/b"), &domain::Digest::of(b"x"), 10).await.expect("the blob");
    assert_eq!((registry.state().paused, registry.state().quota), (None, None));
}

/// How a server behaves that counts what is asked of it at the same time.
#[derive(Clone, Default)]
struct Slow {
    ms: Arc<AtomicU32>,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

async fn slowly(State(slow): State<Slow>) -> Response {
    slow.most.fetch_max(slow.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(slow.ms.load(Ordering::SeqCst).into())).await;
    slow.now.fetch_sub(1, Ordering::SeqCst);
    StatusCode::OK.into_response()
}

#[tokio::test]
async fn a_rise_of_latency_shrinks_the_limit_and_recovery_grows_it() {
    let slow = Slow::default();
    slow.ms.store(5, Ordering::SeqCst);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut connection = at(listener.local_addr().expect("an address"));
    connection.concurrency = 16;
    let router = Router::new().fallback(slowly).with_state(slow.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (registry, grown) = (connect(&connection), 6);
    let background = registry.background();
    let grow = || async {
        for _ in 0..20 {
            looks(&background, 100).await;
            if registry.state().limit >= grown {
                return;
            }
        }
        panic!("it does not grow: {:?}", registry.state());
    };
    grow().await;
    slow.ms.store(100, Ordering::SeqCst);
    for _ in 0..20 {
        looks(&background, 30).await;
        if registry.state().limit < grown {
            break;
        }
    }
    let shrunk = registry.state();
    assert!(shrunk.limit < grown && shrunk.slowness > 3.0 && shrunk.errors == 0, "{shrunk:?}");
    slow.ms.store(5, Ordering::SeqCst);
    grow().await;
    assert!(slow.most.load(Ordering::SeqCst) <= 15, "one place is left to people");
}

#[tokio::test]
async fn a_registry_that_is_away_is_not_hammered_and_found_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let registry = connect(&at(listener.local_addr().expect("an address")));
    let away = Arc::new(AtomicUsize::new(0));
    let counter = away.clone();
    tokio::spawn(async move {
        // Three connections are closed at once, then it answers.
        while counter.load(Ordering::SeqCst) < 3 {
            drop(listener.accept().await);
            counter.fetch_add(1, Ordering::SeqCst);
        }
        axum::serve(listener, Router::new().fallback(|| async { "{}" })).await
    });
    let (background, begun) = (registry.background(), Instant::now());
    background.ping().await.expect_err("nobody answers");
    assert!(begun.elapsed() >= Duration::from_millis(300), "it waits longer each time");
    let state = registry.state();
    assert_eq!((state.limit, state.errors, away.load(Ordering::SeqCst)), (1, 3, 3), "{state:?}");
    assert_eq!(state.paused.map(|pause| pause.why), Some(PauseWhy::Trouble));
    background.ping().await.expect("it is back");
    assert_eq!(registry.state().errors, 3);
}

#[tokio::test]
async fn a_token_server_that_is_short_of_patience_stops_background_too() {
    let home = Scripted::start_knowing(|addr| {
        move |got, _| match got.target.as_str() {
            "/v2/" => {
                let realm = format!("Bearer realm=\"http://{addr}/token\",service=\"x\"");
                answer(401, &[("www-authenticate", &realm)], "")
            }
            _ => answer(429, &[("retry-after", "3600")], ""),
        }
    })
    .await;
    let registry = home.registry();
    registry.background().ping().await.expect_err("there is no token");
    let pause = registry.state().paused.expect("a pause");
    assert!(pause.why == PauseWhy::Asked && pause.remaining > Duration::from_mins(59), "{pause:?}");
}

#[tokio::test]
async fn connections_are_used_again() {
    let seen: Arc<Mutex<HashMap<SocketAddr, usize>>> = Arc::default();
    let counter = seen.clone();
    let handler = move |axum::extract::ConnectInfo(peer): axum::extract::ConnectInfo<SocketAddr>| {
        *counter.lock().expect("the counter").entry(peer).or_default() += 1;
        async { StatusCode::OK }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let connection = at(listener.local_addr().expect("an address"));
    let router = Router::new().fallback(handler).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await });
    looks(&connect(&connection).background(), 300).await;
    let seen = seen.lock().expect("the counter");
    assert_eq!(seen.values().sum::<usize>(), 300);
    assert!(seen.len() <= 8, "{} connections", seen.len());
}
