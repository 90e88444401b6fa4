"""The network interfaces of all nodes: those between which something may be moved.

Rules: they are those of the key `nodes`, else all ids of `[node.NAME]` that can be the name of a network
interface (a node has ids for other methods as well). A tag is looked up ahead of a failover and kept as
ids, as `tags` has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.provider import Machine
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ids import INTERFACES, Name, name_of
from vipswitch.providers.tags import Found, Tag, tag
from vipswitch.settings import key

if TYPE_CHECKING:
    from vipswitch.providers.azure.nics import Nics

_KIND = "network interface"

_interface = name_of(INTERFACES, "a network interface such as nic-a")


def _named(raw: object) -> Name | Tag:
    """A network interface, or a tag of several."""
    return tag(raw) or _interface(raw)


def nodes_key() -> Any:
    """The key `nodes` of the methods that move something between network interfaces."""
    about = (
        "the network interfaces of all nodes: names, group/name, ids, or tag:KEY=VALUE; default: [node.NAME]"
    )
    return key(_named, many=True, section="azure", default=(), help=about, metavar="NIC")


class Peers:
    """The nodes that the config names, this one among them or not."""

    def __init__(self, given: Sequence[Name | Tag], machine: Machine, azure: Footing[Nics]) -> None:
        self._given = given
        self._machine = machine
        self._azure = azure
        self._found = Found("azure", machine.cache(), azure.home.machine)

    def ids(self, deadline: Deadline) -> tuple[NodeId, ...]:
        """All of them. ConfigError while a tag was not looked up."""
        ids: list[NodeId] = []
        for named in self._given or self._nodes():
            ids += self._kept(named) if isinstance(named, Tag) else [self._id(named, deadline)]
        return tuple(dict.fromkeys(ids))

    @property
    def tags(self) -> dict[str, tuple[str, ...]]:
        """Each tag, and the ids that are kept for it."""
        return {str(each): self._found.ids(_KIND, each) for each in self._tags()}

    def discover(self, deadline: Deadline, *, anew: bool) -> None:
        """Look up the tags for which nothing is kept, with `anew` all of them."""
        for each in self._tags():
            if anew or not self._found.ids(_KIND, each):
                self._found.keep(_KIND, each, self._look_up(each, deadline))

    def _look_up(self, each: Tag, deadline: Deadline) -> list[NodeId]:
        group = self._azure.group(deadline)
        ids = self._azure.api.tagged(group, each, deadline)
        if not ids:
            hint = f"give the network interface of every node this tag; they are looked for in {group}"
            raise ConfigError(f"network interface {each}: not found", hint=hint)
        return ids

    def _kept(self, each: Tag) -> tuple[NodeId, ...]:
        ids = self._found.ids(_KIND, each)
        if not ids:
            raise ConfigError(f"nodes {each}: not looked up yet", hint="run `vipswitch check` on this node")
        return tuple(NodeId(id) for id in ids)

    def _id(self, named: Name, deadline: Deadline) -> NodeId:
        found, ours = self._azure.resource(named, INTERFACES, deadline), self._azure.subscription(deadline)
        if found.subscription.lower() != ours.lower():
            hint = "an address moves within its subnet, so within one subscription"
            raise ConfigError(f"nodes: {named} is of another subscription", hint=hint)
        return found.node

    def groups(self, deadline: Deadline) -> list[str]:
        """The resource groups in which nodes are looked for by a tag, by id."""
        if not any(self._tags()):
            return []
        return [
            f"/subscriptions/{self._azure.subscription(deadline)}/resourceGroups/{self._azure.group(deadline)}"
        ]

    def shown(self) -> list[str]:
        """They, as far as that can be said without asking anybody."""
        named = list(self._given or self._nodes())
        found = [self._found.ids(_KIND, each) if isinstance(each, Tag) else () for each in named]
        return [text for each, ids in zip(named, found, strict=True) for text in ids or [str(each)]]

    def _tags(self) -> Iterator[Tag]:
        return (each for each in self._given if isinstance(each, Tag))

    def _nodes(self) -> Iterator[Name]:
        for id in self._machine.nodes():
            if not _is_address(id):
                try:
                    yield _interface(id)
                except ValueError:
                    continue


def _is_address(id: str) -> bool:
    try:
        ip_address(id)
    except ValueError:
        return False
    return True
