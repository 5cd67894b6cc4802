//! Which names of tags can fit a filter at all, where these are few: then each is looked up in the repository, however many
//! tags that has.

use super::{Index, search, tag_filter::Narrowed};
use crate::{Error, sql::statements};
use domain::Id;

statements! {
    TAG_COUNT = "SELECT tag_count FROM repositories WHERE id = $1";
    CANDIDATES = "SELECT COUNT(*), json_group_array(id) FROM (SELECT rowid AS id FROM tag_words WHERE tag_words MATCH $1 LIMIT $2)";
    FITTING = "SELECT json_group_array(n.name) FROM json_each($1) x CROSS JOIN tag_names n ON n.id = x.value
               WHERE ($2 IS NULL OR instr(lower(n.name), $2) > 0) AND ($3 IS NULL OR n.name GLOB $3)";
}

/// A repository with no more tags is looked through: that costs less than to ask for the names.
const SMALL: i64 = 2_000;
/// So many names are few.
const FEW: i64 = 1_000;

impl Index {
    /// The names, as a JSON array, that hold what is asked for, of tags in any repository. Nothing where that would not
    /// help: of a small repository, without three characters in a row that all of them have, or where there are too many.
    pub(super) async fn few_names(&self, repository: Id, narrowed: &Narrowed) -> Result<Option<String>, Error> {
        // The words hold no names of referrers tags.
        if narrowed.referrers != Some(false) {
            return Ok(None);
        }
        let pieces = narrowed.glob.as_deref().map(pieces).unwrap_or_default();
        let texts: Vec<&str> = narrowed.text.as_deref().into_iter().chain(pieces).collect();
        let Some(words) = search::words_apart(&texts) else { return Ok(None) };
        let readers = &self.pools.readers;
        let tags: Option<Option<i64>> = sqlx::query_scalar(TAG_COUNT).bind(repository).fetch_optional(readers).await?;
        if tags.flatten().unwrap_or_default() <= SMALL {
            return Ok(None);
        }
        let query = sqlx::query_as(CANDIDATES).bind(&words).bind(FEW + 1);
        let (candidates, ids): (i64, String) = query.fetch_one(readers).await?;
        if candidates > FEW {
            return Ok(None);
        }
        let query = sqlx::query_scalar(FITTING).bind(ids).bind(&narrowed.text).bind(&narrowed.glob);
        Ok(Some(query.fetch_one(readers).await?))
    }
}

/// What stands in every name that a pattern fits. What begins with a set of characters is left out.
fn pieces(glob: &str) -> Vec<&str> {
    let plain = glob.split('[').next().unwrap_or_default();
    plain.split(['*', '?']).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_looked_for_by_what_every_name_of_it_has() {
        assert_eq!(pieces("v1.*-alpine"), ["v1.", "-alpine"]);
        assert_eq!(pieces("*build?99"), ["build", "99"]);
        assert_eq!(pieces("rc-[0-9]*-final"), ["rc-"]);
        assert!(pieces("*").is_empty());
    }
}
