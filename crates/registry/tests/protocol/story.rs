//! One story about pushing, reading and deleting, told about the fake and about the real `docker-registry`, for each way
//! to sign in: the fake is as honest as it agrees with the real one.

use crate::support::{basic, name, permit, push_image, tag, token};
use bytes::Bytes;
use domain::{
    Connection, Digest, Permission, Reference, Secret, Secrets, SignIn, Trust,
    manifest::{OCI_INDEX, OCI_MANIFEST},
};
use registry::{
    Error, FoundBy, Head, Missing, Registry,
    facts::{self, Deleting, TagPaging},
    fake::{
        Access, Fake, FakeOptions, User,
        certificates::Certificates,
        real::{Real, RealOptions, signing_server},
        token_server::{TokenOptions, TokenServer},
    },
};
use serde_json::json;
use std::sync::Arc;

const PASSWORD: &str = "s3cret: w\u{f6}rd";

fn users() -> Vec<User> {
    vec![User { identity_token: Some("identity".into()), ..User::new("alice", PASSWORD) }]
}

fn secrets() -> Secrets {
    Secrets { password: Some(Secret::new(PASSWORD)), ..Secrets::default() }
}

async fn tell(connection: &Connection, secrets: &Secrets) {
    let registry = Registry::connect("story", connection, secrets).expect("good settings");
    assert_eq!(registry.ping().await.expect("it is a registry").api_version.as_deref(), Some("registry/2.0"));
    let digest = pushed_and_read(&registry).await;
    refused(&registry).await;
    referrers(&registry, &digest).await;
    deleted(&registry, &digest).await;
    pages(&registry).await;
    let api = facts::api(&registry).await.expect("it answers");
    assert!(api.is_registry, "{api:?}");
    assert_eq!(facts::tag_paging(&registry, &name("pages/r0")).await, Ok(TagPaging::AllAtOnce));
    assert_eq!(facts::referrers_api(&registry, &name("pages/r0")).await, Ok(false));
    assert_eq!(facts::deleting(&registry, connection).await, Deleting::Enabled);
}

async fn pushed_and_read(registry: &Registry) -> Digest {
    let (team, push) = (name("team/app"), permit("team/app", Permission::RepositoryPush));
    let unknown = registry.tags(&team).await.expect_err("nobody pushed yet");
    assert!(matches!(unknown, Error::NotFound { what: Missing::Repository, .. }), "{unknown:?}");
    assert_eq!(unknown.code(), Some("NAME_UNKNOWN"));

    let writer = registry.writer(&push).expect("the permit is for pushing");
    let digest = push_image(&writer, "v1", "one").await;
    assert_eq!(push_image(&writer, "v2", "one").await, digest);
    let other = push_image(&writer, "other", "two").await;
    let again = writer.put_blob(Bytes::from_static(b"layer one")).await.expect("it is there");
    assert!(!again.sent);

    let manifest = registry.manifest(&team, &tag("v1")).await.expect("it was pushed");
    assert_eq!((manifest.media_type.as_str(), &manifest.digest), (OCI_MANIFEST, &digest));
    let by_digest = registry.manifest(&team, &Reference::Digest(digest.clone())).await.expect("the same");
    assert_eq!(by_digest, manifest);

    let child = json!({"mediaType": OCI_MANIFEST, "digest": digest, "size": manifest.bytes.len(), "platform": {"os": "linux", "architecture": "amd64"}});
    let index = Bytes::from(json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [child]}).to_string());
    writer.put_manifest(&tag("multi"), OCI_INDEX, index.clone()).await.expect("its child is there");
    assert_eq!(registry.manifest(&team, &tag("multi")).await.expect("an index").bytes, index);

    let head = registry.head_manifest(&team, &tag("v2"), None).await.expect("it is there");
    let size = Some(manifest.bytes.len() as u64);
    assert_eq!(head, Head::Found { digest: Some(digest.clone()), media_type: OCI_MANIFEST.into(), size });
    assert_eq!(registry.head_manifest(&team, &tag("v2"), Some(&digest)).await, Ok(Head::NotModified));
    assert!(matches!(registry.head_manifest(&team, &tag("v2"), Some(&other)).await, Ok(Head::Found { .. })));

    let layer = Digest::of(b"layer one");
    assert_eq!(registry.blob(&team, &layer, 100).await.expect("it was pushed"), "layer one");
    assert_eq!(registry.head_blob(&team, &layer).await, Ok(Some(9)));
    let mut tags = registry.tags(&team).await.expect("there are some");
    tags.items.sort();
    assert_eq!(tags.items, ["multi", "other", "v1", "v2"]);
    assert!(tags.complete);
    assert_eq!(registry.catalog().await.expect("it is told").items, ["team/app"]);
    digest
}

