"""A fresh local Azure for each test: two nodes in one subnet, a client subnet, a public IP and two zones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.mgmt.network import NetworkManagementClient

from tests.azure import client
from tests.azure.client import Plain
from tests.azure.place import Place, furnish
from vipswitch.testing.azure import AzureCloud


@pytest.fixture
def azure() -> AzureCloud:
    """A cloud that is asked in this process."""
    return AzureCloud()


@pytest.fixture
def place(azure: AzureCloud) -> Place:
    return furnish(azure)


@pytest.fixture
def network(place: Place) -> NetworkManagementClient:
    return client.network(place.cloud)


@pytest.fixture
def ask(place: Place) -> Plain:
    return Plain(place.cloud)


@pytest.fixture
def served() -> Iterator[Place]:
    """A cloud that serves a network."""
    with AzureCloud() as cloud:
        yield furnish(cloud)
