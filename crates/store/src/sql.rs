//! How statements are written down, so that a test can prepare every one of them; and how moments are read.

use crate::Error;
use domain::Timestamp;
use sqlx::{Row as _, sqlite::SqliteRow};

/// Declares a module's SQL as constants, and lists them all in `ALL`: a statement outside the list can't be forgotten.
macro_rules! statements {
    ($($(#[$doc:meta])* $seen:vis $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* $seen const $name: &str = $sql;)+
        /// Every statement of this module, by name.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use statements;

/// A column that holds a moment, or nothing.
pub(crate) fn moment(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}
