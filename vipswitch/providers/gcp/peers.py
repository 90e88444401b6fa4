"""The instances of all nodes: those between which something may be moved.

Rules: they are those of the key `nodes`, else all ids of `[node.NAME]` that can be the name of an instance (a
node has ids for other methods as well). A label is looked up ahead of a failover, in all zones of the
project, and kept as ids, as `tags` has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.provider import Machine
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.ids import INSTANCES, Name, name_of, resource
from vipswitch.providers.tags import Found, Tag, tag
from vipswitch.settings import key

if TYPE_CHECKING:
    from vipswitch.providers.gcp.nics import Nics

_KIND = "instance"
_LABEL = "label"

_instance = name_of(INSTANCES, "an instance such as europe-west1-b/db-1")


def _named(raw: object) -> Name | Tag:
    """An instance, or a label of several."""
    return tag(raw, _LABEL) or _instance(raw)


def nodes_key() -> Any:
    """The key `nodes` of the methods that move something between instances."""
    about = "the instances of all nodes: names, zone/name, URLs, or label:KEY=VALUE; default: [node.NAME]"
    return key(_named, many=True, section="gcp", default=(), help=about, metavar="INSTANCE")


class Peers:
    """The nodes that the config names, this one among them or not."""

    def __init__(self, given: Sequence[Name | Tag], machine: Machine, gcp: Footing[Nics]) -> None:
        self._given = given
        self._machine = machine
        self._gcp = gcp
        self._found = Found("gcp", machine.cache(), gcp.home.machine)
        self._last: tuple[NodeId, ...] = ()

    def ids(self, deadline: Deadline) -> tuple[NodeId, ...]:
        """All of them. ConfigError while a label was not looked up."""
        ids: list[NodeId] = []
        for named in self._given or self._nodes():
            found = self._kept(named) if isinstance(named, Tag) else [self._spelt(named, deadline)]
            ids += found
        self._last = tuple(dict.fromkeys(ids))
        return self._last

    @property
    def tags(self) -> dict[str, tuple[str, ...]]:
        """Each label, and the ids that are kept for it."""
        return {str(each): self._found.ids(_KIND, each) for each in self._labels()}

    def discover(self, deadline: Deadline, *, anew: bool) -> None:
        """Look up the labels for which nothing is kept, with `anew` all of them."""
        for each in self._labels():
            if anew or not self._found.ids(_KIND, each):
                self._found.keep(_KIND, each, self._look_up(each, deadline))

    def named(self, url: str) -> NodeId | None:
        """The node that a URL is of, as those that were asked for last are called; None for no instance's."""
        found = resource(url)
        if found is None or found.kind != INSTANCES:
            return None
        within = f"{found.place}/{found.name}"
        known = (id for id in self._last if id in (within, f"{found.project}/{within}"))
        return next(known, NodeId(within))

    def shown(self) -> list[str]:
        """They, as far as that can be said without asking anybody."""
        named = list(self._given or self._nodes())
        found = [self._found.ids(_KIND, each) if isinstance(each, Tag) else () for each in named]
        return [text for each, ids in zip(named, found, strict=True) for text in ids or [str(each)]]

    @property
    def looks_up(self) -> bool:
        """Whether any are named by a label."""
        return any(True for _ in self._labels())

    def _look_up(self, label: Tag, deadline: Deadline) -> list[NodeId]:
        project = self._gcp.project(deadline)
        ids = sorted(found.node(found.project) for found in self._gcp.api.labelled(project, label, deadline))
        if not ids:
            hint = f"give the instance of every node this label; they are looked for in {project}"
            raise ConfigError(f"instances {label}: not found", hint=hint)
        return ids

    def _kept(self, label: Tag) -> tuple[NodeId, ...]:
        ids = self._found.ids(_KIND, label)
        if not ids:
            raise ConfigError(f"nodes {label}: not looked up yet", hint="run `vipswitch check` on this node")
        return tuple(NodeId(id) for id in ids)

    def _spelt(self, named: Name, deadline: Deadline) -> NodeId:
        return self._gcp.spelt(NodeId(str(named)), deadline)

    def _labels(self) -> Iterator[Tag]:
        return (each for each in self._given if isinstance(each, Tag))

    def _nodes(self) -> Iterator[Name]:
        for id in self._machine.nodes():
            if not _is_address(id):
                try:
                    yield _instance(id)
                except ValueError:
                    continue


def _is_address(id: str) -> bool:
    try:
        ip_address(id)
    except ValueError:
        return False
    return True
