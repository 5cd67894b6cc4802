//! What pages say after something was done, and about what can't be done.

use crate::site::Site;
use axum::http::StatusCode;
use domain::Actor;
use operations::connections::ConnectionForm;

async fn with_lab(site: &Site) {
    // Nobody listens at this port: the registry is added all the same.
    let form = ConnectionForm { name: "lab".into(), address: "http://127.0.0.1:9".into(), ..ConnectionForm::empty() };
    site.operations.add_registry(&Actor::cli(), &form).await.expect("added");
}

#[tokio::test]
async fn switching_off_can_be_taken_back_and_stops_the_probes() {
    let site = Site::new().await;
    with_lab(&site).await;
    let cookie = site.signed_in().await;
    let page = site.get("/settings/registries/lab").html().cookie(&cookie).send().await;
    assert!(page.body.contains("Probe again") && !page.body.contains("aria-disabled"), "{}", page.body);
    let off = [("name", "lab"), ("on", "off")];
    let answer = site.post("/do/registry-switch").html().on_our_page().cookie(&cookie).form(&off).send().await;
    assert_eq!(answer.location(), "/settings/registries/lab?saved=off");
    let page = site.get(answer.location()).html().cookie(&cookie).send().await;
    assert!(page.body.contains("Switch on again"), "{}", page.body);
    assert!(page.body.contains(r#"aria-disabled="true""#), "{}", page.body);
    assert!(page.body.contains("Nothing asks a registry that is switched off."), "{}", page.body);
    let probe = site.post("/do/registry-probe").on_our_page().cookie(&cookie).form(&off[..1]).send().await;
    assert_eq!(probe.status, StatusCode::GATEWAY_TIMEOUT, "{}", probe.body);
    let on = [("name", "lab"), ("on", "on")];
    let answer = site.post("/do/registry-switch").html().on_our_page().cookie(&cookie).form(&on).send().await;
    let page = site.get(answer.location()).html().cookie(&cookie).send().await;
    assert!(page.body.contains("The registry is switched on.") && !page.body.contains("Switch on again"));
    let probe = site.post("/do/registry-probe").html().on_our_page().cookie(&cookie).form(&off[..1]).send().await;
    let path = probe.location().split('#').next().expect("a path").to_owned();
    let page = site.get(&path).html().cookie(&cookie).send().await;
    assert!(page.body.contains("The registry is probed."), "{path}: {}", page.body);
}

#[tokio::test]
async fn an_ended_session_is_told() {
    let site = Site::new().await;
    let (_, here) = (site.signed_in().await, site.signed_in().await);
    let answer = site.post("/do/session-revoke-others").html().on_our_page().cookie(&here).form(&[]).send().await;
    let path = answer.location().split('#').next().expect("a path").to_owned();
    let page = site.get(&path).html().cookie(&here).send().await;
    assert!(page.body.contains("All other sessions are ended."), "{path}");
    let page = site.get("/profile?saved=session").html().cookie(&here).send().await;
    assert!(page.body.contains("The session is ended."));
}

#[tokio::test]
async fn the_log_is_filtered_by_registry_and_a_wrong_day_is_told() {
    let site = Site::new().await;
    with_lab(&site).await;
    let cookie = site.signed_in().await;
    let names = site.operations.registry_names(&Actor::cli()).await.expect("names");
    let path = format!("/audit?registry={}", names[0].0);
    let page = site.get(&path).html().cookie(&cookie).send().await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("registry.probe") && !page.body.contains("session.create"), "{}", page.body);
    let page = site.get("/audit?q=lab&from=yesterday").html().cookie(&cookie).send().await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("A day looks like 2026-11-21.") && page.body.contains("from-error"), "{}", page.body);
    assert!(page.body.contains(r#"value="lab""#), "the rest of the filter stays: {}", page.body);
}
