//! Public keys as a JSON Web Key Set (RFC 7517, RFC 7518, RFC 8037).

use super::certificate::{Certificate, Public};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

/// The keys as one document.
///
/// Each key stands in it twice: by the name that tokens carry (libtrust's), so that whoever looks a token's key up
/// finds it, and by its thumbprint, which is what distribution 3.x calls the key of a certificate.
///
/// For distribution 3.x it is no substitute for the bundle: our tokens carry `x5c`, which that registry looks at first
/// and refuses where it has no root certificates, whatever `jwks` says.
pub fn jwks<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    let keys: Vec<Value> = certificates
        .into_iter()
        .flat_map(|certificate| {
            [certificate.kid().to_owned(), thumbprint(certificate)].map(|kid| key(certificate, kid))
        })
        .collect();
    json!({ "keys": keys }).to_string()
}

fn key(certificate: &Certificate, kid: String) -> Value {
    let mut key = numbers(certificate.public());
    key.insert("alg".into(), certificate.algorithm().as_str().into());
    key.insert("use".into(), "sig".into());
    key.insert("kid".into(), kid.into());
    key.insert("x5c".into(), json!([BASE64.encode(certificate.der())]));
    key.insert("x5t#S256".into(), BASE64URL_NOPAD.encode(digest(&SHA256, certificate.der()).as_ref()).into());
    Value::Object(key)
}

/// The members that make the key what it is, in the order of their names: exactly what the thumbprint covers.
fn numbers(public: &Public) -> Map<String, Value> {
    let number = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let members = match public {
        Public::P256 { x, y } => {
            vec![("crv", "P-256".to_owned()), ("kty", "EC".to_owned()), ("x", number(x)), ("y", number(y))]
        }
        Public::Rsa { modulus, exponent } => {
            vec![("e", number(exponent)), ("kty", "RSA".to_owned()), ("n", number(modulus))]
        }
        Public::Ed25519 { x } => vec![("crv", "Ed25519".to_owned()), ("kty", "OKP".to_owned()), ("x", number(x))],
    };
    members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// The key's thumbprint (RFC 7638, with SHA-256).
pub(super) fn thumbprint(certificate: &Certificate) -> String {
    let covered = Value::Object(numbers(certificate.public())).to_string();
    BASE64URL_NOPAD.encode(digest(&SHA256, covered.as_bytes()).as_ref())
}
