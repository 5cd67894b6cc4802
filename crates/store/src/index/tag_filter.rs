//! What a list of tags is narrowed by, and the part of every statement that does it.

use super::{
    Index,
    digests::kind_number,
    paging::{Stretch, Value},
};
use crate::{Error, sql::statements};
use domain::{Kind, Timestamp, filters::LabelFilter, health::Check, semver_range::Range};
use sqlx::{Arguments as _, sqlite::SqliteArguments};

statements! {
    PLATFORMS = "SELECT json_group_array(id) FROM platforms WHERE instr(text, $1) > 0";
    LABELS = "SELECT json_group_array(id) FROM (SELECT id FROM labels WHERE key = $1 LIMIT $2)";
    LABELS_OF_VALUE = "SELECT json_group_array(id) FROM (SELECT id FROM labels WHERE key = $1 AND value = $2 LIMIT $3)";
    LABELLED = "SELECT COUNT(*) FROM (SELECT 1 FROM manifest_labels WHERE label_id IN (SELECT value FROM json_each($1)) LIMIT $2)";
}

/// As many labels of a key are looked for by their ids; of more, by the key.
const VALUES: usize = 1_000;
/// As many manifests that have a label are gathered; of more, each tag's own are looked at.
const GATHERED: i64 = 20_000;
/// As many labels may be asked for at once.
const LABELS_MOST: usize = 3;

/// Which tags to show. Everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFilter {
    /// Part of the name, in any case.
    pub text: Option<String>,
    /// A pattern for the whole name: `*`, `?`, `[a-z]`; at most 256 bytes and 8 `*`.
    pub glob: Option<String>,
    /// Only versions in this range.
    pub versions: Option<Range>,
    /// Of this kind; leaves out what was not read yet.
    pub kind: Option<Kind>,
    /// Runs on this platform, such as `linux/amd64`; leaves out what was not read yet.
    pub platform: Option<String>,
    /// Built at this moment or later; leaves out what has no time.
    pub created_from: Option<Timestamp>,
    /// Built before this moment; leaves out what has no time.
    pub created_before: Option<Timestamp>,
    /// At least so many bytes; leaves out what was not read yet.
    pub size_least: Option<u64>,
    /// At most so many bytes; leaves out what was not read yet.
    pub size_most: Option<u64>,
    /// With these labels or annotations, at most three. Who asks needs the permission to see them.
    pub labels: Vec<LabelFilter>,
    /// With referrers tags (`sha256-…`)?
    pub referrers: bool,
    /// Only referrers tags, whatever `referrers` says.
    pub only_referrers: bool,
    /// Only tags whose image was not read yet.
    pub unread: bool,
    /// Only tags at whose image this strikes.
    pub check: Option<Check>,
}

/// How a label is looked for: see [`LabelBound`].
macro_rules! labelled {
    ($how:literal, $ids:literal, $key:literal) => {
        concat!(
            "AND CASE ",
            $how,
            " WHEN 0 THEN 1 WHEN 1 THEN t.manifest_id IN (SELECT l.manifest_id FROM manifest_labels l ",
            "WHERE l.label_id IN (SELECT value FROM json_each(",
            $ids,
            "))) ",
            "WHEN 2 THEN EXISTS (SELECT 1 FROM manifest_labels l WHERE l.manifest_id = t.manifest_id ",
            "AND +l.label_id IN (SELECT value FROM json_each(",
            $ids,
            "))) ",
            "ELSE EXISTS (SELECT 1 FROM manifest_labels l CROSS JOIN labels k ON k.id = l.label_id ",
            "WHERE l.manifest_id = t.manifest_id AND k.key = ",
            $key,
            ") END "
        )
    };
}
pub(super) use labelled;

/// What every list of tags has in common: what may be seen, of which repository, and the filter ($1 to $26). No part of
/// it names an index's column alone, so that the order of the list decides which index is walked.
macro_rules! among {
    ($columns:expr, $rest:expr) => {
        among!("tags t", $columns, $rest)
    };
    ($from:literal, $columns:expr, $rest:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $from,
            " WHERE $1 AND t.repository_id = $2 ",
            among!("(SELECT registry_id FROM repositories WHERE id = $2)"),
            $rest
        )
    };
    ($registry:literal) => {
        concat!(
            "AND ($26 IS NULL OR EXISTS (SELECT 1 FROM findings f WHERE f.registry_id = ",
            $registry,
            " AND f.check_bit = $26 AND f.manifest_id = t.manifest_id)) ",
            "AND ($3 IS NULL OR instr(lower(t.name), $3) > 0) AND ($4 IS NULL OR t.name GLOB $4) ",
            "AND ($5 IS NULL OR t.kind = $5) AND ($6 IS NULL OR t.platforms IN (SELECT value FROM json_each($6))) ",
            "AND ($7 IS NULL OR t.is_referrer = $7) AND ($8 OR t.kind IS NULL) ",
            "AND ($9 IS NULL OR t.created >= $9) AND ($10 IS NULL OR t.created <= $10) ",
            "AND ($11 IS NULL OR t.size >= $11) AND ($12 IS NULL OR t.size <= $12) ",
            "AND ($13 IS NULL OR (t.version >= $13 AND t.version < $14 AND ($15 OR substr(t.version, -1) = '2') ",
            "AND ($16 IS NULL OR EXISTS (SELECT 1 FROM json_each($16) s WHERE t.version >= s.value ->> 0 ",
            "AND t.version < s.value ->> 1 AND (s.value ->> 2 = 0 OR substr(t.version, -1) = '2'))))) ",
            labelled!("$17", "$18", "$19"),
            labelled!("$20", "$21", "$22"),
            labelled!("$23", "$24", "$25")
        )
    };
}
pub(super) use among;

