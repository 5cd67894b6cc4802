//! From a failed exchange to its cause: reads the chain of errors below reqwest's.

use crate::{
    Error,
    error::TlsWhy,
    resolve::{Blocked, Origin},
    said::clean,
};
use rustls::{AlertDescription, CertificateError, Error as Rustls};
use std::{error::Error as StdError, io, time::Duration};
use url::Url;

/// The cause of a failure at `url`. The URL itself never gets into the message: its query may hold a signature.
pub(crate) fn cause(error: &reqwest::Error, url: &Url, connect_timeout: Duration) -> Error {
    let host = Origin::of(url).authority();
    if let Some(blocked) = find::<Blocked>(error) {
        return Error::ForbiddenAddress { host, address: Some(blocked.address) };
    }
    if let Some(tls) = find::<Rustls>(error) {
        return Error::Tls { host, why: tls_why(tls) };
    }
    if error.is_timeout() {
        return Error::ConnectTimeout { host, after: connect_timeout };
    }
    let why = clean(&deepest(error).to_string(), 200);
    if error.is_dns() {
        return Error::Dns { host, why };
    }
    let kind = find::<io::Error>(error).map(io::Error::kind);
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => Error::Refused { host },
        Some(io::ErrorKind::TimedOut) if error.is_connect() => Error::ConnectTimeout { host, after: connect_timeout },
        _ if error.is_connect() => Error::Unreachable { host, why },
        _ if error.is_body() || error.is_decode() => Error::Interrupted { host, why },
        // The connection closed before an answer: the request may or may not have been read.
        _ if error.is_request() => Error::Unreachable { host, why },
        _ => Error::Malformed { what: why },
    }
}

/// Why TLS failed, from rustls' words to ours.
pub(crate) fn tls_why(error: &Rustls) -> TlsWhy {
    match error {
        Rustls::InvalidCertificate(certificate) => match certificate {
            // A bad signature: an authority of the same name, and not the one that signed.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsWhy::UnknownIssuer,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsWhy::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsWhy::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsWhy::WrongName,
            // A self-signed certificate that is an authority at the same time: nobody we know vouches for it.
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => TlsWhy::UnknownIssuer,
            other => TlsWhy::Other(clean(&format!("its certificate can't be used: {other}"), 200)),
        },
        Rustls::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::BadCertificate) => {
            TlsWhy::ClientCertificateWanted
        }
        Rustls::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError,
        ) => TlsWhy::ClientCertificateRefused,
        Rustls::InvalidMessage(_) => TlsWhy::NotTls,
        other => TlsWhy::Other(clean(&other.to_string(), 200)),
    }
}

/// The first error of this type in the chain, also where an I/O error carries it inside.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(one) = next {
        if let Some(found) = one.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = one.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| find::<T>(inner)) {
            return Some(found);
        }
        next = one.source();
    }
    None
}

/// The last error of the chain, which names the cause.
fn deepest<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last
}
