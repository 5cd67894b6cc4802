-- Who may do what where: teams, robots, roles, grants; the secrets by which they come; and what the token server keeps.
-- A subject is written as one text: `person-3`, `team-2`, `robot-5`, `everyone`, `anonymous`.
-- A role is written as the key of one that is built in (`reader`), or `custom-4`.

-- Groups of people. `folded` is the name in lower case.
CREATE TABLE teams (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    folded      TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL
);

-- Who is in them. A lead cares for the team's members and robots.
CREATE TABLE team_members (
    team_id   INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    lead      INTEGER NOT NULL DEFAULT 0,
    added     INTEGER NOT NULL,
    PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_members_by_person ON team_members (person_id);

-- Machines' accounts. Each belongs to a team and survives whoever made it. A team that has robots can't be removed.
CREATE TABLE robots (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    team_id     INTEGER NOT NULL REFERENCES teams (id),
    purpose     TEXT    NOT NULL,
    disabled    INTEGER NOT NULL DEFAULT 0,
    expires     INTEGER,
    made_by     TEXT    NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL
);
CREATE INDEX robots_by_team ON robots (team_id);

-- A robot's secrets, several at a time, so that they can be changed without a pause.
CREATE TABLE robot_secrets (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    robot_id     INTEGER NOT NULL REFERENCES robots (id) ON DELETE CASCADE,
    prefix       TEXT    NOT NULL UNIQUE,
    secret_hash  TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    expires      INTEGER,
    last_used    INTEGER,
    last_address TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX robot_secrets_by_robot ON robot_secrets (robot_id);

-- Roles that were made here; those that are built in stand in the code. `permissions` is a JSON array of names.
CREATE TABLE roles (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    folded      TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    permissions TEXT    NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL
);

-- A role for a subject somewhere. Without a registry: in all of them; without a pattern: for all that is there.
-- `ended` is no column: a grant whose `until` has come holds no more, and stays to be seen until somebody removes it.
CREATE TABLE grants (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    subject      TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    registry_id  INTEGER REFERENCES registries (id),
    repositories TEXT,
    until        INTEGER,
    because      TEXT    NOT NULL,
    by_name      TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    reviewed     INTEGER
);
CREATE INDEX grants_by_subject ON grants (subject);
CREATE INDEX grants_by_role ON grants (role);
-- The same thing twice says nothing new.
CREATE UNIQUE INDEX grants_once ON grants (subject, role, COALESCE(registry_id, 0), COALESCE(repositories, ''));

-- Whoever could sign in until now could do everything, and goes on so.
INSERT INTO grants (subject, role, because, by_name, created)
SELECT 'person-' || id, 'administrator', 'Could do everything before there were roles.', 'upgrade', created FROM people;

-- Links by which a person chooses a password once: to come in (`invite`) or after it was lost (`reset`).
CREATE TABLE links (
    token_hash TEXT    PRIMARY KEY,
    person_id  INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    made_by    TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL
);
CREATE INDEX links_by_person ON links (person_id);

-- Where a token was used last.
ALTER TABLE tokens ADD COLUMN last_address TEXT NOT NULL DEFAULT '';

-- What somebody asks to be granted, until somebody who can grants or declines it. `answer` is `granted`, `declined` or
-- `withdrawn`.
CREATE TABLE access_requests (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    permission  TEXT    NOT NULL,
    registry_id INTEGER REFERENCES registries (id),
    repository  TEXT,
    because     TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    answer      TEXT,
    reason      TEXT    NOT NULL DEFAULT '',
    answered    INTEGER,
    answered_by TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX access_requests_open ON access_requests (created) WHERE answer IS NULL;
CREATE INDEX access_requests_by_person ON access_requests (person_id, created);
-- Asking for the same thing again says nothing new until there is an answer.
CREATE UNIQUE INDEX access_requests_once ON access_requests (person_id, permission, COALESCE(registry_id, 0), COALESCE(repository, ''))
    WHERE answer IS NULL;

-- What rights were used for, by day (days since 1970, UTC): the ground of reviews. `grant_id` is not kept: which grant a
-- use came by is asked of today's grants.
CREATE TABLE access_use (
    subject      TEXT    NOT NULL,
    registry_id  INTEGER NOT NULL,
    repository   TEXT    NOT NULL,
    permission   TEXT    NOT NULL,
    day          INTEGER NOT NULL,
    count        INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    last_address TEXT    NOT NULL,
    PRIMARY KEY (subject, registry_id, repository, permission, day)
);
CREATE INDEX access_use_by_day ON access_use (day);

-- What a review said of a grant, with what it was then and where it held: the grant itself may be gone.
CREATE TABLE access_reviews (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    grant_id     INTEGER NOT NULL,
    what         TEXT    NOT NULL,
    registry_id  INTEGER,
    repositories TEXT,
    decision     TEXT    NOT NULL,
    note         TEXT    NOT NULL,
    by_name      TEXT    NOT NULL,
    at           INTEGER NOT NULL
);
CREATE INDEX access_reviews_by_time ON access_reviews (at);

-- The keys that sign tokens for registries. `private` is sealed. At any time one is `current` and one is `next`; both are in
-- the bundle that registries read, so that taking the next one needs no restart of theirs.
CREATE TABLE signing_keys (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    algorithm   TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    private     BLOB    NOT NULL,
    certificate BLOB    NOT NULL,
    created     INTEGER NOT NULL,
    activated   INTEGER,
    retired     INTEGER,
    expires     INTEGER NOT NULL
);
CREATE UNIQUE INDEX signing_keys_current ON signing_keys (algorithm, state) WHERE state <> 'retired';

-- Refresh tokens of the token server. Each hangs on what it was made with, and ends with it: a password (the person's hash
-- then, hashed), a person's token, or a robot's secret.
CREATE TABLE refresh_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    prefix       TEXT    NOT NULL UNIQUE,
    secret_hash  TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    person_id    INTEGER REFERENCES people (id) ON DELETE CASCADE,
    token_id     INTEGER REFERENCES tokens (id) ON DELETE CASCADE,
    robot_secret INTEGER REFERENCES robot_secrets (id) ON DELETE CASCADE,
    password     TEXT,
    service      TEXT    NOT NULL,
    client       TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    last_used    INTEGER NOT NULL,
    last_address TEXT    NOT NULL
);
CREATE INDEX refresh_tokens_by_subject ON refresh_tokens (subject);
CREATE INDEX refresh_tokens_by_use ON refresh_tokens (last_used);

-- What was begun is looked for at each start, whether it ended: among few, however long the log is.
CREATE INDEX entries_begun ON entries (at) WHERE stage = 'opened';

-- How the token server issues for a registry: which algorithm, and whether passwords are taken. No row: ES256, and they are.
CREATE TABLE token_settings (
    registry_id INTEGER PRIMARY KEY REFERENCES registries (id),
    algorithm   TEXT    NOT NULL,
    passwords   INTEGER NOT NULL,
    seconds     INTEGER NOT NULL
);
