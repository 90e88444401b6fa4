"""A cloud of each kind for every test, and an environment without the user's Azure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.azure_dns_cloud import AzureDnsCloud
from tests.unit.providers.azure.dns.rig import KINDS


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's."""
    for name in (n for n in os.environ if n.startswith("AZURE_") or n.lower().endswith("_proxy")):
        monkeypatch.delenv(name)


@pytest.fixture(params=["public", "private"])
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AzureDnsCloud]:
    """Two zones of that kind."""
    made = KINDS[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def public(tmp_path: Path) -> Iterator[AzureDnsCloud]:
    """Two public zones."""
    made = KINDS["public"](tmp_path)
    yield made
    made.close()


@pytest.fixture
def private(tmp_path: Path) -> Iterator[AzureDnsCloud]:
    """Two private zones."""
    made = KINDS["private"](tmp_path)
    yield made
    made.close()
