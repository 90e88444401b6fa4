"""The nodes of the cluster, each by the names that others have for it.

    [node.a]
    ids  = ["eni-0abc"]      # what a place can point at
    host = "10.0.1.5"        # what the HA manager calls it

Rules: an id or a host belongs to one node. Hosts are compared as addresses where they are some, else as
names without regard to case; nothing is resolved, because a failover must not wait for DNS.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from vipswitch.model import NodeId
from vipswitch.settings import Problem, key, text


@dataclass(frozen=True, slots=True)
class Node:
    """`[node.NAME]`: one node; `host` is empty where its name serves."""

    ids: tuple[NodeId, ...] = key(
        lambda raw: NodeId(text(raw)),
        many=True,
        help='it as a holder is named, for example "eni-0abc"',
    )
    host: str = key(
        text, default="", help="what Pgpool-II or Patroni calls it: host name, address, member; default: NAME"
    )


def respelt(nodes: Mapping[str, Node], spell: Callable[[NodeId], NodeId]) -> dict[str, Node]:
    """The same nodes, their ids as `spell` writes them."""
    return {name: replace(node, ids=tuple(map(spell, node.ids))) for name, node in nodes.items()}


def host_of(nodes: Mapping[str, Node], node: NodeId | None) -> str | None:
    """What the HA manager calls the node with this id; None for nobody and for a stranger."""
    found = (known.host or name for name, known in nodes.items() if node in known.ids)
    return next(found, None)


def same_host(one: str, other: str) -> bool:
    """Whether both are the same address, or the same name."""
    return _comparable(one) == _comparable(other)


def ambiguous(nodes: Mapping[str, Node], where: Callable[[str], str]) -> Iterator[Problem]:
    """What two nodes share; `where` turns `NAME.KEY` into what the user will look for."""
    first: dict[object, str] = {}
    for name, node in nodes.items():
        hint = "each belongs to one node"
        for id in dict.fromkeys(node.ids):
            if (other := first.setdefault(("id", id), name)) != name:
                yield Problem(where(f"{name}.ids"), f"{id} is also an id of node.{other}", hint)
        host = node.host or name
        if (other := first.setdefault(("host", _comparable(host)), name)) != name:
            yield Problem(where(f"{name}.host"), f"{host} is also the host of node.{other}", hint)


def _comparable(host: str) -> object:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return host.rstrip(".").lower()
