//! Each request gets a number and a client's address, and leaves one line in the log.

use super::{Doors, PASSED, address::Peer};
use app::context::{Encrypted, RequestId};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use ring::rand::{SecureRandom, SystemRandom};
use std::{
    net::{IpAddr, Ipv4Addr},
    time::Instant,
};
use tracing::Instrument;

/// The header that carries the number.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The client's address, as far as we can know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Numbers the request, notes it in the log when it is answered.
pub async fn follow(State(doors): State<Doors>, mut request: Request, next: Next) -> Response {
    let id = new_id();
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let client = doors.0.client.address(peer, request.headers());
    let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-"));
    // A number from outside could be somebody else's, or a forged line: ours replaces it.
    request.headers_mut().insert(REQUEST_ID, value.clone());
    let extensions = request.extensions_mut();
    extensions.insert(RequestId(id.clone()));
    extensions.insert(ClientAddress(client));
    // Behind a proxy only the public URL can say whether the way to us is encrypted.
    extensions.insert(Encrypted(doors.0.https || doors.0.tls));
    let method = request.method().clone();
    let path = crate::logging::redacted(request.uri().path(), request.uri().query());
    let interface = crate::api::is_here(request.uri().path());
    let span = tracing::info_span!("request", id = %id);
    async move {
        let began = Instant::now();
        let mut response = PASSED.scope((doors, interface), next.run(request)).await;
        response.headers_mut().insert(REQUEST_ID, value);
        let status = response.status().as_u16();
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(%method, path, status, duration_ms, client = %client, "answered");
        response
    }
    .instrument(span)
    .await
}

/// Sixteen hexadecimal digits, by chance: short enough to read out.
fn new_id() -> String {
    let mut bytes = [0; 8];
    // Without randomness nothing else here works either; the number may then repeat.
    _ = SystemRandom::new().fill(&mut bytes);
    hex::encode(bytes)
}
