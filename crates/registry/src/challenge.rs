//! Reads `WWW-Authenticate`: several challenges in one header or in several, with tokens and quoted strings as values
//! (RFC 9110, section 11).

use http::{HeaderMap, header::WWW_AUTHENTICATE};

/// One challenge: its scheme in lower case, and its parameters with their names in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// `basic`, `bearer`, …
    pub scheme: String,
    /// The parameters in their order.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter's value; the first, where it is given twice.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// All challenges of an answer, in their order. What can't be read is left out.
pub fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).flat_map(parse).collect()
}

/// Reads one header's value.
fn parse(text: &str) -> Vec<Challenge> {
    let mut rest = Cursor(text);
    let mut found: Vec<Challenge> = Vec::new();
    loop {
        rest.skip(|c| c == ',' || c.is_ascii_whitespace());
        let Some(word) = rest.token() else { return found };
        rest.skip(|c| c.is_ascii_whitespace());
        // A word followed by `=` and a value is a parameter of the challenge before it; any other begins a challenge.
        // (`Negotiate YII==` has no name: its text is left out.)
        match found.last_mut() {
            Some(last) if rest.0.starts_with('=') => {
                rest.0 = &rest.0[1..];
                rest.skip(|c| c.is_ascii_whitespace());
                let Some(value) = rest.value() else { return found };
                last.parameters.push((word.to_ascii_lowercase(), value));
            }
            _ => {
                found.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                rest.skip_token68();
            }
        }
    }
}

struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn skip(&mut self, what: impl Fn(char) -> bool) {
        self.0 = self.0.trim_start_matches(what);
    }
    fn token(&mut self) -> Option<&'a str> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let end = self.0.find(|c| !is_token(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        if word.is_empty() {
            return None;
        }
        self.0 = rest;
        Some(word)
    }
    /// `Negotiate YIIabc==`: credentials without a name run to the next comma.
    fn skip_token68(&mut self) {
        let end = self.0.find(',').unwrap_or(self.0.len());
        let part = self.0[..end].trim();
        let name_end = part.find('=').unwrap_or(part.len());
        let is_parameter = name_end < part.len() && !part[name_end..].trim_matches('=').trim().is_empty();
        if !is_parameter && !part.is_empty() && !part.contains(' ') {
            self.0 = &self.0[end..];
        }
    }
    fn value(&mut self) -> Option<String> {
        let Some(quoted) = self.0.strip_prefix('"') else {
            // Some registries leave the quotes away although the value holds `/` and `:`.
            let end = self.0.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(self.0.len());
            let (value, rest) = self.0.split_at(end);
            self.0 = rest;
            return Some(value.to_owned());
        };
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.0 = &quoted[at + 1..];
                    return Some(value);
                }
                '\\' => value.push(characters.next()?.1),
                c => value.push(c),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Challenge {
        let mut all = parse(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        all.remove(0)
    }

    #[test]
    fn a_bearer_challenge_gives_its_parts() {
        let c = one(
            r#"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull,push""#,
        );
        assert_eq!(c.scheme, "bearer");
        assert_eq!(c.get("realm"), Some("https://auth.example.com/token"));
        assert_eq!(c.get("service"), Some("registry.example.com"));
        assert_eq!(c.get("scope"), Some("repository:a/b:pull,push"));
        assert_eq!(c.get("error"), None);
    }

    #[test]
    fn quoted_strings_keep_commas_and_escaped_quotes() {
        let c = one(r#"Basic realm="a \"b\", c=\\d" , charset=UTF-8"#);
        assert_eq!(c.get("realm"), Some(r#"a "b", c=\d"#));
        assert_eq!(c.get("charset"), Some("UTF-8"));
    }

    #[test]
    fn several_challenges_in_one_header_are_told_apart() {
        let all = parse(r#"Negotiate, Bearer realm="x", service=y, Basic realm="z""#);
        let schemes: Vec<_> = all.iter().map(|c| c.scheme.as_str()).collect();
        assert_eq!(schemes, ["negotiate", "bearer", "basic"]);
        assert_eq!(all[1].get("service"), Some("y"));
        assert_eq!(all[2].get("realm"), Some("z"));
    }

    #[test]
    fn credentials_without_a_name_do_not_confuse() {
        let all = parse(r#"Negotiate YIIabc==, Basic realm="z""#);
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].get("realm"), Some("z"));
    }

    #[test]
    fn odd_spelling_is_read_and_nonsense_ends_without_a_panic() {
        assert_eq!(one("bEaReR Realm=https://a/token?x=1 , SERVICE = s").get("realm"), Some("https://a/token?x=1"));
        for text in ["", ",,,", "=", "\"", "Bearer realm=\"open", "Bearer realm=\"x\\", "Bearer =", "é", "Bearer é=1"]
        {
            let _ = parse(text);
        }
    }
}
