use super::*;
use proptest::prelude::*;
use std::process::Command;

/// Reads one word as a POSIX shell does; `None` if it is not exactly one plain word.
fn read_shell(word: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => loop {
                match chars.next()? {
                    '\'' => break,
                    c => out.push(c),
                }
            },
            '\\' => out.push(chars.next()?),
            c if c.is_whitespace() || "\"$`;&|<>()*?[]#~!{}".contains(c) => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

/// Reads a double-quoted text as YAML and TOML do.
fn read_double(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.strip_suffix('"')?.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let code = |chars: &mut std::str::Chars<'_>, n: usize| {
            let hex: String = chars.by_ref().take(n).collect();
            u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)
        };
        out.push(match chars.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'u' => code(&mut chars, 4)?,
            'U' => code(&mut chars, 8)?,
            c @ ('"' | '\\') => c,
            _ => return None,
        });
    }
    Some(out)
}

#[test]
fn plain_words_stay_plain() {
    for word in ["docker.io/library/debian:12", "registry.example.com:5000/a/b@sha256:00", "--user=x"] {
        assert_eq!(shell(word), word);
    }
    assert_eq!(yaml("registry.example.com/web:v1"), "registry.example.com/web:v1");
}

#[test]
fn what_a_shell_would_act_on_is_quoted() {
    assert_eq!(shell(""), "''");
    assert_eq!(shell("a b"), "'a b'");
    assert_eq!(shell("$(rm -rf /)"), "'$(rm -rf /)'");
    assert_eq!(shell("it's"), r"'it'\''s'");
    assert_eq!(shell("a\0b"), "'ab'");
}

#[test]
fn what_yaml_would_take_for_something_else_is_quoted() {
    for text in [
        "",
        "no",
        "NULL",
        "true",
        "12",
        "1.5",
        "0x1f",
        "2026-11-21",
        "1:30",
        "-",
        "- a",
        "a: b",
        "a:",
        "=",
        ".5",
        "+1",
        "a,b",
        "@x",
        "%x",
        "a #b",
    ] {
        assert!(yaml(text).starts_with('"'), "{text} as {}", yaml(text));
    }
}

#[test]
fn a_real_shell_reads_what_was_meant() {
    let odd = [
        "",
        "plain",
        "it's",
        "a b  c",
        "$HOME `id` $(id)",
        "a\nb\tc",
        "\"\\\"",
        "~",
        "*",
        "!x",
        "-n",
        "ü€😀",
        "\u{1b}[31m",
        "'''",
    ];
    for text in odd {
        let script = format!("printf %s {}", shell(text));
        let output = Command::new("sh").arg("-c").arg(&script).output().expect("a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), text, "{script}");
    }
}

proptest! {
    #[test]
    fn a_shell_reads_back_what_was_quoted(text in "[^\u{0}]*") {
        prop_assert_eq!(read_shell(&shell(&text)), Some(text));
    }

    #[test]
    fn yaml_and_toml_read_back_what_was_quoted(text in any::<String>()) {
        let toml = quote(&text, Syntax::Toml);
        prop_assert_eq!(read_double(&toml), Some(text.clone()));
        let yaml = yaml(&text);
        prop_assert!(yaml == text || read_double(&yaml) == Some(text));
        prop_assert!(toml.bytes().all(|c| matches!(c, b' '..=b'~')));
    }

    #[test]
    fn json_reads_back_what_was_quoted(text in any::<String>()) {
        prop_assert_eq!(serde_json::from_str::<String>(&quote(&text, Syntax::Json))?, text);
    }
}
