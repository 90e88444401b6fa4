"""DescribeRouteTables filters that moto lacks; an unknown one is refused, not an internal error.

Source: EC2 API Reference, DescribeRouteTables, "Filter.N".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.ec2.exceptions import EC2ClientError, FilterNotImplementedError
from moto.ec2.models.route_tables import RouteTable

from .correction import Correction

_OF_ROUTES = {
    "route.destination-ipv6-cidr-block": "destination_ipv6_cidr_block",
    "route.instance-id": "instance_id",
    "route.origin": "origin",
    "route.state": "state",
}


def corrections() -> Iterator[Correction]:
    yield Correction(RouteTable, "get_filter_value", _get_filter_value)


def _get_filter_value(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_filter_value(table: Any, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name in _OF_ROUTES:
            values = [getattr(route, _OF_ROUTES[filter_name]) for route in table.routes]
            return [value for value in values if value is not None]
        if filter_name == "owner-id":
            return table.owner_id
        try:
            return original(table, filter_name, method_name)
        except FilterNotImplementedError:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{filter_name}' is invalid") from None

    return get_filter_value