async fn refused(registry: &Registry) {
    let (team, push) = (name("team/app"), permit("team/app", Permission::RepositoryPush));
    let writer = registry.writer(&push).expect("the permit is for pushing");
    let no_tag = registry.head_manifest(&team, &tag("nope"), None).await.expect_err("no such tag");
    assert!(no_tag.is_absence() && no_tag.status() == Some(404), "{no_tag:?}");
    let no_tag = registry.manifest(&team, &tag("nope")).await.expect_err("no such tag");
    assert_eq!(no_tag.code(), Some("MANIFEST_UNKNOWN"));
    let no_blob = registry.blob(&team, &Digest::of(b"nope"), 100).await.expect_err("no such blob");
    assert_eq!(no_blob.code(), Some("BLOB_UNKNOWN"));

    let missing =
        json!({"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": Digest::of(b"nope"), "size": 4});
    let manifest =
        json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": missing, "layers": [missing]}).to_string();
    let refused = writer
        .put_manifest(&tag("bad"), OCI_MANIFEST, Bytes::from(manifest))
        .await
        .expect_err("its blobs are not there");
    assert_eq!((refused.status(), refused.code()), (Some(400), Some("MANIFEST_BLOB_UNKNOWN")));
    let refused = writer.put_manifest(&tag("bad"), OCI_MANIFEST, Bytes::from_static(b"{")).await.expect_err("no JSON");
    assert_eq!((refused.status(), refused.code()), (Some(400), Some("MANIFEST_INVALID")));
    let elsewhere = Reference::Digest(Digest::of(b"something else"));
    let good = registry.manifest(&team, &tag("v1")).await.expect("it was pushed").bytes;
    let refused = writer.put_manifest(&elsewhere, OCI_MANIFEST, good).await.expect_err("another digest");
    assert_eq!((refused.status(), refused.code()), (Some(400), Some("DIGEST_INVALID")));
}

async fn referrers(registry: &Registry, subject: &Digest) {
    let (team, push) = (name("team/app"), permit("team/app", Permission::RepositoryPush));
    let none = registry.referrers(&team, subject).await.expect("it answers");
    assert_eq!((none.by, none.descriptors.len()), (FoundBy::None, 0));
    let writer = registry.writer(&push).expect("the permit is for pushing");
    let signature = push_image(&writer, "signature", "signature").await;
    let size = registry.manifest(&team, &tag("signature")).await.expect("it was pushed").bytes.len();
    let entry = json!({"mediaType": OCI_MANIFEST, "digest": signature, "size": size, "artifactType": "application/x", "annotations": {"k": "v"}});
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}).to_string();
    let fallback = registry::fallback_tag(subject).expect("a tag");
    writer.put_manifest(&Reference::Tag(fallback.clone()), OCI_INDEX, Bytes::from(index)).await.expect("it is pushed");
    let found = registry.referrers(&team, subject).await.expect("it answers");
    assert_eq!(found.by, FoundBy::Tag);
    assert_eq!(found.descriptors[0].digest, signature);
    assert_eq!(found.descriptors[0].annotation("k"), Some("v"));
    let tags = registry.tags(&team).await.expect("there are some").items;
    assert_eq!(registry::referrer_tags(subject, tags.iter().map(String::as_str)), [fallback]);
}

async fn deleted(registry: &Registry, digest: &Digest) {
    let (team, delete) = (name("team/app"), permit("team/app", Permission::TagDelete));
    let writer = registry.writer(&delete).expect("the permit is for deleting");
    let untag = writer.delete_tag(&"v1".parse().expect("a tag")).await.expect_err("distribution 2.8 can't");
    assert!(matches!(untag, Error::Unsupported { .. }), "{untag:?}");
    assert_eq!(writer.delete_manifest(digest).await, Ok(registry::Deleted::Now));
    assert_eq!(writer.delete_manifest(digest).await, Ok(registry::Deleted::WasGone));
    let tags = registry.tags(&team).await.expect("some are left").items;
    assert!(
        !tags.contains(&"v1".to_owned()) && !tags.contains(&"v2".to_owned()) && tags.contains(&"other".to_owned()),
        "{tags:?}"
    );
    for tag in ["multi", "other", "signature", registry::fallback_tag(digest).expect("a tag").as_str()] {
        let Head::Found { digest: Some(digest), .. } =
            registry.head_manifest(&team, &crate::support::tag(tag), None).await.expect("it is left")
        else {
            panic!("{tag} has a digest");
        };
        writer.delete_manifest(&digest).await.expect("it goes");
    }
    let emptied = registry.tags(&team).await.expect("an emptied repository is still there");
    assert_eq!((emptied.items.len(), emptied.complete), (0, true));
}

