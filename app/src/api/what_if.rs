//! What a change of access would do, before it is made.

use crate::{
    context::{actor, answer, operations},
    error::AppError,
};
use domain::{Permission, access::what_if::Change, permission::allows};
use operations::what_if::Preview;

/// What it would do, for those who may see who may do what. To others nothing is told: not even that there is nothing.
pub async fn what_if(change: Change) -> Result<Option<Preview>, AppError> {
    let who = actor();
    let looks = who.rights.anywhere(Permission::GrantView)
        || allows(&who, Permission::PeopleManage, domain::Place::System).is_ok();
    if !looks {
        return Ok(None);
    }
    answer(operations().what_if(&who, change).await).map(Some)
}
