"""Says where it runs. The place to start: no packages, no settings.

Everything printed here is as it is for every task: a user without rights, a
folder of its own, and nothing left of it when the run is over.
"""

import os
import platform
import sys
import time
from pathlib import Path


def memory_limit() -> str:
    """The limit that the kernel holds us to, in MiB (cgroup v2, then v1)."""
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return f"{int(Path(path).read_text()) // 2**20} MiB"
        except (OSError, ValueError):
            continue
    return "unknown"


def main() -> None:
    print("Hello from a fresh container!")
    print(f"  python    {platform.python_version()} ({sys.executable})")
    print(f"  system    {platform.freedesktop_os_release()['PRETTY_NAME']}, kernel {platform.release()}")
    print(f"  user      uid {os.getuid()}, gid {os.getgid()}")
    print(f"  folder    {Path.cwd()}: {', '.join(sorted(os.listdir()))}")
    print(f"  memory    {memory_limit()}")
    for name in sorted(n for n in os.environ if n.startswith("RUNBAY_")):
        print(f"  {name}={os.environ[name]}")

    # Output is live: each step shows up when it is printed.
    for step in range(1, 6):
        time.sleep(0.2)
        print(f"step {step} of 5")

    print("Done. This container is thrown away now.")


if __name__ == "__main__":
    main()
