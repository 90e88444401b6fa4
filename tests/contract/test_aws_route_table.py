"""`aws-route-table` keeps every promise, over real HTTP; bad ones beside it do not."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.aws_cloud import RouteTableCloud
from vipswitch.deadline import Deadline
from vipswitch.errors import OutcomeUnknown
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.aws.route_table.provider import AwsRouteTable
from vipswitch.providers.aws.route_table.settings import TableId
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import MarkContract


class TestAwsRouteTable(MarkContract):
    """Two route tables."""

    def cloud(self, folder: Path) -> Cloud:
        return RouteTableCloud(folder)


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


class RestoresByReplacing(AwsRouteTable):
    """Has one write for an order and for a repair."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, None, deadline)


class UnmarksByTheKeyAlone(AwsRouteTable):
    """As `aws ec2 delete-tags --tags Key=...` does: whoever has let go is not looked at."""

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        import boto3

        ec2 = boto3.client("ec2", endpoint_url=self._settings.endpoint_url, region_name="eu-west-1")
        ec2.delete_tags(Resources=[place.id], Tags=[{"Key": f"vipswitch:{place.address}"}])


class MarksTheTable(AwsRouteTable):
    """Has one tag that says "released", and not who has let go."""

    def read(self, places, deadline):  # type: ignore[no-untyped-def]
        ids = [TableId(place.id) for place in places]
        tagged = {id for id, table in self._aws.api.describe(ids, deadline).items() if table.tags}
        answers = super().read(places, deadline)
        return {p: replace(a, released=p.id in tagged) for p, a in answers.items() if isinstance(a, Holding)}


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
        (RestoresByReplacing, "test_restore_of_a_place_taken_since_is_a_conflict"),
        (RestoresByReplacing, "test_restore_of_a_released_place_taken_since_is_a_conflict"),
        (UnmarksByTheKeyAlone, "test_unmark_leaves_the_mark_of_another_node"),
        (MarksTheTable, "test_mark_of_a_former_holder_is_not_believed"),
    ],
)
def test_bad_aws_provider_fails_the_contract(bad: type[AwsRouteTable], test: str, tmp_path: Path) -> None:
    """The same mistakes that scripts around a command line tool make."""
    cloud = RouteTableCloud(tmp_path, bad)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            getattr(MarkContract(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()


@pytest.mark.timed
def test_fifty_tables_take_hardly_longer_than_one(tmp_path: Path) -> None:
    """Places move side by side: at 100 ms for each call, the best of three takeovers of each, in turn."""
    cloud = RouteTableCloud(tmp_path, tables=50, latency_s=0.1)
    try:
        bed = Bed(cloud, tmp_path)
        pairs = [[_seconds(cloud, bed, cloud.tables[:n]) for n in (1, 50)] for _ in range(3)]
        one, fifty = (min(times) for times in zip(*pairs, strict=True))
    finally:
        cloud.close()
    print(f"one table {one * 1000:.0f} ms, fifty {fifty * 1000:.0f} ms, ratio {fifty / one:.2f}")
    assert fifty <= 3.0 * one


def _seconds(cloud: RouteTableCloud, bed: Bed, tables: tuple[TableId, ...]) -> float:
    """A takeover by a, of that many tables, on a client that is already made."""
    bed.switches["a"].provider = cloud.provider("a", tables)
    bed.up("a")
    bed.switches["c"].provider = cloud.provider("c", tables)
    bed.up("c")
    bed.hosts["a"].addresses.clear()
    began = time.monotonic()
    assert bed.up("a").errors == ()
    return time.monotonic() - began
