//! Sessions over our own table, the cookie that carries them, and the actor a request has because of them.

use crate::{doors::refusal, gate::stranger};
use app::{
    api::session::PERSON,
    base::Base,
    context::{Preferences, RequestId},
};
use async_trait::async_trait;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use domain::{Actor, ActorKind, Id as PersonId, Timestamp, Via};
use operations::Operations;
use std::fmt;
use store::NewSession;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// Under this key a loaded session tells its public id. It is never written back.
const PUBLIC_ID: &str = "session";
/// A session's last use is noted at most this often.
const NOTED_EVERY: i64 = 60;

tokio::task_local! {
    /// The stranger's address and agent: what a session row notes about where it was used from.
    static FROM: (String, String);
}

/// `__Host-` at a root over https, `__Secure-` below a path; plain HTTP can have neither. `kind` tells cookies apart.
pub fn cookie_name(kind: &str, https: bool, base: Base) -> String {
    let prefix = match (https, base.0) {
        (true, "") => "__Host-",
        (true, _) => "__Secure-",
        (false, _) => "",
    };
    format!("{prefix}wharfinger{kind}")
}

/// The layer that puts a [`Session`] into requests. Whoever only reads gets none kept, and no cookie.
pub fn layer(operations: &Operations, https: bool, base: Base) -> SessionManagerLayer<Kept> {
    let settings = operations.settings();
    let (idle, absolute) = (settings.session_idle, settings.session_absolute);
    SessionManagerLayer::new(Kept { operations: operations.clone(), idle, absolute })
        .with_name(cookie_name("", https, base))
        .with_path(base.cookie_path())
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        // The browser keeps the cookie for the longest possible time; when the session ends is the table's to say.
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(absolute)))
}

/// The sessions in our records.
#[derive(Clone)]
pub struct Kept {
    operations: Operations,
    idle: i64,
    absolute: i64,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("idle", &self.idle).field("absolute", &self.absolute).finish_non_exhaustive()
    }
}

impl Kept {
    fn idle_expires(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(self.idle)
    }
}

fn backend(error: store::Error) -> Error {
    tracing::error!(cause = ?error, "sessions can't be read or written");
    Error::Backend(error.to_string())
}

/// What is kept: the data without the public id, and whose it is.
fn kept(record: &Record) -> Result<(String, Option<PersonId>)> {
    let mut data = record.data.clone();
    data.remove(PUBLIC_ID);
    let person = data.get(PERSON).and_then(serde_json::Value::as_i64);
    let text = serde_json::to_string(&data).map_err(|error| Error::Encode(error.to_string()))?;
    Ok((text, person))
}

fn from() -> (String, String) {
    FROM.try_with(Clone::clone).unwrap_or_default()
}

#[async_trait]
impl SessionStore for Kept {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (data, person) = kept(record)?;
        let (address, agent) = from();
        let at = self.operations.now();
        loop {
            let secret = record.id.to_string();
            let new = NewSession {
                secret: &secret,
                person,
                data: &data,
                at,
                idle_expires: self.idle_expires(at),
                absolute_expires: at.plus_seconds(self.absolute),
                address: &address,
                agent: &agent,
            };
            match self.operations.store().sessions().create(&new).await {
                Ok(_) => return Ok(()),
                Err(store::Error::Taken(_)) => record.id = Id::default(),
                Err(error) => return Err(backend(error)),
            }
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (data, person) = kept(record)?;
        let idle_expires = self.idle_expires(self.operations.now());
        let sessions = self.operations.store().sessions();
        // A session that was revoked meanwhile is not brought back.
        sessions.save(&record.id.to_string(), &data, person, idle_expires).await.map(drop).map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let (secret, now) = (id.to_string(), self.operations.now());
        let sessions = self.operations.store().sessions();
        let Some(row) = sessions.load(&secret, now).await.map_err(backend)? else { return Ok(None) };
        let mut data: std::collections::HashMap<_, _> =
            serde_json::from_str(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        data.insert(PUBLIC_ID.to_owned(), row.id.into());
        if row.last_seen.plus_seconds(NOTED_EVERY) <= now {
            let (address, agent) = from();
            if let Err(error) = sessions.touch(&secret, now, self.idle_expires(now), &address, &agent).await {
                // The page can be served all the same; the next request tries again.
                tracing::warn!(cause = ?error, "a session's last use could not be noted");
            }
        }
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(row.absolute_expires.seconds())
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.operations.store().sessions().delete(&id.to_string()).await.map_err(backend)
    }
}

/// What stands around the session layer: it tells the table where a request comes from, and mends the cookies that end a
/// session, since browsers ignore those of a prefixed name that are not `Secure`.
pub async fn around(State((https, base)): State<(bool, Base)>, request: Request, next: Next) -> Response {
    let stranger = stranger(&request);
    let mut response = FROM.scope((stranger.address, stranger.agent), next.run(request)).await;
    if https {
        let ours = format!("{}=", cookie_name("", https, base));
        let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        response.headers_mut().remove(header::SET_COOKIE);
        for cookie in cookies {
            let text = cookie.to_str().unwrap_or_default();
            let mended = (text.starts_with(&ours) && !text.contains("; Secure")).then(|| format!("{text}; Secure"));
            let cookie = mended.and_then(|text| text.parse().ok()).unwrap_or(cookie);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// Finds out who asks and how they want pages to look, and tells everything inside.
pub async fn actor(State(operations): State<Operations>, mut request: Request, next: Next) -> Response {
    let session = request.extensions().get::<Session>().cloned();
    match who(&operations, session, stranger(&request)).await {
        Ok((actor, preferences)) => {
            request.extensions_mut().insert(actor);
            request.extensions_mut().insert(preferences);
            next.run(request).await
        }
        Err(error) => {
            tracing::error!(cause = %error, "the session could not be read");
            let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default().0;
            let message = "Our own database does not answer. Try again in a moment.";
            refusal(request.headers(), StatusCode::SERVICE_UNAVAILABLE, "internal", message, &id)
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn who(
    operations: &Operations,
    session: Option<Session>,
    stranger: Actor,
) -> std::result::Result<(Actor, Preferences), Failure> {
    // Without a cookie there is nothing to look up.
    let Some(session) = session.filter(|session| session.id().is_some()) else {
        return nobody(operations, stranger).await;
    };
    let Some(id) = session.get::<PersonId>(PERSON).await? else { return nobody(operations, stranger).await };
    let public = session.get::<PersonId>(PUBLIC_ID).await?.unwrap_or_default();
    let person = operations.store().people().by_id(id).await?;
    let Some(person) = person.filter(|person| !person.disabled) else {
        return nobody(operations, stranger).await;
    };
    let preferences = Preferences { theme: person.theme, zone: person.time_zone };
    let actor = Actor { kind: ActorKind::Person, id, name: person.name, via: Via::Session(public), ..stranger };
    Ok((operations.with_rights(actor).await?, preferences))
}

async fn nobody(operations: &Operations, stranger: Actor) -> std::result::Result<(Actor, Preferences), Failure> {
    Ok((operations.with_rights(stranger).await?, Preferences::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_as_strict_as_its_place_allows() {
        let below = Base::parse("/registry").expect("a path");
        assert_eq!(cookie_name("", true, Base("")), "__Host-wharfinger");
        assert_eq!(cookie_name("", true, below), "__Secure-wharfinger");
        assert_eq!(cookie_name("-setup", false, below), "wharfinger-setup");
    }
}
