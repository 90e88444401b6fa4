"""What only the full run tries is left out of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `full`, unless this is `make test-full`."""
    if int(os.environ.get("VIPSWITCH_REPEAT", "1")) > 1:
        return
    left_out = [item for item in items if _HERE in item.path.parents and item.get_closest_marker("full")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
