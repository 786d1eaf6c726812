-- Secrets and variables. Times, ids, digests and JSON are as in V1.

-- The master key that everything here is sealed with, and a known word sealed
-- with it: a key that does not open the word is the wrong one.
CREATE TABLE master_key (
    only_row   INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    "key"      TEXT NOT NULL,
    wrapped    BLOB NOT NULL,
    sealed     BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Names of secrets that are gone may be taken again; numbers never are, nor are
-- those of versions (`newest`).
CREATE TABLE secrets (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    newest     INTEGER NOT NULL CHECK (newest >= 0),
    created_at INTEGER NOT NULL
) STRICT;

-- The version `newest` is the present value. An older one is there only while a
-- run that is not over was given it.
CREATE TABLE secret_versions (
    secret  INTEGER NOT NULL REFERENCES secrets (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL CHECK (number >= 1),
    "key"   TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    sealed  BLOB NOT NULL,
    set_at  INTEGER NOT NULL,
    set_by  TEXT NOT NULL,
    PRIMARY KEY (secret, number)
) STRICT;

-- Which tasks may have which secrets; a task without a row may not.
CREATE TABLE secret_grants (
    secret     INTEGER NOT NULL REFERENCES secrets (id) ON DELETE CASCADE,
    task       TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (secret, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX secret_grants_by_task ON secret_grants (task);

-- What a run was given. With `secret` and `version` it is one that is kept here;
-- without, it came with the request, and is sealed in the row until the run is
-- over. No reference to secrets: what was given stays told.
CREATE TABLE run_secrets (
    run      TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    secret   INTEGER,
    version  INTEGER,
    "key"    TEXT,
    wrapped  BLOB,
    sealed   BLOB,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (run, name),
    CHECK ((secret IS NULL) = (version IS NULL)),
    CHECK ((sealed IS NULL) = (wrapped IS NULL) AND (sealed IS NULL) = ("key" IS NULL)),
    CHECK (secret IS NULL OR sealed IS NULL)
) STRICT;
CREATE INDEX run_secrets_by_secret ON run_secrets (secret, run);

-- Plain values for runs: of every task, of those with a tag, of one task.
CREATE TABLE variables (
    level  TEXT NOT NULL CHECK (level IN ('global', 'tag', 'task')),
    "of"   TEXT NOT NULL,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (level, "of", name),
    CHECK ((level = 'global') = ("of" = ''))
) STRICT, WITHOUT ROWID;
