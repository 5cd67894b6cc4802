//! What manifests name and may be gone: an index's children, an image's configuration, a signature's subject. That something
//! was never read is no proof; who asked the registry for it says what came of it.

use crate::{
    Error,
    index::{
        Index,
        digests::{kind_of, packed, unpacked},
    },
    sql::statements,
};
use domain::{
    Digest, Id, Kind,
    health::{About, Check, CheckSet, Presence, checks_of_presence},
};
use serde_json::{Value, json};

statements! {
    // Children of indexes here that were never read, and of which nobody knows yet that they are there.
    CHILDREN = "SELECT p.digest, p.kind, c.digest FROM holds h CROSS JOIN children x ON x.parent_id = h.manifest_id
                CROSS JOIN manifests c ON c.id = x.child_id AND c.kind IS NULL CROSS JOIN manifests p ON p.id = h.manifest_id
                LEFT JOIN holds k ON k.repository_id = $1 AND k.manifest_id = x.child_id
                WHERE h.repository_id = $1 AND h.inferred = 0 AND COALESCE(k.inferred, 1) = 1 AND h.manifest_id > $2
                ORDER BY h.manifest_id LIMIT $3";
    // Images whose configuration was not kept.
    CONFIGS = "SELECT m.digest, m.kind, m.config FROM holds h CROSS JOIN manifests m ON m.id = h.manifest_id
               WHERE h.repository_id = $1 AND h.inferred = 0 AND m.kind = 1 AND m.config IS NOT NULL AND h.manifest_id > $2
               AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.digest = m.config AND d.registry_id = m.registry_id)
               ORDER BY h.manifest_id LIMIT $3";
    // What refers to a manifest that this repository was not seen to hold.
    SUBJECTS = "SELECT m.digest, m.kind, m.subject FROM holds h CROSS JOIN manifests m ON m.id = h.manifest_id
                WHERE h.repository_id = $1 AND h.inferred = 0 AND m.subject IS NOT NULL AND h.manifest_id > $2
                AND NOT EXISTS (SELECT 1 FROM manifests s JOIN holds k ON k.manifest_id = s.id AND k.repository_id = $1 AND k.inferred = 0
                                WHERE s.digest = m.subject AND s.registry_id = m.registry_id)
                ORDER BY h.manifest_id LIMIT $3";
    MISSING = "SELECT DISTINCT m.digest FROM findings f CROSS JOIN holds h ON h.repository_id = $1 AND h.manifest_id = f.manifest_id
               CROSS JOIN manifests m ON m.id = f.manifest_id
               WHERE f.registry_id = (SELECT registry_id FROM repositories WHERE id = $1)
               AND f.check_bit IN (SELECT value FROM json_each($2)) LIMIT 2000";
    MANIFEST = "SELECT m.id, m.registry_id, m.kind, (SELECT COUNT(*) FROM children c WHERE c.parent_id = m.id) FROM repositories r
                JOIN manifests m ON m.digest = $2 AND m.registry_id = r.registry_id WHERE r.id = $1 AND m.kind IS NOT NULL";
    STUB = "INSERT INTO manifests (registry_id, digest) SELECT registry_id, $2 FROM repositories WHERE id = $1
            ON CONFLICT (digest, registry_id) DO NOTHING";
    HOLD = "INSERT INTO holds (repository_id, manifest_id) SELECT r.id, m.id FROM repositories r
            JOIN manifests m ON m.digest = $2 AND m.registry_id = r.registry_id WHERE r.id = $1
            ON CONFLICT (repository_id, manifest_id) DO UPDATE SET inferred = 0 WHERE inferred = 1";
    CLEAR = "DELETE FROM findings WHERE registry_id = $1 AND manifest_id = $2 AND check_bit IN (SELECT value FROM json_each($3))";
    // Bit and detail.
    SET = "INSERT INTO findings (registry_id, check_bit, manifest_id, detail) SELECT $1, value ->> 0, $2, value ->> 1 FROM json_each($3)
           WHERE true ON CONFLICT (registry_id, check_bit, manifest_id) DO UPDATE SET detail = excluded.detail";
    BITS = "UPDATE manifests SET findings = (findings & ~$2) | $3 WHERE id = $1";
}

