"""What `pcp_watchdog_info -v` prints, read exactly.

    Watchdog Cluster Information
    Total Nodes              : 2
    ...
    Quorum state             : QUORUM EXIST
    Local node escalation    : YES
    Leader Node Name         : 10.0.1.10:9999 Linux a
    Leader Host Name         : 10.0.1.10

    Watchdog Node Information
    Node Name         : 10.0.1.10:9999 Linux a
    ...
    Status            : 4
    Status Name       : LEADER
    Membership Status : MEMBER

Rules: the local node comes first; every field is known, in its place, and of a known value; the numbers agree
with what is listed. Anything else is a ValueError: a part of the truth could be taken for the whole. Two
shapes are known, that of 4.3 to 4.7, and that of 4.2, which has neither membership nor the numbers around it.
Sources: src/tools/pcp/pcp_frontend_client.c, and the names of states in src/watchdog/watchdog.c; recorded
from 4.3.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from vipswitch.nodes import same_host

_FIELD = re.compile(r"([A-Z][A-Za-z ]*?) *: (.*)")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


_CLUSTER = _words(
    "Total Nodes, Remote Nodes, Member Remote Nodes, Alive Remote Nodes, Nodes required for quorum, "
    "Quorum state, Local node escalation, Leader Node Name, Leader Host Name"
)
_NODE = _words(
    "Node Name, Host Name, Delegate IP, Pgpool port, Watchdog port, Node priority, Status, Status Name, "
    "Membership Status"
)
_CLUSTER_4_2 = _words(
    "Total Nodes, Remote Nodes, Quorum state, Alive Remote Nodes, VIP up on local node, "
    "Leader Node Name, Leader Host Name"
)
_SHAPES = {_CLUSTER: _NODE, _CLUSTER_4_2: _NODE[:-1]}
_STATUS = _words(
    "DEAD, LOADING, JOINING, INITIALIZING, LEADER, PARTICIPATING IN ELECTION, STANDING FOR LEADER, STANDBY, "
    "LOST, IN NETWORK TROUBLE, SHUTDOWN, ADD MESSAGE SENT"
)
_MEMBERSHIP = _words("MEMBER, REVOKED-SHUTDOWN, REVOKED-NO-SHOW, REVOKED-LOST")


class Quorum(Enum):
    """What the local node knows of the quorum."""

    EXIST = "QUORUM EXIST"
    EDGE = "QUORUM IS ON THE EDGE"
    ABSENT = "QUORUM ABSENT"
    NO_LEADER = "NO LEADER NODE"


@dataclass(frozen=True, slots=True)
class WatchdogNode:
    """One Pgpool-II as the local one sees it; `status` in Pgpool-II's own words."""

    host: str
    watchdog_port: int
    status: str
    member: bool


@dataclass(frozen=True, slots=True)
class Watchdog:
    """The cluster as the local node sees it; `escalated`: it has run its `up`."""

    quorum: Quorum
    escalated: bool
    leader_host: str
    local: WatchdogNode
    remote: tuple[WatchdogNode, ...]


def parse(text: str) -> Watchdog:
    """The cluster that `text` tells of; ValueError when it is not exactly as Pgpool-II prints it."""
    head, *blocks = text.split("\n\n")
    if len(blocks) < 2 or blocks.pop() != "":
        raise ValueError("the output is not complete")
    cluster = _fields(_after(head, "Watchdog Cluster Information \n"))
    blocks[0] = _after(blocks[0], "Watchdog Node Information \n")
    shape = _SHAPES.get(tuple(cluster))
    if shape is None:
        raise ValueError(f"the cluster has the fields {', '.join(cluster)}")
    local, *remote = (_node(_fields(block), shape) for block in blocks)
    _count(cluster, [local, *remote])
    escalated = cluster.get("Local node escalation") or cluster["VIP up on local node"]
    return Watchdog(
        _quorum(cluster["Quorum state"]), _flag(escalated), cluster["Leader Host Name"], local, tuple(remote)
    )


def _after(text: str, title: str) -> str:
    if not text.startswith(title):
        raise ValueError(f"no {title.strip()}")
    return text.removeprefix(title)


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in block.split("\n"):
        found = _FIELD.fullmatch(line)
        if found is None or found[1] in fields:
            raise ValueError(f"the line {line[:80]!r} was not expected")
        fields[found[1]] = found[2]
    return fields


def _node(fields: Mapping[str, str], shape: Sequence[str]) -> WatchdogNode:
    if tuple(fields) != tuple(shape):
        raise ValueError(f"a node has the fields {', '.join(fields)}")
    status, membership = fields["Status Name"], fields.get("Membership Status", "MEMBER")
    number = _number(fields["Status"])
    if number >= len(_STATUS) or _STATUS[number] != status:
        raise ValueError(f"{fields['Host Name']} has the status {number} {status!r}")
    if membership not in _MEMBERSHIP:
        raise ValueError(f"{fields['Host Name']} has the membership {membership!r}")
    return WatchdogNode(fields["Host Name"], _number(fields["Watchdog port"]), status, membership == "MEMBER")


def _count(cluster: Mapping[str, str], nodes: Sequence[WatchdogNode]) -> None:
    total, others = _number(cluster["Total Nodes"]), _number(cluster["Remote Nodes"])
    if not total == others + 1 == len(nodes):
        raise ValueError(f"{total} nodes, {others} of them remote, and {len(nodes)} listed")
    if _number(cluster["Alive Remote Nodes"]) > others:
        raise ValueError(f"{cluster['Alive Remote Nodes']} of {others} remote nodes are alive")
    for k, node in enumerate(nodes):
        if any(same_host(node.host, other.host) for other in nodes[:k]):
            raise ValueError(f"{node.host} is listed twice")


def _quorum(text: str) -> Quorum:
    try:
        return Quorum(text)
    except ValueError:
        raise ValueError(f"the quorum state is {text!r}") from None


def _flag(text: str) -> bool:
    if text not in ("YES", "NO"):
        raise ValueError(f"the escalation is {text!r}")
    return text == "YES"


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(f"{text!r} is not a number")
    return int(text)
