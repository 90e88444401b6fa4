"""answer.py PORT NAME: says its name to whoever connects, on every address of its node. Ends on SIGTERM."""

import socket
import sys


def main(port: str, name: str) -> None:
    with socket.create_server(("0.0.0.0", int(port)), backlog=256) as server:
        while True:
            peer, _ = server.accept()
            with peer:
                peer.sendall(f"{name}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
