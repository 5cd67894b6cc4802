use super::{jwks::thumbprint, keys::NewKey, *};
use data_encoding::{BASE32, BASE64URL_NOPAD};
use domain::{Timestamp, token_scope::AccessEntry};
use ring::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use serde_json::Value;
use std::collections::HashSet;

/// 2026-11-21T12:00:00Z and half a second.
const NOW: Timestamp = Timestamp(1_795_262_400_500_000);

fn signer(algorithm: Algorithm) -> (NewKey, Signer) {
    let key = generate(algorithm, NOW).expect("a key");
    let signer = Signer::from_parts(&key.private, &key.certificate).expect("its signer");
    (key, signer)
}

fn claims(access: &[AccessEntry]) -> Claims<'_> {
    Claims {
        issuer: "wharfinger",
        subject: "person-3",
        service: "production",
        id: "0f",
        issued: NOW,
        life: 300,
        access,
    }
}

/// Header and claims of a token whose signature is good.
fn opened(signer: &Signer, token: &str) -> (Value, Value) {
    let algorithm: &dyn VerificationAlgorithm = match signer.certificate().algorithm() {
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::EdDsa => &ED25519,
    };
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url");
    UnparsedPublicKey::new(algorithm, signer.pair.public())
        .verify(signed.as_bytes(), &decode(signature))
        .expect("a good signature");
    let (header, claims) = signed.split_once('.').expect("two parts");
    let json = |text: &str| serde_json::from_slice(&decode(text)).expect("JSON");
    (json(header), json(claims))
}

#[test]
fn a_token_says_what_registries_read_under_every_algorithm() {
    let access = [
        AccessEntry::repository(&"team/app".parse().expect("a name"), true, true, false).expect("an entry"),
        AccessEntry::catalog(),
    ];
    for algorithm in Algorithm::ALL {
        let (key, signer) = signer(algorithm);
        let token = signer.sign(&claims(&access)).expect("a token");
        let (header, said) = opened(&signer, &token);
        assert_eq!(
            header,
            serde_json::json!({
                "alg": algorithm.as_str(), "typ": "JWT", "kid": key.kid,
                "x5c": [data_encoding::BASE64.encode(&key.certificate)],
            })
        );
        assert_eq!(
            said,
            serde_json::json!({
                "iss": "wharfinger", "sub": "person-3", "aud": "production",
                "exp": 1_795_262_700, "nbf": 1_795_262_370, "iat": 1_795_262_400, "jti": "0f",
                "access": [
                    {"type": "repository", "name": "team/app", "actions": ["pull", "push"]},
                    {"type": "registry", "name": "catalog", "actions": ["*"]},
                ],
            })
        );
        // Without rights there is still a list: registries answer `GET /v2/` to it.
        assert_eq!(opened(&signer, &signer.sign(&claims(&[])).expect("a token")).1["access"], serde_json::json!([]));
    }
}

#[test]
fn a_subject_is_written_so_that_it_stays_one_text() {
    let (_, signer) = signer(Algorithm::Es256);
    let subject = "\",\"aud\":\"other\"\u{0}\u{202e}ß";
    let token = signer.sign(&Claims { subject, ..claims(&[]) }).expect("a token");
    let (_, said) = opened(&signer, &token);
    assert_eq!((said["sub"].as_str(), said["aud"].as_str()), (Some(subject), Some("production")));
}

#[test]
fn a_certificate_lives_ten_years_and_is_named_after_its_key() {
    let mut names = HashSet::new();
    for algorithm in Algorithm::ALL {
        let (key, signer) = signer(algorithm);
        let (_, read) = x509_parser::parse_x509_certificate(&key.certificate).expect("a certificate");
        let (certificate, subject) = (signer.certificate(), read.subject().to_string());
        let starts = Timestamp(read.validity().not_before.timestamp() * 1_000_000);
        assert_eq!(starts.rfc3339(), "2026-11-20T12:00:00Z");
        assert_eq!(key.ends.rfc3339(), "2036-11-20T12:00:00Z");
        assert_eq!(certificate.ends(), key.ends);
        assert_eq!((certificate.algorithm(), certificate.kid()), (algorithm, key.kid.as_str()));
        assert_eq!(subject, format!("CN=Wharfinger tokens {}", &key.kid[..14]));
        assert_eq!(read.issuer(), read.subject());
        assert!(!read.is_ca(), "nothing can be certified with it");
        assert!(names.insert(subject));

        let groups: Vec<&str> = key.kid.split(':').collect();
        assert!(groups.len() == 12 && groups.iter().all(|group| group.len() == 4), "{}", key.kid);
        let hash = digest(&SHA256, read.public_key().raw);
        assert_eq!(groups.concat(), BASE32.encode(&hash.as_ref()[..30]));
    }
}

