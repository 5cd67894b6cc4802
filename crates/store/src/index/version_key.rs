//! A text for a tag that sorts, byte by byte, as semantic versions do (semver.org 2.0, "Precedence").

use domain::Tag;

/// The key of a tag that reads as a version: `v` or nothing, one to three numbers, perhaps a pre-release after a hyphen.
/// Missing numbers count as zero; a tag can't have build metadata.
pub(super) fn version_key(tag: &Tag) -> Option<String> {
    let text = tag.as_str();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (numbers, pre_release) = match text.split_once('-') {
        Some((numbers, pre_release)) => (numbers, Some(pre_release)),
        None => (text, None),
    };
    let parts: Vec<&str> = numbers.split('.').collect();
    if parts.len() > 3 {
        return None;
    }
    let mut key = String::new();
    for part in parts.iter().copied().chain(std::iter::repeat("0")).take(3) {
        key.push_str(&number(part)?);
    }
    match pre_release {
        // A release comes after all its pre-releases: `~` sorts after every identifier below.
        None => key.push('~'),
        Some(identifiers) => {
            let encoded: Option<Vec<String>> = identifiers.split('.').map(identifier).collect();
            key.push_str(&encoded?.join("!"));
            // Fewer identifiers come first: a space sorts before the `!` that another one would follow.
            key.push(' ');
        }
    }
    Some(key)
}

/// Numeric identifiers come before others, and compare as numbers.
fn identifier(text: &str) -> Option<String> {
    match text {
        "" => None,
        _ if text.bytes().all(|c| c.is_ascii_digit()) => Some(format!("0{}", number(text)?)),
        _ => Some(format!("1{text}")),
    }
}

/// The number of digits, then the digits.
fn number(text: &str) -> Option<String> {
    if text.is_empty() || !text.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let digits = text.trim_start_matches('0');
    (digits.len() <= 40).then(|| format!("{:02}{digits}", digits.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        version_key(&text.parse().expect("a tag"))
    }

    #[test]
    fn versions_sort_as_semver_says() {
        let ordered = [
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "v1.0.0",
            "1.0.1",
            "1.2",
            "v1.10.0",
            "2",
            "20261121",
        ];
        for pair in ordered.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{} is not before {}", pair[0], pair[1]);
            assert!(key(pair[0]).is_some());
        }
    }

    #[test]
    fn what_is_no_version_has_no_key() {
        for text in ["latest", "1.2.3.4", "v", "1..2", "1.0-", "1.x", "sha256-abc", "1.0.0-a..b"] {
            assert_eq!(key(text), None, "{text}");
        }
    }

    #[test]
    fn equal_versions_have_one_key_however_they_are_written() {
        assert_eq!(key("v1.2"), key("1.2.0"));
        assert_eq!(key("1.02.0"), key("1.2.0"));
    }
}
