//! Leases: who does which background work, until when, with a fencing number that stops a holder that was overtaken.

use crate::{Change, Context, Error, pools::Pools, sql::statements};
use domain::{Id, Timestamp};

statements! {
    // Free, or run out: taken over under the next fencing number, which is never used again.
    ACQUIRE = "INSERT INTO leases (name, owner, expires, fencing) VALUES ($1, $2, $3, 1)
               ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires = excluded.expires, fencing = leases.fencing + 1
               WHERE leases.expires <= $4 RETURNING fencing";
    RENEW = "UPDATE leases SET expires = $4 WHERE name = $1 AND fencing = $2 AND expires > $3 RETURNING fencing";
    CHECK = "SELECT fencing FROM leases WHERE name = $1 AND fencing = $2 AND expires > $3";
    // The row stays: its number must go on.
    RELEASE = "UPDATE leases SET expires = 0 WHERE name = $1 AND fencing = $2";
    FREE_ALL = "UPDATE leases SET expires = 0";
}

/// A lease that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The work.
    pub name: String,
    /// Who holds it, for people to read.
    pub owner: String,
    /// Until when.
    pub expires: Timestamp,
    /// Grows with each holder.
    pub fencing: Id,
}

/// The leases of background work.
#[derive(Clone, Copy, Debug)]
pub struct Leases<'s>(&'s Pools);

impl<'s> Leases<'s> {
    pub(crate) fn new(pools: &'s Pools) -> Self {
        Self(pools)
    }
    /// Takes the lease if it is free at `now`; else nothing.
    pub async fn acquire(
        &self,
        name: &str,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, Error> {
        let statement = sqlx::query_scalar(ACQUIRE).bind(name).bind(owner).bind(until.0).bind(now.0);
        let fencing: Option<Id> = statement.fetch_optional(&self.0.writer).await?;
        let lease = |fencing| Lease { name: name.to_owned(), owner: owner.to_owned(), expires: until, fencing };
        Ok(fencing.map(lease))
    }
    /// Holds it for longer. [`Error::LeaseLost`] when it ran out or went to another.
    pub async fn renew(&self, lease: &Lease, now: Timestamp, until: Timestamp) -> Result<Lease, Error> {
        let statement =
            sqlx::query_scalar::<_, Id>(RENEW).bind(&lease.name).bind(lease.fencing).bind(now.0).bind(until.0);
        let held = statement.fetch_optional(&self.0.writer).await?;
        held.map(|_| Lease { expires: until, ..lease.clone() }).ok_or_else(|| Error::LeaseLost(lease.name.clone()))
    }
    /// Is it still held? Asked before a batch of work whose writes go elsewhere than the records.
    pub async fn holds(&self, lease: &Lease, now: Timestamp) -> Result<bool, Error> {
        let check = sqlx::query_scalar::<_, Id>(CHECK).bind(&lease.name).bind(lease.fencing).bind(now.0);
        Ok(check.fetch_optional(&self.0.readers).await?.is_some())
    }
    /// Gives it back early.
    pub async fn release(&self, lease: &Lease) -> Result<(), Error> {
        sqlx::query(RELEASE).bind(&lease.name).bind(lease.fencing).execute(&self.0.writer).await?;
        Ok(())
    }
    /// Frees all leases: right at the start of the one process that serves, whose predecessor may have been killed.
    pub async fn free_all(&self) -> Result<(), Error> {
        sqlx::query(FREE_ALL).execute(&self.0.writer).await?;
        Ok(())
    }
}

/// A change that is only made while a lease is held: the fencing number is checked in the same transaction.
#[derive(Clone, Debug)]
pub struct Under<C> {
    /// The lease.
    pub lease: Lease,
    /// The change.
    pub change: C,
}

impl<C: Change> Change for Under<C> {
    type Output = C::Output;
    async fn apply(self, context: &mut Context<'_>) -> Result<C::Output, Error> {
        let check =
            sqlx::query_scalar::<_, Id>(CHECK).bind(&self.lease.name).bind(self.lease.fencing).bind(context.at.0);
        if check.fetch_optional(&mut *context.change).await?.is_none() {
            return Err(Error::LeaseLost(self.lease.name));
        }
        self.change.apply(context).await
    }
    fn generations(&self) -> Vec<&'static str> {
        self.change.generations()
    }
    fn after(output: &C::Output) -> Option<serde_json::Value> {
        C::after(output)
    }
}
