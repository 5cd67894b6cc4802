-- The cache of what registries hold. It is never migrated: when this text changes, the file is dropped and filled again.
-- Registries are named by their id in the records, content by its digest; no record ever names a row of this file.

-- When a registry's catalogue was last read, and whether to its end.
CREATE TABLE catalogues (
    registry_id INTEGER PRIMARY KEY,
    listed_at   INTEGER NOT NULL,
    complete    INTEGER NOT NULL,
    names       INTEGER NOT NULL
);

-- `catalogued`: seen in the registry's own catalogue, else entered or opened by name. `absent`: complete catalogues in
-- a row that lacked it; it goes at the second. `tag_count` and `newest` are kept here so that lists can sort by them.
CREATE TABLE repositories (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    registry_id    INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    namespace      TEXT    NOT NULL,
    catalogued     INTEGER NOT NULL,
    absent         INTEGER NOT NULL DEFAULT 0,
    seen_at        INTEGER NOT NULL,
    tags_listed_at INTEGER,
    tags_complete  INTEGER NOT NULL DEFAULT 0,
    tag_count      INTEGER,
    newest         INTEGER,
    UNIQUE (registry_id, name)
);
CREATE INDEX repositories_by_tags ON repositories (registry_id, tag_count, name);
CREATE INDEX repositories_by_newest ON repositories (registry_id, newest, name);

-- `digest` is unknown until asked; `checked_at` says when it was last asked for. `version` sorts as semantic versions do.
CREATE TABLE tags (
    repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL,
    digest        TEXT,
    checked_at    INTEGER,
    version       TEXT,
    is_referrer   INTEGER NOT NULL,
    PRIMARY KEY (repository_id, name)
) WITHOUT ROWID;
CREATE INDEX tags_by_version ON tags (repository_id, version, name);
CREATE INDEX tags_by_digest ON tags (digest, repository_id);

-- What lists show of a manifest, made once per registry and digest: no registry speaks for another. `made_from` counts
-- the documents that were read for it. The bytes stand apart, so that lists never read past them.
CREATE TABLE manifests (
    id            INTEGER PRIMARY KEY,
    registry_id   INTEGER NOT NULL,
    digest        TEXT    NOT NULL,
    media_type    TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    artifact_type TEXT,
    platforms     TEXT    NOT NULL,
    size          INTEGER NOT NULL,
    created       INTEGER,
    subject       TEXT,
    config_digest TEXT,
    made_from     INTEGER NOT NULL,
    fetched_at    INTEGER NOT NULL,
    UNIQUE (registry_id, digest)
);
CREATE INDEX manifests_by_created ON manifests (created, digest, registry_id);
CREATE INDEX manifests_by_subject ON manifests (subject, registry_id) WHERE subject IS NOT NULL;

-- The documents themselves, byte by byte: manifests and configurations that a registry served, and that match their
-- digest. A registry that only names a digest gets nothing that another served.
CREATE TABLE documents (
    registry_id INTEGER NOT NULL,
    digest      TEXT    NOT NULL,
    bytes       BLOB    NOT NULL,
    UNIQUE (registry_id, digest)
);

-- Which repository was seen to hold which digest. A document is shown only through one of these rows.
CREATE TABLE holds (
    repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest        TEXT    NOT NULL,
    PRIMARY KEY (repository_id, digest)
) WITHOUT ROWID;
