"""`aws-secondary-ip` keeps every promise, over real HTTP; bad ones beside it do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from tests.contract.aws_secondary_ip_cloud import DualStackCloud, SecondaryIpCloud
from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.aws.secondary_ip.provider import AwsSecondaryIp
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import ReleaseContract, RestoreContract

Answers = Mapping[Place, Holding | VipswitchError]


class TestAwsSecondaryIp(ReleaseContract, RestoreContract):
    """Two IPv4 addresses of one subnet."""

    def cloud(self, folder: Path) -> Cloud:
        return SecondaryIpCloud(folder)


@pytest.mark.full
class TestAwsSecondaryIpDualStack(ReleaseContract, RestoreContract):
    """An IPv6 and an IPv4 address of one subnet."""

    def cloud(self, folder: Path) -> Cloud:
        return DualStackCloud(folder)


class UnassignsWhoeverHasIt(AwsSecondaryIp):
    """Looks up who has the address when it is to be released, and takes it off that interface."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        now = self.read([place], deadline)[place]
        if isinstance(now, Holding) and now.holder and place.address:
            self._aws.api.unassign(place.address, now.holder, deadline)


class TakesTheHostForTheCloud(AwsSecondaryIp):
    """Answers from what it has set up on its own host, as a hook does that looks with `ip addr`."""

    set_up: frozenset[Place] = frozenset()

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        self.set_up |= {place}
        super().claim(place, node, seen, deadline)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        answers = super().read(places, deadline)
        mine = Holding(self.node(deadline))
        return {p: mine if p in self.set_up else answer for p, answer in answers.items()}


class RestoresByReassignment(AwsSecondaryIp):
    """Has one request for an order and for a repair, with AllowReassignment in it."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, None, deadline)


class AssignsWhatIsFree(AwsSecondaryIp):
    """Leaves AllowReassignment out, and takes EC2's refusal for somebody else's business."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        with suppress(Conflict):
            super().claim(place, node, Holding(None), deadline)


class ForgetsTheHolder(AwsSecondaryIp):
    """Assigns an IPv6 address without taking it off its holder, whom it has seen."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, seen if isinstance(place.address, IPv4Address) else None, deadline)


@pytest.mark.parametrize(
    ("bad", "make", "test"),
    [
        (UnassignsWhoeverHasIt, SecondaryIpCloud, "test_release_of_a_changed_place_is_a_conflict"),
        (UnassignsWhoeverHasIt, SecondaryIpCloud, "test_release_of_what_is_not_ours_is_a_conflict"),
        (RestoresByReassignment, SecondaryIpCloud, "test_restore_of_a_place_taken_since_is_a_conflict"),
        (TakesTheHostForTheCloud, SecondaryIpCloud, "test_failures_inside_the_cloud_are_outlived"),
        (AssignsWhatIsFree, SecondaryIpCloud, "test_up_makes_this_node_the_holder"),
        (ForgetsTheHolder, DualStackCloud, "test_up_makes_this_node_the_holder"),
    ],
)
def test_bad_aws_provider_fails_the_contract(
    bad: type[AwsSecondaryIp], make: type[SecondaryIpCloud], test: str, tmp_path: Path
) -> None:
    """The mistakes that scripts around a command line tool make with private addresses."""
    cloud = make(tmp_path, bad)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            getattr(TestAwsSecondaryIp(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()
