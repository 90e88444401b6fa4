"""A cloud with two networks for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.gcp_route_cloud import GcpRouteCloud


@pytest.fixture
def cloud(own_environment: None, tmp_path: Path) -> Iterator[GcpRouteCloud]:
    """Nobody holds the VIP."""
    made = GcpRouteCloud(tmp_path)
    yield made
    made.close()
