//! Tags by name: first the names, each of which stands once, then where they are. A name that thousands of repositories
//! share costs no more than one of a few.

use super::{
    Among, Hits, ImageHit, Rank, RepositoryHit,
    images::{Row, limit},
    words::{after, words},
};
use crate::{
    Error,
    index::{Index, array, seen::Narrow},
    sql::statements,
};
use domain::Tag;
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

statements! {
    NEWEST_NAME = "SELECT COALESCE(MAX(id), 0) FROM tag_names";
    BEGINNING = "SELECT id, name FROM tag_names WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $3";
    WORDS = "SELECT n.id, n.name FROM tag_words CROSS JOIN tag_names n ON n.id = tag_words.rowid
             WHERE tag_words MATCH $1 AND tag_words.rowid > $2 AND tag_words.rowid <= $3 ORDER BY tag_words.rowid DESC LIMIT $4";
    // Of each name no more than $2, those in the repositories that came last.
    PLACES = "SELECT r.registry_id, r.name, t.name, m.digest, t.kind, t.created FROM json_each($1) n
              CROSS JOIN tags t ON t.name = n.value AND t.repository_id IN
              (SELECT x.repository_id FROM tags x WHERE x.name = n.value ORDER BY x.repository_id DESC LIMIT $2)
              CROSS JOIN repositories r ON r.id = t.repository_id LEFT JOIN manifests m ON m.id = t.manifest_id LIMIT $3";
    // The same in some repositories, by a beginning.
    WITHIN = "SELECT r.registry_id, r.name, t.name, m.digest, t.kind, t.created FROM json_each($1) n
              CROSS JOIN tags t ON t.repository_id = n.value AND t.name IN
              (SELECT x.name FROM tags x WHERE x.repository_id = n.value AND x.name >= $2 AND x.name < $3 ORDER BY x.name LIMIT $4)
              CROSS JOIN repositories r ON r.id = t.repository_id LEFT JOIN manifests m ON m.id = t.manifest_id LIMIT $5";
    // Parts of names in some repositories, among so many of their tags ($3).
    SEEN = "SELECT r.registry_id, r.name, xt.name, m.digest, xt.kind, xt.created FROM
            (SELECT y.repository_id, y.name, y.manifest_id, y.kind, y.created FROM json_each($1) x
             CROSS JOIN tags y ON y.repository_id = x.value LIMIT $3) xt
            CROSS JOIN repositories r ON r.id = xt.repository_id LEFT JOIN manifests m ON m.id = xt.manifest_id
            WHERE $2 IS NULL OR instr(lower(xt.name), $2) > 0 LIMIT $4";
}

/// Where few repositories may be seen, so many of their tags are looked at for parts of names.
const SCANNED: usize = 100_000;
/// Among so many names parts of names are looked for first; then among twice as many, as long as there is time.
const WINDOW: i64 = 1_000_000;
/// So many names that are not exact are followed to their places, and each to so many.
const NAMES: usize = 300;
const EACH: usize = 20;
/// So many repositories are looked at for `part:tag`, and so many tags in each.
const REPOSITORIES: usize = 50;
const TAGS: usize = 20;

type Names = HashMap<String, (Rank, i64)>;

impl Index {
    /// Tags whose name is `text`, begins with it or holds it. A text of less than [`super::SHORTEST`] characters finds only
    /// whole names and beginnings. Referrers' tags (`sha256-…`) are left out.
    pub async fn find_tags(&self, among: &Among, text: &str) -> Result<Hits<ImageHit>, Error> {
        if text.is_empty() || among.is_empty() {
            return Ok(Hits::default());
        }
        if let Some(narrow) = self.narrow(among.visible()).await? {
            return self.tags_among_few(among, &narrow, text).await;
        }
        let mut names = Names::new();
        // All that hold it are all there is; where there are too many, the closest are looked for by themselves.
        let mut cut = self.names_holding(among, text, &mut names).await?;
        if cut || words(&[text]).is_none() {
            cut |= self.names_beginning(among, text, &mut names).await?;
        }
        let mut names: Vec<(String, (Rank, i64))> = names.into_iter().collect();
        names.sort_by_key(|(_, (rank, id))| (*rank, Reverse(*id)));
        let exact = names.partition_point(|(_, (rank, _))| *rank == Rank::Exact);
        let others = names.split_off(exact);
        cut |= others.len() > NAMES;
        let others = &others[..others.len().min(NAMES)];
        let wider = among.at_once() / among.looked;
        let mut hits = Vec::new();
        for (names, each) in [(&names[..], among.at_once()), (others, EACH * wider)] {
            cut |= self.places_of_names(among, names, each, &mut hits).await?;
        }
        hits.sort_by(by_rank);
        Ok(Hits::of(hits.into_iter().map(|(_, hit)| hit).collect(), cut, among))
    }

