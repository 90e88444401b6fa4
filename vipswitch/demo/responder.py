"""responder.py ADDRESS:PORT NAME PARENT: answers every datagram there with what it said and NAME.

Rules: only the standard library, because it is run as a file; bound before the host has the address
(IP_FREEBIND), as a service is that must answer the moment the VIP comes; ends when its parent does, whose
pid it is given, since a parent that dies first cannot be asked for.
Source: ip(7).
"""

import os
import socket
import sys

_IP_FREEBIND = 15


def respond(at: str, name: str, parent: int) -> None:
    """Answer until the parent process is gone."""
    address, _, port = at.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        ours.bind((address, int(port)))
        ours.settimeout(0.5)
        while os.getppid() == parent:
            _answer(ours, name.encode())


def _answer(ours: socket.socket, name: bytes) -> None:
    try:
        question, client = ours.recvfrom(512)
        ours.sendto(question + b" " + name, client)
    except OSError:  # nobody asked, or the route back went
        return


if __name__ == "__main__":
    respond(sys.argv[1], sys.argv[2], int(sys.argv[3]))
