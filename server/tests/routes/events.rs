//! What an open page hears.

use crate::site::{PASSWORD, Site};
use axum::{
    body::{Body, BodyDataStream},
    http::StatusCode,
};
use domain::{
    Actor, Permission, Place,
    access::{BuiltIn, RoleId, Scope, Subject},
    audit::Act,
    permission::allows,
};
use futures_util::StreamExt;
use operations::{connections::ConnectionForm, grants::GrantForm};
use serde_json::json;
use std::time::Duration;
use store::{AddGrant, Granted};
use tower::ServiceExt;

async fn listen(site: &Site, query: &str, cookie: &str) -> BodyDataStream {
    let request = site.get(&format!("/events?{query}")).cookie(cookie).with("accept", "text/event-stream").request();
    let response = site.router.clone().oneshot(request).await.expect("a router never fails");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    assert!(!response.headers().contains_key("content-encoding"));
    Body::into_data_stream(response.into_body())
}

/// The next event's data, or nothing when the stream has ended.
async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let next = async {
        while let Some(bytes) = stream.next().await {
            let text = String::from_utf8(bytes.expect("no failure").to_vec()).expect("a text");
            if let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")) {
                return Some(data.to_owned());
            }
        }
        None
    };
    tokio::time::timeout(Duration::from_secs(20), next).await.expect("within twenty seconds")
}

/// Leaves a line in the outbox.
async fn tell(site: &Site, topic: &str) {
    site.operations.store().outbox().append(topic, &json!({}), site.clock.now()).await.expect("the outbox");
}

#[tokio::test]
async fn a_page_hears_of_its_topics_and_of_nothing_else() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    let mut stream = listen(&site, "topic=registry&topic=repository%3A7%3Ateam%2Fapi&other=x", &cookie).await;
    tell(&site, "repository:7:team/other").await;
    tell(&site, "person.create").await;
    tell(&site, "repository:7:team/api").await;
    tell(&site, "registry.add").await;
    assert_eq!(next(&mut stream).await.as_deref(), Some("repository:7:team/api"));
    assert_eq!(next(&mut stream).await.as_deref(), Some("registry"));
}

#[tokio::test]
async fn streams_end_with_the_program() {
    let site = Site::new().await;
    let cookie = site.signed_in().await;
    let mut stream = listen(&site, "topic=registry", &cookie).await;
    site.stop.send_replace(true);
    assert_eq!(next(&mut stream).await, None);
    assert_eq!(site.get("/readyz").send().await.status, StatusCode::SERVICE_UNAVAILABLE, "no new guests");
}

#[tokio::test]
async fn a_stream_ends_when_rights_may_have_changed() {
    let site = Site::new().await;
    let (here, there) = (site.signed_in().await, site.signed_in().await);
    let mut stream = listen(&site, "topic=registry", &there).await;
    // Known to be following: it has heard something.
    tell(&site, "registry.add").await;
    assert_eq!(next(&mut stream).await.as_deref(), Some("registry"));
    let answer = site.post("/do/session-revoke-others").html().on_our_page().cookie(&here).form(&[]).send().await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    assert_eq!(next(&mut stream).await, None);
    let refused = site.get("/events?topic=registry").cookie(&there).send().await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_has_so_many_streams_and_no_more() {
    let site = Site::new().await;
    let (here, there) = (site.signed_in().await, site.signed_in().await);
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(listen(&site, "topic=registry", &here).await);
    }
    let refused = site.get("/events?topic=registry").cookie(&here).send().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    streams.push(listen(&site, "topic=registry", &there).await);
    drop(streams.remove(0));
    streams.push(listen(&site, "topic=registry", &here).await);
}

