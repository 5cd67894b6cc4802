//! Repositories and tags by name.

use super::{ASKED, OFF, all_said, everywhere, fresh, image, only, put};
use crate::index::{Among, Index, Rank};
use domain::Visible;

async fn repositories(index: &Index, among: &Among, text: &str) -> Vec<String> {
    let hits = index.find_repositories(among, text).await.expect("it searches");
    hits.rows.iter().map(|hit| format!("{} {}", hit.registry, hit.name)).collect()
}

async fn tags(index: &Index, among: &Among, text: &str) -> Vec<String> {
    all_said(&index.find_tags(among, text).await.expect("it searches").rows)
}

#[tokio::test]
async fn repositories_come_exact_then_by_component_then_by_beginning_then_by_part_and_the_newest_first() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (old, new) = (image("old", 1_000), image("new", 2_000));
    for (registry, name, content) in [
        (1, "web", &old),
        (2, "team/web", &old),
        (1, "web-tools", &old),
        (2, "team/web-front", &new),
        (1, "my-webs", &old),
        (1, "cobweb", &new),
        (OFF, "web", &new),
        (1, "mail", &new),
    ] {
        put(index, registry, name, &[("latest", content)]).await;
    }
    let expected = ["1 web", "2 team/web", "2 team/web-front", "1 web-tools", "1 cobweb", "1 my-webs"];
    assert_eq!(repositories(index, &everywhere(10), "web").await, expected);
    assert_eq!(repositories(index, &everywhere(10), "WEB").await, expected, "case does not matter");

    let few = index.find_repositories(&everywhere(2), "web").await.expect("it searches");
    assert_eq!((few.rows.len(), few.found, few.cut), (2, 6, false), "all are counted, two are given");
    assert_eq!((few.rows[0].rank, few.rows[1].rank), (Rank::Exact, Rank::Component));
    assert_eq!(few.rows[0].newest.map(|at| at.0), Some(1_000));
}

#[tokio::test]
async fn what_is_called_so_comes_first_although_hundreds_that_came_later_hold_it() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = image("a", 1);
    for name in ["old/gate", "gate", "gates", "old/gatekeeper"] {
        put(index, 1, name, &[("latest", &content)]).await;
    }
    for n in 0..320 {
        put(index, 1, &format!("team/investigate-{n}"), &[("latest", &content)]).await;
    }
    let hits = index.find_repositories(&everywhere(10), "gate").await.expect("it searches");
    let closest: Vec<_> = hits.rows.iter().take(5).map(|hit| (hit.rank, hit.name.as_str())).collect();
    let expected = [
        (Rank::Exact, "gate"),
        (Rank::Component, "old/gate"),
        (Rank::Prefix, "gates"),
        (Rank::Prefix, "old/gatekeeper"),
    ];
    assert_eq!(closest[..4], expected);
    assert_eq!(closest[4].0, Rank::Infix);
    assert!(hits.cut, "not all that hold it were looked at");
    for n in 0..320 {
        put(index, 1, &format!("team/gate-{n}"), &[("latest", &content)]).await;
    }
    let hits = index.find_repositories(&everywhere(10), "gate").await.expect("it searches");
    let closest: Vec<_> = hits.rows.iter().take(3).map(|hit| hit.name.as_str()).collect();
    assert_eq!(closest[..2], ["gate", "old/gate"], "also among hundreds that begin so");
    assert!(hits.cut);
}

#[tokio::test]
async fn a_short_text_finds_whole_names_and_beginnings_only() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = image("a", 1);
    for name in ["ab", "abc", "xab", "team/abx", "x/abc/y", "y/a"] {
        put(index, 1, name, &[("v1", &content), ("x-v1", &content)]).await;
    }
    assert_eq!(repositories(index, &everywhere(10), "ab").await, ["1 ab", "1 abc", "1 team/abx"]);
    assert_eq!(repositories(index, &everywhere(10), "a").await, ["1 y/a", "1 ab", "1 abc"]);
    assert_eq!(repositories(index, &everywhere(10), "").await, [""; 0]);
    let found = tags(index, &everywhere(10), "v1").await;
    assert_eq!(found.len(), 6);
    assert!(found.iter().all(|tag| tag.ends_with(":v1")), "{found:?}");
    assert_eq!(tags(index, &everywhere(10), "-v1").await.len(), 6, "any part from three characters on");
}

