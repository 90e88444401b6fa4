"""A cloud with two route tables for each test, and an environment without the user's Azure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.azure_route_table_cloud import RouteTableCloud


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's."""
    for name in (n for n in os.environ if n.startswith("AZURE_") or n.lower().endswith("_proxy")):
        monkeypatch.delenv(name)


@pytest.fixture
def cloud(own_environment: None, tmp_path: Path) -> Iterator[RouteTableCloud]:
    """Both tables have a route to node c."""
    made = RouteTableCloud(tmp_path)
    yield made
    made.close()
