"""Writes into the database of a stopped service that each schedule missed its last
days, at 03:00 UTC.

    missed.py DATABASE DAYS

For tests: nobody waits for days, and the service lets nobody write its ledger.
"""

import sqlite3
import sys
import time

DAY = 86_400_000_000


def main(database: str, days: int) -> None:
    db = sqlite3.connect(database)
    last = int(time.time() * 1_000_000) // DAY * DAY - DAY + DAY // 8
    line = (last - (days - 1) * DAY, last, days, "missed", "no_catch_up", last)
    with db:
        db.execute(
            "INSERT INTO slots (schedule, slot, last, count, decision, cause, at) "
            "SELECT id, ?, ?, ?, ?, ?, ? FROM schedules",
            line,
        )


main(sys.argv[1], int(sys.argv[2]))
