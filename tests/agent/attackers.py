"""Peers of an agent that mean no good: `attackers.py SOCKET NAME...`, until stdin is closed.

Each attack is a function of the socket's path, so that one test can try each alone and another all at once.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

CHUNK = b"x" * 65536
GIB = 2**30
HELD = 500


def _connected(path: str) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(2.0)
    peer.connect(path)
    return peer


def _sent(path: str, raw: bytes) -> None:
    """Send something and hear what comes."""
    with _connected(path) as peer:
        peer.sendall(raw)
        while peer.recv(4096):
            pass


def _by() -> str:
    """This process, as it may say of itself."""
    started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    return f"by {os.getpid()} {started}"


def garbage(path: str) -> None:
    """Random bytes."""
    _sent(path, os.urandom(3000) + b"\n\n")


def endless(path: str) -> None:
    """A gigabyte without an end, as far as it is let."""
    with _connected(path) as peer:
        for _ in range(GIB // len(CHUNK)):
            peer.sendall(CHUNK)


def half(path: str) -> None:
    """Half a request, then silence until it is sent away."""
    with _connected(path) as peer:
        peer.sendall(b"vipswitch/1 up\nname db\n")
        while peer.recv(4096):
            pass


def held_open(path: str) -> None:
    """Hundreds of connections that say nothing."""
    with ExitStack() as stack:
        for _ in range(HELD):
            stack.enter_context(_connected(path))
        time.sleep(0.5)


def deaf(path: str) -> None:
    """Whole requests whose answers are never read."""
    with ExitStack() as stack:
        for _ in range(20):
            peer = stack.enter_context(_connected(path))
            peer.sendall(f"vipswitch/1 up\nname unknown\n{_by()}\nverbose yes\n\n".encode())
        time.sleep(0.1)


def nul(path: str) -> None:
    """Bytes that end strings elsewhere."""
    _sent(path, f"vipswitch/1 up\nname \0db\0\n{_by()}\nconfig /etc\0/x\n\n".encode())


def no_text(path: str) -> None:
    """What is not UTF-8."""
    _sent(path, b"vipswitch/1 up\nname \xff\xfe\x80\nby 1 1\n\n")


def huge_numbers(path: str) -> None:
    """Numbers that no machine has."""
    for number in ("9" * 19, "9" * 4000, "-1", "1e400", "nan", "٣"):
        _sent(path, f"vipswitch/1 up\nname db\nby {number} {number}\nwait {number}.{number}\n\n".encode())


def another_s(path: str) -> None:
    """An order in the name of another process, and of one that starts in the future."""
    now = int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))
    _sent(path, f"vipswitch/1 down\nname db\nby 1 {now}\n\n".encode())
    _sent(path, f"vipswitch/1 down\nname db\nby {os.getpid()} {2**60}\n\n".encode())


def paths(path: str) -> None:
    """Names that lead out of every folder."""
    for name in ("../../x", "/etc/passwd", ".", "..", "db/../db", "order-db", "x" * 3000):
        _sent(path, f"vipswitch/1 up\nname {name}\n{_by()}\n\n".encode())
        _sent(path, f"vipswitch/1 pause\nname {name}\n{_by()}\n\n".encode())


def strangers(path: str) -> None:
    """Two hundred whole orders at once, for VIPs that there are not."""
    with ExitStack() as stack:
        peers = [stack.enter_context(_connected(path)) for _ in range(200)]
        for number, peer in enumerate(peers):
            with suppress(OSError):  # those who waited longest have been sent away
                peer.sendall(f"vipswitch/1 up\nname vip{number}\n{_by()}\n\n".encode())
        for peer in peers:
            with suppress(OSError):
                while peer.recv(4096):
                    pass


ATTACKS: dict[str, Callable[[str], None]] = {
    attack.__name__: attack
    for attack in (
        garbage,
        endless,
        half,
        held_open,
        deaf,
        nul,
        no_text,
        huge_numbers,
        another_s,
        paths,
        strangers,
    )
}


def attempted(attack: Callable[[str], None], path: str) -> None:
    """Once; to be sent away is what an attacker must expect."""
    try:
        attack(path)
    except OSError:
        return


def main() -> None:
    """Each attack again and again, in a thread of its own, with a moment between."""
    path, names = sys.argv[1], sys.argv[2:]

    def again_and_again(attack: Callable[[str], None]) -> None:
        while True:
            attempted(attack, path)
            time.sleep(0.05)

    for name in names:
        threading.Thread(target=again_and_again, args=(ATTACKS[name],), daemon=True).start()
    print("attacking", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