#[test]
fn a_key_goes_with_its_own_certificate_only() {
    let (one, other) =
        (generate(Algorithm::Es256, NOW).expect("a key"), generate(Algorithm::Es256, NOW).expect("a key"));
    let ed = generate(Algorithm::EdDsa, NOW).expect("a key");
    assert_ne!((&one.private, &one.kid), (&other.private, &other.kid));
    for (private, certificate) in [
        (&one.private, &other.certificate),
        (&ed.private, &one.certificate),
        (&one.private, &ed.certificate),
        (&one.certificate, &one.certificate),
        (&one.private, &one.private),
        (&vec![], &one.certificate),
        (&one.private, &vec![]),
    ] {
        Signer::from_parts(private, certificate).expect_err("they don't belong together");
    }
    assert!(!format!("{one:?}").contains(&format!("{:?}", &one.private[..4])), "a secret is not shown");
}

#[test]
fn the_bundle_holds_every_certificate_in_its_order() {
    let (one, other) = (signer(Algorithm::Es256), signer(Algorithm::EdDsa));
    let bundle = bundle_pem([one.1.certificate(), other.1.certificate()]);
    assert!(bundle.lines().all(|line| line.len() <= 64), "{bundle}");
    let read: Vec<Vec<u8>> =
        x509_parser::pem::Pem::iter_from_buffer(bundle.as_bytes()).map(|pem| pem.expect("PEM").contents).collect();
    assert_eq!(read, [one.0.certificate, other.0.certificate]);
    assert_eq!(bundle_pem([]), "");
}

#[test]
fn what_registries_are_given_needs_no_private_key() {
    for algorithm in Algorithm::ALL {
        let (key, signer) = signer(algorithm);
        let read = Certificate::parse(&key.certificate).expect("a certificate");
        assert_eq!(&read, signer.certificate());
        assert_eq!((bundle_pem([&read]), jwks([&read])), (signer.certificate().pem(), jwks([signer.certificate()])));
    }
}

#[test]
fn the_key_set_holds_every_key_by_both_of_its_names() {
    let signers = Algorithm::ALL.map(|algorithm| signer(algorithm).1);
    let set: Value = serde_json::from_str(&jwks(signers.iter().map(Signer::certificate))).expect("JSON");
    let keys = set["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 6);
    for (pair, signer) in keys.chunks(2).zip(&signers) {
        let certificate = signer.certificate();
        assert_eq!(pair[0]["kid"], certificate.kid());
        assert_eq!(pair[1]["kid"], thumbprint(certificate));
        let number = |name: &str| BASE64URL_NOPAD.decode(pair[0][name].as_str().expect(name).as_bytes()).expect(name);
        for key in pair {
            assert_eq!((&key["use"], &key["alg"]), (&"sig".into(), &certificate.algorithm().as_str().into()));
            assert_eq!(key["x5c"][0], data_encoding::BASE64.encode(certificate.der()));
            assert_eq!(key.get("d"), None, "nothing private");
        }
        match certificate.algorithm() {
            Algorithm::Es256 => assert_eq!([vec![4], number("x"), number("y")].concat(), signer.pair.public()),
            Algorithm::EdDsa => assert_eq!(number("x"), signer.pair.public()),
            Algorithm::Rs256 => {
                assert_eq!((number("n").len(), number("n")[0] >= 0x80), (256, true), "no zero before the number");
                assert_eq!(number("e"), [1, 0, 1]);
            }
        }
    }
}

#[test]
fn a_thumbprint_covers_what_its_specification_says() {
    // RFC 7638, 3.1: the members that make the key, by name, without spaces.
    let (_, signer) = signer(Algorithm::Es256);
    let set: Value = serde_json::from_str(&jwks([signer.certificate()])).expect("JSON");
    let key = &set["keys"][0];
    let covered = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"]);
    let expected = BASE64URL_NOPAD.encode(digest(&SHA256, covered.as_bytes()).as_ref());
    assert_eq!(thumbprint(signer.certificate()), expected);
}

#[test]
fn algorithms_are_known_by_their_names() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_name(algorithm.as_str()), Some(algorithm));
        assert_eq!(serde_json::to_value(algorithm).expect("JSON"), algorithm.as_str());
    }
    for name in ["", "none", "HS256", "es256", "ES384"] {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
}

#[test]
fn no_two_tokens_have_one_id() {
    let ids: HashSet<String> = (0..1000).map(|_| token_id().expect("an id")).collect();
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| id.len() == 32));
}
