"""`aws-elastic-ip` keeps every promise, over real HTTP; bad ones beside it do not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from pathlib import Path
from typing import cast
from unittest.mock import ANY

import pytest

from tests.contract.aws_elastic_ip_cloud import ElasticIpCloud
from vipswitch.deadline import Deadline
from vipswitch.errors import OutcomeUnknown, VipswitchError
from vipswitch.model import Holding, NodeId, Place, State
from vipswitch.providers.aws.elastic_ip.provider import AwsElasticIp
from vipswitch.providers.aws.elastic_ip.settings import AllocationId
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import ReleaseContract, RestoreContract


class TestAwsElasticIp(ReleaseContract, RestoreContract):
    """Two Elastic IPs."""

    def cloud(self, folder: Path) -> Cloud:
        return ElasticIpCloud(folder)


class LooksUpWhoseItIsNot(AwsElasticIp):
    """As the `awseip` resource agent: looks the association up when it stops, and ends it, whoever has it."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        mine = self.node(deadline)
        answers = super().read(places, deadline)
        return {p: Holding(mine, a.token) if isinstance(a, Holding) else a for p, a in answers.items()}

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        id = AllocationId(place.id)
        found = self._aws.api.describe([id], deadline)[id].association
        if found is not None:
            self._aws.api.disassociate(id, found.id, deadline)


class EndsByPublicAddress(AwsElasticIp):
    """Disassociates the public address, which every later holder shares."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        import boto3

        ec2 = boto3.client("ec2", endpoint_url=self._settings.endpoint_url, region_name="eu-west-1")
        [found] = ec2.describe_addresses(AllocationIds=[place.id])["Addresses"]
        ec2.disassociate_address(PublicIp=found["PublicIp"])


class RestoresByReassociation(AwsElasticIp):
    """Leaves AllowReassociation out, which EC2 takes for yes."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, seen, deadline)


class RepeatsALostWrite(AwsElasticIp):
    """Writes again when the answer was lost, as an SDK with its default retries does."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, seen, deadline)


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (LooksUpWhoseItIsNot, "test_late_down_cannot_hurt_the_new_holder"),
        (LooksUpWhoseItIsNot, "test_release_of_a_changed_place_is_a_conflict"),
        (LooksUpWhoseItIsNot, "test_release_of_what_is_not_ours_is_a_conflict"),
        (EndsByPublicAddress, "test_release_of_a_changed_place_is_a_conflict"),
        (EndsByPublicAddress, "test_release_of_what_is_not_ours_is_a_conflict"),
        (RestoresByReassociation, "test_restore_of_a_place_taken_since_is_a_conflict"),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
    ],
)
def test_bad_elastic_ip_provider_fails_the_contract(
    bad: type[AwsElasticIp], test: str, tmp_path: Path
) -> None:
    """The mistakes that agents and scripts around a command line tool make."""
    cloud = ElasticIpCloud(tmp_path, bad)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            getattr(TestAwsElasticIp(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    """Three nodes."""
    cloud = ElasticIpCloud(tmp_path)
    yield Bed(cloud, tmp_path)
    cloud.close()


def test_at_another_private_address_it_is_another_holders(bed: Bed) -> None:
    """Somebody moved it by hand: `status` says where it is, `down` leaves it, `up` puts it right."""
    cloud, me = cast(ElasticIpCloud, bed.cloud), bed.id("a")
    assert bed.up("a").errors == ()
    elsewhere = IPv4Address("10.0.1.10")
    cloud.aws.ec2().associate_address(
        AllocationId=cloud.allocations[0], NetworkInterfaceId=me, PrivateIpAddress=str(elsewhere)
    )
    report = bed.status("a")
    assert report.state is State.MIXED
    assert report.places[bed.place(0)] == Holding(
        NodeId(f"{me} at {elsewhere}"),
        ANY,
        f"{cloud.public[0]}, at another private address than the config says",
    )
    assert bed.down("a").errors == ()
    assert cloud.truth() == {bed.place(0): me, bed.place(1): None}
    assert bed.up("a").errors == ()
    assert bed.status("a").state is State.SELF


def test_a_late_down_writes_nothing(bed: Bed) -> None:
    """The loser reads once, sees who has it, and leaves it at that."""
    bed.up("a")
    bed.up("b")
    before = len(bed.cloud.writes())
    assert bed.down("a").errors == ()
    assert len(bed.cloud.writes()) == before
    assert bed.holders() == {bed.id("b")}


@pytest.mark.timed
def test_two_elastic_ips_take_hardly_longer_than_one(tmp_path: Path) -> None:
    """Places move side by side: at 200 ms for each call, the best of three takeovers of each, in turn."""
    cloud = ElasticIpCloud(tmp_path, latency_s=0.2)
    try:
        bed = Bed(cloud, tmp_path)
        pairs = [[_seconds(cloud, bed, cloud.allocations[:n]) for n in (1, 2)] for _ in range(3)]
        one, two = (min(times) for times in zip(*pairs, strict=True))
    finally:
        cloud.close()
    print(f"one Elastic IP {one * 1000:.0f} ms, two {two * 1000:.0f} ms, ratio {two / one:.2f}")
    assert two <= 1.5 * one


def _seconds(cloud: ElasticIpCloud, bed: Bed, allocations: tuple[AllocationId, ...]) -> float:
    """A takeover by a, of that many Elastic IPs, on a client that is already made."""
    for node in ("a", "c"):
        bed.switches[node].provider = cloud.provider(node, allocations)
        assert bed.up(node).errors == ()
    assert bed.down("a").errors == ()
    began = time.monotonic()
    assert bed.up("a").errors == ()
    return time.monotonic() - began
