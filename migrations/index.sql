-- The cache of what registries hold. It is never migrated: when this text changes, the file is dropped and filled again.
-- Registries are named by their id in the records; no record ever names a row of this file.
--
-- A digest is kept as bytes: 1 and a SHA-256 sum, 2 and a SHA-512 sum, 0 and the text of any other. Half of the text's
-- length, and a beginning of a digest is a range of the index.

-- What is known of each registry as a whole: when its catalogue was read last, when it was last believed (complete and
-- not suspiciously short), why it was not, and sums over its repositories that triggers keep. `filled_at`: when the first
-- fill had read everything.
CREATE TABLE catalogues (
    registry_id  INTEGER PRIMARY KEY,
    listed_at    INTEGER,
    complete     INTEGER NOT NULL DEFAULT 0,
    names        INTEGER NOT NULL DEFAULT 0,
    doubt        TEXT,
    filled_at    INTEGER,
    repositories INTEGER NOT NULL DEFAULT 0,
    listed       INTEGER NOT NULL DEFAULT 0,
    tags         INTEGER NOT NULL DEFAULT 0,
    unread       INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0
);

-- Registries whose content is on its way out: what a crash left of it goes at the next start.
CREATE TABLE forgotten (
    registry_id INTEGER PRIMARY KEY
);

-- `catalogued`: seen in the registry's own catalogue, else entered or opened by name. `absent_since`: the first complete
-- catalogue without it. `tag_count`, `unread` (tags whose image was not read) and `newest` are kept here so that lists can
-- sort and progress be shown without counting. `bytes`: the blobs of all manifests it was seen to hold, each once;
-- `exclusive`: those that no other repository of the registry holds; triggers keep both. `doubt`: why the last list of tags
-- was not believed; `trouble`: what stopped the last refresh. `due_at`: when the next refresh is due.
CREATE TABLE repositories (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    registry_id    INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    namespace      TEXT    NOT NULL,
    catalogued     INTEGER NOT NULL,
    absent_since   INTEGER,
    seen_at        INTEGER NOT NULL,
    tags_listed_at INTEGER,
    tags_complete  INTEGER NOT NULL DEFAULT 0,
    tag_count      INTEGER,
    unread         INTEGER NOT NULL DEFAULT 0,
    newest         INTEGER,
    bytes          INTEGER NOT NULL DEFAULT 0,
    exclusive      INTEGER NOT NULL DEFAULT 0,
    viewed_at      INTEGER,
    moved_at       INTEGER,
    refreshed_at   INTEGER,
    due_at         INTEGER NOT NULL DEFAULT 0,
    errors         INTEGER NOT NULL DEFAULT 0,
    doubt          TEXT,
    trouble        TEXT,
    findings       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (registry_id, name)
);
CREATE INDEX repositories_by_tags ON repositories (registry_id, tag_count, name);
CREATE INDEX repositories_by_newest ON repositories (registry_id, newest, name);
CREATE INDEX repositories_by_bytes ON repositories (registry_id, bytes, name);
CREATE INDEX repositories_by_exclusive ON repositories (registry_id, exclusive, name);
CREATE INDEX repositories_by_namespace ON repositories (registry_id, namespace, name);
CREATE INDEX repositories_by_due ON repositories (registry_id, due_at);
CREATE INDEX repositories_by_unread ON repositories (registry_id, unread) WHERE unread > 0;
CREATE INDEX repositories_by_name ON repositories (name, registry_id);

