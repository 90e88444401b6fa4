"""`azure-public-ip` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from pathlib import Path

from tests.contract.azure_public_ip_cloud import PublicIpCloud
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract


class TestAzurePublicIp(CompareAndSetContract):
    """Two public IPs, on two ip configurations of each node's network interface."""

    def cloud(self, folder: Path) -> Cloud:
        return PublicIpCloud(folder)
