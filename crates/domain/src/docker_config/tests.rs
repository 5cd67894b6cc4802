use super::*;
use proptest::prelude::*;

fn password(username: &str, password: &str) -> Credentials {
    Credentials::Password { username: username.to_owned(), password: Secret::new(password) }
}

#[test]
fn users_and_passwords_are_read() {
    // alice:s3cret:with:colons
    let text = r#" {"auths": {"registry.example.com:5000": {"auth": "YWxpY2U6czNjcmV0OndpdGg6Y29sb25z"},
        "http://plain.example.com/v2/": {"username": "bob", "password": "x"}}} "#;
    let config = DockerConfig::parse(text).expect("a config");
    assert_eq!(config.entries[0].credentials, password("alice", "s3cret:with:colons"));
    assert_eq!(config.entries[0].address().map(String::from).as_deref(), Some("https://registry.example.com:5000"));
    assert_eq!(config.entries[1].credentials, password("bob", "x"));
    assert_eq!(config.entries[1].address().map(String::from).as_deref(), Some("http://plain.example.com"));
    assert!(config.elsewhere.is_empty());
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn docker_hub_and_identity_tokens_are_read() {
    // <token>: with the token in its own field, and with it as the password
    let text = r#"{"auths": {"https://index.docker.io/v1/": {"auth": "PHRva2VuPjo=", "identitytoken": "abc"},
        "b.example.com": {"auth": "PHRva2VuPjp4eXo="}}}"#;
    let config = DockerConfig::parse(text).expect("a config");
    assert_eq!(config.entries[0].credentials, Credentials::IdentityToken(Secret::new("abc")));
    assert_eq!(config.entries[0].address().map(String::from).as_deref(), Some("https://registry-1.docker.io"));
    assert_eq!(config.entries[1].credentials, Credentials::IdentityToken(Secret::new("xyz")));
}

#[test]
fn secrets_kept_elsewhere_are_explained() {
    let text = r#"{"auths": {"a.example.com": {}}, "credsStore": "desktop", "credHelpers": {"1.dkr.ecr.example.com": "ecr-login"}}"#;
    let config = DockerConfig::parse(text).expect("a config");
    assert!(config.entries.is_empty());
    assert_eq!(config.elsewhere[0].host.as_deref(), Some("1.dkr.ecr.example.com"));
    assert!(config.elsewhere[0].sentence.contains("echo 1.dkr.ecr.example.com | docker-credential-ecr-login get"));
    assert_eq!(config.elsewhere[1].host, None);
    assert!(config.elsewhere[1].sentence.contains("docker-credential-desktop list"));
}

#[test]
fn broken_entries_say_so_and_the_others_are_read() {
    let text = r#"{"auths": {"a": {"auth": "***"}, "b": {}, "c": {"auth": "YTpi"}, "d": 7, "e": {"auth": "YQ=="}}}"#;
    let config = DockerConfig::parse(text).expect("a config");
    assert_eq!(config.entries.len(), 1);
    let sentences: Vec<_> = config.elsewhere.iter().map(|entry| entry.sentence.as_str()).collect();
    let none = "Its entry has no credentials.";
    assert_eq!(sentences, ["Its “auth” is not readable base64.", none, none]);
}

#[test]
fn what_is_no_config_is_refused_in_a_sentence() {
    for text in ["", "hello", "[]", "{}", r#"{"auths": {}}"#, r#"{"auths": 1}"#] {
        let why = DockerConfig::parse(text).expect_err("no config");
        assert!(why.contains("config.json looks like"), "{why}");
    }
}

proptest! {
    #[test]
    fn base64_of_any_length_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits: Vec<bool> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        let digit = |six: &[bool]| (0..6).fold(0_usize, |sum, at| sum << 1 | usize::from(six.get(at).copied().unwrap_or(false)));
        let mut text: String = bits.chunks(6).map(|six| char::from(ALPHABET[digit(six)])).collect();
        prop_assert_eq!(base64(&text), Some(bytes.clone()), "without padding");
        while !text.len().is_multiple_of(4) {
            text.push('=');
        }
        prop_assert_eq!(base64(&text), Some(bytes));
    }

    #[test]
    fn no_text_makes_reading_panic(text in any::<String>()) {
        let _ = DockerConfig::parse(&text);
        let _ = DockerConfig::parse(&serde_json::json!({"auths": {text.clone(): {"auth": text}}}).to_string());
    }
}
