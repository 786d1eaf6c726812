-- Each try of a delivery: what the receiver answered, how it began to, and how
-- long that took. Times are as in V1.
CREATE TABLE delivery_tries (
    seq      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    delivery INTEGER NOT NULL REFERENCES deliveries (seq) ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    took_ms  INTEGER NOT NULL CHECK (took_ms >= 0),
    status   INTEGER,
    problem  TEXT,
    answer   TEXT
) STRICT;
CREATE INDEX delivery_tries_by_delivery ON delivery_tries (delivery, seq);
