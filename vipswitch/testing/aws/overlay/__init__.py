"""moto, corrected in this process where it answers differently from AWS.

Rules: moto's files are not touched; nothing changes until `corrected_moto()` is entered and all is as before
when it is left; one module for each concern; each correction has a test that shows bare moto still needing
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from .correction import Correction, installed


@contextmanager
def corrected_moto() -> Iterator[None]:
    """Corrects moto's classes for as long as it is entered, for every user of moto in this process."""
    with ExitStack() as stack:
        for correction in _corrections():
            stack.enter_context(installed(correction))
        yield


def _corrections() -> Iterator[Correction]:
    from . import dry_run, instances, permission, route_filters, routes

    for concern in (routes, route_filters, dry_run, instances, permission):
        yield from concern.corrections()


__all__ = ["corrected_moto"]
