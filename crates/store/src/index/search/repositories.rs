//! Repositories by name.

use super::{
    Among, Hits, Rank,
    found::Walk,
    words::{after, words_apart},
};
use crate::{
    Error,
    index::{Index, seen::Narrow},
    sql::statements,
};
use domain::{Id, RepositoryName, Timestamp};
use std::{cmp::Reverse, collections::HashMap};

statements! {
    BEGINNING = "SELECT r.id, r.registry_id, r.name, r.tag_count, r.newest FROM repositories r
                 WHERE (r.name, r.registry_id) > ($1, $2) AND r.name < $3 ORDER BY r.name, r.registry_id LIMIT $4";
    WORDS = "SELECT r.id, r.registry_id, r.name, r.tag_count, r.newest FROM repository_words
             CROSS JOIN repositories r ON r.id = repository_words.rowid
             WHERE repository_words MATCH $1 AND repository_words.rowid < $2 ORDER BY repository_words.rowid DESC LIMIT $3";
    // Among some repositories. What is no Latin letter has no capitals here: then all are compared.
    SEEN = "SELECT r.id, r.registry_id, r.name, r.tag_count, r.newest FROM json_each($1) x
            CROSS JOIN repositories r ON r.id = x.value WHERE $2 IS NULL OR instr(lower(r.name), $2) > 0";
}

/// A repository that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryHit {
    /// How closely it fits.
    pub rank: Rank,
    /// In which registry.
    pub registry: Id,
    /// Its name.
    pub name: RepositoryName,
    /// How many tags it has, once they were listed.
    pub tags: Option<u64>,
    /// When its newest image was built, as far as that is known.
    pub newest: Option<Timestamp>,
    /// Its row.
    pub(super) id: i64,
}

pub(super) type Row = (i64, Id, String, Option<i64>, Option<i64>);

/// What was found so far, each repository once.
struct Found<'a> {
    among: &'a Among,
    text: String,
    hits: HashMap<i64, RepositoryHit>,
    cut: bool,
}

impl Found<'_> {
    /// Takes in a row; `false` if it may not be seen or does not fit.
    fn take(&mut self, (id, registry, name, tags, newest): Row) -> Result<bool, Error> {
        let Some(rank) = Rank::of(&name, &self.text) else { return Ok(false) };
        let name: RepositoryName = name.parse()?;
        let seen = self.among.sees(registry, &name);
        if seen {
            let (tags, newest) = (tags.map(i64::unsigned_abs), newest.map(Timestamp));
            self.hits.insert(id, RepositoryHit { rank, registry, name, tags, newest, id });
        }
        Ok(seen)
    }
}

impl Index {
    /// Repositories whose name is `text`, begins with it or holds it. A text of less than [`super::SHORTEST`] characters
    /// finds only whole names, last components, and beginnings (of the name, and with two characters of its last component).
    pub async fn find_repositories(&self, among: &Among, text: &str) -> Result<Hits<RepositoryHit>, Error> {
        if text.is_empty() || among.is_empty() {
            return Ok(Hits::default());
        }
        let mut found = Found { among, text: text.to_lowercase(), hits: HashMap::new(), cut: false };
        let words = words_apart(&[&found.text]);
        match (self.narrow(among.visible()).await?, &words) {
            (Some(narrow), _) => self.among_few(&mut found, &narrow).await?,
            // All that hold it are all there is.
            (None, Some(words)) if self.holding(&mut found, words).await? => {}
            (None, _) => self.closest(&mut found).await?,
        }
        if words.is_none() {
            found.hits.retain(|_, hit| hit.rank < Rank::Infix);
        }
        let mut hits: Vec<RepositoryHit> = found.hits.into_values().collect();
        hits.sort_by(|a, b| {
            let place = |hit: &RepositoryHit| (hit.rank, Reverse(hit.newest));
            place(a).cmp(&place(b)).then_with(|| (&a.name, a.registry).cmp(&(&b.name, b.registry)))
        });
        Ok(Hits::of(hits, found.cut, among))
    }

    /// Where few may be seen, all of them are looked at.
    async fn among_few(&self, found: &mut Found<'_>, narrow: &Narrow) -> Result<(), Error> {
        let text = found.text.is_ascii().then(|| found.text.clone());
        let query = sqlx::query_as(SEEN).bind(&narrow.ids).bind(text);
        let rows: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
        for row in rows {
            found.take(row)?;
        }
        Ok(())
    }

    /// Those that are called so or begin so, by their whole name or by its last component: the closest, where there are too
    /// many others.
    async fn closest(&self, found: &mut Found<'_>) -> Result<(), Error> {
        self.beginning(found).await?;
        if let Some(words) = words_apart(&[&format!("/{}/", found.text)]) {
            self.holding(found, &words).await?;
        }
        // Where enough begin so, more of them would only come after.
        if found.hits.values().filter(|hit| hit.rank < Rank::Infix).count() >= found.among.given {
            found.cut = true;
        } else if let Some(words) = words_apart(&[&format!("/{}", found.text)]) {
            self.holding(found, &words).await?;
        }
        Ok(())
    }

    async fn beginning(&self, found: &mut Found<'_>) -> Result<(), Error> {
        let (mut place, end) = ((found.text.clone(), i64::MIN), after(&found.text));
        let mut walk = Walk::new(found.among);
        while walk.goes_on() {
            let query = sqlx::query_as(BEGINNING).bind(&place.0).bind(place.1).bind(&end).bind(walk.limit());
            let mut rows: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
            walk.step(&mut rows);
            for row in rows {
                place = (row.2.clone(), row.1);
                if found.take(row)? {
                    walk.saw();
                }
            }
        }
        found.cut |= walk.is_cut();
        Ok(())
    }

    /// Those that hold all of these words, the newest first; says whether that was all of them.
    async fn holding(&self, found: &mut Found<'_>, words: &str) -> Result<bool, Error> {
        let mut before = i64::MAX;
        let mut walk = Walk::new(found.among);
        while walk.goes_on() {
            let query = sqlx::query_as(WORDS).bind(words).bind(before).bind(walk.limit());
            let mut rows: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
            walk.step(&mut rows);
            for row in rows {
                before = row.0;
                if found.take(row)? {
                    walk.saw();
                }
            }
        }
        found.cut |= walk.is_cut();
        Ok(!walk.is_cut())
    }
}
