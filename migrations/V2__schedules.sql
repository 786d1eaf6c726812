-- Schedules and what became of their slots. What a schedule says is written in
-- the manifest of its task; here is only what it has to remember.

-- One row for each schedule there ever was: its number is that of its ledger.
-- `plan` tells whether its slots are still the same, `last_slot` is the last one
-- that is decided.
CREATE TABLE schedules (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    task       TEXT NOT NULL,
    "key"      TEXT NOT NULL,
    spec       TEXT NOT NULL CHECK (json_valid(spec)),
    timezone   TEXT NOT NULL,
    plan       TEXT NOT NULL,
    next_slot  INTEGER,
    next_at    INTEGER,
    last_slot  INTEGER,
    paused_at  INTEGER,
    problem    TEXT,
    created_at INTEGER NOT NULL,
    removed_at INTEGER,
    UNIQUE (task, "key"),
    CHECK ((next_slot IS NULL) = (next_at IS NULL)),
    CHECK (removed_at IS NULL OR next_at IS NULL)
) STRICT;
CREATE INDEX schedules_by_next ON schedules (next_at) WHERE next_at IS NOT NULL;

-- The ledger: a slot and what became of it, or `count` slots from `slot` to
-- `last` that follow each other and have no run for the same reason.
CREATE TABLE slots (
    schedule INTEGER NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    slot     INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    count    INTEGER NOT NULL CHECK (count >= 1),
    decision TEXT NOT NULL CHECK (decision IN ('ran', 'skipped', 'missed')),
    cause    TEXT CHECK (cause IN ('overlap', 'paused', 'queue_full', 'unfit', 'superseded', 'too_late', 'no_catch_up', 'changed')),
    detail   TEXT,
    run      TEXT,
    late_ms  INTEGER,
    at       INTEGER NOT NULL,
    PRIMARY KEY (schedule, slot),
    CHECK (last >= slot),
    CHECK ((decision = 'ran') = (run IS NOT NULL)),
    CHECK ((decision = 'ran') = (cause IS NULL)),
    CHECK (decision <> 'ran' OR count = 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX slots_by_time ON slots (slot);
CREATE INDEX slots_by_decision ON slots (decision, slot);

-- One row while all schedules are paused.
CREATE TABLE pause (
    only_row  INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    paused_at INTEGER NOT NULL
) STRICT;
