"""Prints bytes that are no text: Latin-1, a cut sequence, a NUL, controls."""

import sys

out = sys.stdout.buffer
out.write(b"caf\xe9\n")
out.write("cut in two: €".encode()[:-1] + b"\n")
out.write(b"nul: \x00 bell: \x07 clear: \x1b[2J\n")
out.write("a wide one: 日本語\n".encode())
