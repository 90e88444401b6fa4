"""moto, corrected in this process where it answers differently from AWS.

Rules: moto's files are not touched; nothing changes until `corrected_moto()` is entered and all is as before
when it is left; one module for each concern; each correction has a test that shows bare moto still needing
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType

from .correction import Correction, installed


@contextmanager
def corrected_moto() -> Iterator[None]:
    """Corrects moto's classes for as long as it is entered, for every user of moto in this process."""
    with ExitStack() as stack:
        for correction in _corrections():
            stack.enter_context(installed(correction))
        yield


def _corrections() -> Iterator[Correction]:
    for concern in (*_of_routes(), *_of_interfaces(), *_of_addresses(), *_of_names()):
        yield from concern.corrections()


def _of_routes() -> tuple[ModuleType, ...]:
    from . import dry_run, instances, permission, route_filters, routes, tags

    return routes, route_filters, dry_run, instances, permission, tags


def _of_interfaces() -> tuple[ModuleType, ...]:
    from . import interface_filters, interfaces_shown

    return interfaces_shown, interface_filters


def _of_addresses() -> tuple[ModuleType, ...]:
    from . import elastic_ips, elastic_ips_shown, ipv6_addresses, private_addresses

    return private_addresses, ipv6_addresses, elastic_ips, elastic_ips_shown


def _of_names() -> tuple[ModuleType, ...]:
    from . import route53_batches, route53_changes, route53_zones

    return route53_zones, route53_batches, route53_changes


__all__ = ["corrected_moto"]
