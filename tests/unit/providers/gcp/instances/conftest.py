"""Nodes on a local Google Cloud, for tests of what moves between instances."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.gcp_alias_ip_cloud import AliasIpCloud
from tests.contract.gcp_external_ip_cloud import ExternalIpCloud
from vipswitch.testing.bed import Bed


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[AliasIpCloud]:
    """One address, node c's; an operation ends with the second look at it."""
    folder = tmp_path / "cloud"
    folder.mkdir()
    cloud = AliasIpCloud(folder, count=1, operation_gets=1, done_at_once=False)
    yield cloud
    cloud.close()


@pytest.fixture
def bed(cloud: AliasIpCloud, tmp_path: Path) -> Bed:
    """Three nodes on it."""
    return Bed(cloud, tmp_path)


@pytest.fixture
def external(tmp_path: Path) -> Iterator[ExternalIpCloud]:
    """One external address, node c's; an operation ends with the second look at it."""
    folder = tmp_path / "external-cloud"
    folder.mkdir()
    cloud = ExternalIpCloud(folder, count=1, operation_gets=1, done_at_once=False)
    yield cloud
    cloud.close()


@pytest.fixture
def external_bed(external: ExternalIpCloud, tmp_path: Path) -> Bed:
    """Three nodes on it."""
    folder = tmp_path / "external-bed"
    folder.mkdir()
    return Bed(external, folder)
