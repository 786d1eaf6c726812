"""Leaves a daemon behind that outlives the script and holds its output.

Detached twice, as daemons are, so that nothing but the end of the container
ends it.
"""

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(f"daemon {os.getpid()} stays", flush=True)
        while True:
            time.sleep(60)
    os._exit(0)
os.wait()
print("main leaves", flush=True)
