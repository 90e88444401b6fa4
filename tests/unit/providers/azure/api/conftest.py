"""A stand-in for ARM, one for the metadata service, and an environment without the user's Azure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.azure.rig import Arm, Imds, arm_in
from vipswitch.providers.azure.api.client import Clients
from vipswitch.testing import wire

OURS = ("AZURE_", "IDENTITY_", "MSI_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's."""
    for name in (n for n in os.environ if n.startswith(OURS) or n.lower().endswith("_proxy")):
        monkeypatch.delenv(name)


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Arm]:
    """It says yes to everything, with nothing in it."""
    with arm_in(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def imds(own_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Imds]:
    """It gives a new token each time."""
    made = Imds()
    with wire.Server(made.serve) as server:
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.url)
        yield made


@pytest.fixture
def clients(arm: Arm, tmp_path: Path) -> Clients:
    """Those of the machine's identity."""
    return arm.clients(tmp_path)
