"""DryRun on everything that concerns route tables: moto makes the change.

Source: EC2 API Reference, "Common query parameters", DryRun.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from moto.ec2.responses.route_tables import RouteTables

from .correction import Correction


def corrections() -> Iterator[Correction]:
    for name, _ in inspect.getmembers(RouteTables, inspect.isfunction):
        if name in vars(RouteTables):
            yield Correction(RouteTables, name, _honouring_dry_run)


def _honouring_dry_run(original: Callable[..., Any]) -> Callable[..., Any]:
    def action(response: Any) -> Any:
        response.error_on_dryrun()
        return original(response)

    return action
