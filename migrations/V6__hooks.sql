-- Hooks and what is sent to them; addresses at which others start runs. Times,
-- ids, digests and JSON are as in V1.

-- Who is told of what happens. `heard` is the last event (`events.seq`) that was
-- looked at; what it leads to is written in the same transaction.
CREATE TABLE hooks (
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL UNIQUE,
    spec          TEXT NOT NULL CHECK (json_valid(spec)),
    created_at    INTEGER NOT NULL,
    heard         INTEGER NOT NULL,
    failures      INTEGER NOT NULL DEFAULT 0,
    resting_until INTEGER,
    reported_at   INTEGER
) STRICT;

-- One event sent to one hook. Those of one lane are sent in their order; a lane
-- is a task, or '' for what is about none. `since` is when it began to wait.
CREATE TABLE deliveries (
    seq      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    hook     INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    lane     TEXT NOT NULL,
    event    TEXT NOT NULL CHECK (event IN ('run.started', 'run.finished', 'run.failed', 'run.recovered', 'build.failed', 'slot.missed', 'slot.skipped', 'disk.low', 'report', 'test')),
    at       INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    run      TEXT,
    data     TEXT NOT NULL CHECK (json_valid(data)),
    delivery TEXT NOT NULL CHECK (delivery IN ('waiting', 'delivered', 'dead')),
    tries    INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    next_at  INTEGER NOT NULL,
    tried_at INTEGER,
    status   INTEGER,
    problem  TEXT
) STRICT;
CREATE INDEX deliveries_by_hook ON deliveries (hook, delivery, seq);
CREATE INDEX deliveries_waiting ON deliveries (hook, lane, seq) WHERE delivery = 'waiting';

-- Runs of a task that failed one after another, as one hook was told of them.
CREATE TABLE hook_streaks (
    hook   INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    task   TEXT NOT NULL,
    streak TEXT NOT NULL CHECK (json_valid(streak)),
    PRIMARY KEY (hook, task)
) STRICT, WITHOUT ROWID;

-- Addresses at which others start runs of a task. `token` is a digest; who signs
-- has a secret, which `spec` names, and no token.
CREATE TABLE triggers (
    name       TEXT NOT NULL PRIMARY KEY,
    spec       TEXT NOT NULL CHECK (json_valid(spec)),
    token      TEXT,
    created_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

-- What a run was sent by whoever started it.
CREATE TABLE run_payloads (
    run     TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    payload BLOB NOT NULL
) STRICT;

-- Runs may be started by webhooks. The words of a column cannot be changed in
-- place, so the table is written anew; all else in it is as before.
CREATE TABLE runs_new (
    id                  TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    task                TEXT NOT NULL,
    "trigger"           TEXT NOT NULL CHECK ("trigger" IN ('manual', 'rerun', 'api', 'schedule', 'webhook')),
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
    trial               INTEGER NOT NULL DEFAULT 0 CHECK (trial IN (0, 1)),
    tail                TEXT NOT NULL GENERATED ALWAYS AS (
        substr(id, 32, 1) || substr(id, 31, 1) || substr(id, 30, 1) || substr(id, 29, 1) ||
        substr(id, 28, 1) || substr(id, 27, 1) || substr(id, 26, 1) || substr(id, 25, 1)
    ) VIRTUAL,
    CHECK ((state = 'finished') = (outcome IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL))
) STRICT;
INSERT INTO runs_new (
    id, task, "trigger", rerun_of, state, outcome, exit_code, reason, params, args, limits,
    pinned_image, version, environment, lock, image, result, created_at, started_at,
    finished_at, cancel_requested_at, on_disconnect, "by", priority, concurrency, retries,
    not_before, schedule, scheduled_at, trial
) SELECT
    id, task, "trigger", rerun_of, state, outcome, exit_code, reason, params, args, limits,
    pinned_image, version, environment, lock, image, result, created_at, started_at,
    finished_at, cancel_requested_at, on_disconnect, "by", priority, concurrency, retries,
    not_before, schedule, scheduled_at, trial
FROM runs;
DROP TABLE runs;
ALTER TABLE runs_new RENAME TO runs;
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
