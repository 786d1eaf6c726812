"""Writes to the working folder until it is stopped or the disk refuses.

Goes on after a refusal, so that the end is the runner's decision.
"""

import time

block = b"\xa5" * (1 << 20)
written = 0
print("writing", flush=True)
with open("big", "wb", buffering=0) as file:
    while True:
        try:
            written += file.write(block)
        except OSError as error:
            print(f"refused after {written >> 20} MiB: {error.strerror}", flush=True)
            time.sleep(1)
