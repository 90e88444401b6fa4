"""A cloud for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.gcp_cloud_dns_cloud import CloudDnsCloud


@pytest.fixture
def cloud(own_environment: None, tmp_path: Path) -> Iterator[CloudDnsCloud]:
    """Two private zones that say node c."""
    made = CloudDnsCloud(tmp_path)
    yield made
    made.close()