/// A filter in the form in which statements take it.
pub(super) struct Narrowed {
    pub(super) text: Option<String>,
    pub(super) glob: Option<String>,
    kind: Option<i64>,
    platforms: Option<String>,
    pub(super) referrers: Option<bool>,
    unread: bool,
    created: (Option<i64>, Option<i64>),
    size: (Option<i64>, Option<i64>),
    versions: VersionBound,
    labels: [LabelBound; LABELS_MOST],
    check: Option<i64>,
}

/// Versions: the stretch that all spans lie in, and the spans where that does not say it all.
#[derive(Default)]
struct VersionBound {
    whole: Option<(String, String)>,
    pre_releases: bool,
    spans: Option<String>,
}

/// Labels: not at all (0); rare ones through the manifests that have them (1); else those of each tag, by their ids (2),
/// or by their key, where it has too many values (3).
#[derive(Default)]
struct LabelBound {
    how: i64,
    ids: Option<String>,
    key: Option<String>,
}

impl TagFilter {
    /// Does it let everything through but perhaps referrers tags?
    pub(super) fn is_plain(&self) -> bool {
        *self == Self { referrers: self.referrers, ..Self::default() }
    }

    /// Does it ask for nothing but versions, and perhaps for referrers tags, which none of them is?
    pub(super) fn only_versions(&self) -> bool {
        *self == Self { referrers: self.referrers, versions: self.versions.clone(), ..Self::default() }
    }

    /// The values of a sort that it leaves, if it leaves out any.
    pub(super) fn names(&self) -> Option<Vec<Stretch>> {
        // A pattern without a beginning leaves every name.
        let glob = self.glob.as_ref()?;
        let beginning = glob.split(['*', '?', '[']).next().filter(|beginning| !beginning.is_empty())?;
        let high = format!("{beginning}{}", super::paging::LAST);
        Some(vec![Stretch { low: Some(Value::Text(beginning.to_owned())), high: Some(Value::Text(high)) }])
    }
    pub(super) fn versions(&self) -> Option<Vec<Stretch>> {
        let mut spans: Vec<(&str, &str)> =
            self.versions.as_ref()?.spans().iter().map(|span| (span.from.as_str(), span.before.as_str())).collect();
        spans.sort_unstable();
        let mut joined: Vec<(&str, &str)> = Vec::new();
        for (from, before) in spans {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = before.max(last.1),
                _ => joined.push((from, before)),
            }
        }
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        Some(joined.into_iter().map(|(from, before)| Stretch { low: text(from), high: text(before) }).collect())
    }
    pub(super) fn created(&self) -> Option<Vec<Stretch>> {
        stretch(self.created_from.map(|at| at.0), self.created_before.map(|at| at.0.saturating_sub(1)))
    }
    pub(super) fn sizes(&self) -> Option<Vec<Stretch>> {
        stretch(self.size_least.map(bytes), self.size_most.map(bytes))
    }

    fn version_bound(&self) -> VersionBound {
        let Some(range) = &self.versions else { return VersionBound::default() };
        let spans = range.spans();
        let from = spans.iter().map(|span| &span.from).min();
        let before = spans.iter().map(|span| &span.before).max();
        let whole = from.zip(before).map_or_else(Default::default, |(from, before)| (from.clone(), before.clone()));
        let one = spans.len() == 1;
        let rows = || {
            let rows = spans.iter();
            let rows = rows.map(|span| serde_json::json!([span.from, span.before, i64::from(span.releases_only)]));
            serde_json::Value::Array(rows.collect()).to_string()
        };
        VersionBound {
            whole: Some(whole),
            pre_releases: !one || spans.iter().any(|span| !span.releases_only),
            spans: (!one).then(rows),
        }
    }
}

fn stretch(low: Option<i64>, high: Option<i64>) -> Option<Vec<Stretch>> {
    (low.is_some() || high.is_some())
        .then(|| vec![Stretch { low: low.map(Value::Number), high: high.map(Value::Number) }])
}

fn bytes(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// A pattern is checked before it meets names: each star may try every rest of a name, so that a few are enough for
/// people, and many are an attack.
pub(super) fn checked_glob(glob: Option<&String>) -> Result<Option<String>, Error> {
    let glob = glob.filter(|glob| !glob.is_empty()).cloned();
    if glob.as_ref().is_some_and(|glob| glob.len() > 256 || glob.matches('*').count() > 8) {
        return Err(Error::Filter("a pattern has at most 256 characters and 8 stars"));
    }
    Ok(glob)
}

/// A text that is set, in small letters.
pub(super) fn small(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| text.to_lowercase())
}

