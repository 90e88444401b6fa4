"""Routes: what CreateRoute refuses, that a refused ReplaceRoute changes nothing, and how a route is shown.

EC2 refuses a destination that is taken, whatever the target, and one inside the VPC unless it is exactly a
subnet's.
It makes a destination canonical, shows the instance beside the network interface, and shows `blackhole` when
the interface is gone, is attached to nothing, or its instance does not run.
Sources: EC2 API Reference, CreateRoute, ReplaceRoute, Route; the refusal's text as Terraform users quote it;
an unattached target, as seen in community.forwardnetworks.com/cloud-78/viability-of-aws-cloud-route-404.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from moto.ec2.exceptions import (
    EC2ClientError,
    InvalidDestinationCIDRBlockParameterError,
    RouteAlreadyExistsError,
)
from moto.ec2.models.route_tables import Route, RouteBackend

from .correction import Correction

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_RUNS = ("pending", "running")


def corrections() -> Iterator[Correction]:
    yield Correction(RouteBackend, "create_route", _create_route)
    yield Correction(RouteBackend, "replace_route", _replace_route)
    yield Correction(Route, "state", lambda _: property(_state))
    yield Correction(Route, "instance_id", lambda _: property(_instance_id))
    yield Correction(Route, "network_interface_id", lambda _: property(_network_interface_id))


def _create_route(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_route(
        backend: Any,
        route_table_id: str,
        destination_cidr_block: str | None = None,
        destination_ipv6_cidr_block: str | None = None,
        *rest: Any,
        **target: Any,
    ) -> Any:
        ipv4, ipv6 = destination_cidr_block, destination_ipv6_cidr_block
        if not target.get("local"):
            table = backend.get_route_table(route_table_id)
            ipv4 = ipv4 and str(_admitted(backend, table, _network(ipv4, ipaddress.IPv4Network)))
            ipv6 = ipv6 and str(_admitted(backend, table, _network(ipv6, ipaddress.IPv6Network)))
        return original(backend, route_table_id, ipv4, ipv6, *rest, **target)

    return create_route


def _replace_route(original: Callable[..., Any]) -> Callable[..., Any]:
    """moto clears the old target before it looks for the new one."""

    def replace_route(backend: Any, *args: Any, interface_id: str | None = None, **target: Any) -> Any:
        if interface_id:
            backend.get_network_interface(interface_id)
        return original(backend, *args, interface_id=interface_id, **target)

    return replace_route


def _network(text: str, family: type[_Network]) -> _Network:
    try:
        return family(text, strict=False)
    except ValueError:
        raise InvalidDestinationCIDRBlockParameterError(text) from None


def _admitted(backend: Any, table: Any, network: _Network) -> _Network:
    """The destination itself, if EC2 would take it."""
    if str(network) in {_destination(route) for route in table.routes}:
        raise RouteAlreadyExistsError(str(network))
    if _inside(network, _vpc_cidrs(backend, table)) and str(network) not in _subnet_cidrs(backend, table):
        raise EC2ClientError(
            "InvalidParameterValue", "Route destination doesn't match any subnet CIDR blocks."
        )
    return network


def _destination(route: Any) -> str | None:
    return route.destination_cidr_block or route.destination_ipv6_cidr_block


def _inside(network: _Network, cidrs: list[str]) -> bool:
    blocks = [ipaddress.ip_network(cidr) for cidr in cidrs]
    return any(block.version == network.version and network.subnet_of(block) for block in blocks)  # type: ignore[arg-type]


def _vpc_cidrs(backend: Any, table: Any) -> list[str]:
    vpc = backend.get_vpc(table.vpc_id)
    return [
        block["cidr_block"]
        for ipv6 in (False, True)
        for block in vpc.get_cidr_block_association_set(ipv6=ipv6)
    ]


def _subnet_cidrs(backend: Any, table: Any) -> set[str]:
    subnets = [subnet for zone in backend.subnets.values() for subnet in zone.values()]
    own = [subnet for subnet in subnets if subnet.vpc_id == table.vpc_id]
    blocks = [block for subnet in own for block in subnet.ipv6_cidr_block_associations.values()]
    return {subnet.cidr_block for subnet in own} | {block["ipv6CidrBlock"] for block in blocks}


def _interface(route: Any) -> Any:
    """The network interface that a route leads to, also if an instance was given; None for gateways."""
    if route.interface or not route.instance:
        return route.interface
    return next(iter(route.instance.nics.values()), None)


def _network_interface_id(route: Any) -> str | None:
    interface = _interface(route)
    return interface.id if interface else None


def _instance_id(route: Any) -> str | None:
    interface = _interface(route)
    instance = interface.instance if interface else route.instance
    return instance.id if instance else None


def _state(route: Any) -> str:
    interface = _interface(route)
    if interface is None:
        return "blackhole" if route.instance else "active"
    exists = interface.id in route.route_table.ec2_backend.enis
    runs = interface.instance is not None and interface.instance.state in _RUNS
    return "active" if exists and runs else "blackhole"
