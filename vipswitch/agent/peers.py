"""Who is at the other end of the socket, as the kernel says it, and who may give orders.

Root and the agent's own user always may; others by name, or by any of their groups. Names are looked up when
somebody asks, so that a user who joins a group need not wait for a reload. Source: unix(7), SO_PEERCRED and
SO_PEERGROUPS.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_SO_PEERGROUPS = 59
_MOST_GROUPS = 1024


@dataclass(frozen=True, slots=True)
class Peer:
    """A process that has connected, at the moment it did."""

    pid: int
    uid: int
    gids: frozenset[int]

    def __str__(self) -> str:
        return f"pid {self.pid}, uid {self.uid}"


def peer_of(connection: socket.socket) -> Peer:
    """Who connected. Raises OSError."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, gid = struct.unpack("3i", raw)
    return Peer(pid, uid, frozenset({gid, *_supplementary(connection)}))


def may_order(peer: Peer, users: Sequence[str], groups: Sequence[str]) -> bool:
    """Whether this peer may give orders."""
    if peer.uid in (0, os.geteuid()) or peer.uid in _uids(users):
        return True
    return bool(peer.gids & _gids(groups))


def _supplementary(connection: socket.socket) -> tuple[int, ...]:
    """Those of the peer; none where the kernel cannot say (before Linux 4.13)."""
    size = struct.calcsize("I")
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, size * _MOST_GROUPS)
    except OSError:
        return ()
    return struct.unpack(f"{len(raw) // size}I", raw)


def _uids(names: Sequence[str]) -> set[int]:
    found = set()
    for name in names:
        with contextlib.suppress(KeyError):
            found.add(pwd.getpwnam(name).pw_uid)
    return found


def _gids(names: Sequence[str]) -> set[int]:
    found = set()
    for name in names:
        with contextlib.suppress(KeyError):
            found.add(grp.getgrnam(name).gr_gid)
    return found
