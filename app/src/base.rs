//! Where the program is mounted: at a root or below a path. Everything that writes an address asks here.

use leptos::prelude::*;

/// `""` at a root, `"/registry"` below a path. Chosen at run time by `--public-url`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Base(pub &'static str);

impl Base {
    /// Reads a path such as `/registry/`. The text lives as long as the process; there is one per process.
    ///
    /// # Errors
    /// Says what is wrong when the path can't stand in a header, a cookie and a page.
    pub fn parse(path: &str) -> Result<Self, String> {
        let path = path.trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if !(path.is_empty() || path.starts_with('/')) || path.contains("//") || !path.chars().all(plain) {
            return Err(format!("a path looks like /registry, not {path:?}"));
        }
        Ok(Self(if path.is_empty() { "" } else { String::leak(path.to_owned()) }))
    }
    /// The address of `path` (which begins with `/`) for a link, a form or a header.
    pub fn to(self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
    /// The path of our cookies.
    pub fn cookie_path(self) -> &'static str {
        if self.0.is_empty() { "/" } else { self.0 }
    }
    /// The path inside the program, or `None` when `path` lies outside of the base (`/registryfoo` does).
    pub fn strip(self, path: &str) -> Option<&str> {
        match path.strip_prefix(self.0)? {
            "" => Some("/"),
            rest if rest.starts_with('/') => Some(rest),
            _ => None,
        }
    }
}

/// The base of the page being rendered.
pub fn base() -> Base {
    use_context().unwrap_or_default()
}

/// The address of one of our own paths: what every `href`, `action` and `src` is made with.
pub fn to(path: &str) -> String {
    base().to(path)
}

/// A path of ours that came from outside (`next=` after sign-in): only a path of our own pages passes.
pub fn own_path(path: &str) -> Option<&str> {
    let bad = |c: char| c.is_control() || c == '\\';
    (path.starts_with('/') && !path.starts_with("//") && !path.contains(bad) && path.len() <= 2000).then_some(path)
}

/// Sends the browser to one of our own paths; the only redirect there is.
#[expect(clippy::disallowed_methods, reason = "this is the redirect that knows the base path")]
pub fn redirect(path: &str) {
    leptos_axum::redirect(&to(own_path(path).unwrap_or("/")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_taken_off_at_a_segment() {
        let base = Base::parse("/registry/").expect("a path");
        assert_eq!(base.strip("/registry"), Some("/"));
        assert_eq!(base.strip("/registry/audit"), Some("/audit"));
        assert_eq!(base.strip("/registryfoo"), None);
        assert_eq!(Base::parse("").expect("a root").strip("/audit"), Some("/audit"));
    }

    #[test]
    fn what_can_not_stand_in_a_header_is_no_base() {
        for bad in ["registry", "//x", "/a\"b", "/a b", "/a//b", "/ä"] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\nb", "/\t/evil"] {
            assert_eq!(own_path(bad), None, "{bad}");
        }
        assert_eq!(own_path("/registries/production?q=a"), Some("/registries/production?q=a"));
    }
}
