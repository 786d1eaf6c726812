# Run in a throwaway container: what can a run reach on its network?
# Arguments: a port of the host, the word it says, a neighbour's address.
import json
import socket
import struct
import sys
import threading

LIMIT = 1.0  # seconds to connect


def reach(what, host, port, word=None):
    try:
        with socket.create_connection((host, port), LIMIT) as line:
            line.settimeout(LIMIT)
            seen[what] = "open" if word is None or line.recv(64).decode() == word else "other"
    except ConnectionRefusedError:
        seen[what] = "refused"
    except OSError:
        seen[what] = "closed"


def address(text):
    return socket.inet_ntoa(struct.pack("=L", int(text, 16)))


seen = {"gateway": None, "subnet": None}
with open("/proc/net/route") as routes:
    for route in list(routes)[1:]:
        _, to, gateway, _, _, _, _, mask, *_ = route.split()
        if int(to, 16) == 0:
            seen["gateway"] = address(gateway)
        elif int(gateway, 16) == 0:
            bits = bin(int(mask, 16)).count("1")
            seen["subnet"] = f"{address(to)}/{bits}"

port, word, peer = sys.argv[1:]
tries = [("metadata", "169.254.169.254", 80), ("neighbour", peer, 8000)]
if seen["gateway"]:
    tries.append(("host", seen["gateway"], int(port), word))
threads = [threading.Thread(target=reach, args=one) for one in tries]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(seen), flush=True)