impl Narrowed {
    /// What versions are narrowed to: from, before, with pre-releases, and the spans where these do not say it all.
    pub(super) fn versions(&self) -> Option<(&str, &str, bool, Option<&str>)> {
        let VersionBound { whole, pre_releases, spans } = &self.versions;
        whole.as_ref().map(|(from, before)| (from.as_str(), before.as_str(), *pre_releases, spans.as_deref()))
    }

    /// The arguments $1 to $26, in their order. `place` is a repository, or registries as a JSON array.
    pub(super) fn arguments<'a>(
        &self,
        may: bool,
        place: impl sqlx::Encode<'a, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    ) -> Result<SqliteArguments, Error> {
        let mut arguments = SqliteArguments::default();
        let whole = self.versions.whole.as_ref();
        let add = || {
            arguments.add(may)?;
            arguments.add(place)?;
            arguments.add(&self.text)?;
            arguments.add(&self.glob)?;
            arguments.add(self.kind)?;
            arguments.add(&self.platforms)?;
            arguments.add(self.referrers)?;
            arguments.add(!self.unread)?;
            arguments.add(self.created.0)?;
            arguments.add(self.created.1)?;
            arguments.add(self.size.0)?;
            arguments.add(self.size.1)?;
            arguments.add(whole.map(|whole| &whole.0))?;
            arguments.add(whole.map(|whole| &whole.1))?;
            arguments.add(self.versions.pre_releases)?;
            arguments.add(&self.versions.spans)?;
            for label in &self.labels {
                arguments.add(label.how)?;
                arguments.add(&label.ids)?;
                arguments.add(&label.key)?;
            }
            arguments.add(self.check)
        };
        add().map_err(sqlx::Error::Encode)?;
        Ok(arguments)
    }
}

impl Index {
    /// The filter as statements take it: platforms and labels looked up. Nothing if it can't let any tag through.
    pub(super) async fn narrowed(&self, filter: &TagFilter) -> Result<Option<Narrowed>, Error> {
        let glob = checked_glob(filter.glob.as_ref())?;
        let platforms = match filter.platform.as_ref().filter(|platform| !platform.is_empty()) {
            Some(platform) => {
                let query = sqlx::query_scalar(PLATFORMS).bind(format!(",{platform},"));
                let ids: String = query.fetch_one(&self.pools.readers).await?;
                if ids == "[]" {
                    return Ok(None);
                }
                Some(ids)
            }
            None => None,
        };
        if filter.labels.len() > LABELS_MOST {
            return Err(Error::Filter("at most three labels"));
        }
        let mut labels = <[LabelBound; LABELS_MOST]>::default();
        for (bound, label) in labels.iter_mut().zip(&filter.labels) {
            let Some(found) = self.label_bound(label).await? else { return Ok(None) };
            *bound = found;
        }
        // The rarest first: what it leaves out need not be looked at closer.
        labels.sort_by_key(|label| (label.how == 0, label.how));
        let versions = filter.version_bound();
        if versions.whole.as_ref().is_some_and(|(from, before)| from >= before) {
            return Ok(None);
        }
        let referrers = match (filter.only_referrers, filter.referrers) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        };
        Ok(Some(Narrowed {
            text: small(filter.text.as_ref()),
            glob,
            kind: filter.kind.map(kind_number),
            platforms,
            referrers,
            unread: filter.unread,
            created: (filter.created_from.map(|at| at.0), filter.created_before.map(|at| at.0.saturating_sub(1))),
            size: (filter.size_least.map(bytes), filter.size_most.map(bytes)),
            versions,
            labels,
            check: filter.check.map(|check| i64::from(check.bit())),
        }))
    }

    /// How a label is best looked for. Nothing if no image has it.
    async fn label_bound(&self, label: &LabelFilter) -> Result<Option<LabelBound>, Error> {
        let LabelFilter { key, value } = label;
        let query = match value {
            Some(value) => sqlx::query_scalar(LABELS_OF_VALUE).bind(key).bind(value),
            None => sqlx::query_scalar(LABELS).bind(key),
        };
        let most = i64::try_from(VALUES + 1).unwrap_or(i64::MAX);
        let ids: String = query.bind(most).fetch_one(&self.pools.readers).await?;
        match ids.matches(',').count() {
            0 if ids == "[]" => return Ok(None),
            // One comma less than ids.
            VALUES.. => return Ok(Some(LabelBound { how: 3, ids: None, key: Some(key.clone()) })),
            _ => {}
        }
        let labelled = sqlx::query_scalar(LABELLED).bind(&ids).bind(GATHERED + 1);
        let labelled: i64 = labelled.fetch_one(&self.pools.readers).await?;
        Ok(Some(LabelBound { how: if labelled > GATHERED { 2 } else { 1 }, ids: Some(ids), key: None }))
    }
}
