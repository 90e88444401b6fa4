"""Exit codes of OCF, and which of them each of ours is. Source: OCF resource agent API 1.1; unpack.c.

Rules: `start` and `stop` never end with NOT_RUNNING, which Pacemaker takes for an error there. What may heal
by itself is GENERIC: the codes that ban a node until somebody cleans up are for what only somebody can mend.
"""

from __future__ import annotations

SUCCESS = 0
GENERIC = 1
"""Failed, for now: Pacemaker recovers, by its own counting."""

ARGS = 2
"""The configuration makes no sense on this node, which is banned."""

UNIMPLEMENTED = 3
PERM = 4
"""This node lacks a right, and is banned."""

INSTALLED = 5
"""This node lacks a program or package, and is banned."""

CONFIGURED = 6
"""The parameters make no sense on any node."""

NOT_RUNNING = 7
DEGRADED = 190
"""Running, and something is to be looked at: shown, and never a reason to fail over."""

CONFIG_ERROR, PERMISSION_DENIED, LOST = 2, 3, 4
"""Ours, as in vipswitch/errors.py."""


class Wrong(Exception):
    """Something is wrong with what we were called with: an exit code and its reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def of_start(ours: int, *, root: bool) -> int:
    """What a `start` that ended with this code of ours says.

    Only a host that does not let us change addresses denies for good: we are not root. A cloud that
    denies today may have been told otherwise when Pacemaker tries again.
    """
    if ours == 0:
        return SUCCESS
    if ours == CONFIG_ERROR:
        return ARGS
    return PERM if ours == PERMISSION_DENIED and not root else GENERIC
