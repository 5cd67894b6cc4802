//! Labels of configurations and annotations of manifests: by key, by value, or both as `key=value`.

use super::{
    Among, Hits, ImageHit, Rank,
    images::{ids, limit},
    words::{after, words},
};
use crate::{
    Error,
    index::{Index, seen::Narrow},
    sql::statements,
};
use domain::{Id, RepositoryName};
use std::{cmp::Reverse, collections::HashMap};

statements! {
    // All keys, one by one along the index, however many values each has.
    KEYS = "WITH RECURSIVE keys (key) AS (SELECT MIN(key) FROM labels UNION ALL
            SELECT (SELECT MIN(l.key) FROM labels l WHERE l.key > keys.key) FROM keys WHERE keys.key IS NOT NULL LIMIT $1)
            SELECT key FROM keys WHERE key IS NOT NULL";
    VALUES = "SELECT id, source, key, value FROM labels WHERE key = $1 AND value >= $2 AND value < $3 ORDER BY value LIMIT $4";
    WORDS = "SELECT l.id, l.source, l.key, l.value FROM label_words CROSS JOIN labels l ON l.id = label_words.rowid
             WHERE label_words MATCH $1 AND label_words.rowid < $2 ORDER BY label_words.rowid DESC LIMIT $3";
    PAIR = "SELECT id FROM labels WHERE key = $1 AND value = $2";
    // Those that came last first.
    MANIFESTS = "SELECT manifest_id FROM manifest_labels WHERE label_id = $1 ORDER BY manifest_id DESC LIMIT $2";
    // Of each label: the repositories whose tags lead to one of the manifests that came last with it, with the number of these
    // tags, no more than $3 in all; and how many manifests have it, as far as they were looked at ($2).
    COUNTED_PLACES = "SELECT x.value,
              (SELECT json_group_array(json_array(r.registry_id, r.name, xr.images)) FROM
               (SELECT xt.repository_id, COUNT(*) AS images FROM
                (SELECT t.repository_id FROM
                 (SELECT manifest_id FROM manifest_labels WHERE label_id = x.value ORDER BY manifest_id DESC LIMIT $2) xm
                 CROSS JOIN tags t ON t.manifest_id = xm.manifest_id LIMIT $3) xt GROUP BY xt.repository_id) xr
               CROSS JOIN repositories r ON r.id = xr.repository_id),
              (SELECT COUNT(*) FROM (SELECT 1 FROM manifest_labels WHERE label_id = x.value LIMIT $2)) FROM json_each($1) x";
    // Of some repositories: what their tags lead to, so many labels of it ($2), and how many tags each has.
    SEEN = "SELECT l.id, l.source, l.key, l.value, xc.images FROM
            (SELECT label_id, COUNT(*) AS images FROM
             (SELECT m.label_id FROM json_each($1) x CROSS JOIN tags t ON t.repository_id = x.value
              CROSS JOIN manifest_labels m ON m.manifest_id = t.manifest_id LIMIT $2) GROUP BY label_id) xc
            CROSS JOIN labels l ON l.id = xc.label_id
            WHERE $3 IS NULL OR instr(lower(l.key), $3) > 0 OR instr(lower(l.value), $4) > 0";
    SEEN_MANIFESTS = "SELECT DISTINCT m.manifest_id FROM
                      (SELECT h.manifest_id FROM json_each($3) x CROSS JOIN holds h ON h.repository_id = x.value LIMIT $4) xy
                      CROSS JOIN manifest_labels m ON m.label_id = $1 AND m.manifest_id = xy.manifest_id LIMIT $2";
}

/// So many keys are looked at; registries have some hundreds.
const KEYS_LOOKED: usize = 2_000;
/// Where few repositories may be seen, so many labels of their images are looked at, and so many manifests.
const SCANNED: usize = 150_000;
/// Of so many keys that fit, so many values are looked at each.
const KEYS_TAKEN: usize = 20;
const EACH: usize = 50;
/// Images of one label are counted so far, among so many manifests: those of an index's platforms have no tag.
const COUNTED: usize = 100;
const MANIFESTS_COUNTED: usize = 600;

/// A label or an annotation that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelHit {
    /// How closely its key or its value fits.
    pub rank: Rank,
    /// Is it an annotation of the manifest (else a label of the configuration)?
    pub annotation: bool,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// How many tags lead to an image that has it, as far as they may be seen; counted to a hundred.
    pub images: usize,
    /// Are there more?
    pub more: bool,
}

type Row = (i64, i64, String, String);

/// What is looked for, in small letters.
enum Sought {
    Either(String),
    Pair(String, String),
}