#[tokio::test]
async fn what_people_type_is_no_pattern() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = image("a", 1);
    put(index, 1, "a_b_c", &[("v1_2", &content), ("v1-2", &content)]).await;
    put(index, 1, "axbxc", &[("v102", &content)]).await;
    assert_eq!(repositories(index, &everywhere(10), "a_b_c").await, ["1 a_b_c"]);
    assert_eq!(repositories(index, &everywhere(10), "_b_").await, ["1 a_b_c"]);
    assert_eq!(tags(index, &everywhere(10), "v1_2").await, ["1 a_b_c:v1_2"]);
    for text in ["%", "%%%", "a%c", "*", "a*c", "\"", "\"\"\"", "a\" OR \"b", "AND", "(", "-b-", "^axb", "name:axb"] {
        assert_eq!(repositories(index, &everywhere(10), text).await, [""; 0], "{text}");
        assert_eq!(tags(index, &everywhere(10), text).await, [""; 0], "{text}");
    }
}

#[tokio::test]
async fn tags_come_exact_then_by_beginning_then_by_part_and_the_newest_first() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let (old, new) = (image("old", 1_000), image("new", 2_000));
    put(index, 1, "api", &[("Latest", &old), ("latest-alpine", &old), ("not-latest", &new)]).await;
    put(index, 2, "web", &[("latest", &new), ("1.0", &new)]).await;
    put(index, OFF, "web", &[("latest", &new)]).await;
    let signature = format!("sha256-{}.sig", "0".repeat(64));
    put(index, 1, "api", &[(&signature, &new)]).await;
    let expected = ["2 web:latest", "1 api:Latest", "1 api:latest-alpine", "1 api:not-latest"];
    assert_eq!(tags(index, &everywhere(10), "latest").await, expected);
    assert_eq!(tags(index, &everywhere(10), "LATEST").await, expected);
    assert_eq!(tags(index, &everywhere(10), "sha256-0").await, [""; 0], "referrers' tags are no names");
    let few = index.find_tags(&everywhere(1), "latest").await.expect("it searches");
    assert_eq!((few.rows.len(), few.found, few.cut), (1, 4, false));
    assert_eq!(few.rows[0].digest.as_ref(), Some(&new.digest));
}

#[tokio::test]
async fn a_tag_that_all_repositories_share_is_cut_and_says_so() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = image("a", 1);
    let among = everywhere(10).quick();
    for n in 0..230 {
        put(index, 1, &format!("team/r{n}"), &[("latest", &content), (&format!("latest-{n}"), &content)]).await;
    }
    let hits = index.find_tags(&among, "latest").await.expect("it searches");
    assert!(hits.cut);
    assert_eq!(hits.rows.len(), 10);
    assert!(hits.rows.iter().all(|hit| hit.tag.as_ref().is_some_and(|tag| tag.as_str() == "latest")));
    let hits = index.find_repositories(&among, "team").await.expect("it searches");
    assert!(hits.cut && hits.found >= 200, "{}", hits.found);
    let hits = index.find_repositories(&everywhere(20), "team").await.expect("it searches");
    assert_eq!((hits.cut, hits.found), (false, 230));
}

#[tokio::test]
async fn a_tag_is_found_within_repositories() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = image("a", 1);
    put(index, 1, "team/api", &[("v1", &content), ("v1.2", &content), ("v2", &content)]).await;
    put(index, 2, "api", &[("v1", &content)]).await;
    put(index, 2, "api-tools", &[("v1", &content)]).await;
    let within = async |repository: &str, tag: &str| {
        all_said(&index.find_tags_within(&everywhere(10), repository, tag).await.expect("it searches").rows)
    };
    assert_eq!(within("team/api", "v1").await, ["1 team/api:v1", "1 team/api:v1.2"]);
    assert_eq!(within("api", "v1").await, ["2 api:v1", "1 team/api:v1", "1 team/api:v1.2"]);
    assert_eq!(within("ap", "v1").await.len(), 4, "also where the name is not whole");
    assert_eq!(within("team/api", "").await.len(), 3);
    assert_eq!(within("nothing", "v1").await, [""; 0]);
}

#[tokio::test]
async fn what_may_not_be_seen_is_neither_found_nor_counted_nor_in_the_way() {
    let fresh = fresh().await;
    let index = fresh.store.index();
    let content = image("a", 1);
    for n in 0..300 {
        put(index, 1, &format!("secret/web{n}"), &[("latest", &content)]).await;
    }
    put(index, 1, "open/web", &[("latest", &content)]).await;
    for n in 300..600 {
        put(index, 1, &format!("secret/web{n}"), &[("latest", &content)]).await;
    }
    let among = only("open/*", 10).quick();
    for text in ["web", "latest"] {
        let hits = index.find_repositories(&among, text).await.expect("it searches");
        assert_eq!(hits.found, usize::from(text == "web"));
        let hits = index.find_tags(&among, text).await.expect("it searches");
        assert_eq!(hits.found, usize::from(text == "latest"));
    }
    let nobody = Among::new(&Visible::to(&domain::Actor::anonymous("", "", "")), &ASKED, 10);
    assert_eq!(repositories(index, &nobody, "web").await, [""; 0]);
    assert_eq!(tags(index, &nobody, "latest").await, [""; 0]);
}
