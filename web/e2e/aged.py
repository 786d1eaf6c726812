"""Gives what was resolved in the database of a stopped service the age of another:
the environment of the first requirement gets the lock of the second.

    aged.py DATABASE REQUIREMENT OLDER

For tests: no index of packages is asked for what it had long ago.
"""

import json
import sqlite3
import sys


def main(database: str, requirement: str, older: str) -> None:
    db = sqlite3.connect(database)
    keys = [
        db.execute("SELECT key FROM environments WHERE requirements = ?", (json.dumps([one]),)).fetchone()[0]
        for one in (requirement, older)
    ]
    with db:
        db.execute(
            "INSERT INTO locks (environment, digest, text, resolved_at) "
            "SELECT ?, digest, text, resolved_at FROM locks WHERE environment = ?",
            keys,
        )
        db.execute(
            "UPDATE environments SET lock = (SELECT lock FROM environments WHERE key = ?2) WHERE key = ?1",
            keys,
        )


main(*sys.argv[1:])
