"""The names of Azure's resources: as people write them, and as ARM does.

Rules: pure. ARM compares names without regard to case and gives them back as it likes, so two ids are
compared by `key` and never as texts. People write `name`, `group/name` or a whole id.
Source: Azure Resource Manager docs, "Resource naming restrictions", "Resource ID".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from vipswitch.model import NodeId
from vipswitch.settings import text

NETWORK = "Microsoft.Network"
ROUTE_TABLES = f"{NETWORK}/routeTables"
INTERFACES = f"{NETWORK}/networkInterfaces"
PUBLIC_ADDRESSES = f"{NETWORK}/publicIPAddresses"
VIRTUAL_NETWORKS = f"{NETWORK}/virtualNetworks"
MACHINES = "Microsoft.Compute/virtualMachines"

_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/(?P<type>[^/]+/[^/]+)/(?P<name>[^/]+)(?P<below>(/[^/]+/[^/]+)*)",
    re.IGNORECASE,
)
_SCOPE = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+", re.IGNORECASE)
_SHORT = re.compile(r"((?P<group>[\w.()-]{1,90})/)?(?P<name>[\w.-]{1,80})")


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A resource of a resource group, `type` as `Microsoft.Network/routeTables`."""

    subscription: str
    group: str
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.scope}/providers/{self.type}/{self.name}"

    @property
    def scope(self) -> str:
        """The id of its resource group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    @property
    def key(self) -> str:
        """What is equal for two spellings of one resource."""
        return str(self).lower()

    @property
    def node(self) -> NodeId:
        """A network interface as a holder is named: `group/name`, in lower case."""
        return NodeId(f"{self.group}/{self.name}".lower())


@dataclass(frozen=True, slots=True)
class Name:
    """A resource as the config names it: what it leaves out is this machine's."""

    name: str
    group: str | None = None
    subscription: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.subscription, self.group, self.name) if part)


def resource_id(raw: str) -> ResourceId | None:
    """The resource of a whole id, or the one that the id's resource is a part of; None for no such id."""
    found = _ID.fullmatch(raw)
    return ResourceId(found["subscription"], found["group"], found["type"], found["name"]) if found else None


def node_of(raw: str) -> NodeId | None:
    """The network interface of an id, or of a part of one, as a holder is named; None for no such id."""
    found = resource_id(raw)
    return found.node if found else None


def scope_of(raw: str) -> str:
    """The id of the resource group that a resource, or a part of one, is in; an id of less stays as it is."""
    found = _SCOPE.match(raw)
    return found[0] if found else raw


def part(raw: str) -> str:
    """The name of the last part of an id: `ipconfig1` of `.../ipConfigurations/ipconfig1`."""
    return raw.rpartition("/")[2]


def name_of(type: str, wanted: str) -> Callable[[object], Name]:
    """A parser of names of resources of a type; `wanted` is an example of one."""

    def parse(raw: object) -> Name:
        given = text(raw)
        whole = _ID.fullmatch(given)
        if whole and whole["type"].lower() == type.lower() and not whole["below"]:
            return Name(whole["name"], whole["group"], whole["subscription"])
        short = _SHORT.fullmatch(given)
        if whole or not short:
            raise ValueError(f"{given} is not {wanted}: a name, group/name, or the id of one of {type}")
        return Name(short["name"], short["group"])

    return parse
