# Run in a throwaway container: listens, and says at which address.
import socket
import time

server = socket.create_server(("", 8000))
# Nothing is sent: this only asks which address leads out.
way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
way.connect(("192.0.2.1", 9))
own = way.getsockname()[0]
socket.create_connection((own, 8000), 1).close()
print(own, flush=True)
time.sleep(30)
