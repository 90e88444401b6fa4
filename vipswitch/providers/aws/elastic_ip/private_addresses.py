"""Which private address of this node's network interface an Elastic IP maps to.

Rules: the config lists the addresses of all nodes; those that this node's interface has are used, in the
order of the list, one for each Elastic IP, because a private address can have one only. Without a list it is
the interface's primary address. What addresses the interface has is kept on disk, so that an order asks
nobody; it is asked again when none that is listed is among them, and when EC2 says that they are out of date.
The metadata service is asked, or EC2 where the config names the interface and the metadata may be another's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address
from typing import Generic, TypeVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.tags import Alias

T = TypeVar("T")

_KIND = "private addresses"


class PrivateAddresses(Generic[T]):
    """What the config lists, and what this node's interface has; `given` is the node id in the config."""

    def __init__(
        self, listed: Sequence[IPv4Address], aws: Footing[T], given: Callable[[], NodeId | None]
    ) -> None:
        self.listed = tuple(dict.fromkeys(listed))
        self._aws = aws
        self._given = given

    def of(self, number: int, node: NodeId, deadline: Deadline) -> IPv4Address | None:
        """What the Elastic IP of that number maps to, None for the primary address.

        ConfigError where the interface has too few of those that are listed.
        """
        if not self.listed:
            _only_one(number)
            return None
        usable = self._usable(self._kept(node, deadline))
        if number >= len(usable):
            has = self._asked(node, deadline)
            usable = self._usable(has)
            if number >= len(usable):
                raise self._too_few(number, node, has)
        return usable[number]

    def fits(self, number: int, private: IPv4Address, node: NodeId, deadline: Deadline) -> bool:
        """Whether this is the address that the Elastic IP of that number is to map to."""
        if not self.listed:
            has = self._known(node)
            return number == 0 and (not has or private == has[0])
        with suppress(ConfigError):
            return private == self.of(number, node, deadline)
        return False

    def outdated(self, number: int, node: NodeId, deadline: Deadline) -> bool:
        """Whether, asked again, the interface turns out to have another address for that Elastic IP."""
        before = self._usable(self._known(node))[number:][:1]
        try:
            return self._usable(self._asked(node, deadline))[number:][:1] != before
        except VipswitchError:
            return False

    def shown(self, number: int, node: NodeId) -> str:
        """What is known of it without asking, for people."""
        usable = self._usable(self._known(node))[number:][:1] or self.listed
        return "|".join(str(address) for address in usable)

    def _usable(self, has: Sequence[IPv4Address]) -> list[IPv4Address]:
        return [address for address in self.listed if address in has]

    def _kept(self, node: NodeId, deadline: Deadline) -> tuple[IPv4Address, ...]:
        """Asked for, if nothing is kept."""
        if self._given() is None:
            return _addresses(self._aws.home.identity(deadline).private)
        return self._known(node) or self._asked(node, deadline)

    def _known(self, node: NodeId) -> tuple[IPv4Address, ...]:
        if self._given() is not None:
            return _addresses(self._aws.found.ids(_KIND, Alias("network-interface", node)))
        here = self._aws.home.known
        return _addresses(here.private) if here else ()

    def _asked(self, node: NodeId, deadline: Deadline) -> tuple[IPv4Address, ...]:
        if self._given() is None:
            return _addresses(self._aws.home.refreshed(deadline).private)
        has = self._aws.interfaces.describe(node, deadline).private
        self._aws.found.keep(_KIND, Alias("network-interface", node), has)
        return _addresses(has)

    def _too_few(self, number: int, node: NodeId, has: Sequence[IPv4Address]) -> ConfigError:
        there = ", ".join(map(str, has))
        return ConfigError(
            f"private_address: network interface {node} has {_counted(len(self._usable(has)), number + 1)}"
            f" ({', '.join(map(str, self.listed))}): it has {there}",
            hint=f"assign one to it: aws ec2 assign-private-ip-addresses --network-interface-id {node}"
            " --private-ip-addresses ADDRESS",
        )


def _only_one(number: int) -> None:
    """A second Elastic IP would push the first one off the primary address."""
    if number > 0:
        raise ConfigError(
            "private_address: is missing: the primary address can have one Elastic IP only",
            hint="give one private address of each node for each Elastic IP",
        )


def _counted(usable: int, wanted: int) -> str:
    if wanted == 1:
        return "none of the addresses listed"
    return f"{usable} of the addresses listed, and {wanted} are needed"


def _addresses(has: Sequence[str]) -> tuple[IPv4Address, ...]:
    return tuple(IPv4Address(each) for each in has)
