-- Words (CHECK ... IN) are those of `src/domain`; a test compares them.
-- Times (`*_at`, `at`) are whole microseconds since 1970-01-01 UTC.
-- Ids and digests are lower-case hex text. JSON is kept as text.

-- One row: the identity of this database on every engine it uses.
CREATE TABLE instance (
    only_row   INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    id         TEXT NOT NULL CHECK (length(id) = 32),
    created_at INTEGER NOT NULL
) STRICT;

-- Stable numbers of task names.
CREATE TABLE tasks (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name   TEXT NOT NULL UNIQUE
) STRICT;

-- A run's id begins with its time (UUID version 7), so the order of ids is the
-- order of runs. `tail` is the id's last 8 digits backwards: what finds a run by
-- how its id ends.
CREATE TABLE runs (
    id                  TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    task                TEXT NOT NULL,
    "trigger"           TEXT NOT NULL CHECK ("trigger" IN ('manual', 'rerun', 'api', 'schedule')),
    rerun_of            TEXT,
    state               TEXT NOT NULL CHECK (state IN ('queued', 'building', 'starting', 'running', 'stopping', 'finished')),
    outcome             TEXT CHECK (outcome IN ('succeeded', 'failed', 'build_failed', 'timed_out', 'out_of_memory', 'out_of_disk', 'cancelled', 'lost', 'infra_error')),
    exit_code           INTEGER,
    reason              TEXT,
    params              TEXT NOT NULL CHECK (json_valid(params)),
    args                TEXT NOT NULL CHECK (json_valid(args)),
    limits              TEXT NOT NULL CHECK (json_valid(limits)),
    pinned_image        TEXT,
    version             TEXT,
    environment         TEXT,
    lock                TEXT,
    image               TEXT,
    result              TEXT CHECK (json_valid(result)),
    created_at          INTEGER NOT NULL,
    started_at          INTEGER,
    finished_at         INTEGER,
    cancel_requested_at INTEGER,
    on_disconnect       TEXT NOT NULL CHECK (on_disconnect IN ('cancel', 'continue')),
    "by"                TEXT,
    priority            INTEGER NOT NULL,
    concurrency         INTEGER CHECK (concurrency >= 1),
    retries             TEXT NOT NULL CHECK (json_valid(retries)),
    not_before          INTEGER,
    schedule            TEXT,
    scheduled_at        INTEGER,
    tail                TEXT NOT NULL GENERATED ALWAYS AS (
        substr(id, 32, 1) || substr(id, 31, 1) || substr(id, 30, 1) || substr(id, 29, 1) ||
        substr(id, 28, 1) || substr(id, 27, 1) || substr(id, 26, 1) || substr(id, 25, 1)
    ) VIRTUAL,
    CHECK ((state = 'finished') = (outcome IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL))
) STRICT;
-- The list, filtered by nothing (the primary key), task, state or outcome.
CREATE INDEX runs_by_task ON runs (task, id);
CREATE INDEX runs_by_end ON runs (state, outcome, id);
CREATE INDEX runs_by_task_end ON runs (task, state, outcome, id);
-- The queue, in the order in which runs of a task begin, and how many are active.
CREATE INDEX runs_queued ON runs (task, priority DESC, id) WHERE state = 'queued';
CREATE INDEX runs_active ON runs (task) WHERE state IN ('building', 'starting', 'running', 'stopping');
-- People's short ids: how the last 8 digits begin, and how an id ends.
CREATE INDEX runs_by_short ON runs (substr(id, 25));
CREATE INDEX runs_by_tail ON runs (tail);

CREATE TABLE attempts (
    run            TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    number         INTEGER NOT NULL CHECK (number >= 1),
    container_name TEXT NOT NULL UNIQUE,
    container_id   TEXT,
    nonce          TEXT NOT NULL,
    deadline       INTEGER,
    intent         TEXT CHECK (intent IN ('succeeded', 'failed', 'build_failed', 'timed_out', 'out_of_memory', 'out_of_disk', 'cancelled', 'lost', 'infra_error')),
    outcome        TEXT CHECK (outcome IN ('succeeded', 'failed', 'build_failed', 'timed_out', 'out_of_memory', 'out_of_disk', 'cancelled', 'lost', 'infra_error')),
    exit_code      INTEGER,
    reason         TEXT,
    measurements   TEXT NOT NULL CHECK (json_valid(measurements)),
    created_at     INTEGER NOT NULL,
    started_at     INTEGER,
    finished_at    INTEGER,
    UNIQUE (run, number),
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
) STRICT;

-- Requests that carried a key of their own, so that asking twice is asking once.
CREATE TABLE idempotency_keys (
    task    TEXT NOT NULL,
    "key"   TEXT NOT NULL,
    request TEXT NOT NULL,
    run     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    PRIMARY KEY (task, "key")
) STRICT;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);

CREATE TABLE artifacts (
    run    TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    path   TEXT NOT NULL,
    bytes  INTEGER NOT NULL CHECK (bytes >= 0),
    digest TEXT NOT NULL,
    PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;

-- The outbox. No reference to runs: what happened stays told after a run is
-- forgotten.
CREATE TABLE events (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    run     TEXT,
    payload TEXT NOT NULL CHECK (json_valid(payload))
) STRICT;

CREATE TABLE environments (
    key          TEXT NOT NULL PRIMARY KEY,
    python       TEXT NOT NULL,
    template     TEXT,
    requirements TEXT NOT NULL CHECK (json_valid(requirements)),
    policy       TEXT NOT NULL CHECK (policy IN ('open', 'wheels', 'locked', 'curated')),
    lock         TEXT,
    created_at   INTEGER NOT NULL,
    FOREIGN KEY (key, lock) REFERENCES locks (environment, digest) DEFERRABLE INITIALLY DEFERRED
) STRICT;

-- Every lock an environment ever had; an image is built from one lock, so it is
-- remembered here and comes back with the lock.
CREATE TABLE locks (
    environment TEXT NOT NULL REFERENCES environments (key) ON DELETE CASCADE,
    digest      TEXT NOT NULL,
    text        TEXT NOT NULL,
    resolved_at INTEGER NOT NULL,
    image       TEXT,
    image_bytes INTEGER CHECK (image_bytes >= 0),
    PRIMARY KEY (environment, digest)
) STRICT;

-- What was built or found for which key. Two keys may end at one image, and one
-- key may be built again: the newest row of a key is the one in use.
CREATE TABLE images (
    kind        TEXT NOT NULL CHECK (kind IN ('base', 'environment', 'task')),
    key         TEXT NOT NULL,
    id          TEXT NOT NULL,
    task        TEXT,
    environment TEXT,
    lock        TEXT,
    version     TEXT,
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    created_at  INTEGER NOT NULL,
    pinned      INTEGER NOT NULL CHECK (pinned IN (0, 1)),
    PRIMARY KEY (kind, key, id)
) STRICT;
CREATE INDEX images_by_id ON images (id);

-- The code of tasks. Two tasks may hold the same files.
CREATE TABLE versions (
    task       TEXT NOT NULL,
    digest     TEXT NOT NULL,
    files      INTEGER NOT NULL CHECK (files >= 0),
    bytes      INTEGER NOT NULL CHECK (bytes >= 0),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (task, digest)
) STRICT;
CREATE INDEX versions_by_digest ON versions (digest);

-- Builds that failed a short while ago and need not be tried again yet.
CREATE TABLE build_failures (
    key      TEXT NOT NULL PRIMARY KEY,
    message  TEXT NOT NULL,
    log_hint TEXT,
    at       INTEGER NOT NULL
) STRICT;
