//! From the text of a token to the actor who comes by it.

use crate::{
    Error, Kind, Operations, Result,
    secrets::{SecretKind, SecretText},
};
use domain::{Actor, ActorKind, Place, Via, audit::Act, audit::Outcome};

/// Under this word tries with tokens that are none are counted; no account can be called so.
const WRONG: &str = "access token";
/// A token's last use is noted at most this often, in seconds.
const NOTED_EVERY: i64 = 60;

impl Operations {
    /// Who comes by this token: its person, held to its restriction. All that is wrong with a token gets one answer; only
    /// such tries are counted and slowed down, so that nobody can keep a good token out.
    pub async fn by_token(&self, stranger: &Actor, text: &str) -> Result<Actor> {
        let now = self.now();
        let read = SecretText::read(text).filter(|read| read.kind == SecretKind::Token);
        let found = match read {
            Some(read) => self.0.store.tokens().by_prefix(read.prefix).await?.map(|held| (held, read)),
            None => None,
        };
        let why = match found {
            None => "there is no such token",
            Some((held, read)) if !read.is_of(&held.token.secret_hash) => "there is no such token",
            Some((held, _)) if held.disabled => "its person is disabled",
            Some((held, _)) if held.token.expires.is_some_and(|until| until <= now) => "the token has expired",
            Some((held, _)) => {
                let token = held.token;
                if token.last_used.is_none_or(|at| at.plus_seconds(NOTED_EVERY) <= now)
                    && let Err(error) = self.0.store.tokens().used(token.id, now, &stranger.address).await
                {
                    // What was asked can be answered all the same; the next request tries again.
                    tracing::warn!(cause = ?error, "a token's last use could not be noted");
                }
                let via = Via::Token { id: token.id, restriction: token.restriction };
                let name = held.person_name;
                let actor = Actor { kind: ActorKind::Person, id: token.person, name, via, ..stranger.clone() };
                return self.with_rights(actor).await;
            }
        };
        self.throttle(WRONG, stranger)?;
        self.0.throttle.failed(WRONG, &stranger.address, now);
        let prefix = read.map_or("that is none", |read| read.prefix);
        let act = Act::new("token.use", format!("token {prefix}"));
        self.event(stranger, &act, Outcome::Refused, Some(why), &Place::System).await;
        Err(Error::new(
            Kind::SignInNeeded,
            "This token is not good: it is unknown, revoked or expired. Make a new one.",
        ))
    }
}
