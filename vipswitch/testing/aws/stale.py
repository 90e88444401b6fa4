"""Reads that do not see the last write yet.

EC2 is eventually consistent: a Describe right after a write may still show what was before it. Rules: old are
only the routes and tags after a write to a route or a tag, only addresses and associations after a write to
those, and only record sets after a change of those (which may be rare); the resources themselves, and whether
a target is running, are as they are now. Writes are never affected.
Source: EC2 API Reference, "Eventual consistency".
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ..wire import Answer
from .protocol import ApiRequest

_OF_ROUTES = ("DescribeRouteTables",)
_OF_ADDRESSES = ("DescribeNetworkInterfaces", "DescribeAddresses")

# The reads that may not see a write.
_READS: Mapping[str, tuple[str, ...]] = {
    "CreateRoute": _OF_ROUTES,
    "ReplaceRoute": _OF_ROUTES,
    "DeleteRoute": _OF_ROUTES,
    "CreateTags": _OF_ROUTES,
    "DeleteTags": _OF_ROUTES,
    "AssignPrivateIpAddresses": _OF_ADDRESSES,
    "UnassignPrivateIpAddresses": _OF_ADDRESSES,
    "AssignIpv6Addresses": _OF_ADDRESSES,
    "UnassignIpv6Addresses": _OF_ADDRESSES,
    "AssociateAddress": _OF_ADDRESSES,
    "DisassociateAddress": _OF_ADDRESSES,
    "ChangeResourceRecordSets": ("ListResourceRecordSets",),
}

# Objects of moto, which it changes in place, and what some of their attributes were.
_Old = Sequence[tuple[Any, Mapping[str, Any]]]


class StaleReads:
    """Keeps what was before a write and shows it to later reads; takes one call at a time."""

    def __init__(self) -> None:
        self._armed = 0
        self._left = 0
        self._reads: tuple[str, ...] = ()
        self._old: _Old = ()

    def arm(self, times: int) -> None:
        self._armed = times

    def clear(self) -> None:
        self._armed = self._left = 0

    def answer(self, api: ApiRequest, work: Callable[[], Answer]) -> Answer:
        """Does the work of a call, with the old state or keeping the present one if that is armed."""
        if self._left and api.action in self._reads:
            self._left -= 1
            with _shown(self._old):
                return work()
        if self._armed and api.action in _READS and api.mutating:
            return self._keeping(_READS[api.action], work)
        return work()

    def _keeping(self, reads: tuple[str, ...], work: Callable[[], Answer]) -> Answer:
        before = list(_state())
        answer = work()
        if answer.status < 400:
            self._old, self._reads, self._left, self._armed = before, reads, self._armed, 0
        return answer


def _state() -> Iterator[tuple[Any, Mapping[str, Any]]]:
    from moto.ec2.models import ec2_backends
    from moto.route53.models import route53_backends

    for backend in (backend for regions in ec2_backends.values() for backend in regions.values()):
        yield backend, {"tags": copy.deepcopy(backend.tags)}
        for table in backend.route_tables.values():
            yield table, {"_routes": {id_: copy.copy(route) for id_, route in table._routes.items()}}
        for interface in backend.enis.values():
            yield interface, _copied(interface, "private_ip_addresses", "ipv6_addresses")
        for eip in backend.addresses:
            yield eip, _copied(eip, "eni", "bound_address", "association_id")
    for backend in (backend for partitions in route53_backends.values() for backend in partitions.values()):
        for zone in backend.zones.values():
            yield zone, _copied(zone, "rrsets")


def _copied(resource: Any, *names: str) -> dict[str, Any]:
    kept = {name: getattr(resource, name, None) for name in names}
    return {name: list(value) if isinstance(value, list) else value for name, value in kept.items()}


@contextmanager
def _shown(old: _Old) -> Iterator[None]:
    now = [(resource, _copied(resource, *attributes)) for resource, attributes in old]
    try:
        _set(old)
        yield
    finally:
        _set(now)


def _set(state: _Old) -> None:
    for resource, attributes in state:
        for name, value in attributes.items():
            setattr(resource, name, value)
