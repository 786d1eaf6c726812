"""Shows which NumPy this task has. Its twin runs the same file with another.

Two tasks, two environments, one machine: neither knows of the other. The
rules for mixing types changed with NumPy 2 (NEP 50), so the results differ.
"""

import numpy as np

print(f"numpy {np.__version__}")

# NumPy 1 looks at the value and makes room for it; NumPy 2 goes by the type.
total = np.float32(3) + 3.0
print(f"float32(3) + 3.0 is a {total.dtype}")

try:
    print(f"uint8(1) + 300 = {np.uint8(1) + 300}")
except OverflowError as error:
    print(f"uint8(1) + 300 is refused: {error}")

print(f"an element prints as {np.array([1.5])[0]!r}")