    /// Tags that begin with `tag` (all if it is empty) in repositories that `repository` finds: `team/api:v1`.
    pub async fn find_tags_within(&self, among: &Among, repository: &str, tag: &str) -> Result<Hits<ImageHit>, Error> {
        let few = among.giving(REPOSITORIES);
        let repositories = self.find_repositories(&few, repository).await?;
        let closest = repositories.rows.first().map(|hit| hit.rank);
        // Where the whole name was typed, nobody asks for others that hold it.
        let exact = matches!(closest, Some(Rank::Exact | Rank::Component));
        let asked = |hit: &&RepositoryHit| !exact || hit.rank <= Rank::Component;
        let ids: Vec<i64> = repositories.rows.iter().filter(asked).map(|hit| hit.id).collect();
        let most = among.looked;
        let query = sqlx::query_as(WITHIN)
            .bind(super::images::ids(&ids)?)
            .bind(tag)
            .bind(after(tag))
            .bind(limit(TAGS))
            .bind(limit(most));
        let rows: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
        let mut cut = (repositories.cut && !exact) || ids.len() == REPOSITORIES || rows.len() == most;
        let mut counts: HashMap<(i64, String), usize> = HashMap::new();
        let mut hits = Vec::new();
        for row in rows {
            *counts.entry((row.0, row.1.clone())).or_default() += 1;
            let rank = Rank::of(row.2.as_deref().unwrap_or_default(), tag).unwrap_or(Rank::Infix);
            take(row, rank, among, &mut hits)?;
        }
        cut |= counts.values().any(|count| *count == TAGS);
        hits.sort_by(by_rank);
        Ok(Hits::of(hits.into_iter().map(|(_, hit)| hit).collect(), cut, among))
    }

    /// Where few repositories may be seen: whole names and beginnings in all of them, then parts of names.
    async fn tags_among_few(&self, among: &Among, narrow: &Narrow, text: &str) -> Result<Hits<ImageHit>, Error> {
        let small = text.to_lowercase();
        let most = among.at_once();
        let mut rows: Vec<Row> = Vec::new();
        let mut cut = false;
        for typed in HashSet::from([text, &small, &text.to_uppercase()]) {
            let query = sqlx::query_as(WITHIN).bind(&narrow.ids).bind(typed).bind(after(typed));
            let found: Vec<Row> = query.bind(limit(TAGS)).bind(limit(most)).fetch_all(&self.pools.readers).await?;
            cut |= found.len() == most;
            rows.extend(found);
        }
        if words(&[text]).is_some() {
            let query = sqlx::query_as(SEEN).bind(&narrow.ids).bind(text.is_ascii().then_some(&small));
            let query = query.bind(limit(SCANNED)).bind(limit(most));
            let found: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
            cut |= found.len() == most || self.tags_of(narrow).await? > SCANNED;
            rows.extend(found);
        }
        let mut hits = Vec::new();
        for row in rows {
            let name = row.2.clone().unwrap_or_default();
            if let Some(rank) = fits(&name, &small) {
                take(row, rank, among, &mut hits)?;
            }
        }
        hits.sort_by(by_rank);
        hits.dedup();
        Ok(Hits::of(hits.into_iter().map(|(_, hit)| hit).collect(), cut, among))
    }

