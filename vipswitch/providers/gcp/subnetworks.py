"""Which addresses a subnetwork has for instances.

Source: Compute Engine API reference, "subnetworks.get"; VPC docs, "Subnets", "Unusable addresses in IPv4
subnet ranges".
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from vipswitch.deadline import Deadline
from vipswitch.model import Address
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients

GET = "compute.subnetworks.get"

_RESERVED = (0, 1, -2, -1)
"""Which addresses of a primary range are Google's own."""


@dataclass(frozen=True, slots=True)
class Subnetwork:
    """A subnetwork, its primary range and its secondary ones by name; `reaches_google` without an address."""

    name: str
    primary: IPv4Network
    secondary: dict[str, IPv4Network]
    reaches_google: bool

    def within(self, address: Address) -> str | None:
        """The name of the range that the address is in, empty for the primary one; None for none of them."""
        if address in self.primary:
            return ""
        return next((name for name, cidr in self.secondary.items() if address in cidr), None)

    def reserves(self, address: Address) -> bool:
        """Whether Google keeps this address of the primary range for itself."""
        return any(address == self.primary[number] for number in _RESERVED)


class Subnetworks:
    """Subnetworks by their URLs. Raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, url: str, deadline: Deadline) -> Subnetwork:
        """The subnetwork at a URL, from `projects/` on."""
        name = url.rpartition("/")[2]
        with self._clients.compute(Asked(GET, f"subnetwork {name}", deadline, url)) as compute:
            raw = compute.get(url)
        secondary = raw.get("secondaryIpRanges") or ()
        return Subnetwork(
            name,
            IPv4Network(raw["ipCidrRange"]),
            {each["rangeName"]: IPv4Network(each["ipCidrRange"]) for each in secondary},
            reaches_google=bool(raw.get("privateIpGoogleAccess")),
        )
