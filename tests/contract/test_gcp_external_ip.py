"""`gcp-external-ip` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from pathlib import Path

from tests.contract.gcp_external_ip_cloud import ExternalIpCloud
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract


class TestGcpExternalIp(CompareAndSetContract):
    """Two external addresses, on two interfaces of each node."""

    def cloud(self, folder: Path) -> Cloud:
        return ExternalIpCloud(folder)
