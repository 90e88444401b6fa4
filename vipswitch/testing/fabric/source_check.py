"""The source/destination check of network interfaces: what an interface may send, as rules of the router.

Rules: what a checked interface sends under an address that is not its own is dropped without a word; with
the check off all is let through. Own are the addresses that the cloud says, the secondary ones included.
Differences only. Each interface has two preferences: the one that lets through comes before the one that
drops, and goes after it, so that no packet is dropped in between.
Source: ip-rule(8); Amazon VPC user guide, "NAT instances" (the check).
"""

from collections.abc import Mapping
from ipaddress import IPv4Address

from vipswitch.testing.fabric.host import Host

Allowed = frozenset[IPv4Address] | None
"""From which addresses an interface may send; None for any."""


class SourceCheck:
    """The rules in force, by port; `first` is the first preference and `then` where packets go on."""

    def __init__(self, *, first: int, then: int) -> None:
        self._first = first
        self._then = then
        self._ports: list[Host] = []
        self._rules: set[str] = set()

    def changes(self, allowed: Mapping[Host, Allowed]) -> list[str]:
        """The `ip` commands that lead from the rules in force to these; to be run before the next call."""
        self._ports += [port for port in allowed if port not in self._ports]
        wanted = [rule for port, addresses in allowed.items() for rule in self._of(port, addresses)]
        added = [f"rule add {rule}" for rule in wanted if rule not in self._rules]
        removed = [f"rule del {rule}" for rule in sorted(self._rules.difference(wanted), reverse=True)]
        self._rules = set(wanted)
        return added + removed

    def _of(self, port: Host, addresses: Allowed) -> list[str]:
        if addresses is None:
            return []
        pref = self._first + 2 * self._ports.index(port)
        through = [f"pref {pref} iif {port.name} from {own} goto {self._then}" for own in sorted(addresses)]
        return [*through, f"pref {pref + 1} iif {port.name} blackhole"]