async fn pages(registry: &Registry) {
    for number in 0..5 {
        let repository = format!("pages/r{number}");
        let push = permit(&repository, Permission::RepositoryPush);
        let writer = registry.writer(&push).expect("the permit is for pushing");
        push_image(&writer, "a", "page").await;
        push_image(&writer, "b", "page").await;
    }
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = registry.catalog_page(4, next.as_ref()).await.expect("a page");
        all.extend(page.items);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(all, ["pages/r0", "pages/r1", "pages/r2", "pages/r3", "pages/r4", "team/app"]);
}

async fn fake(options: FakeOptions) -> Fake {
    Fake::start(options).await.expect("the fake starts")
}

async fn real(options: RealOptions) -> Real {
    Real::start(options).await.unwrap_or_else(|error| panic!("the real registry is needed: {error}"))
}

fn certificates() -> Certificates {
    let directory = tempfile::tempdir().expect("a directory");
    Certificates::make(directory.path()).expect("openssl makes certificates")
}

#[tokio::test]
async fn the_fake_open_to_everybody() {
    tell(&fake(FakeOptions::default()).await.connection(), &Secrets::default()).await;
}

#[tokio::test]
async fn the_real_one_open_to_everybody() {
    tell(&real(RealOptions::default()).await.connection(), &Secrets::default()).await;
}

#[tokio::test]
async fn the_fake_with_basic_authentication() {
    let fake = fake(FakeOptions { access: Access::Basic(users()), ..FakeOptions::default() }).await;
    with_basic(fake.connection()).await;
}

#[tokio::test]
async fn the_real_one_with_htpasswd() {
    let real = real(RealOptions { access: Access::Basic(users()), ..RealOptions::default() }).await;
    with_basic(real.connection()).await;
}

async fn with_basic(mut connection: Connection) {
    connection.sign_in = basic("alice");
    tell(&connection, &secrets()).await;
    let wrong = Secrets { password: Some(Secret::new("wrong")), ..Secrets::default() };
    let refused = Registry::connect("story", &connection, &wrong).expect("good settings").ping().await;
    assert!(matches!(refused, Err(Error::Unauthorized { .. })), "{refused:?}");
    connection.sign_in = SignIn::None;
    let refused = Registry::connect("story", &connection, &secrets()).expect("good settings").ping().await;
    assert!(matches!(refused, Err(Error::Unauthorized { .. })), "{refused:?}");
    // A connection that was set up for tokens finds Basic and uses it.
    connection.sign_in = token("alice");
    Registry::connect("story", &connection, &secrets()).expect("good settings").ping().await.expect("Basic is used");
}

#[tokio::test]
async fn the_fake_with_its_own_authority() {
    let certificates = certificates();
    let fake = fake(FakeOptions { tls: Some(certificates.for_fake(false)), ..FakeOptions::default() }).await;
    with_tls(fake.connection(), &certificates).await;
}

#[tokio::test]
async fn the_real_one_with_its_own_authority() {
    let certificates = certificates();
    let real = real(RealOptions { tls: Some(certificates.clone()), ..RealOptions::default() }).await;
    with_tls(real.connection(), &certificates).await;
}

