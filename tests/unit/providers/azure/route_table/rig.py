"""What the tests of `azure-route-table` share."""

from __future__ import annotations

from typing import Any

from tests.contract.azure_route_table_cloud import RouteTableCloud
from tests.unit.providers.azure.rig import StubMachine, soon
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding, NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.route_table.provider import AzureRouteTable, RouteTableSettings


def on_node(
    cloud: RouteTableCloud,
    node: str = "a",
    *,
    given: str | None = None,
    others: tuple[str, ...] = (),
    **settings: Any,
) -> AzureRouteTable:
    """The provider on a machine that finds out who it is, unless that is given."""
    keys = {**cloud.account(), "route_tables": tuple(Name(table) for table in cloud.tables), **settings}
    machine = StubMachine(
        cloud.folder,
        cloud.nodes[node].mac,
        NodeId(given) if given else None,
        tuple(NodeId(other) for other in others),
    )
    return AzureRouteTable(RouteTableSettings(**keys), cloud.vip, machine)


def answer(provider: AzureRouteTable, number: int = 0) -> Holding | VipswitchError:
    """What is read of a place."""
    place = provider.places[number]
    return provider.read([place], soon())[place]


def seen(provider: AzureRouteTable, number: int = 0) -> Holding:
    """What is read of a place that can be read."""
    found = answer(provider, number)
    assert isinstance(found, Holding), found
    return found


def claim(cloud: RouteTableCloud, provider: AzureRouteTable, number: int = 0) -> None:
    """A takeover of a place, until Azure has carried it out."""
    provider.claim(provider.places[number], provider.node(soon()), seen(provider, number), soon())
    cloud.azure.finish()


def found(provider: AzureRouteTable) -> dict[str, Finding]:
    """What `check` says, by subject; the worst of each."""
    worst: dict[str, Finding] = {}
    ranks = list(Level)
    for finding in provider.check(soon()):
        before = worst.get(finding.subject)
        if before is None or ranks.index(finding.level) > ranks.index(before.level):
            worst[finding.subject] = finding
    return worst
