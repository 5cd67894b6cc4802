//! Requests for tokens, read leniently where the protocol says nothing, and strictly where RFC 6749 does.

use axum::{
    extract::Request,
    http::{HeaderMap, header},
};
use base64::{Engine as _, engine::DecodePaddingMode, engine::general_purpose::GeneralPurpose};
use domain::Actor;
use operations::token_server::{Credentials, TokenRequest};
use url::form_urlencoded;

/// With or without padding: clients do both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    base64::engine::GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    credentials: Credentials,
    account: Option<String>,
    service: String,
    scopes: Vec<String>,
    client: String,
    offline: bool,
}

/// The parameters of a request, by name.
#[derive(Default)]
struct Parameters {
    scopes: Vec<String>,
    named: Vec<(String, String)>,
    repeated: bool,
}

impl Parameters {
    fn read(text: &[u8]) -> Self {
        let mut all = Self::default();
        for (name, value) in form_urlencoded::parse(text) {
            if name == "scope" {
                all.scopes.push(value.into_owned());
            } else if all.named.iter().any(|(known, _)| *known == name) {
                // The first one counts.
                all.repeated = true;
            } else if KNOWN.contains(&name.as_ref()) {
                all.named.push((name.into_owned(), value.into_owned()));
            }
        }
        all
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.named.iter().position(|(known, _)| known == name)?;
        Some(self.named.swap_remove(at).1)
    }
}

/// What is understood beside `scope`; all else is passed over (RFC 6749, 3.2).
const KNOWN: [&str; 9] = [
    "service",
    "account",
    "client_id",
    "offline_token",
    "grant_type",
    "access_type",
    "username",
    "password",
    "refresh_token",
];

type Fault = (&'static str, &'static str);

impl Asked {
    /// A GET.
    pub(super) fn in_address(request: &Request) -> Self {
        let mut all = Parameters::read(request.uri().query().unwrap_or_default().as_bytes());
        Self {
            credentials: credentials(request.headers()),
            account: all.take("account").filter(|account| !account.is_empty()),
            service: all.take("service").unwrap_or_default(),
            client: all.take("client_id").unwrap_or_default(),
            offline: all.take("offline_token").is_some_and(|value| value == "true" || value == "1"),
            scopes: all.scopes,
        }
    }

    /// A POST. The error and its description are those of RFC 6749, 5.2.
    pub(super) fn in_form(body: &[u8]) -> Result<Self, Fault> {
        let mut all = Parameters::read(body);
        if all.repeated {
            return Err(("invalid_request", "A parameter stands there twice."));
        }
        let missing = |what: &'static str| ("invalid_request", what);
        let credentials = match all.take("grant_type").as_deref() {
            Some("password") => Credentials::Pair {
                name: all.take("username").ok_or(missing("There is no username."))?,
                secret: all.take("password").ok_or(missing("There is no password."))?,
            },
            Some("refresh_token") => {
                Credentials::Refresh(all.take("refresh_token").ok_or(missing("There is no refresh_token."))?)
            }
            Some(_) => return Err(("unsupported_grant_type", "The grant_type is password or refresh_token.")),
            None => return Err(missing("There is no grant_type.")),
        };
        Ok(Self {
            credentials,
            account: None,
            service: all.take("service").unwrap_or_default(),
            client: all.take("client_id").unwrap_or_default(),
            offline: all.take("access_type").is_some_and(|value| value == "offline"),
            scopes: all.scopes,
        })
    }

    /// As the token server takes it.
    pub(super) fn request(self, stranger: Actor) -> TokenRequest {
        let Self { credentials, account, service, scopes, client, offline } = self;
        TokenRequest { stranger, credentials, account, service, scopes, client, offline }
    }
}

/// What the `Authorization` header says (RFC 7617).
fn credentials(headers: &HeaderMap) -> Credentials {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Credentials::Nobody,
        (Some(value), None) => value.to_str().ok().and_then(basic).unwrap_or(Credentials::Unreadable),
        // Which of them is meant?
        (Some(_), Some(_)) => Credentials::Unreadable,
    }
}

