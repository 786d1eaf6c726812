"""Writes runs that are over into the database of a stopped service.

    history.py DATABASE COUNT MINUTES TASK...

They are like the newest run that is there, one each so many minutes back from
that, and belong to the tasks in turn. For measuring and for pictures: nobody waits
for years of history, and the service lets nobody write it.
"""

import json
import random
import sqlite3
import sys
import uuid


def main(database: str, count: int, minutes: int, tasks: list[str]) -> None:
    db = sqlite3.connect(database)
    # Before SQLite 3.45 no JSON at all was no valid JSON, which the checks need.
    db.execute("PRAGMA ignore_check_constraints = ON")
    like, runs = newest(db, "runs", "id")
    of_attempt, attempts = newest(db, "attempts", "created_at")
    chance = random.Random(7)
    with db:
        for number in range(count):
            task = tasks[number % len(tasks)]
            at = like["created_at"] - (number + 1) * minutes * 60_000_000
            ran = round((number % len(tasks) + 1) * 900 * chance.uniform(0.7, 1.4)) * 1000
            failed = chance.random() < 0.06
            # An id begins with its milliseconds (UUID version 7).
            run = f"{at // 1000:012x}7{uuid.UUID(int=chance.getrandbits(128)).hex[13:]}"
            end = {
                "outcome": "failed" if failed else "succeeded",
                "exit_code": int(failed),
                "created_at": at,
                "started_at": at + 200_000,
                "finished_at": at + 200_000 + ran,
            }
            put(db, "runs", runs, {**like, **end, "id": run, "task": task})
            measured = {**json.loads(of_attempt["measurements"]), "run_ms": ran / 1000}
            own = {"run": run, "container_name": run, "measurements": json.dumps(measured)}
            put(db, "attempts", attempts, {**of_attempt, **end, **own, "number": 1})


def newest(db: sqlite3.Connection, table: str, order: str) -> tuple[dict, list[str]]:
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    names = ", ".join(f'"{name}"' for name in columns)
    row = db.execute(f"SELECT {names} FROM {table} ORDER BY {order} DESC LIMIT 1").fetchone()
    return dict(zip(columns, row)), columns


def put(db: sqlite3.Connection, table: str, columns: list[str], row: dict) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" for _ in columns)
    values = [row[name] for name in columns]
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
