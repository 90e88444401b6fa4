"""DescribeNetworkInterfaces filters: every address counts, and any of a filter's values will do.

moto looks at the primary address only, lacks the filters on IPv6 addresses and associations, and of several
values wants all. An unknown filter is refused, not an internal error.
Source: EC2 API Reference, DescribeNetworkInterfaces, "Filter.N".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.ec2.exceptions import EC2ClientError, FilterNotImplementedError
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.utils import is_filter_matching

from . import addresses, bindings
from .correction import Correction

_VALUES: Mapping[str, Callable[[Any], list[str]]] = {
    "addresses.private-ip-address": addresses.of,
    "private-ip-address": addresses.of,
    "ipv6-addresses.ipv6-address": lambda interface: interface.ipv6_addresses,
    "addresses.association.public-ip": lambda interface: [eip.public_ip for eip in bindings.on(interface)],
    "association.public-ip": lambda interface: [eip.public_ip for eip in bindings.on(interface)],
    "association.allocation-id": lambda interface: [eip.allocation_id for eip in bindings.on(interface)],
    "association.association-id": lambda interface: [eip.association_id for eip in bindings.on(interface)],
}


def corrections() -> Iterator[Correction]:
    yield Correction(NetworkInterface, "get_filter_value", _get_filter_value)
    yield Correction(NetworkInterfaceBackend, "get_all_network_interfaces", _get_all)


def _get_filter_value(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_filter_value(interface: Any, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name in _VALUES:
            return _VALUES[filter_name](interface)
        try:
            return original(interface, filter_name, method_name)
        except FilterNotImplementedError:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{filter_name}' is invalid") from None

    return get_filter_value


def _get_all(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_all_network_interfaces(backend: Any, eni_ids: Any = None, filters: Any = None) -> list[Any]:
        found: list[Any] = original(backend, eni_ids, None)
        for name, values in (filters or {}).items():
            found = [one for one in found if _matches(one, name, values)]
        return found

    return get_all_network_interfaces


def _matches(interface: Any, name: str, values: list[str]) -> bool:
    return any(is_filter_matching(interface, name, [value]) for value in values)