fn basic(value: &str) -> Option<Credentials> {
    let (scheme, rest) = value.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64.decode(rest.trim()).ok()?).ok()?;
    match pair.split_once(':')? {
        // Some clients send this when they have nothing.
        ("", "") => Some(Credentials::Nobody),
        (name, secret) => Some(Credentials::Pair { name: name.to_owned(), secret: secret.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn get(address: &str, authorization: &[&str]) -> Asked {
        let mut request = Request::builder().uri(address);
        for value in authorization {
            request = request.header(header::AUTHORIZATION, *value);
        }
        Asked::in_address(&request.body(Body::empty()).expect("a request"))
    }

    fn pair(name: &str, secret: &str) -> Credentials {
        Credentials::Pair { name: name.to_owned(), secret: secret.to_owned() }
    }

    #[test]
    fn what_clients_send_is_understood() {
        let login =
            get("/token?account=alice&client_id=docker&offline_token=true&service=registry-1", &["Basic YWxpY2U6eA=="]);
        let expected = Asked {
            credentials: pair("alice", "x"),
            account: Some("alice".into()),
            service: "registry-1".into(),
            scopes: vec![],
            client: "docker".into(),
            offline: true,
        };
        assert_eq!(login, expected);
        let mount =
            get("/token?scope=repository%3Aa%3Apush%2Cpull&scope=repository%3Ab%3Apull&service=s&service=t", &[]);
        assert_eq!(mount.scopes, ["repository:a:push,pull", "repository:b:pull"]);
        assert_eq!((mount.service.as_str(), mount.credentials), ("s", Credentials::Nobody));
    }

    #[test]
    fn an_authorization_is_a_name_and_a_secret_or_nothing_that_can_be_read() {
        for (value, expected) in [
            ("Basic YWxpY2U6eA==", pair("alice", "x")),
            ("basic  YWxpY2U6eA", pair("alice", "x")),
            ("Basic YTpiOmM=", pair("a", "b:c")),
            ("Basic YTo=", pair("a", "")),
            ("Basic OmI=", pair("", "b")),
            ("Basic Og==", Credentials::Nobody),
            ("Basic", Credentials::Unreadable),
            ("Basic !!", Credentials::Unreadable),
            ("Basic YWxpY2U=", Credentials::Unreadable),
            ("Basic /zp4", Credentials::Unreadable),
            ("Bearer abc", Credentials::Unreadable),
            ("", Credentials::Unreadable),
        ] {
            assert_eq!(get("/token", &[value]).credentials, expected, "{value}");
        }
        assert_eq!(get("/token", &["Basic YTo=", "Basic YTo="]).credentials, Credentials::Unreadable);
    }

    #[test]
    fn a_form_says_how_it_wants_to_prove_it() {
        let form = |text: &str| Asked::in_form(text.as_bytes());
        let asked =
            form("grant_type=password&username=a&password=b&access_type=offline&client_id=c&service=s&scope=x%20y");
        let asked = asked.expect("a good form");
        assert_eq!((asked.credentials, asked.offline, asked.scopes), (pair("a", "b"), true, vec!["x y".to_owned()]));
        let asked =
            form("grant_type=refresh_token&refresh_token=r&scope=x&scope=y&other=1&other=2").expect("a good form");
        assert_eq!((asked.credentials, asked.scopes.len()), (Credentials::Refresh("r".into()), 2));
        for (text, error) in [
            ("", "invalid_request"),
            ("grant_type=password&username=a", "invalid_request"),
            ("grant_type=password&password=a", "invalid_request"),
            ("grant_type=refresh_token", "invalid_request"),
            ("grant_type=client_credentials", "unsupported_grant_type"),
            ("grant_type=password&grant_type=password&username=a&password=b", "invalid_request"),
            ("grant_type=password&username=a&username=b&password=b", "invalid_request"),
        ] {
            assert_eq!(form(text).expect_err(text).0, error, "{text}");
        }
    }
}
