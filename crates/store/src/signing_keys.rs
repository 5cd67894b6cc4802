//! The keys that sign tokens for registries: private halves sealed, certificates in the open. Of each algorithm one is
//! current and one is next; those that are retired keep their certificate only.

use crate::{Change, Context, Error, Generations, Store, sealing::Keys, sql::statements};
use domain::{Id, Timestamp};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use std::fmt;

statements! {
    LIST = "SELECT * FROM signing_keys ORDER BY id";
    // Of two programs that make the first keys at once, the second one's are left out.
    ADD = "INSERT INTO signing_keys (algorithm, state, private, certificate, created, activated, expires)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    // Nothing is signed with a retired key again: its private half goes at once.
    RETIRE = "UPDATE signing_keys SET state = 'retired', retired = $2, private = $3 WHERE algorithm = $1 AND state = 'current'";
    RETIRE_ALL = "UPDATE signing_keys SET state = 'retired', retired = $2, private = $3 WHERE algorithm = $1 AND state <> 'retired'";
    TAKE_NEXT = "UPDATE signing_keys SET state = 'current', activated = $3
                 WHERE id = $1 AND algorithm = $2 AND state = 'next' RETURNING id";
}

impl Generations<'_> {
    /// Changes of the keys that sign tokens count here.
    pub const KEYS: &'static str = "signing_keys";
}

/// What a key is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyState {
    /// Signs.
    Current,
    /// Signs from the next rotation on. Registries have its certificate already.
    Next,
    /// Signed once.
    Retired,
}

impl KeyState {
    /// The word in the records and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        let all = [Self::Next, Self::Current, Self::Retired];
        let known = all.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| Error::Broken(format!("a signing key is {word}")))
    }
}

/// A private key, PKCS#8 DER. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(pub Vec<u8>);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// A key that signs tokens, will sign them, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Never used again.
    pub id: Id,
    /// What it signs with, by the name in a token's header.
    pub algorithm: String,
    /// What it is there for.
    pub state: KeyState,
    /// The private half; none for a retired key, and for one that can't be unsealed with the key file at hand.
    pub private: Option<PrivateKey>,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Since when.
    pub created: Timestamp,
    /// Since when it signs.
    pub activated: Option<Timestamp>,
    /// Since when it no longer does.
    pub retired: Option<Timestamp>,
    /// When its certificate ends.
    pub expires: Timestamp,
}

/// The signing keys.
#[derive(Clone, Copy, Debug)]
pub struct SigningKeys<'s>(&'s Store);

impl Store {
    /// The keys that sign tokens.
    pub fn signing_keys(&self) -> SigningKeys<'_> {
        SigningKeys(self)
    }
}

impl SigningKeys<'_> {
    /// All of them, the oldest first, with their private halves unsealed.
    pub async fn list(&self) -> Result<Vec<SigningKey>, Error> {
        let rows = sqlx::query(LIST).fetch_all(&self.0.inner.records.readers).await?;
        rows.iter().map(|row| signing_key(row, &self.0.inner.keys)).collect()
    }
}

/// A sealed key opens only beside the certificate that it was made with.
fn belongs_to(algorithm: &str, certificate: &[u8]) -> Vec<u8> {
    [b"wharfinger signing key ".as_slice(), algorithm.as_bytes(), b"\n", certificate].concat()
}

fn signing_key(row: &SqliteRow, keys: &Keys) -> Result<SigningKey, Error> {
    let (algorithm, certificate): (String, Vec<u8>) = (row.try_get("algorithm")?, row.try_get("certificate")?);
    let moment = |column: &str| Ok::<_, Error>(row.try_get::<Option<i64>, _>(column)?.map(Timestamp));
    let private = keys.unseal_of(&belongs_to(&algorithm, &certificate), row.try_get("private")?);
    Ok(SigningKey {
        id: row.try_get("id")?,
        state: KeyState::read(row.try_get("state")?)?,
        private: private.map(PrivateKey),
        created: Timestamp(row.try_get("created")?),
        activated: moment("activated")?,
        retired: moment("retired")?,
        expires: Timestamp(row.try_get("expires")?),
        algorithm,
        certificate,
    })
}

/// A key on its way into the records.
#[derive(Clone, Debug)]
pub struct NewSigningKey {
    /// The private half.
    pub private: PrivateKey,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// When that ends.
    pub expires: Timestamp,
}

impl NewSigningKey {
    async fn add(&self, algorithm: &str, state: KeyState, context: &mut Context<'_>) -> Result<(), Error> {
        let sealed = context.keys.seal_to(&belongs_to(algorithm, &self.certificate), &self.private.0);
        let activated = (state == KeyState::Current).then_some(context.at.0);
        let statement = sqlx::query(ADD)
            .bind(algorithm)
            .bind(state.as_str())
            .bind(sealed.ok_or(Error::Unreadable { field: "signing key" })?)
            .bind(&self.certificate)
            .bind(context.at.0)
            .bind(activated)
            .bind(self.expires.0);
        statement.execute(&mut *context.change).await?;
        Ok(())
    }
}

/// Keeps the first keys of an algorithm. Where there are some already, they stay.
#[derive(Clone, Debug)]
pub struct AddSigningKeys {
    /// What they sign with.
    pub algorithm: &'static str,
    /// The one that signs.
    pub current: NewSigningKey,
    /// The one after it.
    pub next: NewSigningKey,
}

impl Change for AddSigningKeys {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        self.current.add(self.algorithm, KeyState::Current, context).await?;
        self.next.add(self.algorithm, KeyState::Next, context).await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::KEYS]
    }
}

/// Which key signs from now on.
#[derive(Clone, Debug)]
pub enum Successor {
    /// The one that was next: its certificate is in every registry's bundle.
    Next(Id),
    /// A new one, since those that were there can't be unsealed any more.
    New(NewSigningKey),
}

/// Retires the key that signs, puts another in its place, and adds one to be next.
#[derive(Clone, Debug)]
pub struct RotateSigningKeys {
    /// What they sign with.
    pub algorithm: &'static str,
    /// Which one signs from now on.
    pub successor: Successor,
    /// The one after it.
    pub next: NewSigningKey,
}

impl Change for RotateSigningKeys {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        match self.successor {
            Successor::Next(id) => {
                retire(RETIRE, self.algorithm, context.at, context.change).await?;
                let statement = sqlx::query_scalar::<_, Id>(TAKE_NEXT).bind(id).bind(self.algorithm).bind(context.at.0);
                let taken = statement.fetch_optional(&mut *context.change).await?;
                taken.ok_or(Error::Conflict("somebody else rotated these keys meanwhile"))?;
            }
            Successor::New(key) => {
                retire(RETIRE_ALL, self.algorithm, context.at, context.change).await?;
                key.add(self.algorithm, KeyState::Current, context).await?;
            }
        }
        self.next.add(self.algorithm, KeyState::Next, context).await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::KEYS]
    }
}

async fn retire(
    statement: &'static str,
    algorithm: &str,
    at: Timestamp,
    change: &mut SqliteConnection,
) -> Result<(), Error> {
    sqlx::query(statement).bind(algorithm).bind(at.0).bind(Vec::<u8>::new()).execute(change).await?;
    Ok(())
}
