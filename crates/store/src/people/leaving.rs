//! People who may no longer act, for a while or for good.

use crate::{Change, Context, Error, Generations, access::keep_an_administrator, sql::statements};
use domain::Id;

statements! {
    SET_DISABLED = "UPDATE people SET disabled = $2, updated = $3 WHERE id = $1 RETURNING id";
    END_SESSIONS = "DELETE FROM sessions WHERE person_id = $1";
    END_REFRESH = "DELETE FROM refresh_tokens WHERE person_id = $1";
    END_LINKS = "DELETE FROM links WHERE person_id = $1";
    // Sessions, tokens, memberships, links and refresh tokens go with the row.
    REMOVE = "DELETE FROM people WHERE id = $1 RETURNING id";
    REMOVE_GRANTS = "DELETE FROM grants WHERE subject = 'person-' || $1";
    REMOVE_REFRESH = "DELETE FROM refresh_tokens WHERE subject = 'person-' || $1";
}

/// Keeps a person from acting, or lets them again. Their sessions, links and refresh tokens end for good; their tokens are
/// refused as long as they are disabled. The last who may do everything can't be disabled.
#[derive(Clone, Debug)]
pub struct SetDisabled {
    /// Whom.
    pub person: Id,
    /// May they no longer act?
    pub disabled: bool,
}

impl Change for SetDisabled {
    type Output = ();
    async fn apply(self, context: &mut Context<'_>) -> Result<(), Error> {
        let statement =
            sqlx::query_scalar::<_, Id>(SET_DISABLED).bind(self.person).bind(self.disabled).bind(context.at.0);
        statement.fetch_optional(&mut *context.change).await?.ok_or(Error::NotFound("person"))?;
        if self.disabled {
            for statement in [END_SESSIONS, END_REFRESH, END_LINKS] {
                sqlx::query(statement).bind(self.person).execute(&mut *context.change).await?;
            }
        }
        keep_an_administrator(context.change).await
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE, Generations::ACCESS]
    }
}

/// Removes a person with all that is theirs; gives the number of grants that went. What they did stays in the audit log.
/// The last who may do everything can't be removed.
#[derive(Clone, Debug)]
pub struct RemovePerson {
    /// Whom.
    pub person: Id,
}

impl Change for RemovePerson {
    type Output = u64;
    async fn apply(self, context: &mut Context<'_>) -> Result<u64, Error> {
        let gone = sqlx::query_scalar::<_, Id>(REMOVE).bind(self.person).fetch_optional(&mut *context.change).await?;
        gone.ok_or(Error::NotFound("person"))?;
        sqlx::query(REMOVE_REFRESH).bind(self.person).execute(&mut *context.change).await?;
        let grants = sqlx::query(REMOVE_GRANTS).bind(self.person).execute(&mut *context.change).await?.rows_affected();
        keep_an_administrator(context.change).await?;
        Ok(grants)
    }
    fn generations(&self) -> Vec<&'static str> {
        vec![Generations::PEOPLE, Generations::ACCESS]
    }
    fn after(grants: &u64) -> Option<serde_json::Value> {
        Some(serde_json::json!({ "grants removed": grants }))
    }
}
