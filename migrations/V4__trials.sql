-- A trial runs code that is not in its task's folder: the version it was asked for
-- with.
ALTER TABLE runs ADD COLUMN trial INTEGER NOT NULL DEFAULT 0 CHECK (trial IN (0, 1));
