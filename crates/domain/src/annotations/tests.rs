use super::*;

#[test]
fn only_plain_web_addresses_become_links() {
    let safe = [
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("  http://example.com ", "http://example.com/"),
        ("HTTPS://EXAMPLE.com/A", "https://example.com/A"),
        ("https://bücher.example", "https://xn--bcher-kva.example/"),
    ];
    for (text, link) in safe {
        assert_eq!(safe_link(text).as_deref(), Some(link), "{text}");
    }
    let unsafe_ones = [
        "javascript:alert(1)",
        "javascript://x/%0aalert(1)",
        "data:text/html,x",
        "ftp://example.com",
        "//example.com",
        "example.com",
        "https://user@example.com",
        "https://bank.example:pw@evil.example",
        "https://",
        "https:///x",
        "http:example.com",
        "https://example.com/a b",
        "https://example.com/\u{202e}gpj.exe",
        "https://exa\tmple.com",
        "https://example.com\\@evil.example",
        "git@example.com:a/b.git",
        "",
    ];
    for text in unsafe_ones {
        assert_eq!(safe_link(text), None, "{text}");
    }
    assert_eq!(safe_link(&format!("https://example.com/{}", "a".repeat(3_000))), None);
}

#[test]
fn known_keys_come_first_and_keep_their_order() {
    let pairs = [
        ("zebra", "1"),
        ("org.opencontainers.image.source", "https://example.com/x"),
        ("a", "2"),
        ("maintainer", "me"),
    ];
    let rows = explain(&pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(
        rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
        ["org.opencontainers.image.source", "maintainer", "zebra", "a"]
    );
    assert_eq!(rows[0].label.as_deref(), Some("Source"));
    assert_eq!(rows[0].link.as_deref(), Some("https://example.com/x"));
    assert_eq!((rows[2].label.as_deref(), rows[2].link.as_deref()), (None, None));
}

#[test]
fn every_known_key_is_explained_once() {
    for (at, (key, _)) in KNOWN.iter().enumerate() {
        assert!(KNOWN[..at].iter().all(|(other, _)| other != key), "{key} twice");
    }
}
