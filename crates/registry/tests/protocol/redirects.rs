//! Redirects: followed by hand, never with credentials to another host, never from TLS to plain.

use crate::support::{Scripted, answer, basic, name, permit, tag, with_password};
use bytes::Bytes;
use domain::{Digest, Permission, Reference, Trust, manifest::OCI_MANIFEST};
use registry::{
    Error,
    fake::{Fake, FakeOptions, Fault, Trouble, certificates::Certificates},
};

#[tokio::test]
async fn a_blob_is_fetched_elsewhere_without_the_credentials() {
    let storage = Scripted::start(|_, _| answer(200, &[], "content")).await;
    let target = format!("http://localhost:{}/bucket/x?signature=abc", storage.addr.port());
    let home = Scripted::start(move |_, _| answer(307, &[("location", &target)], "")).await;
    let mut connection = home.connection();
    // Naming it as the token server is how this test makes another port of this machine reachable.
    connection.realm_host = Some(format!("localhost:{}", storage.addr.port()));
    let registry = with_password(&connection, basic("alice"), "secret");
    assert_eq!(registry.blob(&name("a/b"), &Digest::of(b"content"), 100).await.expect("it is there"), "content");
    assert!(home.requests()[0].header("authorization").is_some());
    assert_eq!(storage.requests()[0].header("authorization"), None);
    assert_eq!(storage.requests()[0].target, "/bucket/x?signature=abc");
}

#[tokio::test]
async fn credentials_stay_with_a_redirect_inside_of_the_registry() {
    let home = Scripted::start(|got, _| match got.target.as_str() {
        "/v2/" => answer(301, &[("location", "/moved/v2/")], ""),
        _ => answer(200, &[], "{}"),
    })
    .await;
    with_password(&home.connection(), basic("alice"), "secret").ping().await.expect("it moved");
    assert!(home.requests()[1].header("authorization").is_some());
}

#[tokio::test]
async fn credentials_do_not_come_back_after_a_detour() {
    let home_port = std::sync::Arc::new(std::sync::OnceLock::new());
    let port = home_port.clone();
    let detour = Scripted::start(move |_, _| {
        let target = format!("http://127.0.0.1:{}/v2/back", port.get().expect("the port is known"));
        answer(302, &[("location", &target)], "")
    })
    .await;
    let target = format!("http://localhost:{}/", detour.addr.port());
    let home = Scripted::start(move |got, _| match got.target.as_str() {
        "/v2/" => answer(302, &[("location", &target)], ""),
        _ => answer(200, &[], "{}"),
    })
    .await;
    home_port.set(home.addr.port()).expect("it is set once");
    let mut connection = home.connection();
    connection.realm_host = Some(format!("localhost:{}", detour.addr.port()));
    with_password(&connection, basic("alice"), "secret").ping().await.expect("it ends at home");
    assert_eq!(home.requests()[1].target, "/v2/back");
    assert_eq!(home.requests()[1].header("authorization"), None);
}

#[tokio::test]
async fn redirects_without_end_end() {
    let home = Scripted::start(|_, n| answer(302, &[("location", &format!("/v2/{n}"))], "")).await;
    assert_eq!(home.registry().ping().await, Err(Error::TooManyRedirects { limit: 5 }));
    assert_eq!(home.requests().len(), 6);
}

#[tokio::test]
async fn odd_redirects_are_not_followed() {
    for target in
        ["file:///etc/passwd", "ftp://127.0.0.1/", "http://user:password@127.0.0.1/", "http://", "gopher://x/"]
    {
        let home = Scripted::start(move |_, _| answer(302, &[("location", target)], "")).await;
        let error = home.registry().ping().await.expect_err("it is odd");
        assert!(matches!(error, Error::BadRedirect { .. }), "{target}: {error:?}");
        assert!(!error.to_string().contains("password"));
    }
    let home = Scripted::start(|_, _| answer(302, &[], "")).await;
    assert!(matches!(home.registry().ping().await, Err(Error::BadRedirect { .. })));
}

