"""Draws a progress bar over itself with carriage returns, then one line."""

import sys

for percent in range(0, 101, 5):
    bar = "#" * (percent // 5)
    sys.stdout.write(f"\r[{bar:<20}] {percent:3d} %")
    sys.stdout.flush()
sys.stdout.write("\n")
print("done")