impl Sought {
    /// `key=value`, or a part of either.
    fn read(text: &str) -> Self {
        let small = text.to_lowercase();
        match small.split_once('=') {
            Some((key, value)) if !key.is_empty() => Self::Pair(key.trim().to_owned(), value.trim().to_owned()),
            _ => Self::Either(small.trim_start_matches('=').to_owned()),
        }
    }
    /// How closely a label fits; the key must be there before the value counts.
    fn rank(&self, key: &str, value: &str) -> Option<Rank> {
        let (key, value) = (key.to_lowercase(), value.to_lowercase());
        match self {
            Self::Either(text) => [fits(&key, text), fits(&value, text)].into_iter().flatten().min(),
            Self::Pair(k, v) => Some(fits(&key, k)?.max(fits(&value, v)?)),
        }
    }
}

/// Keys and values have no components: `Rank::Component` is not among the answers.
fn fits(whole: &str, text: &str) -> Option<Rank> {
    match () {
        () if whole == text => Some(Rank::Exact),
        () if whole.starts_with(text) => Some(Rank::Prefix),
        () if whole.contains(text) => Some(Rank::Infix),
        () => None,
    }
}

/// What was found so far, each label once.
struct Found {
    sought: Sought,
    rows: HashMap<i64, (Rank, Row)>,
    cut: bool,
}

impl Found {
    fn take(&mut self, rows: Vec<Row>) {
        for row in rows {
            if let Some(rank) = self.sought.rank(&row.2, &row.3) {
                self.rows.insert(row.0, (rank, row));
            }
        }
    }
}

impl Index {
    /// Labels and annotations whose key or value is `text`, begins with it or holds it; with `key=value` both must fit.
    /// Values are found by any part from [`super::SHORTEST`] characters on, keys by any part.
    pub async fn find_labels(&self, among: &Among, text: &str) -> Result<Hits<LabelHit>, Error> {
        let sought = Sought::read(text);
        if among.is_empty() || matches!(&sought, Sought::Either(text) if text.is_empty()) {
            return Ok(Hits::default());
        }
        if let Some(narrow) = self.narrow(among.visible()).await? {
            return self.labels_among_few(among, &narrow, &sought).await;
        }
        let mut found = Found { sought, rows: HashMap::new(), cut: false };
        self.labels_by_key(&mut found, text).await?;
        self.labels_by_word(among, &mut found).await?;
        let mut rows: Vec<(Rank, Row)> = found.rows.into_values().collect();
        rows.sort_by_key(|(rank, row)| (*rank, Reverse(row.0)));
        self.seen_labels(among, rows, found.cut).await
    }

    /// Where few repositories may be seen, all labels of their images are looked at.
    async fn labels_among_few(&self, among: &Among, narrow: &Narrow, sought: &Sought) -> Result<Hits<LabelHit>, Error> {
        let (key, value) = match sought {
            Sought::Either(text) => (text, text),
            Sought::Pair(key, value) => (key, value),
        };
        let query = sqlx::query_as(SEEN).bind(&narrow.ids).bind(limit(SCANNED));
        let query = query.bind((key.is_ascii() && value.is_ascii()).then_some(key)).bind(value);
        let rows: Vec<(i64, i64, String, String, i64)> = query.fetch_all(&self.pools.readers).await?;
        // Images have some ten labels each: of so many, not all were looked at.
        let cut = self.tags_of(narrow).await? > SCANNED / 20;
        let mut hits: Vec<(Rank, Reverse<i64>, LabelHit)> = Vec::new();
        for (id, source, key, value, images) in rows {
            if let Some(rank) = sought.rank(&key, &value) {
                let images = usize::try_from(images).unwrap_or(COUNTED);
                let (images, more) = (images.min(COUNTED), images > COUNTED);
                hits.push((rank, Reverse(id), LabelHit { rank, annotation: source == 1, key, value, images, more }));
            }
        }
        hits.sort_by_key(|(rank, id, _)| (*rank, *id));
        Ok(Hits::of(hits.into_iter().map(|(_, _, hit)| hit).collect(), cut, among))
    }

    /// The images that have this label or annotation, the newest first.
    pub async fn images_with_label(&self, among: &Among, key: &str, value: &str) -> Result<Hits<ImageHit>, Error> {
        let query = sqlx::query_scalar(PAIR).bind(key).bind(value);
        let labels: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
        if labels.is_empty() || among.is_empty() {
            return Ok(Hits::default());
        }
        let mut manifests = Vec::new();
        let mut cut = false;
        for label in labels {
            manifests.extend(self.with_label(among, label, &mut cut).await?);
        }
        self.images_of(among, manifests, cut).await
    }

    /// Values of the keys that fit, and with `key=value` those that begin as it was typed.
    async fn labels_by_key(&self, found: &mut Found, text: &str) -> Result<(), Error> {
        let keys: Vec<String> =
            sqlx::query_scalar(KEYS).bind(limit(KEYS_LOOKED)).fetch_all(&self.pools.readers).await?;
        found.cut |= keys.len() + 1 >= KEYS_LOOKED;
        let sought = match &found.sought {
            Sought::Either(key) | Sought::Pair(key, _) => key.clone(),
        };
        let mut fitting: Vec<(Rank, String)> =
            keys.into_iter().filter_map(|key| Some((fits(&key.to_lowercase(), &sought)?, key))).collect();
        fitting.sort();
        found.cut |= fitting.len() > KEYS_TAKEN;
        // As it was typed: an index knows no small letters.
        let value = match &found.sought {
            Sought::Pair(..) => text.split_once('=').map_or("", |(_, value)| value.trim()),
            Sought::Either(_) => "",
        };
        for (_, key) in fitting.into_iter().take(KEYS_TAKEN) {
            let query = sqlx::query_as(VALUES).bind(&key).bind(value).bind(after(value)).bind(limit(EACH));
            let rows: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
            found.cut |= rows.len() == EACH;
            found.take(rows);
        }
        Ok(())
    }

