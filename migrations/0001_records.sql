-- The records: what no registry can give back. Everything here is kept by people or seen once.
-- The subset that SQLite and PostgreSQL share is used, so that the records can move when a team outgrows one machine.
-- Times are microseconds since 1970 in UTC. Ids come from AUTOINCREMENT: an id is never used again.

-- One row: which installation this is. Its chain is named by `chain_id`, so that entries of two installations can't be mixed.
CREATE TABLE installation (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    chain_id TEXT    NOT NULL,
    created  INTEGER NOT NULL
);

-- Counters that say "what you keep in memory about this is old". Read within a second by whoever caches authority.
CREATE TABLE generations (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
);

-- Those who can sign in. `folded` is the name in lower case: nobody can be `Ada` beside `ada`.
CREATE TABLE people (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    folded        TEXT    NOT NULL UNIQUE,
    display_name  TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    time_zone     TEXT    NOT NULL,
    theme         TEXT    NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL
);

-- Signed-in browsers. The secret that the cookie carries is kept as its SHA-256; `id` is what pages and entries may name.
CREATE TABLE sessions (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    secret_hash      TEXT    NOT NULL UNIQUE,
    person_id        INTEGER REFERENCES people (id) ON DELETE CASCADE,
    data             TEXT    NOT NULL,
    created          INTEGER NOT NULL,
    last_seen        INTEGER NOT NULL,
    idle_expires     INTEGER NOT NULL,
    absolute_expires INTEGER NOT NULL,
    address          TEXT    NOT NULL,
    agent            TEXT    NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id, last_seen);
CREATE INDEX sessions_by_expiry ON sessions (idle_expires);

-- The one-time link by which the first person is made. There is at most one.
CREATE TABLE setup_links (
    token_hash TEXT    PRIMARY KEY,
    expires    INTEGER NOT NULL
);

-- Secrets by which programs act for a person: found by their public prefix, kept as a hash.
CREATE TABLE tokens (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    prefix      TEXT    NOT NULL UNIQUE,
    secret_hash TEXT    NOT NULL,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    restriction TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    expires     INTEGER,
    last_used   INTEGER
);
CREATE INDEX tokens_by_person ON tokens (person_id);

-- The registries that were connected. A removed one stays, for the entries that name it; its name is free again.
-- Each secret is sealed on its own, bound to the registry, the field and the address. `version` counts edits, so that
-- two people who edit at once can't overwrite each other unseen.
CREATE TABLE registries (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT    NOT NULL,
    description       TEXT    NOT NULL,
    connection        TEXT    NOT NULL,
    password          BLOB,
    identity_token    BLOB,
    client_key        BLOB,
    proxy_credentials BLOB,
    enabled           INTEGER NOT NULL DEFAULT 1,
    version           INTEGER NOT NULL DEFAULT 1,
    created           INTEGER NOT NULL,
    updated           INTEGER NOT NULL,
    removed_at        INTEGER
);
CREATE UNIQUE INDEX registries_by_name ON registries (name) WHERE removed_at IS NULL;

-- What a registry was found able to do, each time it was asked.
CREATE TABLE probes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    registry_id INTEGER NOT NULL REFERENCES registries (id),
    at          INTEGER NOT NULL,
    report      TEXT    NOT NULL
);
CREATE INDEX probes_by_registry ON probes (registry_id, id);

-- Repositories entered by hand, where a registry has no catalogue.
CREATE TABLE manual_repositories (
    registry_id INTEGER NOT NULL REFERENCES registries (id),
    name        TEXT    NOT NULL,
    added       INTEGER NOT NULL,
    PRIMARY KEY (registry_id, name)
);

-- The audit log. `hash` covers this entry and the hash of the one before. Nothing here is ever changed or removed.
CREATE TABLE entries (
    sequence    INTEGER PRIMARY KEY,
    chain_id    TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    stage       TEXT    NOT NULL,
    opened      INTEGER REFERENCES entries (sequence),
    actor_kind  TEXT    NOT NULL,
    actor_id    INTEGER NOT NULL,
    via         TEXT    NOT NULL,
    personal    TEXT    NOT NULL,
    request_id  TEXT    NOT NULL,
    act         TEXT    NOT NULL,
    target      TEXT    NOT NULL,
    registry_id INTEGER,
    repository  TEXT,
    "before"    TEXT,
    "after"     TEXT,
    outcome     TEXT    NOT NULL,
    detail      TEXT,
    hash        TEXT    NOT NULL
);
-- An act ends once.
CREATE UNIQUE INDEX entries_by_opened ON entries (opened) WHERE opened IS NOT NULL;
CREATE INDEX entries_by_actor ON entries (actor_kind, actor_id, sequence);
CREATE INDEX entries_by_registry ON entries (registry_id, sequence);

CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- Personal data beside the chain: it can be erased, and the chain, which covers a salted hash of it, stays whole.
CREATE TABLE entry_people (
    sequence INTEGER PRIMARY KEY REFERENCES entries (sequence),
    salt     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    agent    TEXT    NOT NULL
);

-- News for whoever listens (open pages, other copies of the program), in the order in which it happened.
CREATE TABLE outbox (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    at    INTEGER NOT NULL,
    topic TEXT    NOT NULL,
    body  TEXT    NOT NULL
);

-- Who does which background work. `fencing` grows with each new holder: a holder that was overtaken can't commit.
CREATE TABLE leases (
    name    TEXT    PRIMARY KEY,
    owner   TEXT    NOT NULL,
    expires INTEGER NOT NULL,
    fencing INTEGER NOT NULL
);
