//! Keys change, and fifty push at once, and nobody notices.

use crate::harbour::{Harbour, PASSWORD};
use domain::{Actor, access::BuiltIn};
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

#[tokio::test(flavor = "multi_thread")]
async fn pushes_go_on_while_the_key_changes() {
    let harbour = Harbour::open().await;
    let (_, user, secret) = harbour.robot("ci", BuiltIn::Writer, None).await;
    let (stop, pushed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        thread::scope(|scope| {
            for worker in 0..4 {
                let (harbour, stop, pushed) = (&harbour, &stop, &pushed);
                let login = (user.as_str(), secret.as_str());
                scope.spawn(move || {
                    let image = harbour.tools.image(&format!("rotation {worker}"));
                    let mut number = 0;
                    while !stop.load(Ordering::SeqCst) {
                        let tag = harbour.name(&format!("team-a/app:{worker}-{number}"));
                        harbour.tools.skopeo_push(Some(login), &image, &tag).is_well();
                        pushed.fetch_add(1, Ordering::SeqCst);
                        number += 1;
                    }
                });
            }
            let wait_for = |count: usize| {
                while pushed.load(Ordering::SeqCst) < count {
                    thread::yield_now();
                }
            };
            wait_for(8);
            runtime.block_on(harbour.operations.rotate_signing_key(&Actor::cli(), "ES256", None)).expect("rotated");
            let then = pushed.load(Ordering::SeqCst);
            wait_for(then + 16);
            stop.store(true, Ordering::SeqCst);
        });
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_push_at_once() {
    let harbour = Harbour::open().await;
    harbour.person("wim", BuiltIn::Writer).await;
    let (_, user, secret) = harbour.robot("ci", BuiltIn::Writer, None).await;
    tokio::task::block_in_place(|| {
        thread::scope(|scope| {
            for number in 0..50 {
                let (harbour, user, secret) = (&harbour, user.as_str(), secret.as_str());
                scope.spawn(move || {
                    let login = if number % 5 == 0 { ("wim", PASSWORD) } else { (user, secret) };
                    let image = harbour.tools.image(&format!("parallel {number}"));
                    let tag = harbour.name(&format!("team-a/app:p{number}"));
                    harbour.tools.skopeo_push(Some(login), &image, &tag).is_well();
                });
            }
        });
    });
    let login = Some((user.as_str(), secret.as_str()));
    harbour.tools.skopeo_pull(login, &harbour.name("team-a/app:p49")).is_well();
}
