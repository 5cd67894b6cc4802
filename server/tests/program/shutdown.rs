//! How the program ends.

use crate::program::{Served, folder, wait_for};
use operations::{Clock, Operations, Settings, connections::ConnectionForm};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};
use store::{Store, StoreOptions};

#[test]
fn a_request_under_way_is_finished_and_no_new_one_begun() {
    let mut served = Served::start(&[]);
    let mut stream = served.connect();
    let body = "name=ada&password=wrong&next=";
    // The head has arrived, the body has not: the request is under way.
    let head = format!(
        "POST /do/session-create HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    let mut go = [0; 12];
    stream.read_exact(&mut go).expect("it waits for the body");
    assert_eq!(&go, b"HTTP/1.1 100");
    served.signal("TERM");
    let port = served.port;
    wait_for(|| TcpStream::connect(("127.0.0.1", port)).is_err(), "the end of listening");
    stream.write_all(body.as_bytes()).expect("it still reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it still answers");
    assert!(answer.contains("x-request-id"), "{answer}");
    assert!(served.ended().success());
    assert!(served.log().contains("stopped"), "{}", served.log());
}

#[test]
fn a_connection_that_only_waits_holds_up_nothing() {
    let mut served = Served::start(&[]);
    let idle = served.connect();
    let mut asked = served.connect();
    asked.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("it reads");
    let mut first = [0; 12];
    asked.read_exact(&mut first).expect("it answers");
    let began = std::time::Instant::now();
    served.signal("INT");
    assert!(served.ended().success());
    assert!(began.elapsed() < server::listen::PATIENCE, "it did not wait for idle connections");
    drop((idle, asked));
}

/// A registry that keeps whoever asks for tags waiting until it is told to answer.
struct Slow {
    address: String,
    asked: Receiver<()>,
    go: Sender<()>,
}

fn slow() -> Slow {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("its address"));
    let ((asks, asked), (go, goes)) = (channel(), channel::<()>());
    let goes = std::sync::Arc::new(std::sync::Mutex::new(goes));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (asks, goes) = (asks.clone(), goes.clone());
            std::thread::spawn(move || {
                let mut head = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
                while let Some(first) = head.next() {
                    head.by_ref().find(String::is_empty);
                    let (status, body) = if first.contains("/tags/list") {
                        _ = asks.send(());
                        // Answered too when the test is over: nobody waits for ever.
                        _ = goes.lock().expect("the word").recv();
                        ("200 OK", r#"{"name":"team/slow","tags":["quay-7"]}"#)
                    } else if first.contains("/manifests/") {
                        ("403 Forbidden", r#"{"errors":[{"code":"DENIED"}]}"#)
                    } else {
                        ("200 OK", "{}")
                    };
                    let length = body.len();
                    let body = if first.starts_with("HEAD") { "" } else { body };
                    let kind = "content-type: application/json";
                    let answer = format!("HTTP/1.1 {status}\r\n{kind}\r\ncontent-length: {length}\r\n\r\n{body}");
                    if (&stream).write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    Slow { address, asked, go }
}

/// Makes the records that a program then serves from, with this registry connected.
fn connect(data_dir: std::path::PathBuf, address: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let clock = Clock::system();
        let store = Store::open(&StoreOptions { data_dir, now: clock.now() }).await.expect("a store");
        let operations = Operations::new(store, clock, Settings::default()).expect("operations");
        let form = ConnectionForm { name: "slow".into(), address: address.into(), ..ConnectionForm::empty() };
        operations.add_registry(&domain::Actor::cli(), &form).await.expect("added");
        assert!(operations.probes_settled(Duration::from_secs(20)).await);
        operations.store().close().await;
    });
}

#[test]
fn what_is_being_read_from_a_registry_is_read_to_its_end_and_kept() {
    let (slow, folder) = (slow(), folder());
    connect(folder.path().join("data"), &slow.address);
    let mut served = Served::start_with_somebody(folder, &[], &[]);
    let page = served.page("/registries/slow/team~slow");
    assert!(page.starts_with("HTTP/1.1 200") && !page.contains("quay-7"), "it did not wait for ever: {page}");
    slow.asked.recv().expect("it was asked");
    served.signal("TERM");
    let port = served.port;
    wait_for(|| TcpStream::connect(("127.0.0.1", port)).is_err(), "the end of listening");
    slow.go.send(()).expect("it waits for the word");
    assert!(served.ended().success());
    assert!(!served.log().contains("cut off"), "{}", served.log());

    let served = Served::start_with_somebody(served.into_folder(), &[], &[]);
    let page = served.page("/registries/slow/team~slow");
    assert!(page.contains("quay-7"), "{page}");
}

#[test]
fn after_its_end_everything_is_in_the_main_file() {
    let served = Served::start(&[]);
    served.get("/setup");
    let folder = served.stop();
    let left: Vec<_> = std::fs::read_dir(folder.path().join("data"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with("-wal"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn after_a_kill_the_next_start_says_what_may_be_missing_of_the_audit_and_says_it_once() {
    let mut served = Served::start_with_somebody(folder(), &[], &[]);
    let answer = served.get("/token?service=registry-9");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    served.signal("KILL");
    assert!(!served.ended().success());
    let missing = |served: &Served| served.page("/audit?act=audit.gap").matches("may be missing").count();

    let served = Served::start_with_somebody(served.into_folder(), &[], &[]);
    assert!(served.log().contains("token events may be missing"), "{}", served.log());
    let told = missing(&served);
    assert!(told > 0, "the entry is there");
    assert!(!served.page("/audit?act=token.issue").contains("sign-in at a registry"), "and the token's is not");
    let answer = served.get("/token?service=registry-9");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let served = Served::start_with_somebody(served.stop(), &[], &[]);
    assert_eq!(missing(&served), told, "who ends in good order leaves nothing out");
    assert!(served.page("/audit?act=token.issue").contains("sign-in at a registry"), "what was held back is written");
}
