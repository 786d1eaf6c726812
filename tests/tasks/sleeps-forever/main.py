"""Never ends by itself, and ends at once when asked to."""

import time

print("ready", flush=True)
while True:
    time.sleep(60)
