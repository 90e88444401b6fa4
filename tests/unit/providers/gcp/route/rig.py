"""What the tests of `gcp-route` do with a provider on a local cloud."""

from __future__ import annotations

from typing import Any

from tests.contract.gcp_route_cloud import GcpRouteCloud
from tests.unit.providers.gcp.rig import StubMachine, soon
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding, NodeId, Vip
from vipswitch.provider import Finding, Level
from vipswitch.providers.gcp.ids import Name
from vipswitch.providers.gcp.route.provider import GcpRoute
from vipswitch.providers.gcp.route.settings import RouteSettings

VPC = Name("vpc")


def on_node(
    cloud: GcpRouteCloud, *, node: str = "a", given: NodeId | None = None, vip: Vip | None = None, **keys: Any
) -> GcpRoute:
    """The provider on a node: a knows itself by its metadata server, the others by their config."""
    folder = cloud.folder / f"own-{node}"
    folder.mkdir(exist_ok=True)
    given = given or (cloud.node_id(node) if node != "a" else None)
    machine = StubMachine(folder, address=cloud.nodes[node].mac, given=given)
    settings = RouteSettings(**{**cloud.account(), "networks": (VPC,), **keys})
    return GcpRoute(settings, vip or cloud.vip, machine)


def found(provider: GcpRoute) -> dict[str, Finding]:
    """What `check` finds, by what it is about; where that is told of twice, the worst."""
    ranks = list(Level)
    findings = sorted(provider.check(soon()), key=lambda finding: ranks.index(finding.level))
    return {finding.subject: finding for finding in findings}


def look(cloud: GcpRouteCloud, provider: GcpRoute) -> Holding:
    """What the provider reads of its first place, once all that was begun is done."""
    cloud.gcp.finish()
    provider.read(provider.places[:1], soon())
    answer = provider.read(provider.places[:1], soon())[provider.places[0]]
    if isinstance(answer, VipswitchError):
        raise answer
    return answer


def take(cloud: GcpRouteCloud, provider: GcpRoute) -> None:
    """A takeover of the first place by the provider's node."""
    provider.claim(provider.places[0], provider.node(soon()), look(cloud, provider), soon())
