"""What the tests of Azure's DNS zones share: a cloud with a name in two zones, machines, deadlines."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.contract.azure_dns_cloud import AzureDnsCloud, AzurePrivateDnsCloud
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.dns.provider import ZoneRecords

T = TypeVar("T")

KINDS = {"public": AzureDnsCloud, "private": AzurePrivateDnsCloud}


def soon(seconds: float = 10.0) -> Deadline:
    """A deadline from now on."""
    return Deadline(seconds, SystemClock())


@dataclass(frozen=True, slots=True)
class StubMachine:
    """A machine whose VIP interface has this MAC; `given` is the node id in its config."""

    address: str
    folder: Path
    given: NodeId | None = None

    def mac(self) -> str:
        return self.address

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()

    def cache(self) -> Path:
        return self.folder

    def node(self) -> NodeId | None:
        return self.given

    def nodes(self) -> tuple[NodeId, ...]:
        return ()


def provider_on(
    cloud: AzureDnsCloud, node: str | None = "a", *, mac: str = "", **settings: Any
) -> ZoneRecords:
    """The provider on a machine whose config has that node's addresses, or none."""
    given = cloud.node_id(node) if node else None
    machine = StubMachine(mac or cloud.nodes[0].mac, cloud.folder, given)
    made: Any = cloud.provider_class(cloud.settings(**settings), cloud.vip, machine)
    assert isinstance(made, ZoneRecords)
    return made


def seen(provider: ZoneRecords, number: int = 0) -> Holding:
    """What is read of a place."""
    answer = answer_of(provider, number)
    assert isinstance(answer, Holding), answer
    return answer


def refusal(provider: ZoneRecords, number: int = 0) -> VipswitchError:
    """Why a place could not be read."""
    answer = answer_of(provider, number)
    assert isinstance(answer, VipswitchError), answer
    return answer


def answer_of(provider: ZoneRecords, number: int = 0) -> Holding | VipswitchError:
    """What the provider answers for a place."""
    place = provider.places[number]
    return provider.read([place], soon())[place]


def take(provider: ZoneRecords, before: Holding | None, number: int = 0) -> None:
    """A claim of a place by this node."""
    provider.claim(provider.places[number], provider.node(soon()), before, soon())


def first(provider: ZoneRecords) -> Place:
    """The first place."""
    return provider.places[0]


def check(provider: ZoneRecords) -> list[Finding]:
    """All findings; each one that is not fine has a fix."""
    findings = list(provider.check(soon()))
    assert all(found.fix for found in findings if found.level is not Level.OK)
    return findings


def wrong(provider: ZoneRecords) -> list[Finding]:
    """The findings that are not fine."""
    return [found for found in check(provider) if found.level is not Level.OK]
