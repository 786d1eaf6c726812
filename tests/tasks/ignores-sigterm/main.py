"""Has to be killed: a request to stop does not end it."""

import signal
import time

signal.signal(signal.SIGTERM, lambda *_: print("SIGTERM ignored", flush=True))
print("ready", flush=True)
while True:
    time.sleep(60)
