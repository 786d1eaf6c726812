"""Prints FLOOD_MIB mebibytes of numbered lines, then one endless line.

The first and the last line are known, so that a test can tell what a cap
left out of the middle.
"""

import os
import sys

size = int(os.environ["FLOOD_MIB"]) << 20
write = sys.stdout.write
print("first line")
written = number = 0
while written < size:
    number += 1
    written += write(f"{number:012d} {'.' * 86}\n")
write("x" * (1 << 20) + "\n")
print("last line", flush=True)
