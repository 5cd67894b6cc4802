use super::*;
use proptest::prelude::*;

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

#[test]
fn addresses_are_read_as_people_type_them() {
    let cases = [
        ("registry.example.com", "https://registry.example.com"),
        (" https://Registry.Example.com:5000/ ", "https://registry.example.com:5000"),
        ("http://127.0.0.1:5000/v2/", "http://127.0.0.1:5000"),
        ("localhost:5000", "https://localhost:5000"),
        ("https://h.example/artifactory/api/docker/x/", "https://h.example/artifactory/api/docker/x"),
        ("https://[::1]:5000", "https://[::1]:5000"),
        ("https://h.example:443", "https://h.example"),
    ];
    for (typed, shown) in cases {
        assert_eq!(address(typed).to_string(), shown);
    }
}

#[test]
fn what_is_no_address_is_refused() {
    let bad = [
        "",
        "ftp://x",
        "https://",
        "https://u:p@h",
        "https://u@h",
        "https://h/?q",
        "https://h/#f",
        "https://h:99999",
        "file:///etc",
        "a b",
    ];
    for text in bad {
        assert!(text.parse::<Address>().is_err(), "{text}");
    }
}

#[test]
fn the_authority_is_what_clients_understand() {
    let cases = [
        ("https://registry.example.com", "registry.example.com"),
        ("https://registry.example.com:5000/x", "registry.example.com:5000/x"),
        ("https://registry", "registry:443"),
        ("http://registry", "registry:80"),
        ("http://localhost", "localhost"),
        ("https://[::1]", "[::1]"),
        ("https://registry-1.docker.io", "docker.io"),
    ];
    for (text, authority) in cases {
        assert_eq!(address(text).authority(), authority);
    }
}

#[test]
fn secrets_do_not_show() {
    let secrets = Secrets { password: Some(Secret::new("hunter2")), ..Default::default() };
    assert!(!format!("{secrets:?}").contains("hunter2"));
    assert_eq!(secrets.password.as_ref().map(Secret::reveal), Some("hunter2"));
}

#[test]
fn a_connection_survives_being_kept() {
    let mut connection = Connection::new(address("https://r.example.com"));
    connection.sign_in = SignIn::Token { username: "ci".to_owned() };
    connection.trust = Trust::Authority { pem: "x".to_owned() };
    let text = serde_json::to_string(&connection).expect("JSON");
    assert_eq!(serde_json::from_str::<Connection>(&text).expect("a connection"), connection);
}

proptest! {
    #[test]
    fn what_is_accepted_reads_back_the_same(text in "(https?://)?[a-z0-9.:\\[\\]-]{1,20}(/[a-z0-9/v%~.]{0,12})?") {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string().parse::<Address>()?, address);
        }
    }

    #[test]
    fn no_text_makes_reading_panic(text in any::<String>()) {
        let _ = text.parse::<Address>().map(|address| address.authority());
    }
}
