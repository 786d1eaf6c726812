"""Starts processes until the limit refuses, then says how many there were."""

import os
import time

children = 0
while children < 100_000:
    try:
        child = os.fork()
    except OSError as error:
        print(f"refused after {children} children: {error.strerror}", flush=True)
        break
    if child == 0:
        while True:
            time.sleep(60)
    children += 1
