//! Reviewing grants on the page: several are asked about once more before they go.

use crate::site::{Answer, PASSWORD, Site};
use axum::http::StatusCode;
use domain::Actor;
use operations::grants::{GrantForm, GrantQuery};

/// Ada, Max who looks after `team-a/**`, and three readers' grants: two in `team-a`, one in `team-b`.
struct World {
    site: Site,
    grants: [i64; 3],
}

async fn world() -> World {
    let site = Site::new().await;
    let cli = Actor::cli();
    let grant = async |subject: &str, role: &str, pattern: &str| {
        let form = GrantForm {
            subject: subject.into(),
            role: role.into(),
            repositories: pattern.into(),
            ..GrantForm::default()
        };
        site.operations.add_grant(&cli, &form, None).await.expect("granted").id
    };
    for name in ["max", "eve", "grace"] {
        site.operations.add_person(&cli, name, Some(PASSWORD.into())).await.expect("added");
    }
    grant("max", "maintainer", "team-a/**").await;
    let grants = [
        grant("eve", "reader", "team-a/api").await,
        grant("grace", "reader", "team-a/web").await,
        grant("eve", "reader", "team-b/quokka").await,
    ];
    World { site, grants }
}

impl World {
    async fn page(&self, path: &str, cookie: &str) -> Answer {
        self.site.get(path).html().cookie(cookie).send().await
    }
    /// Presses a button of the review page, as a browser without scripts.
    async fn decide(&self, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let ask = self.site.post("/do/review-decide").html().on_our_page().cookie(cookie);
        ask.with("referer", "http://localhost:3000/access/review").form(fields).send().await
    }
    /// Which of the three grants are there.
    async fn left(&self) -> Vec<i64> {
        let all = self.site.operations.grants(&Actor::cli(), &GrantQuery::default()).await.expect("grants");
        let there = |id: &i64| all.rows.iter().any(|row| row.id == *id);
        self.grants.iter().copied().filter(there).collect()
    }
    /// The acts of the log, the newest first.
    async fn acts(&self) -> Vec<(String, String, &'static str)> {
        let page = self.site.operations.audit(&Actor::cli(), &operations::audit::AuditQuery::default()).await;
        let entries = page.expect("the log").entries.into_iter();
        entries.map(|entry| (entry.entry.act, entry.actor_name, entry.outcome.as_str())).collect()
    }
}

fn revoking<'f>(ids: &'f [String], more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let ids = ids.iter().map(|id| ("grants[]", id.as_str()));
    ids.chain([("note", "they left"), ("decision", "revoke")]).chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn several_grants_are_asked_about_once_more_and_then_go_together() {
    let world = world().await;
    let cookie = world.site.signed_in().await;
    let [one, two, three] = world.grants;
    let ids = [one.to_string(), two.to_string()];
    let asked = world.decide(&cookie, &revoking(&ids, &[])).await;
    assert!(asked.status.is_redirection(), "{asked:?}");
    let place = asked.location().to_owned();
    assert!(place.contains(&format!("ask=revoke&grants={one}-{two}")), "{place}");
    assert_eq!(world.left().await, world.grants, "nothing went yet");

    let page = world.page(&place, &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Revoke 2 grants"), "{}", page.body);
    for text in ["team-a/api", "team-a/web", "they left", "name=\"sure\""] {
        assert!(page.body.contains(text), "{text} in {}", page.body);
    }
    assert!(!page.body.contains("team-b/quokka"), "only what was chosen");

    let done = world.decide(&cookie, &revoking(&ids, &[("sure", "yes")])).await;
    assert!(done.location().contains("saved=revoke&done=2&refused=0"), "{done:?}");
    assert_eq!(world.left().await, [three]);
    let acts = world.acts().await;
    let revoked = acts.iter().filter(|act| act.0 == "grant.revoke" && act.1 == "ada" && act.2 == "done").count();
    assert_eq!(revoked, 2, "each is on record: {acts:?}");
    let report = world.page("/access/review/report", &cookie).await.body;
    assert!(report.contains("they left") && report.contains("revoked"), "{report}");

    let again = world.decide(&cookie, &revoking(&ids, &[("sure", "yes")])).await;
    assert!(!again.location().contains("saved="), "they are gone already: {again:?}");
}

#[tokio::test]
async fn one_grant_goes_at_once() {
    let world = world().await;
    let cookie = world.site.signed_in().await;
    let ids = [world.grants[0].to_string()];
    let done = world.decide(&cookie, &revoking(&ids, &[])).await;
    assert!(done.location().contains("saved=revoke&done=1"), "{done:?}");
    assert_eq!(world.left().await, world.grants[1..]);
}

#[tokio::test]
async fn the_page_names_no_grant_that_whoever_asks_could_not_revoke() {
    let world = world().await;
    let [one, two, three] = world.grants;
    let max = world.site.signed_in_as("max").await;
    let page = world.page(&format!("/access/review?ask=revoke&grants={one}-{two}-{three}-4711&note="), &max).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Revoke 2 grants") && !page.body.contains("quokka"), "{}", page.body);
    let ids = [one.to_string(), three.to_string()];
    let done = world.decide(&max, &revoking(&ids, &[("sure", "yes")])).await;
    assert!(done.location().contains("done=1&refused=1"), "{done:?}");
    assert_eq!(world.left().await, [two, three]);

    let eve = world.site.signed_in_as("eve").await;
    let refused = world.page(&format!("/access/review?ask=revoke&grants={two}-{three}&note="), &eve).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!refused.body.contains("team-a/web") && !refused.body.contains("grace"), "{}", refused.body);
    world.decide(&eve, &revoking(&[two.to_string()], &[("sure", "yes")])).await;
    assert_eq!(world.left().await, [two, three], "nor does she revoke any");
}
