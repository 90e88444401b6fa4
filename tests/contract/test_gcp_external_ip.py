"""`gcp-external-ip` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.gcp_external_ip_cloud import ExternalIpCloud
from tests.contract.gcp_instances_bad import (
    AddsItsOwnFirst,
    DeletesWhoseverItIs,
    NamesAllAlike,
    SaysDoneWhenAccepted,
    SwallowsTheConflict,
)
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import Holding
from vipswitch.provider import Releases
from vipswitch.providers.gcp.external_ip.provider import GcpExternalIp
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract


class TestGcpExternalIp(CompareAndSetContract):
    """Two external addresses, on two interfaces of each node."""

    def cloud(self, folder: Path) -> Cloud:
        return ExternalIpCloud(folder)

    def test_release_of_an_earlier_acquisition_is_a_conflict(self, bed: Bed) -> None:
        """It is on the wire while the address goes to another node, and comes back."""
        bed.up("a")
        provider, place = bed.switches["a"].provider, bed.place()
        seen = provider.read([place], bed.deadline())[place]
        assert isinstance(seen, Holding)
        assert isinstance(provider, Releases)
        bed.up("b")
        bed.up("a")
        with pytest.raises(Conflict):
            provider.release(place, bed.id("a"), seen, bed.deadline())
        assert bed.holders() == {bed.id("a")}


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (NamesAllAlike, "test_release_of_an_earlier_acquisition_is_a_conflict"),
        (AddsItsOwnFirst, "test_up_takes_the_vip_from_another_node"),
        (DeletesWhoseverItIs, "test_release_of_a_changed_place_is_a_conflict"),
        (DeletesWhoseverItIs, "test_release_of_what_is_not_ours_is_a_conflict"),
        (SwallowsTheConflict, "test_restore_of_a_place_taken_since_is_a_conflict"),
        (SaysDoneWhenAccepted, "test_up_makes_this_node_the_holder"),
    ],
)
def test_bad_external_provider_fails_the_contract(
    bad: type[GcpExternalIp], test: str, tmp_path: Path
) -> None:
    """The mistakes that scripts around a command line tool make with external addresses."""
    cloud = ExternalIpCloud(tmp_path, bad)
    if bad is NamesAllAlike:
        for place in cloud.places():
            cloud.empty(place)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception, VipswitchError)):
            getattr(TestGcpExternalIp(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()
