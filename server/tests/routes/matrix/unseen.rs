//! Whoever looks after people and may not look at grants is told the same of everybody: neither how many grants there are
//! that they may not look at, nor where, nor whether there are any.

use super::world::{HOST, World};

/// The section of a page that is labelled by this id.
fn section(body: &str, id: &str) -> String {
    let from = body.find(&format!("aria-labelledby=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {body}"));
    let section = &body[from..];
    section[..section.find("</section>").expect("its end")].to_owned()
}

#[tokio::test]
async fn what_is_granted_elsewhere_is_told_of_nobody() {
    let world = World::new().await;
    let get = async |path: &str| {
        let answer = world.page(path, HOST).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    };
    // `guest` was granted nothing, the others something that is not to be looked at.
    let subject = |body: &str| {
        let grants = section(body, "grants");
        let number = grants.split("subject=person-").nth(1).and_then(|rest| rest.split('"').next()).expect("a number");
        grants.replace(&format!("person-{number}"), "person-0")
    };
    let nothing = get("/access/people/guest").await;
    let (grants, plain) = (subject(&nothing), "There may be grants elsewhere that you may not look at.");
    assert!(grants.contains(plain), "{grants}");
    let changes = section(&get("/access/people/guest?ask=disable").await, "what-if");
    assert!(changes.contains("It makes no difference at the places that you may look at."), "{changes}");
    for name in ["root", "viewer", "maintainer"] {
        let page = get(&format!("/access/people/{name}")).await;
        assert_eq!(subject(&page), grants, "{name}");
        assert!(!page.contains("team-a") && !page.contains("Administrator"), "{name}: {page}");
        for ask in ["disable", "remove"] {
            let asked = get(&format!("/access/people/{name}?ask={ask}")).await;
            assert_eq!(section(&asked, "what-if"), changes, "{name}: {ask}");
            assert!(!asked.contains("team-a"), "{name}: {asked}");
        }
    }
    assert!(!get("/access/people").await.contains("Own grants"), "a number tells that there are some");
    assert!(!get("/access/robots/derrick?ask=remove").await.contains("0 grants"));
}

#[tokio::test]
async fn whoever_may_look_is_told_who_loses_what_before_it_is_lost() {
    let world = World::new().await;
    for (path, parts) in [
        ("/access/people/maintainer?ask=disable", ["maintainer", "tag.delete", "lab", "refuses 1 token until"]),
        ("/access/people/reader?ask=remove", ["reader", "repository.pull", "lab", "1 grant of its own"]),
        ("/access/people/root?ask=remove", ["root", "everything", "You lose rights yourself.", "1 token"]),
    ] {
        let answer = world.page(path, 0).await;
        let main = answer.body.split("<main").nth(1).unwrap_or_default();
        for part in parts {
            assert!(main.contains(part), "{path} does not say {part}: {main}");
        }
        // Whoever may not do it is not asked.
        let viewer = world.page(path, 1).await;
        assert_eq!(viewer.status, 404, "{path}");
    }
    let own = world.page("/access/people/viewer?ask=remove", 1).await;
    assert!(own.status == 200 && !own.body.contains("/do/person-remove"), "{own:?}");
}