/// A page of somebody who sees a part only stays as live as everybody's, and tells them of no other registry's hours.
#[tokio::test]
async fn the_overview_of_who_sees_one_registry_follows_that_registry() {
    let site = Site::new().await;
    let cli = Actor::cli();
    let mut ids = Vec::new();
    for name in ["near", "far"] {
        let form =
            ConnectionForm { name: name.into(), address: "http://127.0.0.1:9".into(), ..ConnectionForm::empty() };
        site.operations.add_registry(&cli, &form).await.expect("added");
        let names = site.operations.registry_names(&cli).await.expect("names");
        ids.push(names.iter().find(|(_, own)| own == name).expect("it is there").0);
    }
    site.operations.add_person(&cli, "grace", Some(PASSWORD.to_owned())).await.expect("added");
    let form = GrantForm {
        subject: "grace".into(),
        role: "viewer".into(),
        registry: "near".into(),
        repositories: "team-a/**".into(),
        ..GrantForm::default()
    };
    site.operations.add_grant(&cli, &form, None).await.expect("granted");
    let cookie = site.signed_in_as("grace").await;
    let (near, far) = (format!("registry:{}", ids[0]), format!("registry:{}", ids[1]));
    let query = format!("topic=overview&topic=person&topic=repository:{}:team-a/api&topic={far}", ids[0]);
    // What was written before may still be told: rights change once more, and the browser comes again.
    let mut stream = loop {
        let mut stream = listen(&site, &query, &cookie).await;
        tell(&site, &near).await;
        if let Some(first) = next(&mut stream).await {
            assert_eq!(first, "overview");
            break stream;
        }
    };
    // What was told to a stream that ended at once comes first.
    let own = format!("repository:{}:team-a/api", ids[0]);
    tell(&site, &own).await;
    while let Some(topic) = next(&mut stream).await.filter(|topic| *topic != own) {
        assert_eq!(topic, "overview");
    }
    for topic in [far.as_str(), "overview", "person.create", "registry.add", "repository:1:team-b/x"] {
        tell(&site, topic).await;
    }
    tell(&site, &own).await;
    assert_eq!(next(&mut stream).await.as_ref(), Some(&own), "nothing of what lies between");
    // Switching it off is news for the overview of all who see it.
    site.operations.switch_registry(&cli, "near", false).await.expect("switched");
    assert_eq!(next(&mut stream).await.as_deref(), Some("overview"));
    let everything = site.signed_in().await;
    let mut all = listen(&site, "topic=overview", &everything).await;
    site.operations.switch_registry(&cli, "near", true).await.expect("switched");
    assert_eq!(next(&mut all).await.as_deref(), Some("overview"));
}

#[tokio::test]
async fn a_stream_ends_with_the_grant_it_stands_on() {
    let site = Site::new().await;
    let cli = Actor::cli();
    let (id, _) = site.operations.add_person(&cli, "grace", Some(PASSWORD.to_owned())).await.expect("added");
    let cookie = site.signed_in_as("grace").await;
    let permit = allows(&cli, Permission::GrantManage, Place::System).expect("the command line may");
    let (store, now) = (site.operations.store(), site.clock.now());
    let opened = store.open_act(permit, &Act::new("grant.add", "a role"), now).await.expect("opened");
    let granted = Granted {
        role: RoleId::BuiltIn(BuiltIn::Viewer),
        scope: Scope::new(None, Some("team-a/**".parse().expect("a pattern"))),
        until: Some(now.plus_seconds(1)),
        because: String::new(),
        by: "ada".into(),
    };
    store.write(opened, AddGrant { subject: Subject::Person(id), granted, seen: None }, now).await.expect("granted");
    // The records say at once what the memory learns within a second.
    while !site.operations.rights_of(Subject::Person(id)).await.expect("rights").anywhere(Permission::RepositoryView) {
        tokio::task::yield_now().await;
    }
    let query = "topic=repository%3A7%3Ateam-b%2Fapi&topic=repository%3A7%3Ateam-a%2Fapi&topic=person";
    // That rights changed ends a stream, too: the browser comes again.
    let mut stream = loop {
        let mut stream = listen(&site, query, &cookie).await;
        for topic in ["repository:7:team-b/api", "person", "repository:7:team-a/api"] {
            tell(&site, topic).await;
        }
        match next(&mut stream).await.as_deref() {
            Some(topic) => assert_eq!(topic, "repository:7:team-a/api", "nothing of others"),
            None => continue,
        }
        break stream;
    };
    // What was told to a stream that ended at once comes once more to the one after it.
    while let Some(topic) = next(&mut stream).await {
        assert_eq!(topic, "repository:7:team-a/api", "nothing of others");
    }
}
