"""What a cloud must have to be in the benchmark: `bench/NAME/scenery.py` builds it, by `built()`."""

from __future__ import annotations

from typing import Protocol

from bench.ground import Ground
from vipswitch.testing.aws import AwsCloud
from vipswitch.testing.azure import AzureCloud

CONTENDERS = 4
"""Each has an address of the API and route tables of its own, whether or not it is played on this cloud."""


class Places(Protocol):
    """The places of one contender's VIP.

    What is done here takes no part in the measurement: it goes past the API, or through an address of it that
    no contender has.
    """

    def give_away(self, vip: str, count: int) -> None:
        """Make the other node the holder of the first `count` places."""

    def are_ours(self, vip: str, count: int) -> bool:
        """Whether the first `count` places point at this node."""


class Scenery(Protocol):
    """A local cloud with two nodes or more, of which the first is this one."""

    @property
    def cloud(self) -> AwsCloud | AzureCloud:
        """Where the contenders' requests go."""

    @property
    def mac(self) -> str:
        """That of this node's network interface."""

    def ground(self, contender: int, api: str) -> Ground:
        """What a contender has of the cloud."""

    def places(self, method: str, contender: int) -> Places:
        """Where the cloud keeps its VIP."""