    async fn names_beginning(&self, among: &Among, text: &str, names: &mut Names) -> Result<bool, Error> {
        let small = text.to_lowercase();
        let mut cut = false;
        for typed in HashSet::from([text, &small, &text.to_uppercase()]) {
            let query = sqlx::query_as(BEGINNING).bind(typed).bind(after(typed)).bind(limit(among.looked));
            let rows: Vec<(i64, String)> = query.fetch_all(&self.pools.readers).await?;
            cut |= rows.len() == among.looked;
            keep(rows, &small, names);
        }
        Ok(cut)
    }

    /// Those that came last first; older ones as long as there is time.
    async fn names_holding(&self, among: &Among, text: &str, names: &mut Names) -> Result<bool, Error> {
        let Some(words) = words(&[text]) else { return Ok(false) };
        let small = text.to_lowercase();
        let mut upto: i64 = sqlx::query_scalar(NEWEST_NAME).fetch_one(&self.pools.readers).await?;
        let mut left = among.looked;
        let mut window = WINDOW;
        while upto > 0 {
            let from = upto - window;
            let query = sqlx::query_as(WORDS).bind(&words).bind(from).bind(upto).bind(limit(left));
            let rows: Vec<(i64, String)> = query.fetch_all(&self.pools.readers).await?;
            left -= rows.len();
            keep(rows, &small, names);
            upto = from;
            window *= 2;
            if left == 0 || (upto > 0 && !among.has_time()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where these names are, no more than `each` for one; says whether there are more.
    async fn places_of_names(
        &self,
        among: &Among,
        names: &[(String, (Rank, i64))],
        each: usize,
        hits: &mut Vec<(Rank, ImageHit)>,
    ) -> Result<bool, Error> {
        if names.is_empty() {
            return Ok(false);
        }
        let most = among.at_once();
        let query = sqlx::query_as(PLACES).bind(array(names.iter().map(|(name, _)| name)));
        let rows: Vec<Row> = query.bind(limit(each)).bind(limit(most)).fetch_all(&self.pools.readers).await?;
        let mut cut = rows.len() == most;
        let ranks: HashMap<&str, Rank> = names.iter().map(|(name, (rank, _))| (name.as_str(), *rank)).collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for row in rows {
            let name = row.2.clone().unwrap_or_default();
            let Some((name, rank)) = ranks.get_key_value(name.as_str()) else { continue };
            *counts.entry(name).or_default() += 1;
            take(row, *rank, among, hits)?;
        }
        cut |= counts.values().any(|count| *count == each);
        Ok(cut)
    }
}

/// Keeps the names that really fit.
fn keep(rows: Vec<(i64, String)>, small: &str, names: &mut Names) {
    for (id, name) in rows {
        if let Some(rank) = fits(&name, small) {
            names.insert(name, (rank, id));
        }
    }
}

/// How the name of a tag fits a text in small letters. What is named after what it refers to never does.
fn fits(name: &str, small: &str) -> Option<Rank> {
    let own = name.to_lowercase();
    let rank = match () {
        () if own == small => Rank::Exact,
        () if own.starts_with(small) => Rank::Prefix,
        () if own.contains(small) => Rank::Infix,
        () => return None,
    };
    name.parse::<Tag>().is_ok_and(|tag| tag.subject().is_none()).then_some(rank)
}

fn take(row: Row, rank: Rank, among: &Among, hits: &mut Vec<(Rank, ImageHit)>) -> Result<(), Error> {
    let hit = ImageHit::read(row)?;
    if among.sees(hit.registry, &hit.repository) {
        hits.push((rank, hit));
    }
    Ok(())
}

fn by_rank((rank, hit): &(Rank, ImageHit), (other_rank, other): &(Rank, ImageHit)) -> std::cmp::Ordering {
    let order = (rank, Reverse(hit.created)).cmp(&(other_rank, Reverse(other.created)));
    order.then_with(|| (&hit.tag, &hit.repository, hit.registry).cmp(&(&other.tag, &other.repository, other.registry)))
}
