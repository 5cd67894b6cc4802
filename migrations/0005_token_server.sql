-- Whether a registry has the bundle with the next key, as it was seen when it was asked last: `kid` names the key that was
-- next then. After a rotation another one is, and what is written here says nothing of it.
CREATE TABLE bundle_checks (
    registry_id INTEGER PRIMARY KEY REFERENCES registries (id),
    at          INTEGER NOT NULL,
    kid         TEXT    NOT NULL,
    found       TEXT    NOT NULL
);

-- Until when all that happened at the token server stands in the log: what others did (`token events`), and what the
-- program made for itself (`own tokens`). What came later is in the memory of the program that serves. One that ends in
-- good order leaves no row: where a start finds one, entries may be missing since then.
CREATE TABLE written_until (
    what TEXT    PRIMARY KEY,
    at   INTEGER NOT NULL
);
