"""How long a takeover on Azure takes beside what Azure takes: at 100 ms for each request."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.azure_dns_cloud import AzurePrivateDnsCloud
from tests.contract.azure_ip_configuration_cloud import IpConfigurationCloud
from tests.contract.azure_public_ip_cloud import PublicIpCloud
from tests.contract.azure_route_table_cloud import RouteTableCloud
from vipswitch.testing.bed import Bed

_LATENCY_S = 0.1
_CLOUDS = {
    "azure-route-table": (RouteTableCloud, 3),
    "azure-ip-configuration": (IpConfigurationCloud, 8),
    "azure-public-ip": (PublicIpCloud, 10),
    "azure-private-dns": (AzurePrivateDnsCloud, 3),
}
"""Each with two places, and how many requests of a takeover wait for each other."""


@pytest.mark.timed
@pytest.mark.parametrize("method", _CLOUDS)
def test_a_takeover_takes_its_requests_and_hardly_more(method: str, tmp_path: Path) -> None:
    """The SDK is loaded and the client made before; Azure carries every write out at once."""
    make, in_turn = _CLOUDS[method]
    cloud = make(tmp_path)
    try:
        cloud.azure.rules.put_answer = "succeeded"
        bed = Bed(cloud, tmp_path)
        bed.status("a")
        cloud.azure.faults.delay(_LATENCY_S)
        took = _seconds(lambda: bed.up("a"))
        bed.status("b")
        bed.down("a")
        after = _seconds(lambda: bed.up("b"))
    finally:
        cloud.close()
    print(f"{method}: takeover {took * 1000:.0f} ms, after a clean down {after * 1000:.0f} ms")
    assert took <= in_turn * _LATENCY_S + 1.0


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
