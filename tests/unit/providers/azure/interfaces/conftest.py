"""Nodes on a local Azure, for tests of what moves between network interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_public_ip_cloud import PublicIpCloud
from vipswitch.testing.bed import Bed


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[IpConfigurationCloud]:
    """One address, node c's; an operation ends with the second look at it."""
    folder = tmp_path / "cloud"
    folder.mkdir()
    cloud = IpConfigurationCloud(folder, count=1, operation_gets=1)
    yield cloud
    cloud.close()


@pytest.fixture
def bed(cloud: IpConfigurationCloud, tmp_path: Path) -> Bed:
    """Three nodes on it."""
    return Bed(cloud, tmp_path)


@pytest.fixture
def public(tmp_path: Path) -> Iterator[PublicIpCloud]:
    """One public IP, node c's; an operation ends with the second look at it."""
    folder = tmp_path / "public-cloud"
    folder.mkdir()
    cloud = PublicIpCloud(folder, count=1, operation_gets=1)
    yield cloud
    cloud.close()


@pytest.fixture
def public_bed(public: PublicIpCloud, tmp_path: Path) -> Bed:
    """Three nodes on it."""
    folder = tmp_path / "public-bed"
    folder.mkdir()
    return Bed(public, folder)
