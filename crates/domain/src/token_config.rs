//! What a registry needs in its configuration so that it takes the tokens of this program, written out to be copied.

use crate::{
    commands::Snippet,
    quoting::{Syntax, quote, shell, yaml},
};

/// Where the bundle lies in the examples.
const BUNDLE: &str = "/etc/wharfinger/tokens.pem";

/// What a registry is told of its token server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenConfig {
    /// Where clients ask for tokens: our public address with `/token`.
    pub realm: String,
    /// The audience of this registry's tokens.
    pub service: String,
    /// Who issues them.
    pub issuer: String,
    /// What they are signed with (`ES256`, `RS256`, `EdDSA`).
    pub algorithm: String,
    /// Does distribution 2.x know this algorithm? It does not start with the certificate of a key it does not know.
    pub known_to_distribution_2: bool,
    /// Where the certificates can be had, without signing in.
    pub bundle_url: String,
    /// Where the same keys can be had as a JSON Web Key Set.
    pub jwks_url: String,
    /// The certificates themselves, PEM; the key that signs now comes first.
    pub bundle: String,
}

impl TokenConfig {
    /// Everything there is to copy, in the order in which it is done.
    pub fn snippets(&self) -> Vec<Snippet> {
        let mut all = vec![self.fetch()];
        all.extend(self.distribution_2());
        all.extend([self.distribution_3(), self.zot(), self.compose()]);
        all
    }

    /// The command that puts the certificates where the examples look for them.
    pub fn fetch(&self) -> Snippet {
        let (url, folder) = (shell(&self.bundle_url), BUNDLE.trim_end_matches("/tokens.pem"));
        Snippet::new(
            "On the registry’s machine: fetch the certificates",
            format!("sudo mkdir -p {folder}\nsudo curl -fsS -o {BUNDLE} {url}\n"),
        )
    }

    /// `auth.token` for distribution 2.8; nothing where it would not start.
    pub fn distribution_2(&self) -> Option<Snippet> {
        self.known_to_distribution_2.then(|| {
            Snippet::new("distribution 2.8: into /etc/docker/registry/config.yml, then restart it", self.auth_token())
        })
    }

    /// `auth.token` for distribution 3.x. The certificates do there too: our tokens carry theirs, and it looks at that
    /// before it looks at `jwks`.
    pub fn distribution_3(&self) -> Snippet {
        let text = format!("{}    signingalgorithms:\n      - {}\n", self.auth_token(), yaml(&self.algorithm));
        Snippet::new("distribution 3: into /etc/distribution/config.yml, then restart it", text)
    }

    fn auth_token(&self) -> String {
        format!(
            "auth:\n  token:\n    realm: {}\n    service: {}\n    issuer: {}\n    rootcertbundle: {}\n",
            yaml(&self.realm),
            yaml(&self.service),
            yaml(&self.issuer),
            yaml(BUNDLE),
        )
    }

    /// zot's bearer section. It takes one key: the first certificate of the file.
    pub fn zot(&self) -> Snippet {
        let json = |text: &str| quote(text, Syntax::Json);
        let text = format!(
            "{{\n  \"http\": {{\n    \"auth\": {{\n      \"bearer\": {{\n        \"realm\": {},\n        \"service\": {},\n        \"cert\": {}\n      }}\n    }}\n  }}\n}}\n",
            json(&self.realm),
            json(&self.service),
            json(BUNDLE),
        );
        Snippet::new("zot: into its configuration, then restart it", text)
    }

    /// A compose file that starts a distribution registry with all of it, the certificates inside.
    pub fn compose(&self) -> Snippet {
        let image = if self.known_to_distribution_2 { "registry:2.8.3" } else { "registry:3" };
        let lines: Vec<String> = self.bundle.lines().map(|line| format!("      {}", dollars(line))).collect();
        let certificates = lines.join("\n");
        let value = |text: &str| yaml(&dollars(text));
        let text = format!(
            "services:\n  registry:\n    image: {image}\n    restart: unless-stopped\n    ports:\n      - \"5000:5000\"\n    environment:\n\
             {0}REGISTRY_AUTH: token\n\
             {0}REGISTRY_AUTH_TOKEN_REALM: {1}\n\
             {0}REGISTRY_AUTH_TOKEN_SERVICE: {2}\n\
             {0}REGISTRY_AUTH_TOKEN_ISSUER: {3}\n\
             {0}REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: {4}\n\
             {0}REGISTRY_STORAGE_DELETE_ENABLED: \"true\"\n\
             \u{20}   configs:\n      - source: tokens\n        target: {4}\n\
             \u{20}   volumes:\n      - registry:/var/lib/registry\n\
             configs:\n  tokens:\n    content: |\n{certificates}\n\
             volumes:\n  registry: {{}}\n",
            "      ",
            value(&self.realm),
            value(&self.service),
            value(&self.issuer),
            yaml(BUNDLE),
        );
        Snippet::new("compose.yaml: a new registry that takes only these tokens", text)
    }
}

/// Compose puts the value of a variable where it finds a `$`; two of them are one that is meant.
fn dollars(text: &str) -> String {
    text.replace('$', "$$")
}

#[cfg(test)]
mod tests;
