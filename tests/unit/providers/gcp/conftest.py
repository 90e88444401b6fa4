"""Stand-ins for Google's APIs and for the metadata service, and an environment without the user's Google."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.gcp.rig import Google, Metadata, google_in
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.testing import wire

OURS = ("GOOGLE_", "GCE_", "CLOUDSDK_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's."""
    for name in (n for n in os.environ if n.startswith(OURS) or n.lower().endswith("_proxy")):
        monkeypatch.delenv(name)


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Google]:
    """It says yes to everything, with nothing in it."""
    with google_in(tmp_path) as made:
        yield made


@pytest.fixture
def metadata(own_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Metadata]:
    """It gives a new token each time."""
    made = Metadata()
    with wire.Server(made.serve) as server:
        monkeypatch.setenv("GCE_METADATA_HOST", server.url.removeprefix("http://"))
        yield made


@pytest.fixture
def clients(google: Google, metadata: Metadata) -> Clients:
    """Those of the instance's service account."""
    return google.clients()
