//! Lists that go by name, in parts: the rows after a name, or those before one.

use crate::{Error, pools::Pools};
use sqlx::{
    Sqlite,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

/// Which part of a list that goes by name is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// At most so many, from the beginning.
    First(u32),
    /// At most so many after this name.
    After(String, u32),
    /// At most so many before this name, the nearest to it, still by name.
    Before(String, u32),
}

/// How one statement begins.
pub(crate) struct From {
    pub statement: &'static str,
    pub from: String,
}

impl Part {
    /// The rows, in the list's order. Of the two statements one goes up from `$1`, the other down.
    pub(crate) async fn rows<'q>(
        &self,
        pools: &Pools,
        (up, down): (&'static str, &'static str),
        query: impl FnOnce(From, i64) -> Query<'q, Sqlite, SqliteArguments>,
    ) -> Result<Vec<SqliteRow>, Error> {
        let (statement, from, most) = match self {
            Self::First(most) => (up, "", most),
            Self::After(name, most) => (up, name.as_str(), most),
            Self::Before(name, most) => (down, name.as_str(), most),
        };
        let from = From { statement, from: from.to_lowercase() };
        let mut rows = query(from, i64::from(*most)).fetch_all(&pools.readers).await?;
        if matches!(self, Self::Before(..)) {
            rows.reverse();
        }
        Ok(rows)
    }
}

/// A pattern for `LIKE … ESCAPE '\'` that what holds `text` matches, in lower case.
pub(crate) fn holding(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
