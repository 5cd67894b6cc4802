//! Lists: to their end, in their registry, without circles.

use crate::support::{Scripted, answer, connect, name};
use axum::response::Response;
use registry::{Error, Missing};
use serde_json::json;
use std::fmt::Write as _;

fn catalog(names: &[&str], link: Option<&str>) -> Response {
    let body = json!({ "repositories": names }).to_string();
    match link {
        Some(link) => answer(200, &[("link", &format!("<{link}>; rel=\"next\""))], body),
        None => answer(200, &[], body),
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_end_whatever_the_pages_look_like() {
    let home = Scripted::start_knowing(|addr| {
        move |_, n| match n {
            // A short page is not the end; an absolute link is as good as a relative one; overlaps count once.
            0 => catalog(&["a"], Some("/v2/_catalog?last=a&n=1000")),
            1 => catalog(&[], Some(&format!("http://{addr}/v2/_catalog?last=a2&n=1000"))),
            2 => catalog(&["a", "b", "Not/A Name"], Some("?last=b")),
            _ => catalog(&["c"], None),
        }
    })
    .await;
    let list = home.registry().catalog().await.expect("it ends");
    assert_eq!(
        (list.items.as_slice(), list.pages, list.complete),
        (["a", "b", "Not/A Name", "c"].map(String::from).as_slice(), 4, true)
    );
    let requests = home.requests();
    assert_eq!(requests[0].target, "/v2/_catalog?n=1000");
    assert_eq!(requests[3].target, "/v2/_catalog?last=b");
    assert_eq!(requests[0].header("accept"), Some("application/json"));
    assert_eq!(requests[0].header("user-agent"), Some(concat!("wharfinger/", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn a_full_page_without_a_link_is_the_end_where_nothing_comes_after_it() {
    let tags: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    let full = json!({"name": "a/b", "tags": tags}).to_string();
    // distribution 2.8 ignores the question, others answer that there is nothing, or that they do not know it.
    for after in [(200, full.clone()), (200, r#"{"name":"a/b","tags":[]}"#.to_owned()), (400, String::new())] {
        let (first, after) = (full.clone(), after);
        let home = Scripted::start(move |_, n| {
            if n == 0 { answer(200, &[], first.clone()) } else { answer(after.0, &[], after.1.clone()) }
        })
        .await;
        let list = home.registry().tags(&name("a/b")).await.expect("it ends");
        assert_eq!((list.items.len(), list.complete, home.requests().len()), (1000, true, 2));
        assert_eq!(home.requests()[1].target, "/v2/a/b/tags/list?n=1000&last=999");
    }
}

#[tokio::test]
async fn a_registry_that_pages_without_links_is_read_to_its_end() {
    let all: Vec<String> = (0..2500).map(|n| format!("{n:04}")).collect();
    let home = Scripted::start(move |got, _| {
        let after = got.target.split("last=").nth(1).map_or(0, |last| last.parse::<usize>().expect("a tag") + 1);
        let page: Vec<&String> = all.iter().skip(after).take(1000).collect();
        answer(200, &[], json!({"name": "a/b", "tags": page}).to_string())
    })
    .await;
    let list = home.registry().tags(&name("a/b")).await.expect("it ends");
    assert_eq!((list.items.len(), list.complete, list.repeated), (2500, true, 0));
    assert!(home.requests().len() <= 4);
}

#[tokio::test]
async fn a_list_that_breaks_in_the_middle_says_so_and_keeps_what_came() {
    let page = |n: usize| if n == 0 { catalog(&["a", "b"], Some("/v2/_catalog?p=1")) } else { answer(500, &[], "") };
    let registry = Scripted::start(move |_, n| page(n)).await.registry();
    let list = registry.catalog_as_far().await.expect("its beginning");
    assert_eq!((list.items.as_slice(), list.pages, list.complete), (["a", "b"].map(String::from).as_slice(), 1, false));
    assert_eq!(list.trouble.as_ref().map(Error::kind), Some("server-fault"));
    assert!(list.why_incomplete.as_ref().is_some_and(|why| why.starts_with("page 2 could not be read: ")), "{list:?}");
    // Who wants the whole list or nothing gets the error, as for trouble with the first page.
    let registry = Scripted::start(move |_, n| page(n)).await.registry();
    assert_eq!(registry.catalog().await.expect_err("it broke").kind(), "server-fault");
    let registry = Scripted::start(|_, _| answer(500, &[], "")).await.registry();
    assert_eq!(registry.catalog_as_far().await.expect_err("nothing came").kind(), "server-fault");
}

#[tokio::test]
async fn a_list_that_goes_in_a_circle_or_beyond_measure_says_why_it_is_incomplete() {
    let circle = Scripted::start(|_, _| catalog(&["a"], Some("/v2/_catalog?p=1"))).await.registry();
    let list = circle.catalog_as_far().await.expect("its beginning");
    assert_eq!((list.items.len(), list.repeated, list.complete), (1, 1, false));
    assert!(list.why_incomplete.expect("a reason").contains("circle"));
    let long =
        Scripted::start(|_, n| catalog(&[&n.to_string()], Some(&format!("/v2/_catalog?p={n}")))).await.registry();
    let list = long.catalog_as_far().await.expect("what there is room for");
    assert!(!list.complete && list.trouble.is_none());
    assert_eq!(list.why_incomplete.as_deref(), Some("it has more than the 2000 pages that are read of a list"));
}

#[tokio::test]
async fn a_link_to_another_place_is_not_followed() {
    let elsewhere = Scripted::start(|_, _| catalog(&["x"], None)).await;
    let port = elsewhere.addr.port();
    let links = [
        format!("http://127.0.0.1:{port}/v2/_catalog"),
        format!("//localhost:{port}/v2/_catalog"),
        "https://example.com/v2/_catalog".into(),
        "/v2/other/tags/list".into(),
        "/admin".into(),
        "http://".into(),
    ];
    for link in links {
        let shown = link.clone();
        let home = Scripted::start(move |_, _| catalog(&["a"], Some(&link))).await;
        let error = home.registry().catalog().await.expect_err("it leads away");
        assert!(matches!(error, Error::BadLink { .. }), "{shown}: {error:?}");
        assert_eq!(home.requests().len(), 1);
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn links_in_a_circle_and_links_to_nothing_end() {
    let circle =
        Scripted::start(|_, n| catalog(&[["a", "b"][n % 2]], Some(["/v2/_catalog?p=1", "/v2/_catalog?p=2"][n % 2])))
            .await;
    assert!(matches!(circle.registry().catalog().await, Err(Error::BadLink { .. })));
    assert!(circle.requests().len() <= 4);
    let nothing = Scripted::start(|_, n| catalog(&["a"], Some(&format!("/v2/_catalog?p={n}")))).await;
    assert!(matches!(nothing.registry().catalog().await, Err(Error::BadLink { .. })));
    assert!(nothing.requests().len() < 50, "{}", nothing.requests().len());
}

#[tokio::test]
async fn a_registry_with_a_smaller_maximum_is_asked_without_n() {
    let home = Scripted::start(|got, _| {
        let body = r#"{"errors":[{"code":"PAGINATION_NUMBER_INVALID","message":"invalid number of results requested","detail":{"n":1000}}]}"#;
        if got.target.contains("n=") { answer(400, &[], body) } else { catalog(&["a"], None) }
    })
    .await;
    assert_eq!(home.registry().catalog().await.expect("it answers then").items, ["a"]);
    assert_eq!(home.requests().len(), 2);
}

#[tokio::test]
async fn a_link_that_lost_the_prefix_on_its_way_is_understood() {
    let home =
        Scripted::start(
            |_, n| if n == 0 { catalog(&["a"], Some("/v2/_catalog?last=a")) } else { catalog(&["b"], None) },
        )
        .await;
    let connection = domain::Connection::new(format!("http://{}/reg/", home.addr).parse().expect("an address"));
    assert_eq!(connect(&connection).catalog().await.expect("it ends").items, ["a", "b"]);
    assert_eq!(home.requests()[1].target, "/reg/v2/_catalog?last=a");
}

#[tokio::test]
async fn null_is_an_empty_list_and_everything_else_is_none() {
    let tags = |body: &'static str| async move {
        Scripted::start(move |_, _| answer(200, &[], body)).await.registry().tags(&name("a/b")).await
    };
    let empty = tags(r#"{"name":"a/b","tags":null}"#).await.expect("an emptied repository");
    assert!(empty.items.is_empty() && empty.complete);
    for body in ["{}", "[]", "<html>Please sign in</html>", r#"{"tags":"v1"}"#, r#"{"tags":[1]}"#, r#"{"tags":{}}"#, ""]
    {
        let error = tags(body).await.expect_err("no list");
        assert!(matches!(error, Error::Malformed { .. }), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn a_refused_catalogue_says_why() {
    for (status, kind) in [
        (401, "unauthorized"),
        (403, "denied"),
        (404, "not-found"),
        (405, "unsupported"),
        (500, "server-fault"),
        (418, "rejected"),
    ] {
        let home = Scripted::start(move |_, _| answer(status, &[], "")).await;
        let error = home.registry().catalog().await.expect_err("refused");
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
    }
    let home = Scripted::start(|_, _| answer(404, &[], "404 page not found")).await;
    let error = home.registry().catalog().await.expect_err("refused");
    assert!(matches!(error, Error::NotFound { what: Missing::Catalog, .. }) && !error.is_absence());
}

#[tokio::test]
async fn a_list_beyond_all_measure_is_cut_and_says_so() {
    let mut body = String::from(r#"{"tags":["#);
    for n in 0..2_500_000_u32 {
        write!(body, "\"{n:x}\",").expect("memory takes it");
    }
    body.push_str(r#""end"]}"#);
    assert!(body.len() > 20_000_000);
    let body = bytes::Bytes::from(body);
    let home = Scripted::start(move |_, _| answer(200, &[], body.clone())).await;
    let mut connection = home.connection();
    connection.request_timeout = 60;
    let list = connect(&connection).tags(&name("a/b")).await.expect("what there is room for");
    assert_eq!((list.items.len(), list.complete), (1_000_000, false));
    assert_eq!(list.items[999_999], "f423f");
}

#[tokio::test]
async fn texts_longer_than_any_name_are_counted_and_left_out() {
    let tags = ["a".to_owned(), "x".repeat(257), "y".repeat(100_000), "z".repeat(256)];
    let body = json!({ "name": "a/b", "tags": tags }).to_string();
    let home = Scripted::start(move |_, _| answer(200, &[], body.clone())).await;
    let list = home.registry().tags(&name("a/b")).await.expect("it ends");
    assert_eq!(
        (list.items.as_slice(), list.dropped, list.complete),
        ([tags[0].clone(), tags[3].clone()].as_slice(), 2, true)
    );
}

#[tokio::test]
async fn nested_garbage_is_no_list_wherever_it_is() {
    for (before, after) in [(r#"{"tags":["#, ""), (r#"{"tags":"#, ""), (r#"{"tags":["a",{"#, ""), ("", "")] {
        let body = format!("{before}{}{after}", "[".repeat(1_000_000));
        let home = Scripted::start(move |_, _| answer(200, &[], body.clone())).await;
        let error = home.registry().tags(&name("a/b")).await.expect_err("no list");
        assert!(matches!(error, Error::Malformed { .. }), "{before}: {error:?}");
    }
    // Beside the list it is nobody's business.
    let deep = format!(r#"{{"x":{}{},"tags":["a"]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let home = Scripted::start(move |_, _| answer(200, &[], deep.clone())).await;
    assert_eq!(home.registry().tags(&name("a/b")).await.expect("a list").items, ["a"]);
}

#[tokio::test]
async fn pages_without_end_end() {
    let home = Scripted::start(|_, n| catalog(&[&n.to_string()], Some(&format!("/v2/_catalog?p={n}")))).await;
    let list = home.registry().catalog().await.expect("what was read so far");
    assert_eq!((list.items.len(), list.pages, list.complete), (2_000, 2_000, false));
}
