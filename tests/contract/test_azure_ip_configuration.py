"""`azure-ip-configuration` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from pathlib import Path

from tests.contract.azure_ip_configuration_cloud import DualStackCloud, IpConfigurationCloud
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract


class TestAzureIpConfiguration(CompareAndSetContract):
    """Two IPv4 addresses of one subnet."""

    def cloud(self, folder: Path) -> Cloud:
        return IpConfigurationCloud(folder)


class TestAzureIpConfigurationDualStack(CompareAndSetContract):
    """An IPv6 and an IPv4 address of one subnet."""

    def cloud(self, folder: Path) -> Cloud:
        return DualStackCloud(folder)
