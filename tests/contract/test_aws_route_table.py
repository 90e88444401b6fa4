"""`aws-route-table` keeps every promise, over real HTTP; bad ones beside it do not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.aws_cloud import AwsContractCloud
from vipswitch.deadline import Deadline
from vipswitch.errors import OutcomeUnknown
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.aws.route_table import AwsRouteTable
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import PlaceContract


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user without an instance profile has them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


class TestAwsRouteTable(PlaceContract):
    """Two route tables."""

    def cloud(self, folder: Path) -> Cloud:
        return AwsContractCloud(folder)


class DeletesOnDown(AwsRouteTable):
    """As the script shipped with Pgpool-II: `down` deletes the route, whoever it points to."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self._blind(place)

    def read(self, places, deadline):  # type: ignore[no-untyped-def]
        answers = super().read(places, deadline)
        mine = self.node(deadline)
        return {p: Holding(mine) if isinstance(a, Holding) else a for p, a in answers.items()}

    def _blind(self, place: Place) -> None:
        import boto3

        ec2 = boto3.client("ec2", endpoint_url=self._settings.endpoint_url, region_name="eu-west-1")
        ec2.delete_route(RouteTableId=place.id, DestinationCidrBlock=f"{place.address}/32")


class RepeatsALostWrite(AwsRouteTable):
    """Writes again when the answer was lost, as an SDK with its default retries does."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, seen, deadline)


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (DeletesOnDown, "test_late_down_cannot_hurt_the_new_holder"),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
    ],
)
def test_bad_aws_provider_fails_the_contract(bad: type[AwsRouteTable], test: str, tmp_path: Path) -> None:
    """The same mistakes that scripts around a command line tool make."""
    cloud = AwsContractCloud(tmp_path, bad)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            getattr(PlaceContract(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[AwsContractCloud]:
    """An AWS that takes 200 ms for each call."""
    cloud = AwsContractCloud(tmp_path, latency_s=0.2)
    yield cloud
    cloud.close()


def test_two_tables_take_hardly_longer_than_one(slow: AwsContractCloud, tmp_path: Path) -> None:
    """Places move side by side: measured in one run, at 200 ms for each call."""
    bed = Bed(slow, tmp_path)
    one, two = (_seconds(slow, bed, slow.tables[:n]) for n in (1, 2))
    print(f"one table {one * 1000:.0f} ms, two tables {two * 1000:.0f} ms, ratio {two / one:.2f}")
    assert two <= 1.3 * one


def _seconds(cloud: AwsContractCloud, bed: Bed, tables: tuple) -> float:  # type: ignore[type-arg]
    """A takeover by a, of that many tables, on a client that is already made."""
    bed.switches["a"].provider = cloud.provider("a", tables)
    bed.up("a")
    bed.switches["c"].provider = cloud.provider("c", tables)
    bed.up("c")
    bed.hosts["a"].addresses.clear()
    began = time.monotonic()
    assert bed.up("a").errors == ()
    return time.monotonic() - began
