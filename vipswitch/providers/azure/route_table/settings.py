"""The config keys of `azure-route-table`."""

from __future__ import annotations

from dataclasses import dataclass

from vipswitch.model import NodeId
from vipswitch.providers.azure.ids import ROUTE_TABLES, Name, name_of
from vipswitch.providers.azure.settings import Account
from vipswitch.providers.parsers import like
from vipswitch.settings import key

_fix_or_leave = like("fix|leave", "fix or leave")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTableSettings(Account):
    """Which route tables, and what to do about IP forwarding."""

    route_tables: tuple[Name, ...] = key(
        name_of(ROUTE_TABLES, "a route table such as rt-clients"),
        many=True,
        help="the route tables of all subnets that reach the VIP: names, group/name, or ids",
        metavar="RT",
    )
    ip_forwarding: str = key(
        _fix_or_leave, section="azure", default="leave", help="fix: switch it on where it is off; or leave"
    )


def switching_on(interface: NodeId) -> str:
    """What a person types to let a network interface (`group/name`) take packets for other addresses."""
    group, _, name = interface.partition("/")
    return f"az network nic update --resource-group {group} --name {name} --ip-forwarding true"
