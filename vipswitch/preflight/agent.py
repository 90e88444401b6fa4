"""The agent of this node: does it answer, may the hooks' user give it orders, and what happens without it.

It is optional: a hook that finds none does its work itself, where it has the privilege and the credentials.
Asked is only whether somebody listens; no order is given.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

from vipswitch.agent.peers import Peer, may_order
from vipswitch.config import Config
from vipswitch.preflight.findings import error, ok, warning
from vipswitch.preflight.users import User
from vipswitch.provider import Finding

_ANSWER_S = 1.0
_ALONE = "each hook does the work itself, with the privilege and the credentials of its own user"


def look_at_agent(path: Path, config: Config, who: User) -> Iterator[Finding]:
    """Whether an agent listens at `path`, and lets `who`, the hooks' user, in."""
    subject = "agent"
    if not path.exists():
        yield ok(subject, f"none at {path}: {_ALONE}")
    elif not _listens(path):
        fix = f"systemctl restart vipswitch-agent, or remove {path} if there is to be none"
        yield error(subject, f"{path} is there and nobody answers: {_ALONE}", fix)
    elif not may_order(Peer(0, who.uid, who.gids), config.agent.users, config.agent.groups):
        group = (*config.agent.groups, "vipswitch")[0]
        fix = f"usermod -aG {group} {who.name}, then restart what runs the hooks"
        yield warning(subject, f"takes no orders of {who.name}: {_ALONE}", fix)
    else:
        yield ok(subject, f"answers, and takes orders of {who.name}")


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(_ANSWER_S)
        return caller.connect_ex(str(path)) == 0
