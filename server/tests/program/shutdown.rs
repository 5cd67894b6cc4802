//! How the program ends.

use crate::program::{Served, wait_for};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

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
