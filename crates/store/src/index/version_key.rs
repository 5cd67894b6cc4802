//! A text for a tag that sorts, byte by byte, as semantic versions do.

use domain::{
    Tag,
    versions::{is_version, sort_key},
};

/// The key of a tag that reads as a version: the one that [`domain::semver_range`] makes its spans of. That of a release
/// ends in `2`, that of a pre-release does not.
pub(super) fn version_key(tag: &Tag) -> Option<String> {
    is_version(tag.as_str()).then(|| sort_key(tag.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::versions::is_release;

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
            "1.10.0.1",
            "2",
        ];
        for pair in ordered.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{} is not before {}", pair[0], pair[1]);
            assert!(key(pair[0]).is_some());
        }
        assert_eq!(key("v1.2"), key("1.2.0"));
    }

    #[test]
    fn what_is_no_version_has_no_key() {
        for text in ["latest", "v", "1..2", "1.x", "sha256-abc", "main-5d0c1fe", "20261121"] {
            assert_eq!(key(text), None, "{text}");
        }
    }

    #[test]
    fn the_key_of_a_release_tells_by_its_end() {
        for text in ["1", "v1.2.3", "1.2.3.4", "1.2.3-rc.1", "1.2-alpine", "3.0.0-2", "1.2.3.4-rc.2", "1.0_build"] {
            assert_eq!(key(text).is_some_and(|key| key.ends_with('2')), is_release(text), "{text}");
        }
    }
}