#[tokio::test]
async fn tls_never_falls_to_plain() {
    let directory = tempfile::tempdir().expect("a directory");
    let certificates = Certificates::make(directory.path()).expect("openssl makes certificates");
    let options = FakeOptions { tls: Some(certificates.for_fake(false)), ..FakeOptions::default() };
    let fake = Fake::start(options).await.expect("the fake starts");
    let plain = Scripted::start(|_, _| answer(200, &[], "{}")).await;
    let mut connection = fake.connection();
    connection.trust = Trust::Authority { pem: certificates.authority.clone() };
    connection.realm_host = Some(plain.addr.to_string());
    let trouble = |status, header, value: String| {
        Fault::at("/v2/", Trouble::Answer { status, headers: vec![(header, value)], body: String::new() }).times(1)
    };

    fake.fault(trouble(302, "location", format!("http://{}/v2/", plain.addr)));
    let registry = with_password(&connection, basic("alice"), "secret");
    assert!(matches!(registry.ping().await, Err(Error::BadRedirect { .. })));

    fake.fault(trouble(401, "www-authenticate", format!("Bearer realm=\"http://{}/token\",service=\"s\"", plain.addr)));
    assert!(matches!(registry.ping().await, Err(Error::Malformed { .. })));
    assert!(plain.requests().is_empty());
}

#[tokio::test]
async fn a_change_is_never_sent_to_another_address() {
    let elsewhere = Scripted::start(|_, _| answer(201, &[], "")).await;
    let target = format!("http://localhost:{}/", elsewhere.addr.port());
    let home = Scripted::start(move |got, _| match got.method.as_str() {
        "HEAD" => answer(404, &[], ""),
        _ => answer(307, &[("location", &target)], ""),
    })
    .await;
    let mut connection = home.connection();
    connection.realm_host = Some(format!("localhost:{}", elsewhere.addr.port()));
    let registry = crate::support::connect(&connection);
    let (push, delete) = (permit("a/b", Permission::RepositoryPush), permit("a/b", Permission::TagDelete));
    let push = registry.writer(&push).expect("a permit");
    let delete = registry.writer(&delete).expect("a permit");
    let digest = Digest::of(b"x");
    let outcomes = [
        push.put_manifest(&tag("v1"), OCI_MANIFEST, Bytes::from_static(b"{}")).await.map(|_| ()),
        push.put_blob(Bytes::from_static(b"x")).await.map(|_| ()),
        delete.delete_manifest(&digest).await.map(|_| ()),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(Error::BadRedirect { .. })), "{outcome:?}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn an_upload_goes_on_at_the_registry_only() {
    let elsewhere = Scripted::start(|_, _| answer(201, &[], "")).await;
    let target = format!("http://{}/v2/a/b/blobs/uploads/1", elsewhere.addr);
    let home = Scripted::start(move |got, _| match got.method.as_str() {
        "HEAD" => answer(404, &[], ""),
        _ => answer(202, &[("location", &target)], ""),
    })
    .await;
    let push = permit("a/b", Permission::RepositoryPush);
    let registry = home.registry();
    let outcome = registry.writer(&push).expect("a permit").put_blob(Bytes::from_static(b"x")).await;
    assert!(matches!(outcome, Err(Error::BadRedirect { .. })), "{outcome:?}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_writer_reaches_no_further_than_its_permit() {
    let home = Scripted::start(|_, _| answer(202, &[], "")).await;
    let registry = home.registry();
    let push = permit("a/b", Permission::RepositoryPush);
    let writer = registry.writer(&push).expect("a permit");
    assert!(matches!(writer.delete_manifest(&Digest::of(b"x")).await, Err(Error::NoPermit { .. })));
    let delete = permit("a/b", Permission::TagDelete);
    let writer = registry.writer(&delete).expect("a permit");
    assert!(matches!(writer.put_blob(Bytes::new()).await, Err(Error::NoPermit { .. })));
    let by_digest = Reference::Digest(Digest::of(b"{}"));
    assert!(matches!(
        writer.put_manifest(&by_digest, OCI_MANIFEST, Bytes::from_static(b"{}")).await,
        Err(Error::NoPermit { .. })
    ));
    let view = permit("a/b", Permission::RepositoryView);
    assert!(matches!(registry.writer(&view).map(|_| ()), Err(Error::NoPermit { .. })));
    assert!(home.requests().is_empty());
}
