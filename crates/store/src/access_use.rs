//! What rights were used for: who, which repository, which permission, on which day, how often, and from where at last.

use crate::{Error, Store, pools::Pools, sql::statements};
use domain::{
    Id, Permission, RepositoryName, Timestamp,
    access::{Subject, Used},
};
use sqlx::{Row as _, sqlite::SqliteRow};

statements! {
    // Whoever was last is the last, in whatever order batches come.
    ADD = "INSERT INTO access_use (subject, registry_id, repository, permission, day, count, last_at, last_address)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (subject, registry_id, repository, permission, day) DO UPDATE SET
           count = access_use.count + excluded.count,
           last_address = CASE WHEN excluded.last_at >= access_use.last_at THEN excluded.last_address ELSE access_use.last_address END,
           last_at = CASE WHEN excluded.last_at >= access_use.last_at THEN excluded.last_at ELSE access_use.last_at END";
    SUMMED = "SELECT subject, registry_id, repository, permission, SUM(count) AS count, MAX(last_at) AS last_at
              FROM access_use GROUP BY subject, registry_id, repository, permission";
    // Of one subject, what was used last first, with the address of the latest day.
    OF_SUBJECT = "SELECT u.* FROM access_use u WHERE u.subject = $1 ORDER BY u.last_at DESC, u.repository LIMIT $2";
    FIRST_DAY = "SELECT MIN(day) FROM access_use";
    // A day at a time: nothing holds the writer for long.
    FORGET_A_DAY = "DELETE FROM access_use WHERE day = (SELECT MIN(day) FROM access_use) AND day < $1";
}

/// As many rows are written at once: the records share their one writer with sign-ins.
const AT_ONCE: usize = 500;

/// A right that was used, once or often, on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Who: a person, a robot, or anonymous.
    pub subject: Subject,
    /// Which registry.
    pub registry: Id,
    /// Which repository.
    pub repository: RepositoryName,
    /// What was done.
    pub permission: Permission,
    /// The day, counted from 1970 (UTC).
    pub day: i64,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
    /// From where last; may be empty.
    pub last_address: String,
}

/// What rights were used for.
#[derive(Clone, Copy, Debug)]
pub struct AccessUse<'s>(&'s Pools);

impl Store {
    /// What rights were used for.
    pub fn access_use(&self) -> AccessUse<'_> {
        AccessUse(&self.inner.records)
    }
}

impl AccessUse<'_> {
    /// Adds to what is known. Gives back how many of them were written when something stopped it: the rest is as it was.
    pub async fn add(&self, uses: &[Use]) -> Result<(), (usize, Error)> {
        let mut written = 0;
        for chunk in uses.chunks(AT_ONCE) {
            self.add_at_once(chunk).await.map_err(|error| (written, error))?;
            written += chunk.len();
        }
        Ok(())
    }

    async fn add_at_once(&self, uses: &[Use]) -> Result<(), Error> {
        let mut change = self.0.begin().await?;
        for one in uses {
            let statement = sqlx::query(ADD)
                .bind(one.subject.to_string())
                .bind(one.registry)
                .bind(one.repository.as_str())
                .bind(one.permission.as_str())
                .bind(one.day)
                .bind(i64::try_from(one.count).unwrap_or(i64::MAX))
                .bind(one.last_at.0)
                .bind(&one.last_address);
            statement.execute(&mut *change).await?;
        }
        change.commit().await?;
        Ok(())
    }

    /// All that is known, each of a subject, a repository and a permission, over all days.
    pub async fn summed(&self) -> Result<Vec<Used>, Error> {
        let rows = sqlx::query(SUMMED).fetch_all(&self.0.readers).await?;
        // What an older program wrote and this one can't read says nothing about today's grants.
        Ok(rows.iter().filter_map(|row| used(row).ok()).collect())
    }

    /// What a subject did last, by day, up to `limit` rows.
    pub async fn of_subject(&self, subject: Subject, limit: u32) -> Result<Vec<Use>, Error> {
        let rows = sqlx::query(OF_SUBJECT).bind(subject.to_string()).bind(limit).fetch_all(&self.0.readers).await?;
        rows.iter().map(one).collect()
    }

    /// The first day of which anything is known.
    pub async fn first_day(&self) -> Result<Option<i64>, Error> {
        Ok(sqlx::query_scalar(FIRST_DAY).fetch_one(&self.0.readers).await?)
    }

    /// Forgets what was before `day`. Gives the number of rows.
    pub async fn forget_before(&self, day: i64) -> Result<u64, Error> {
        let mut forgotten = 0;
        loop {
            let mut change = self.0.begin().await?;
            let gone = sqlx::query(FORGET_A_DAY).bind(day).execute(&mut *change).await?.rows_affected();
            change.commit().await?;
            forgotten += gone;
            if gone == 0 {
                return Ok(forgotten);
            }
        }
    }
}

fn permission(row: &SqliteRow) -> Result<Permission, Error> {
    let name: String = row.try_get("permission")?;
    Permission::named(&name).ok_or_else(|| Error::Broken(format!("there is no permission {name}")))
}

fn used(row: &SqliteRow) -> Result<Used, Error> {
    Ok(Used {
        subject: row.try_get::<String, _>("subject")?.parse()?,
        registry: row.try_get("registry_id")?,
        repository: row.try_get::<String, _>("repository")?.parse()?,
        permission: permission(row)?,
        count: row.try_get::<i64, _>("count")?.max(0).unsigned_abs(),
        last_at: Timestamp(row.try_get("last_at")?),
    })
}

fn one(row: &SqliteRow) -> Result<Use, Error> {
    let Used { subject, registry, repository, permission, count, last_at } = used(row)?;
    let (day, last_address) = (row.try_get("day")?, row.try_get("last_address")?);
    Ok(Use { subject, registry, repository, permission, day, count, last_at, last_address })
}
