"""Takes memory until it is killed. Every page is written, so it counts."""

print("taking memory", flush=True)
taken = []
while True:
    taken.append(b"x" * (8 << 20))
