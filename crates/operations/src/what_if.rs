//! What a change of access would do, before it is made: who gains and who loses what where.

use crate::{Error, Operations, Result, access::subject, grants::name_of};
use domain::{
    Actor,
    access::{
        Authority, PermissionSet, Scope, Subject,
        delegation::may_see,
        what_if::{Change, Difference},
    },
};
use std::sync::Arc;
use store::Generations;

/// What a change would do, as far as whoever asks may know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The generation of access it was made of: a change that names it is refused once there is another.
    pub generation: i64,
    /// Who gains and loses what; those who lose first.
    pub rows: Vec<PreviewRow>,
    /// How many people and robots it concerns, whether or not it makes a difference to them.
    pub concerned: usize,
    /// Does whoever asks lose something?
    pub you_lose: bool,
    /// Does it make a difference at places that whoever asks may not look at?
    pub elsewhere: bool,
}

/// What some gain and lose: all of them the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewRow {
    /// Who, with their names.
    pub subjects: Vec<(Subject, String)>,
    /// What they will be able to do.
    pub gained: Vec<PreviewPart>,
    /// What they will no longer be able to do.
    pub lost: Vec<PreviewPart>,
}

/// Permissions at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewPart {
    /// Where.
    pub scope: Scope,
    /// The name of the registry it is in.
    pub registry: Option<String>,
    /// What.
    pub permissions: PermissionSet,
}

impl Operations {
    /// What `change` would do. For whoever may look at grants, or look after people.
    pub async fn what_if(&self, actor: &Actor, change: Change) -> Result<Preview> {
        // First: what is read later is no older.
        let generation = self.access_generation().await?;
        crate::grants::may_look(actor)?;
        self.preview(actor, generation, change).await
    }

    /// The generation of access now.
    pub async fn access_generation(&self) -> Result<i64> {
        Ok(self.0.store.generations().read(Generations::ACCESS).await?)
    }

    pub(crate) async fn preview(&self, actor: &Actor, generation: i64, change: Change) -> Result<Preview> {
        let (authority, now) = (self.authority().await?, self.now());
        let looked = Arc::clone(&authority);
        let work = tokio::task::spawn_blocking(move || looked.what_if(&change, now));
        let found = work.await.map_err(Error::internal)?;
        let names = self.registry_names_for(actor).await?;
        let you_lose = subject(actor).and_then(|own| found.of(own)).is_some_and(|own| !own.lost.is_empty());
        let mut preview = Preview { generation, concerned: found.concerned, you_lose, ..Preview::default() };
        for difference in found.differences {
            let row =
                shown(actor, &authority, &difference, |scope| scope.registry().and_then(|id| names.get(&id).cloned()));
            let all = row.gained.len() == difference.gained.len() && row.lost.len() == difference.lost.len();
            preview.elsewhere |= !all;
            if !row.gained.is_empty() || !row.lost.is_empty() {
                preview.rows.push(row);
            }
        }
        Ok(preview)
    }
}

/// As much of a difference as this actor may know.
fn shown(
    actor: &Actor,
    authority: &Authority,
    difference: &Difference,
    registry: impl Fn(&Scope) -> Option<String>,
) -> PreviewRow {
    // Who looks after people learns by this no more of what is granted where than by their pages.
    let own = subject(actor).is_some_and(|own| difference.subjects == [own]);
    let part = |(scope, permissions): &(Scope, PermissionSet)| {
        let may = own || may_see(actor, scope);
        may.then(|| PreviewPart { scope: scope.clone(), registry: registry(scope), permissions: *permissions })
    };
    PreviewRow {
        subjects: difference.subjects.iter().map(|one| (*one, name_of(authority, *one))).collect(),
        gained: difference.gained.iter().filter_map(part).collect(),
        lost: difference.lost.iter().filter_map(part).collect(),
    }
}

/// Was a change refused because access was changed since its preview was made? Then the preview is to be shown again.
pub fn is_stale(error: &Error) -> bool {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<store::Error>());
    matches!(cause, Some(store::Error::Conflict(store::ACCESS_MOVED)))
}
