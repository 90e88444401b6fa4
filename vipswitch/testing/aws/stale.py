"""Reads that do not see the last write yet.

EC2 is eventually consistent: a Describe right after a write may still show what was before it. Rules: only
the routes are old; the tables themselves, and whether a target is running, are as they are now. Writes are
never affected.
Source: EC2 API Reference, "Eventual consistency".
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .protocol import ApiRequest
from .wire import Answer

_WRITES = ("CreateRoute", "ReplaceRoute", "DeleteRoute")

# Pairs of a moto RouteTable and its routes, which moto keeps in a dict and changes in place.
_Routes = list[tuple[Any, dict[str, Any]]]


class StaleReads:
    """Keeps the routes of before a write and shows them to later reads; takes one call at a time."""

    def __init__(self) -> None:
        self._armed = 0
        self._left = 0
        self._old: _Routes = []

    def arm(self, times: int) -> None:
        self._armed = times

    def clear(self) -> None:
        self._armed = self._left = 0

    def answer(self, api: ApiRequest, work: Callable[[], Answer]) -> Answer:
        """Does the work of a call, with old routes or keeping the present ones if that is armed."""
        if self._left and api.action == "DescribeRouteTables":
            self._left -= 1
            with _shown(self._old):
                return work()
        if self._armed and api.action in _WRITES and api.mutating:
            return self._keeping(work)
        return work()

    def _keeping(self, work: Callable[[], Answer]) -> Answer:
        before = [(table, _copied(table)) for table in _tables()]
        answer = work()
        if answer.status < 400:
            self._old, self._left, self._armed = before, self._armed, 0
        return answer


def _tables() -> Iterator[Any]:
    from moto.ec2.models import ec2_backends

    for regions in ec2_backends.values():
        for backend in regions.values():
            yield from backend.route_tables.values()


def _copied(table: Any) -> dict[str, Any]:
    return {id_: copy.copy(route) for id_, route in table._routes.items()}


@contextmanager
def _shown(routes: _Routes) -> Iterator[None]:
    now = [(table, table._routes) for table, _ in routes]
    try:
        for table, old in routes:
            table._routes = old
        yield
    finally:
        for table, current in now:
            table._routes = current
