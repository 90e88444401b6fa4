"""`gcp-alias-ip` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.gcp_alias_ip_cloud import AliasIpCloud, SecondaryRangeCloud
from tests.contract.gcp_instances_bad import (
    ForgetsOtherRanges,
    LeavesTheFingerprintOut,
    OmitsAnEmptyList,
    RepeatsALostWrite,
    TakesItOffWhoeverHasIt,
    TakesUnreachableForNobody,
    WritesAnOldList,
    WritesItsOwnFirst,
)
from vipswitch.errors import VipswitchError
from vipswitch.providers.gcp.alias_ip.provider import GcpAliasIp
from vipswitch.testing.bed import Bed
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


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (OmitsAnEmptyList, "test_down_frees_what_this_node_holds"),
        (LeavesTheFingerprintOut, "test_up_makes_this_node_the_holder"),
        (WritesAnOldList, "test_claim_on_a_changed_place_is_a_conflict"),
        (WritesAnOldList, "test_release_of_a_changed_place_is_a_conflict"),
        (ForgetsOtherRanges, "test_up_makes_this_node_the_holder"),
        (WritesItsOwnFirst, "test_up_takes_the_vip_from_another_node"),
        (TakesItOffWhoeverHasIt, "test_release_of_a_changed_place_is_a_conflict"),
        (TakesItOffWhoeverHasIt, "test_release_of_what_is_not_ours_is_a_conflict"),
        (TakesUnreachableForNobody, "test_could_not_look_is_not_nobody"),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
    ],
)
def test_bad_alias_provider_fails_the_contract(bad: type[GcpAliasIp], test: str, tmp_path: Path) -> None:
    """The mistakes that scripts and other agents make with alias ranges."""
    alone = bad in (OmitsAnEmptyList, WritesAnOldList)
    cloud = AliasIpCloud(tmp_path, bad, count=1 if alone else 2)
    if bad is OmitsAnEmptyList:
        cloud.empty(cloud.places()[0])
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception, VipswitchError)):
            getattr(TestGcpAliasIp(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()
