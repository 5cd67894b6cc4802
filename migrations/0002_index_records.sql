-- What was seen of registries once and can't be asked for again: where tags moved, what left, how storage grew.
-- Things are named by registry, repository and digest, never by a row of the cache.

-- A tag that was seen to point elsewhere than before. `from_digest` is empty where it came after its repository was known,
-- `to_digest` where it left.
CREATE TABLE tag_moves (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    registry_id INTEGER NOT NULL REFERENCES registries (id),
    repository  TEXT    NOT NULL,
    tag         TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    from_digest TEXT,
    to_digest   TEXT
);
CREATE INDEX tag_moves_by_tag ON tag_moves (registry_id, repository, tag, id);
CREATE INDEX tag_moves_by_repository ON tag_moves (registry_id, repository, id);
CREATE INDEX tag_moves_by_from ON tag_moves (from_digest) WHERE from_digest IS NOT NULL;
CREATE INDEX tag_moves_by_to ON tag_moves (to_digest) WHERE to_digest IS NOT NULL;

-- What left the index, and on what evidence: a 404 on the thing itself, or two complete lists without it. `tag` is empty
-- where a whole repository left.
CREATE TABLE departures (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    registry_id INTEGER NOT NULL REFERENCES registries (id),
    repository  TEXT    NOT NULL,
    tag         TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    evidence    TEXT    NOT NULL,
    detail      TEXT    NOT NULL
);
CREATE INDEX departures_by_registry ON departures (registry_id, id);

-- How much a registry (`scope` empty), a namespace (`team/`) or a repository (`team/app`) held on a day; `day` counts from
-- 1970. `read` of `tags` tags were read: a sum over part of a registry says so.
CREATE TABLE storage_samples (
    registry_id  INTEGER NOT NULL REFERENCES registries (id),
    scope        TEXT    NOT NULL,
    day          INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    exclusive    INTEGER NOT NULL,
    repositories INTEGER NOT NULL,
    tags         INTEGER NOT NULL,
    read         INTEGER NOT NULL,
    PRIMARY KEY (registry_id, scope, day)
);

-- Whether a registry is read in the background. No row: it is.
CREATE TABLE sync_settings (
    registry_id INTEGER PRIMARY KEY REFERENCES registries (id),
    paused_at   INTEGER
);

-- Checks of the content's health that are switched off: for one registry, or (0) for all.
CREATE TABLE checks_off (
    registry_id INTEGER NOT NULL,
    check_name  TEXT    NOT NULL,
    PRIMARY KEY (registry_id, check_name)
);
