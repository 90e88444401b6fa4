"""Resource ids: `/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/TYPE/NAME[/CHILD/NAME]`.

Rules: ids and all their parts compare without regard to case; a type is written as in `TYPES` whatever the
case it was asked in, a name as it was first given. Source: "Rules and restrictions for Azure resource names".
"""

from __future__ import annotations

from dataclasses import dataclass

NIC = "Microsoft.Network/networkInterfaces"
TABLE = "Microsoft.Network/routeTables"
PUBLIC_IP = "Microsoft.Network/publicIPAddresses"
VNET = "Microsoft.Network/virtualNetworks"
DNS_ZONE = "Microsoft.Network/dnsZones"
PRIVATE_ZONE = "Microsoft.Network/privateDnsZones"
MACHINE = "Microsoft.Compute/virtualMachines"
TAGS = "Microsoft.Resources/tags"

TYPES = (
    NIC,
    f"{NIC}/ipConfigurations",
    TABLE,
    f"{TABLE}/routes",
    PUBLIC_IP,
    VNET,
    f"{VNET}/subnets",
    f"{VNET}/CheckIPAddressAvailability",
    DNS_ZONE,
    f"{DNS_ZONE}/A",
    f"{DNS_ZONE}/AAAA",
    f"{DNS_ZONE}/CNAME",
    PRIVATE_ZONE,
    f"{PRIVATE_ZONE}/A",
    f"{PRIVATE_ZONE}/AAAA",
    f"{PRIVATE_ZONE}/CNAME",
    f"{PRIVATE_ZONE}/virtualNetworkLinks",
    MACHINE,
    TAGS,
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/applicationSecurityGroups",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/loadBalancers/backendAddressPools",
    "Microsoft.Network/locations/operations",
    "Microsoft.Network/locations/operationResults",
)
_WRITTEN = {type_.lower(): type_ for type_ in TYPES}

CHILDREN = {NIC: "ipConfigurations", TABLE: "routes", VNET: "subnets"}
"""The children that are a list within their parent, and share its etag."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names: a resource, or all of one type when the last name is missing.

    `names` are the parents' and the resource's own; a group of None means the whole subscription.
    """

    subscription: str
    group: str | None
    type: str
    names: tuple[str, ...]

    @property
    def listed(self) -> bool:
        """Whether all resources of the type are meant."""
        return len(self.names) < self.type.count("/")

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def id(self) -> str:
        provider, *types = self.type.split("/")
        pairs = [part for pair in zip(types, self.names, strict=False) for part in pair]
        group = f"/resourceGroups/{self.group}" if self.group else ""
        return "/".join([f"/subscriptions/{self.subscription}{group}/providers/{provider}", *pairs])

    @property
    def parent(self) -> Target:
        """The resource that this one, or all of these, are within."""
        type_ = self.type.rpartition("/")[0]
        return Target(self.subscription, self.group, type_, self.names[: type_.count("/")])

    @property
    def embedded(self) -> bool:
        """Whether this is an entry of a list in its parent."""
        parent, _, child = self.type.rpartition("/")
        return CHILDREN.get(parent) == child


def parse(path: str) -> Target | None:
    """The resource, or type, that a path names; None for one that has not the shape of an id."""
    parts = path.strip("/").split("/")
    if len(parts) < 2 or parts[0].lower() != "subscriptions":
        return None
    subscription, rest, group = parts[1], parts[2:], None
    if len(rest) >= 2 and rest[0].lower() == "resourcegroups":
        group, rest = rest[1], rest[2:]
    if len(rest) < 3 or rest[0].lower() != "providers":
        return None
    return Target(subscription, group, written([rest[1], *rest[2::2]]), tuple(rest[3::2]))


def written(types: list[str]) -> str:
    """A type in its own spelling."""
    asked = "/".join(types)
    return _WRITTEN.get(asked.lower(), asked)


def same(one: str, other: str) -> bool:
    """Whether two ids or names mean the same."""
    return one.lower() == other.lower()