/// What a manifest names, and nobody knows whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubtful {
    /// The manifest that names it.
    pub digest: Digest,
    /// What that manifest is.
    pub kind: Kind,
    /// What it names.
    pub expected: Expected,
}

/// What is expected to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A manifest that an index names.
    Child(Digest),
    /// An image's configuration: a blob.
    Config(Digest),
    /// The manifest that a signature or another referrer is about.
    Subject(Digest),
}

impl Index {
    /// What manifests of the repository name and what nobody knows to be there: to be asked for at the registry. At most
    /// `limit` of each kind.
    pub async fn doubtful(&self, repository: Id, limit: u32) -> Result<Vec<Doubtful>, Error> {
        let mut all = Vec::new();
        for (sql, expect) in [
            (CHILDREN, Expected::Child as fn(Digest) -> Expected),
            (CONFIGS, Expected::Config),
            (SUBJECTS, Expected::Subject),
        ] {
            let query = sqlx::query_as(sql).bind(repository).bind(0_i64).bind(limit);
            let rows: Vec<(Vec<u8>, i64, Vec<u8>)> = query.fetch_all(&self.pools.readers).await?;
            for (digest, kind, expected) in rows {
                let expected = expect(unpacked(&expected)?);
                all.push(Doubtful { digest: unpacked(&digest)?, kind: kind_of(kind), expected });
            }
        }
        Ok(all)
    }

    /// The manifests of a repository of which something is noted as gone.
    pub async fn said_to_miss(&self, repository: Id) -> Result<Vec<Digest>, Error> {
        let query = sqlx::query_scalar(MISSING).bind(repository).bind(bits()?);
        let rows: Vec<Vec<u8>> = query.fetch_all(&self.pools.readers).await?;
        rows.iter().map(|digest| unpacked(digest)).collect()
    }

    /// Notes that the registry answered for a manifest in this repository, whatever it says.
    pub async fn found_there(&self, repository: Id, digest: &Digest) -> Result<(), Error> {
        let mut change = self.pools.begin().await?;
        for sql in [STUB, HOLD] {
            sqlx::query(sql).bind(repository).bind(packed(digest)).execute(&mut *change).await?;
        }
        change.commit().await?;
        Ok(())
    }

    /// Notes what of that which a manifest names the registry answered not to have. Replaces what was noted before.
    pub async fn set_presence(&self, repository: Id, digest: &Digest, presence: &Presence) -> Result<(), Error> {
        let mut change = self.pools.begin().await?;
        let found = sqlx::query_as(MANIFEST).bind(repository).bind(packed(digest)).fetch_optional(&mut *change).await?;
        let Some((id, registry, kind, children)) = found else { return Ok(()) };
        let (id, registry, kind, children): (Id, Id, i64, i64) = (id, registry, kind, children);
        let presence = Presence { children: children.unsigned_abs(), ..*presence };
        let found = checks_of_presence(kind_of(kind), &presence);
        sqlx::query(CLEAR).bind(registry).bind(id).bind(bits()?).execute(&mut *change).await?;
        let rows = found.iter().map(|finding| json!([finding.check.bit(), finding.detail]));
        let rows = Value::Array(rows.collect()).to_string();
        sqlx::query(SET).bind(registry).bind(id).bind(rows).execute(&mut *change).await?;
        let set: CheckSet = found.iter().collect();
        sqlx::query(BITS).bind(id).bind(ours().to_sql()).bind(set.to_sql()).execute(&mut *change).await?;
        change.commit().await?;
        Ok(())
    }
}

/// The checks that this is about.
fn ours() -> CheckSet {
    Check::ALL.iter().copied().filter(|check| check.about() == About::Presence).collect()
}

/// Their bits, as a JSON array.
fn bits() -> Result<String, Error> {
    Ok(serde_json::to_string(&ours().iter().map(Check::bit).collect::<Vec<_>>())?)
}
