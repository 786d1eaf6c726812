-- A run that is pinned stays, with all that is its own, until it is not.
ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
-- Few are.
CREATE INDEX runs_pinned ON runs (id) WHERE pinned = 1;