async fn with_tls(mut connection: Connection, certificates: &Certificates) {
    use registry::TlsWhy;
    let none = Secrets::default();
    let refused = Registry::connect("story", &connection, &none).expect("good settings").ping().await;
    assert!(matches!(refused, Err(Error::Tls { why: TlsWhy::UnknownIssuer, .. })), "{refused:?}");
    let seen = facts::tls(&connection, &none).await.expect("a handshake").expect("a certificate");
    assert_eq!(
        (seen.distrust, seen.names),
        (Some(TlsWhy::UnknownIssuer), vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
    );
    connection.trust = Trust::Anybody;
    Registry::connect("story", &connection, &none).expect("good settings").ping().await.expect("anybody is trusted");
    connection.trust = Trust::Authority { pem: certificates.authority.clone() };
    let seen = facts::tls(&connection, &none).await.expect("a handshake").expect("a certificate");
    assert_eq!((seen.distrust, seen.failed, seen.issuer.as_str()), (None, None, "CN=Test-CA"));
    tell(&connection, &none).await;
}

#[tokio::test]
async fn the_fake_with_client_certificates() {
    let certificates = certificates();
    let fake = fake(FakeOptions { tls: Some(certificates.for_fake(true)), ..FakeOptions::default() }).await;
    with_client_certificates(fake.connection(), &certificates).await;
}

#[tokio::test]
async fn the_real_one_with_client_certificates() {
    let certificates = certificates();
    let real = real(RealOptions { tls: Some(certificates.clone()), mutual: true, ..RealOptions::default() }).await;
    with_client_certificates(real.connection(), &certificates).await;
}

async fn with_client_certificates(mut connection: Connection, certificates: &Certificates) {
    use registry::TlsWhy;
    connection.trust = Trust::Authority { pem: certificates.authority.clone() };
    let none = Secrets::default();
    let refused = Registry::connect("story", &connection, &none).expect("good settings").ping().await;
    assert!(matches!(refused, Err(Error::Tls { why: TlsWhy::ClientCertificateWanted, .. })), "{refused:?}");
    let seen = facts::tls(&connection, &none).await.expect("a handshake").expect("a certificate");
    assert_eq!(seen.failed, Some(TlsWhy::ClientCertificateWanted));

    let stranger = self::certificates();
    let key = |pem: &str| Secrets { client_key: Some(Secret::new(pem)), ..Secrets::default() };
    connection.client_certificate = Some(stranger.client.clone());
    let refused =
        Registry::connect("story", &connection, &key(&stranger.client_key)).expect("good settings").ping().await;
    assert!(matches!(refused, Err(Error::Tls { why: TlsWhy::ClientCertificateRefused, .. })), "{refused:?}");

    connection.client_certificate = Some(certificates.client.clone());
    let mismatch = Registry::connect("story", &connection, &key(&stranger.client_key));
    assert!(matches!(mismatch, Err(Error::Settings { .. })), "{mismatch:?}");
    tell(&connection, &key(&certificates.client_key)).await;
}

#[tokio::test]
async fn the_fake_with_tokens() {
    let server = Arc::new(TokenServer::start(TokenOptions::new(users())).await.expect("a token server"));
    let fake = fake(FakeOptions { access: Access::Token(server), ..FakeOptions::default() }).await;
    with_tokens(fake.connection()).await;
}

#[tokio::test]
async fn the_real_one_with_tokens() {
    let server = Arc::new(signing_server(users()).await.expect("a token server"));
    let real = real(RealOptions { access: Access::Token(server), ..RealOptions::default() }).await;
    with_tokens(real.connection()).await;
}

async fn with_tokens(mut connection: Connection) {
    connection.sign_in = token("alice");
    tell(&connection, &secrets()).await;
    let wrong = Secrets { password: Some(Secret::new("wrong")), ..Secrets::default() };
    let refused = Registry::connect("story", &connection, &wrong).expect("good settings").ping().await;
    assert!(matches!(refused, Err(Error::Unauthorized { .. })), "{refused:?}");
    connection.sign_in = SignIn::IdentityToken;
    let identity = Secrets { identity_token: Some(Secret::new("identity")), ..Secrets::default() };
    let registry = Registry::connect("story", &connection, &identity).expect("good settings");
    registry.catalog().await.expect("the identity token is traded");
    // Nobody in particular gets a token that allows nothing.
    connection.sign_in = SignIn::None;
    let denied = Registry::connect("story", &connection, &Secrets::default()).expect("good settings").catalog().await;
    assert!(matches!(denied, Err(Error::Denied { .. })), "{denied:?}");
}

#[tokio::test]
async fn deleting_that_is_switched_off_is_seen_on_both() {
    let fake = fake(FakeOptions { delete: false, ..FakeOptions::default() }).await;
    let real = real(RealOptions { delete: false, ..RealOptions::default() }).await;
    for connection in [fake.connection(), real.connection()] {
        let registry = Registry::connect("story", &connection, &Secrets::default()).expect("good settings");
        let verdict = facts::deleting(&registry, &connection).await;
        assert!(matches!(&verdict, Deleting::Disabled(error) if error.code() == Some("UNSUPPORTED")), "{verdict:?}");
    }
}

#[tokio::test]
async fn a_read_only_registry_does_not_delete() {
    let real = real(RealOptions { read_only: true, ..RealOptions::default() }).await;
    let registry = Registry::connect("story", &real.connection(), &Secrets::default()).expect("good settings");
    assert!(matches!(facts::deleting(&registry, &real.connection()).await, Deleting::Disabled(_)));
}
