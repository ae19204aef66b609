# what: talks to a server of the machine
# ends: succeeded
# stopped by: network namespace
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import socket
port = int(open("input/port.txt").read())
try:
    socket.create_connection(("127.0.0.1", port), timeout=1)
    print("REACHED", port)
except OSError:
    pass
