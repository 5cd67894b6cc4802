//! Who takes more than a share, or nothing at all, does not keep others out.

use super::*;
use axum::Router;
use std::sync::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
};

/// What happened, in its order.
type Log = Arc<Mutex<Vec<String>>>;

struct Listening {
    at: SocketAddr,
    log: Log,
    stop: watch::Sender<bool>,
    serving: JoinHandle<bool>,
}

/// Serves a program that notes each path it is asked for.
async fn listening(limits: Limits) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("its address");
    let log = Log::default();
    let noted = log.clone();
    let router = Router::new().fallback(move |request: Request| async move {
        note(&noted, request.uri().path());
        "here"
    });
    let (stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(serve_within(limits, listener, None, router, stopping));
    Listening { at, log, stop, serving }
}

fn note(log: &Log, what: &str) {
    log.lock().expect("the log").push(what.to_owned());
}

async fn ask(stream: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
}

/// Reads an answer to its end, and leaves the connection open.
async fn answered(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"here") {
        assert_ne!(stream.read_buf(&mut answer).await.expect("it answers"), 0, "it hung up");
    }
}

async fn connect(to: &Listening) -> TcpStream {
    TcpStream::connect(to.at).await.expect("it listens")
}

#[tokio::test]
async fn one_connection_too_many_waits_until_another_ends_and_those_that_are_open_go_on() {
    let listening = listening(Limits { connections: 2, ..LIMITS }).await;
    let (mut first, mut second) = (connect(&listening).await, connect(&listening).await);
    for (stream, path) in [(&mut first, "/first"), (&mut second, "/second")] {
        ask(stream, path).await;
        answered(stream).await;
    }
    let mut third = connect(&listening).await;
    ask(&mut third, "/third").await;
    // Time enough for the third, were it let in: everything runs on this one thread, in turn.
    for _ in 0..50 {
        ask(&mut second, "/again").await;
        answered(&mut second).await;
    }
    note(&listening.log, "the first ends");
    drop(first);
    answered(&mut third).await;
    let log = listening.log.lock().expect("the log").clone();
    let order: Vec<_> = log.iter().filter(|line| *line != "/again").collect();
    assert_eq!(order, ["/first", "/second", "the first ends", "/third"]);
    assert_eq!(log.iter().filter(|line| *line == "/again").count(), 50);

    listening.stop.send_replace(true);
    drop((second, third));
    assert!(listening.serving.await.expect("it ends"), "everything ended by itself");
}

#[tokio::test]
async fn who_says_nothing_or_only_half_of_it_is_hung_up_on_and_makes_room() {
    let listening = listening(Limits { connections: 1, headers: Duration::from_millis(50), ..LIMITS }).await;
    for half in ["", "GET /never HTTP/1.1\r\nhost: local"] {
        let mut silent = connect(&listening).await;
        silent.write_all(half.as_bytes()).await.expect("it reads");
        let mut patient = connect(&listening).await;
        ask(&mut patient, "/patient").await;
        answered(&mut patient).await;
        let mut rest = Vec::new();
        // Hung up on, with or without a word.
        _ = silent.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("here"), "{half:?}");
    }
    assert_eq!(*listening.log.lock().expect("the log"), ["/patient", "/patient"]);
}