    async fn labels_by_word(&self, among: &Among, found: &mut Found) -> Result<(), Error> {
        let words = match &found.sought {
            Sought::Either(text) => words(&[text]),
            Sought::Pair(key, value) => words(&[key, value]),
        };
        let Some(words) = words else { return Ok(()) };
        let most = among.looked / 2;
        let query = sqlx::query_as(WORDS).bind(words).bind(i64::MAX).bind(limit(most));
        let rows: Vec<Row> = query.fetch_all(&self.pools.readers).await?;
        found.cut |= rows.len() == most;
        found.take(rows);
        Ok(())
    }

    /// Those that an image has which may be seen, as many as are asked for.
    async fn seen_labels(&self, among: &Among, rows: Vec<(Rank, Row)>, mut cut: bool) -> Result<Hits<LabelHit>, Error> {
        let mut hits = Vec::new();
        let (mut asked, all) = (0, rows.len());
        let mut rows = rows.into_iter();
        while hits.len() < among.given && asked < among.given * 3 && asked < all {
            let some: Vec<(Rank, Row)> = rows.by_ref().take(among.given).collect();
            asked += some.len();
            let labels: Vec<i64> = some.iter().map(|(_, row)| row.0).collect();
            let counts = self.count_images(among, &labels).await?;
            for (rank, (id, source, key, value)) in some {
                if let Some(&(images, more)) = counts.get(&id).filter(|(images, _)| *images > 0) {
                    hits.push(LabelHit { rank, annotation: source == 1, key, value, images, more });
                }
            }
        }
        // Whoever may see everything is told how many there are without a look at each.
        let counts = among.sees_everything();
        cut |= asked < all && !(counts && hits.len() >= among.given);
        let found = hits.len() + if counts { all - asked } else { 0 };
        hits.truncate(among.given);
        Ok(Hits { rows: hits, found, cut })
    }

    /// How many images with each of these labels may be seen, and whether there may be more.
    pub(super) async fn count_images(
        &self,
        among: &Among,
        labels: &[i64],
    ) -> Result<HashMap<i64, (usize, bool)>, Error> {
        let most = (COUNTED + 1) * (among.at_once() / among.looked);
        let query = sqlx::query_as(COUNTED_PLACES).bind(ids(labels)?).bind(limit(MANIFESTS_COUNTED)).bind(limit(most));
        let rows: Vec<(i64, String, i64)> = query.fetch_all(&self.pools.readers).await?;
        let mut counts = HashMap::new();
        for (label, places, held) in rows {
            let places: Vec<(Id, String, usize)> = serde_json::from_str(&places)?;
            let (mut all, mut images) = (0, 0);
            for (registry, repository, tags) in places {
                let repository: RepositoryName = repository.parse()?;
                all += tags;
                images += if among.sees(registry, &repository) { tags } else { 0 };
            }
            let counted = if all == most || images > COUNTED {
                (images.min(COUNTED), true)
            } else if held < limit(MANIFESTS_COUNTED) {
                (images, false)
            } else {
                self.count_all_images(among, label).await?
            };
            counts.insert(label, counted);
        }
        Ok(counts)
    }

    /// The same where all that came last may be platforms, whose indexes came long before.
    async fn count_all_images(&self, among: &Among, label: i64) -> Result<(usize, bool), Error> {
        let mut cut = false;
        let wide = among.wide().giving(0);
        let manifests = self.with_label(&wide, label, &mut cut).await?;
        let all = self.images_of(&wide, manifests, cut).await?;
        Ok((all.found.min(COUNTED), all.cut || all.found > COUNTED))
    }

    async fn with_label(&self, among: &Among, label: i64, cut: &mut bool) -> Result<Vec<i64>, Error> {
        let query = sqlx::query_scalar(MANIFESTS).bind(label).bind(limit(among.looked));
        let rows: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
        if rows.len() == among.looked
            && let Some(narrow) = self.narrow(among.visible()).await?
        {
            let query = sqlx::query_scalar(SEEN_MANIFESTS).bind(label).bind(limit(among.looked));
            let query = query.bind(&narrow.ids).bind(limit(SCANNED));
            let seen: Vec<i64> = query.fetch_all(&self.pools.readers).await?;
            *cut |= seen.len() == among.looked;
            return Ok(seen);
        }
        *cut |= rows.len() == among.looked;
        Ok(rows)
    }
}
