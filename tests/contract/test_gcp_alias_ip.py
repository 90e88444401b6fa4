"""`gcp-alias-ip` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from pathlib import Path

from tests.contract.gcp_alias_ip_cloud import AliasIpCloud, SecondaryRangeCloud
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract


class TestGcpAliasIp(CompareAndSetContract):
    """Two addresses of the primary range of one subnetwork."""

    def cloud(self, folder: Path) -> Cloud:
        return AliasIpCloud(folder)


class TestGcpAliasIpSecondaryRange(CompareAndSetContract):
    """Two addresses of a secondary range."""

    def cloud(self, folder: Path) -> Cloud:
        return SecondaryRangeCloud(folder)
