"""Who is at the other end of the socket, as the kernel says it, and who may give orders.

Root and the agent's own user always may; others by name, or by any of their groups. Names become ids when the
config is read, and not when somebody asks: a directory service that hangs must not keep a hook waiting. Which
groups a peer is in, the kernel knows. Source: unix(7), SO_PEERCRED and SO_PEERGROUPS.
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


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may give orders, by ids."""

    uids: frozenset[int] = frozenset()
    gids: frozenset[int] = frozenset()

    @classmethod
    def of(cls, users: Sequence[str], groups: Sequence[str]) -> Admission:
        """Those with these names; a name that this node does not know admits nobody."""
        return cls(frozenset(_uids(users)), frozenset(_gids(groups)))

    def admits(self, peer: Peer) -> bool:
        """Whether this peer may give orders."""
        return peer.uid in (0, os.geteuid()) or peer.uid in self.uids or bool(peer.gids & self.gids)


def may_order(peer: Peer, users: Sequence[str], groups: Sequence[str]) -> bool:
    """Whether this peer may give orders to those who admit these names."""
    return Admission.of(users, groups).admits(peer)


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
