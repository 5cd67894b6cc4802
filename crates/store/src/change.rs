//! How the records change: an opened permit, a change, one transaction that also holds its outcome entry.

use crate::{Error, Leases, Store, audit, generations, outbox, sealing::Keys};
use domain::{OpenedPermit, Timestamp, audit::Outcome};
use sqlx::SqliteConnection;

/// What a change works with while it is made.
pub struct Context<'c> {
    pub(crate) change: &'c mut SqliteConnection,
    pub(crate) keys: &'c Keys,
    pub(crate) at: Timestamp,
}

/// A change of our own records, as a value. [`Store::write`] makes it; a pair of changes is one change.
pub trait Change: Send + 'static {
    /// What the change has to tell, such as the id of what it added.
    type Output: Send + 'static;
    /// Makes the change. Whatever fails undoes all of it.
    fn apply(self, context: &mut Context<'_>) -> impl Future<Output = Result<Self::Output, Error>> + Send;
    /// The generations that caches of what it changes look at.
    fn generations(&self) -> Vec<&'static str> {
        Vec::new()
    }
    /// What the outcome entry says under "after", such as the new id; never a secret.
    fn after(_output: &Self::Output) -> Option<serde_json::Value> {
        None
    }
}

/// Nothing beside.
impl Change for () {
    type Output = ();
    async fn apply(self, _context: &mut Context<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl<A: Change, B: Change> Change for (A, B) {
    type Output = (A::Output, B::Output);
    async fn apply(self, context: &mut Context<'_>) -> Result<Self::Output, Error> {
        let first = self.0.apply(context).await?;
        Ok((first, self.1.apply(context).await?))
    }
    fn generations(&self) -> Vec<&'static str> {
        [self.0.generations(), self.1.generations()].concat()
    }
    fn after(output: &Self::Output) -> Option<serde_json::Value> {
        A::after(&output.0).or_else(|| B::after(&output.1))
    }
}

/// Many changes of one kind are one change.
impl<C: Change> Change for Vec<C> {
    type Output = Vec<C::Output>;
    async fn apply(self, context: &mut Context<'_>) -> Result<Self::Output, Error> {
        let mut outputs = Vec::with_capacity(self.len());
        for change in self {
            outputs.push(change.apply(context).await?);
        }
        Ok(outputs)
    }
    fn generations(&self) -> Vec<&'static str> {
        let mut all: Vec<&'static str> = self.iter().flat_map(Change::generations).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Store {
    /// Makes a change together with its outcome entry, in one transaction; then nobody can have one without the other.
    /// If it fails, nothing has changed, an entry says *failed* and why, and the error comes back.
    ///
    /// A change that has begun is finished even if the caller goes away meanwhile.
    pub async fn write<C: Change>(&self, opened: OpenedPermit, change: C, at: Timestamp) -> Result<C::Output, Error> {
        let mut outputs = self.write_each(vec![(opened, change)], at).await?;
        outputs.pop().ok_or_else(|| Error::Broken("a change told nothing".to_owned()))
    }

    /// Makes several changes in one transaction, each with an outcome entry of its own: all of them, or none. What they
    /// touch counts once, so that what is kept in memory is read again once.
    pub async fn write_each<C: Change>(
        &self,
        changes: Vec<(OpenedPermit, C)>,
        at: Timestamp,
    ) -> Result<Vec<C::Output>, Error> {
        let store = self.clone();
        finish(async move {
            let (opened, changes): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
            let failed = match store.change(&opened, changes, at).await {
                Ok(outputs) => return Ok(outputs),
                Err(error) => error,
            };
            let detail = failed.to_string();
            for opened in opened {
                if let Err(error) = store.close_act(&opened, Outcome::Failed, Some(&detail), None, at).await {
                    tracing::error!(audit.opened = opened.entry(), %error, "the outcome of a failed change could not be written");
                }
            }
            Err(failed)
        })
        .await
    }

    async fn change<C: Change>(
        &self,
        opened: &[OpenedPermit],
        changes: Vec<C>,
        at: Timestamp,
    ) -> Result<Vec<C::Output>, Error> {
        let mut transaction = self.inner.records.begin().await?;
        let touched = changes.generations();
        let mut context = Context { change: &mut transaction, keys: &self.inner.keys, at };
        let outputs = changes.apply(&mut context).await?;
        for name in touched {
            generations::bump(&mut transaction, name).await?;
        }
        let chain = &self.inner.chain_id;
        let afters: Vec<_> = outputs.iter().map(C::after).collect();
        for (opened, after) in opened.iter().zip(afters) {
            let outcome = audit::Ending { outcome: Outcome::Done, detail: None, after, at };
            let act = audit::close(&mut transaction, chain, &audit::Opened::of(opened), outcome).await?;
            let body = serde_json::json!({ "entry": opened.entry(), "registry": opened.permit().place().registry() });
            outbox::append(&mut transaction, &act, &body, at).await?;
        }
        transaction.commit().await?;
        Ok(outputs)
    }

    /// The leases of background work.
    pub fn leases(&self) -> Leases<'_> {
        Leases::new(&self.inner.records)
    }
}

/// Runs `work` to its end, whoever stops waiting for it.
pub(crate) async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::Database(Box::new(error))),
    }
}
