use super::*;
use proptest::prelude::*;
use yaml_rust2::{Yaml, YamlLoader};

fn config() -> TokenConfig {
    TokenConfig {
        realm: "https://wharf.example.com/registry/token".into(),
        service: "registry-3".into(),
        issuer: "wharfinger".into(),
        algorithm: "ES256".into(),
        known_to_distribution_2: true,
        bundle_url: "https://wharf.example.com/registry/token/keys/ES256.pem".into(),
        jwks_url: "https://wharf.example.com/registry/token/keys/ES256.json".into(),
        bundle: "-----BEGIN CERTIFICATE-----\nAAAA+/==\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n".into(),
    }
}

fn parsed(text: &str) -> Yaml {
    let mut all = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

/// Compose reads its variables after YAML.
fn as_compose_reads(text: &str) -> String {
    text.replace("$$", "$")
}

#[test]
fn distribution_reads_what_the_token_server_says() {
    let (config, two) = (config(), config().distribution_2().expect("it knows ES256"));
    for text in [two.text, config.distribution_3().text] {
        let token = &parsed(&text)["auth"]["token"];
        assert_eq!(token["realm"].as_str(), Some("https://wharf.example.com/registry/token"));
        assert_eq!(token["service"].as_str(), Some("registry-3"));
        assert_eq!(token["issuer"].as_str(), Some("wharfinger"));
        assert_eq!(token["rootcertbundle"].as_str(), Some(BUNDLE));
    }
    let three = parsed(&config.distribution_3().text);
    assert_eq!(three["auth"]["token"]["signingalgorithms"][0].as_str(), Some("ES256"));
    // 2.8 knows no such word.
    assert!(parsed(&config.distribution_2().expect("it").text)["auth"]["token"]["signingalgorithms"].is_badvalue());
}

#[test]
fn nothing_is_written_for_a_registry_that_would_not_start_with_it() {
    let config = TokenConfig { algorithm: "EdDSA".into(), known_to_distribution_2: false, ..config() };
    assert_eq!(config.distribution_2(), None);
    assert!(config.snippets().iter().all(|snippet| !snippet.caption.contains("2.8")));
    let compose = parsed(&config.compose().text);
    assert_eq!(compose["services"]["registry"]["image"].as_str(), Some("registry:3"));
}

#[test]
fn zot_reads_its_bearer_section() {
    let read: serde_json::Value = serde_json::from_str(&config().zot().text).expect("JSON");
    assert_eq!(
        read["http"]["auth"]["bearer"],
        serde_json::json!({
            "realm": "https://wharf.example.com/registry/token", "service": "registry-3", "cert": BUNDLE,
        })
    );
}

#[test]
fn the_compose_file_holds_the_certificates_and_all_the_rest() {
    let config = config();
    let compose = parsed(&config.compose().text);
    let registry = &compose["services"]["registry"];
    let environment = &registry["environment"];
    assert_eq!(environment["REGISTRY_AUTH"].as_str(), Some("token"));
    assert_eq!(environment["REGISTRY_AUTH_TOKEN_REALM"].as_str(), Some(config.realm.as_str()));
    assert_eq!(environment["REGISTRY_AUTH_TOKEN_SERVICE"].as_str(), Some("registry-3"));
    assert_eq!(environment["REGISTRY_AUTH_TOKEN_ISSUER"].as_str(), Some("wharfinger"));
    assert_eq!(environment["REGISTRY_STORAGE_DELETE_ENABLED"].as_str(), Some("true"));
    let bundle = environment["REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE"].as_str();
    assert_eq!((bundle, registry["configs"][0]["target"].as_str()), (Some(BUNDLE), Some(BUNDLE)));
    let name = registry["configs"][0]["source"].as_str().expect("a name");
    assert_eq!(compose["configs"][name]["content"].as_str(), Some(config.bundle.as_str()));
    assert_eq!(registry["volumes"][0].as_str(), Some("registry:/var/lib/registry"));
    assert!(compose["volumes"]["registry"].as_hash().is_some());
}

#[test]
fn the_command_takes_the_address_as_one_word() {
    let config = TokenConfig { bundle_url: "https://wharf.example.com/a;b/token.pem".into(), ..config() };
    let text = config.fetch().text;
    assert!(text.ends_with(" 'https://wharf.example.com/a;b/token.pem'\n"), "{text}");
}

proptest! {
    #[test]
    fn whatever_the_address_is_it_comes_back_as_it_was(realm in any::<String>(), service in "[a-z0-9-]{1,20}|.{1,20}") {
        let config = TokenConfig { realm: realm.clone(), service: service.clone(), ..config() };
        let token = &parsed(&config.distribution_3().text)["auth"]["token"];
        prop_assert_eq!(token["realm"].as_str(), Some(realm.as_str()));
        prop_assert_eq!(token["service"].as_str(), Some(service.as_str()));
        let zot: serde_json::Value = serde_json::from_str(&config.zot().text)?;
        prop_assert_eq!(zot["http"]["auth"]["bearer"]["realm"].as_str(), Some(realm.as_str()));
        let compose = parsed(&config.compose().text);
        let environment = &compose["services"]["registry"]["environment"];
        let read = environment["REGISTRY_AUTH_TOKEN_REALM"].as_str().map(as_compose_reads);
        prop_assert_eq!(read.as_deref(), Some(realm.as_str()));
    }
}
