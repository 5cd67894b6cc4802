//! Many at once: nobody waits for ever.

use crate::site::Site;
use axum::{body::to_bytes, http::StatusCode};
use std::time::Duration;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// Far more than the connections to the database.
const READERS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_readers_than_database_connections_all_get_their_page() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    let mut asked = JoinSet::new();
    for path in ["/", "/audit", "/settings/registries", "/profile"].iter().cycle().take(READERS) {
        let request = site.get(path).html().cookie(&cookie).request();
        let router = site.router.clone();
        asked.spawn(async move {
            let answer = router.oneshot(request).await.expect("a router never fails");
            let status = answer.status();
            let body = to_bytes(answer.into_body(), 8 << 20).await.expect("the body");
            (status, String::from_utf8_lossy(&body).contains("</main>"))
        });
    }
    // Shorter than the wait for a connection, which would end in an error page.
    let answers = tokio::time::timeout(Duration::from_secs(12), asked.join_all()).await.expect("nobody waits for ever");
    assert_eq!(answers, vec![(StatusCode::OK, true); READERS]);
}
