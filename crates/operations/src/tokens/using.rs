//! From the text of a token to the actor who comes by it.

use super::{MARK, PREFIX, hash};
use crate::{Error, Kind, Operations, Result};
use domain::{Actor, ActorKind, Place, Via, audit::Act, audit::Outcome};

/// Under this word tries with tokens that are none are counted; no account can be called so.
const WRONG: &str = "access token";
/// Hexadecimal digits of the secret part.
const SECRET: usize = 64;
/// A token's last use is noted at most this often, in seconds.
const NOTED_EVERY: i64 = 60;

/// The public part and the secret part of a token's text.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (prefix, secret) = text.strip_prefix(MARK)?.strip_prefix('_')?.split_once('_')?;
    let hex = |part: &str, n: usize| part.len() == n && part.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    (hex(prefix, PREFIX) && hex(secret, SECRET)).then_some((prefix, secret))
}

/// Takes the same time wherever they differ.
fn same(a: &str, b: &str) -> bool {
    let differing = a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
    a.len() == b.len() && differing == 0
}

impl Operations {
    /// Who comes by this token: its person, held to its restriction. All that is wrong with a token gets one answer; only
    /// such tries are counted and slowed down, so that nobody can keep a good token out.
    pub async fn by_token(&self, stranger: &Actor, text: &str) -> Result<Actor> {
        let now = self.now();
        let found = match parts(text) {
            Some((prefix, secret)) => self.0.store.tokens().by_prefix(prefix).await?.map(|held| (held, hash(secret))),
            None => None,
        };
        let why = match found {
            None => "there is no such token",
            Some((held, secret)) if !same(&held.token.secret_hash, &secret) => "there is no such token",
            Some((held, _)) if held.disabled => "its person is disabled",
            Some((held, _)) if held.token.expires.is_some_and(|until| until <= now) => "the token has expired",
            Some((held, _)) => {
                let token = held.token;
                if token.last_used.is_none_or(|at| at.plus_seconds(NOTED_EVERY) <= now)
                    && let Err(error) = self.0.store.tokens().used(token.id, now).await
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
        let prefix = parts(text).map_or("that is none", |(prefix, _)| prefix);
        let act = Act::new("token.use", format!("token {prefix}"));
        self.event(stranger, &act, Outcome::Refused, Some(why), &Place::System).await;
        Err(Error::new(
            Kind::SignInNeeded,
            "This token is not good: it is unknown, revoked or expired. Make a new one.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_make_is_a_token() {
        let (prefix, secret) = ("0123456789ab", "c".repeat(SECRET));
        assert_eq!(parts(&format!("wharfinger_{prefix}_{secret}")), Some((prefix, secret.as_str())));
        for text in [
            String::new(),
            secret.clone(),
            format!("wharfinger_{prefix}"),
            format!("wharfinger_{prefix}_{secret}0"),
            format!("wharfinger_{prefix}_{}", secret.to_uppercase()),
            format!("wharfinger_{prefix}x_{secret}"),
            format!("other_{prefix}_{secret}"),
        ] {
            assert_eq!(parts(&text), None, "{text}");
        }
    }

    #[test]
    fn hashes_are_the_same_or_not() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
