"""Says where it runs. Replace it with what your task does."""

import os
import platform

print(f"Hello from {os.environ.get('RUNBAY_TASK', 'a script')}, on Python {platform.python_version()}")