-- The sets of platforms that images have: few, and each tag names its own by a small number.
-- With a comma at both ends, so that one platform is found as a whole word: `,linux/amd64,linux/arm64,`.
CREATE TABLE platforms (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

-- A manifest as one registry names it. `kind` is unknown until it was read. `made_from` counts the documents its summary
-- was made from. What lists show is made once: no registry speaks for another. `findings`: bits of domain::health::Check.
CREATE TABLE manifests (
    id            INTEGER PRIMARY KEY,
    registry_id   INTEGER NOT NULL,
    digest        BLOB    NOT NULL,
    kind          INTEGER,
    media_type    TEXT,
    artifact_type TEXT,
    platforms     INTEGER,
    size          INTEGER,
    created       INTEGER,
    subject       BLOB,
    config        BLOB,
    findings      INTEGER NOT NULL DEFAULT 0,
    made_from     INTEGER NOT NULL DEFAULT 0,
    fetched_at    INTEGER,
    UNIQUE (digest, registry_id)
);
CREATE INDEX manifests_by_created ON manifests (registry_id, created) WHERE created IS NOT NULL;
CREATE INDEX manifests_by_size ON manifests (registry_id, size) WHERE size IS NOT NULL;
CREATE INDEX manifests_by_platforms ON manifests (platforms) WHERE platforms IS NOT NULL;
CREATE INDEX manifests_by_subject ON manifests (subject, registry_id) WHERE subject IS NOT NULL;

-- The documents themselves, manifests and configurations, byte by byte as the registry served them, that match their
-- digest. The first byte says how the rest is packed (see documents.rs). Apart from the rows above, so that lists never
-- read past them.
CREATE TABLE documents (
    registry_id INTEGER NOT NULL,
    digest      BLOB    NOT NULL,
    bytes       BLOB    NOT NULL,
    UNIQUE (digest, registry_id)
);

-- A tag, with what lists sort and filter by copied from its manifest. `manifest_id` is unknown until asked; `checked_at`
-- says when it was last asked for, `moved_at` when it was last seen to come or to point elsewhere: unknown of those that were
-- there when the repository was first listed and have not moved since. `version` sorts as
-- semantic versions do.
CREATE TABLE tags (
    repository_id INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    manifest_id   INTEGER,
    checked_at    INTEGER,
    version       TEXT,
    kind          INTEGER,
    platforms     INTEGER,
    size          INTEGER,
    created       INTEGER,
    moved_at      INTEGER,
    is_referrer   INTEGER NOT NULL,
    PRIMARY KEY (repository_id, name)
) WITHOUT ROWID;
CREATE INDEX tags_by_version ON tags (repository_id, version, name) WHERE version IS NOT NULL;
CREATE INDEX tags_by_created ON tags (repository_id, created, name);
CREATE INDEX tags_by_size ON tags (repository_id, size, name);
CREATE INDEX tags_by_moved ON tags (repository_id, moved_at, name) WHERE moved_at IS NOT NULL;
CREATE INDEX tags_by_manifest ON tags (manifest_id, repository_id, name);
CREATE INDEX tags_by_name ON tags (name, repository_id);
CREATE INDEX tags_unread ON tags (repository_id, name) WHERE kind IS NULL;

-- Tags that complete, believed lists lacked, and since when: evidence, not yet a verdict.
CREATE TABLE missing_tags (
    repository_id INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    since         INTEGER NOT NULL,
    PRIMARY KEY (repository_id, name)
) WITHOUT ROWID;

-- Which repository holds which manifest. `inferred`: only because an index that it holds names it; good for sums of bytes,
-- but a document is shown only through a row that is not inferred: the registry answered for it there. `untagged_at`: since
-- when no tag and no index here names it.
CREATE TABLE holds (
    repository_id INTEGER NOT NULL,
    manifest_id   INTEGER NOT NULL,
    inferred      INTEGER NOT NULL DEFAULT 0,
    untagged_at   INTEGER,
    PRIMARY KEY (repository_id, manifest_id)
) WITHOUT ROWID;
CREATE INDEX holds_by_manifest ON holds (manifest_id, repository_id);
CREATE INDEX holds_untagged ON holds (untagged_at) WHERE untagged_at IS NOT NULL;

-- What an index names.
CREATE TABLE children (
    parent_id INTEGER NOT NULL,
    child_id  INTEGER NOT NULL,
    platform  TEXT,
    PRIMARY KEY (parent_id, child_id)
) WITHOUT ROWID;
CREATE INDEX children_by_child ON children (child_id, parent_id);

-- Configurations and layers, each once a registry. `repositories` counts those that hold it.
CREATE TABLE blobs (
    id           INTEGER PRIMARY KEY,
    registry_id  INTEGER NOT NULL,
    digest       BLOB    NOT NULL,
    size         INTEGER NOT NULL,
    repositories INTEGER NOT NULL DEFAULT 0,
    UNIQUE (digest, registry_id)
);
CREATE INDEX blobs_by_size ON blobs (registry_id, size) WHERE size >= 1048576;

-- Which blobs a manifest names; `position` is that of the layer, -1 of the configuration.
CREATE TABLE manifest_blobs (
    manifest_id INTEGER NOT NULL,
    blob_id     INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    PRIMARY KEY (manifest_id, blob_id)
) WITHOUT ROWID;
CREATE INDEX manifest_blobs_by_blob ON manifest_blobs (blob_id, position, manifest_id);

-- Which blobs a repository holds, and through how many of its manifests. The triggers keep every sum of bytes.
CREATE TABLE repository_blobs (
    repository_id INTEGER NOT NULL,
    blob_id       INTEGER NOT NULL,
    manifests     INTEGER NOT NULL,
    PRIMARY KEY (repository_id, blob_id)
) WITHOUT ROWID;
CREATE INDEX repository_blobs_by_blob ON repository_blobs (blob_id, repository_id);

CREATE TRIGGER a_blob_comes AFTER INSERT ON repository_blobs
BEGIN
    UPDATE blobs SET repositories = repositories + 1 WHERE id = NEW.blob_id;
    -- It was another's alone until now.
    UPDATE repositories SET exclusive = exclusive - (SELECT size FROM blobs WHERE id = NEW.blob_id)
    WHERE (SELECT repositories FROM blobs WHERE id = NEW.blob_id) = 2
      AND id = (SELECT repository_id FROM repository_blobs WHERE blob_id = NEW.blob_id AND repository_id <> NEW.repository_id);
    UPDATE repositories SET bytes = bytes + b.size, exclusive = exclusive + iif(b.repositories = 1, b.size, 0)
    FROM (SELECT size, repositories FROM blobs WHERE id = NEW.blob_id) b WHERE id = NEW.repository_id;
    UPDATE catalogues SET bytes = bytes + b.size FROM (SELECT registry_id, size FROM blobs WHERE id = NEW.blob_id AND repositories = 1) b
    WHERE catalogues.registry_id = b.registry_id;
END;
CREATE TRIGGER a_blob_goes AFTER DELETE ON repository_blobs
BEGIN
    UPDATE blobs SET repositories = repositories - 1 WHERE id = OLD.blob_id;
    -- It is another's alone from now on.
    UPDATE repositories SET exclusive = exclusive + (SELECT size FROM blobs WHERE id = OLD.blob_id)
    WHERE (SELECT repositories FROM blobs WHERE id = OLD.blob_id) = 1
      AND id = (SELECT repository_id FROM repository_blobs WHERE blob_id = OLD.blob_id);
    UPDATE repositories SET bytes = bytes - b.size, exclusive = exclusive - iif(b.repositories = 0, b.size, 0)
    FROM (SELECT size, repositories FROM blobs WHERE id = OLD.blob_id) b WHERE id = OLD.repository_id;
    UPDATE catalogues SET bytes = bytes - b.size FROM (SELECT registry_id, size FROM blobs WHERE id = OLD.blob_id AND repositories = 0) b
    WHERE catalogues.registry_id = b.registry_id;
END;

-- Blobs come with the manifests that name them, whichever is known first: the manifest's place or its content.
CREATE TRIGGER a_manifest_comes AFTER INSERT ON holds
BEGIN
    INSERT INTO repository_blobs (repository_id, blob_id, manifests)
    SELECT NEW.repository_id, blob_id, 1 FROM manifest_blobs WHERE manifest_id = NEW.manifest_id
    ON CONFLICT (repository_id, blob_id) DO UPDATE SET manifests = manifests + 1;
END;
CREATE TRIGGER a_manifest_is_read AFTER INSERT ON manifest_blobs
BEGIN
    INSERT INTO repository_blobs (repository_id, blob_id, manifests)
    SELECT repository_id, NEW.blob_id, 1 FROM holds WHERE manifest_id = NEW.manifest_id
    ON CONFLICT (repository_id, blob_id) DO UPDATE SET manifests = manifests + 1;
END;
CREATE TRIGGER a_manifest_goes AFTER DELETE ON holds
BEGIN
    UPDATE repository_blobs SET manifests = manifests - 1
    WHERE repository_id = OLD.repository_id AND blob_id IN (SELECT blob_id FROM manifest_blobs WHERE manifest_id = OLD.manifest_id);
    DELETE FROM repository_blobs WHERE repository_id = OLD.repository_id AND manifests = 0
    AND blob_id IN (SELECT blob_id FROM manifest_blobs WHERE manifest_id = OLD.manifest_id);
END;

-- The sums over a registry's repositories.
CREATE TRIGGER a_repository_comes AFTER INSERT ON repositories
BEGIN
    INSERT INTO catalogues (registry_id) VALUES (NEW.registry_id) ON CONFLICT (registry_id) DO NOTHING;
    UPDATE catalogues SET repositories = repositories + 1, listed = listed + (NEW.tag_count IS NOT NULL),
        tags = tags + COALESCE(NEW.tag_count, 0), unread = unread + NEW.unread WHERE registry_id = NEW.registry_id;
    INSERT INTO repository_words (rowid, name) VALUES (NEW.id, '/' || NEW.name || '/');
END;
CREATE TRIGGER a_repository_changes AFTER UPDATE OF tag_count, unread ON repositories
WHEN OLD.tag_count IS NOT NEW.tag_count OR OLD.unread <> NEW.unread
BEGIN
    UPDATE catalogues SET listed = listed + (NEW.tag_count IS NOT NULL) - (OLD.tag_count IS NOT NULL),
        tags = tags + COALESCE(NEW.tag_count, 0) - COALESCE(OLD.tag_count, 0), unread = unread + NEW.unread - OLD.unread
    WHERE registry_id = NEW.registry_id;
END;
CREATE TRIGGER a_repository_goes AFTER DELETE ON repositories
BEGIN
    UPDATE catalogues SET repositories = repositories - 1, listed = listed - (OLD.tag_count IS NOT NULL),
        tags = tags - COALESCE(OLD.tag_count, 0), unread = unread - OLD.unread WHERE registry_id = OLD.registry_id;
    INSERT INTO repository_words (repository_words, rowid, name) VALUES ('delete', OLD.id, '/' || OLD.name || '/');
END;

-- What namespaces hold, as it was counted in the background: what repositories share among themselves is theirs together, so
-- that these are no sums of the rows above. `name` is empty for repositories without a namespace.
CREATE TABLE namespaces (
    registry_id  INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    repositories INTEGER NOT NULL,
    tags         INTEGER NOT NULL,
    unread       INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    exclusive    INTEGER NOT NULL,
    counted_at   INTEGER NOT NULL,
    PRIMARY KEY (registry_id, name)
) WITHOUT ROWID;
CREATE INDEX namespaces_by_exclusive ON namespaces (registry_id, exclusive, name);

-- Labels of configurations and annotations of manifests (`source` 0 and 1), each pair once. An index has those of its images.
CREATE TABLE labels (
    id     INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    key    TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    UNIQUE (key, value, source)
);
CREATE TABLE manifest_labels (
    label_id    INTEGER NOT NULL,
    manifest_id INTEGER NOT NULL,
    PRIMARY KEY (label_id, manifest_id)
) WITHOUT ROWID;
CREATE INDEX manifest_labels_by_manifest ON manifest_labels (manifest_id, label_id);

-- What images say they are built on.
CREATE TABLE bases (
    manifest_id INTEGER PRIMARY KEY,
    name        TEXT,
    digest      BLOB
);
CREATE INDEX bases_by_name ON bases (name) WHERE name IS NOT NULL;
CREATE INDEX bases_by_digest ON bases (digest) WHERE digest IS NOT NULL;

-- What is to be said about the health of content: a check of domain::health, and where it strikes. `detail` names what.
CREATE TABLE findings (
    registry_id INTEGER NOT NULL,
    check_bit   INTEGER NOT NULL,
    manifest_id INTEGER NOT NULL,
    detail      TEXT,
    PRIMARY KEY (registry_id, check_bit, manifest_id)
) WITHOUT ROWID;
CREATE INDEX findings_by_manifest ON findings (manifest_id);
CREATE TABLE repository_findings (
    registry_id   INTEGER NOT NULL,
    check_bit     INTEGER NOT NULL,
    repository_id INTEGER NOT NULL,
    detail        TEXT,
    PRIMARY KEY (registry_id, check_bit, repository_id)
) WITHOUT ROWID;
CREATE INDEX repository_findings_by_repository ON repository_findings (repository_id);

-- Words to search in: three characters at a time, so that any part of a name is found. The names of tags stand here once,
-- however many repositories have such a tag.
CREATE TABLE tag_names (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE tag_words USING fts5 (name, content = 'tag_names', content_rowid = 'id', tokenize = 'trigram', detail = 'none', columnsize = 0);
CREATE VIRTUAL TABLE repository_words USING fts5 (name, content = '', tokenize = 'trigram', detail = 'none', columnsize = 0);
CREATE VIRTUAL TABLE label_words USING fts5 (key, value, content = 'labels', content_rowid = 'id', tokenize = 'trigram', detail = 'none', columnsize = 0);
CREATE TRIGGER a_tag_name_comes AFTER INSERT ON tag_names
BEGIN
    INSERT INTO tag_words (rowid, name) VALUES (NEW.id, NEW.name);
END;
CREATE TRIGGER a_tag_name_goes AFTER DELETE ON tag_names
BEGIN
    INSERT INTO tag_words (tag_words, rowid, name) VALUES ('delete', OLD.id, OLD.name);
END;
CREATE TRIGGER a_label_comes AFTER INSERT ON labels
BEGIN
    INSERT INTO label_words (rowid, key, value) VALUES (NEW.id, NEW.key, NEW.value);
END;
CREATE TRIGGER a_label_goes AFTER DELETE ON labels
BEGIN
    INSERT INTO label_words (label_words, rowid, key, value) VALUES ('delete', OLD.id, OLD.key, OLD.value);
END;
