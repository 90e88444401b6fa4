"""A fresh local Google Cloud for each test: two nodes in one subnetwork, an address and two zones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gcp.client import Plain
from tests.gcp.place import Place, furnish
from vipswitch.testing.gcp import GcpCloud


@pytest.fixture
def gcp() -> GcpCloud:
    """A cloud that is asked in this process."""
    return GcpCloud()


@pytest.fixture
def place(gcp: GcpCloud) -> Place:
    return furnish(gcp)


@pytest.fixture
def ask(place: Place) -> Plain:
    return place.ask


@pytest.fixture
def served() -> Iterator[Place]:
    """A cloud that serves a network."""
    with GcpCloud() as cloud:
        yield furnish(cloud)
