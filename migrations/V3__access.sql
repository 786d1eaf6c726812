-- Who may come in. Times, digests, words and JSON are as in V1.

-- Names of users who are gone may be taken again; numbers never are.
CREATE TABLE users (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    role        TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    reads_logs  INTEGER NOT NULL CHECK (reads_logs IN (0, 1)),
    password    TEXT NOT NULL CHECK (password LIKE '$argon2id$%'),
    created_at  INTEGER NOT NULL,
    password_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

-- Without a user it is a session of the owner of the data folder.
CREATE TABLE sessions (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    user       INTEGER REFERENCES users (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    proved_at  INTEGER NOT NULL,
    agent      TEXT,
    address    TEXT
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user);

-- Without an owner it is a token of the owner of the data folder. A token that
-- was revoked has no row.
CREATE TABLE tokens (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    name       TEXT NOT NULL,
    owner      INTEGER REFERENCES users (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL CHECK (length(hash) = 64),
    scopes     TEXT NOT NULL CHECK (json_valid(scopes)),
    tasks      TEXT CHECK (json_valid(tasks)),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER
) STRICT;
CREATE INDEX tokens_by_owner ON tokens (owner);

-- Keys that open one door, once. A new one takes the place of the one before.
CREATE TABLE one_time_keys (
    door       TEXT NOT NULL PRIMARY KEY CHECK (door IN ('setup', 'link')),
    hash       TEXT NOT NULL CHECK (length(hash) = 64),
    expires_at INTEGER NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    used_at    INTEGER
) STRICT;

-- What was done, by whom. Each row holds the digest of the one before.
CREATE TABLE audit (
    seq      INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    via      TEXT CHECK (via IN ('session', 'token', 'basic', 'local')),
    address  TEXT,
    action   TEXT NOT NULL,
    object   TEXT,
    verdict  TEXT NOT NULL CHECK (verdict IN ('done', 'refused', 'failed')),
    detail   TEXT,
    before   TEXT,
    after    TEXT,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_actor ON audit (actor, seq);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is never changed');
END;
CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is never cut');
END;
-- REPLACE would remove a row without asking the trigger above.
CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN
    SELECT raise(ABORT, 'the audit log only grows at its end');
END;
