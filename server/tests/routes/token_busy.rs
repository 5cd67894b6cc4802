//! The token server while the records are busy: whoever signs in waits for no writer.

use crate::{
    site::{Answer, NAME, PASSWORD, Site},
    token::{basic, get, json, site},
};
use axum::http::StatusCode;
use domain::{Actor, Permission, Place, access::Subject, audit::Act, permission::allows};
use std::time::Duration;
use store::{Change, Context, Error};
use tokio::{sync::oneshot, task::JoinSet};

/// What docker asks at `docker login`.
const LOGIN: &str = "account=ada&client_id=docker&offline_token=true&service=registry-1";
/// Far longer than anybody is to wait.
const LONG: Duration = Duration::from_secs(20);

/// A change that keeps the one writer of the records for as long as it is wanted.
struct Holding {
    begun: oneshot::Sender<()>,
    until: oneshot::Receiver<()>,
}

impl Change for Holding {
    type Output = ();
    async fn apply(self, _context: &mut Context<'_>) -> Result<(), Error> {
        self.begun.send(()).expect("somebody waits for it");
        self.until.await.expect("somebody ends it");
        Ok(())
    }
}

/// Takes the writer; what comes back gives it free.
async fn hold(site: &Site) -> (oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let permit = allows(&Actor::cli(), Permission::PeopleManage, Place::System).expect("the command line may");
    let (store, now) = (site.operations.store().clone(), site.clock.now());
    let opened = store.open_act(permit, &Act::new("test.hold", "the writer"), now).await.expect("opened");
    let ((begun, begins), (end, until)) = (oneshot::channel(), oneshot::channel());
    let held = tokio::spawn(async move {
        store.write(opened, Holding { begun, until }, now).await.expect("written");
    });
    begins.await.expect("it holds the writer");
    (end, held)
}

fn refresh(answer: &Answer) -> Option<String> {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let body = json(answer);
    assert!(body["token"].is_string(), "{body}");
    body.get("refresh_token").and_then(|text| text.as_str()).map(str::to_owned)
}

#[tokio::test]
async fn a_login_goes_on_without_a_refresh_token_where_none_can_be_kept_in_time() {
    let site = site().await;
    let ada = basic(NAME, PASSWORD);
    assert!(refresh(&get(&site, LOGIN, &ada).await).is_some(), "while nobody writes");
    let (end, held) = hold(&site).await;
    // More than have a turn at writing: some wait for their time, the others for nothing.
    let mut asked = JoinSet::new();
    for _ in 0..8 {
        let ask = site.get(&format!("/token?{LOGIN}")).with("authorization", &ada).request();
        let router = site.router.clone();
        asked.spawn(async move {
            let response = tower::ServiceExt::oneshot(router, ask).await.expect("a router never fails");
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.expect("the body");
            let body = String::from_utf8_lossy(&body).into_owned();
            Answer { status: parts.status, headers: parts.headers, body }
        });
    }
    let answers =
        tokio::time::timeout(LONG, asked.join_all()).await.expect("all are answered while the writer is held");
    assert!(answers.iter().all(|answer| refresh(answer).is_none()), "{answers:?}");
    // What no refresh token stands behind is as good as ever.
    let asked = get(&site, "service=registry-1&scope=repository:team/app:pull", &ada);
    let pull = tokio::time::timeout(LONG, asked).await.expect("nor does it wait");
    assert_eq!(pull.status, StatusCode::OK);
    assert!(!held.is_finished(), "the writer was held all the while");

    end.send(()).expect("it still holds");
    held.await.expect("it ends");
    let again = async {
        loop {
            match refresh(&get(&site, LOGIN, &ada).await) {
                Some(text) => return text,
                None => tokio::task::yield_now().await,
            }
        }
    };
    let text = tokio::time::timeout(LONG, again).await.expect("the turns come back");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text.as_str()),
        ("service", "registry-1"),
        ("client_id", "docker"),
    ];
    assert_eq!(site.post("/token").form(&fields).send().await.status, StatusCode::OK);
    // Writes that had begun went on: they stand in the list, where they can be ended.
    let id = 1;
    let actor = Actor { kind: domain::ActorKind::Person, id, name: NAME.into(), ..Actor::anonymous("", "", "") };
    let actor = site.operations.with_rights(actor).await.expect("rights");
    let kept = site.operations.refresh_tokens(&actor, Subject::Person(id)).await.expect("her own").len();
    assert!((2..=6).contains(&kept), "the first, the last, and no more than had a turn: {kept}");
}
