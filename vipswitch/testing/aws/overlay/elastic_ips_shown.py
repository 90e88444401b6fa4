"""How an Elastic IP shows its association, and the DescribeAddresses filters on it.

moto shows the primary address of the interface whichever is associated, no instance if an interface was
given, empty ids where EC2 shows none, and no network border group.
Source: EC2 API Reference, Address; DescribeAddresses, "Filter.N".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.ec2.exceptions import EC2ClientError, FilterNotImplementedError
from moto.ec2.models.elastic_ip_addresses import ElasticAddress

from . import bindings
from .correction import Correction

_SHOWN: Mapping[str, Callable[[Any], str | None]] = {
    "instance_id": lambda eip: _id(bindings.instance(eip)),
    "network_border_group": lambda eip: eip.ec2_backend.region_name,
    "network_interface_id": lambda eip: _id(eip.eni),
    "network_interface_owner_id": lambda eip: eip.eni.owner_id if eip.eni else None,
    "private_ip_address": bindings.private_address,
    "public_ipv4_pool": lambda eip: "amazon",
}


def corrections() -> Iterator[Correction]:
    for name, shown in _SHOWN.items():
        yield Correction(ElasticAddress, name, _always(property(shown)))
    yield Correction(ElasticAddress, "get_filter_value", _get_filter_value)


def _get_filter_value(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_filter_value(eip: Any, filter_name: str, method_name: str | None = None) -> Any:
        shown = _SHOWN.get(filter_name.replace("-", "_"))
        if shown:
            return shown(eip)
        try:
            return original(eip, filter_name, method_name)
        except FilterNotImplementedError:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{filter_name}' is invalid") from None

    return get_filter_value


def _always(attribute: property) -> Callable[[Any], property]:
    return lambda _: attribute


def _id(resource: Any) -> str | None:
    return resource.id if resource else None
