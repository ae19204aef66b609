# what: talks to programs of the machine by local sockets
# ends: succeeded
# stopped by: they are not in its room; second tier: filter of system calls, and Landlock for names without a path
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

import socket

stream, datagram, abstract = open("input/sockets.txt").read().split()


def pair(kind):
    return socket.socketpair(socket.AF_UNIX, kind)[0]


for act in (
    lambda: socket.socket(socket.AF_UNIX).connect(stream),
    lambda: socket.socket(socket.AF_UNIX).connect("\0" + abstract),
    lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", datagram),
    lambda: pair(socket.SOCK_DGRAM).sendto(b"x", datagram),
    lambda: pair(socket.SOCK_DGRAM).connect(datagram),
    lambda: pair(socket.SOCK_STREAM).connect(stream),
    lambda: pair(socket.SOCK_SEQPACKET).connect(stream),
):
    try:
        act()
        print("REACHED")
    except OSError:
        pass
one, other = socket.socketpair()  # what is between its own processes works
one.send(b"x")
assert other.recv(1) == b"x"
