"""`aws-route53` keeps every promise, over real HTTP; bad ones beside it do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.aws_route53_cloud import NAME, Route53Cloud
from vipswitch.deadline import Deadline
from vipswitch.errors import OutcomeUnknown, Refused, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.result import Outcome
from vipswitch.testing.aws import zones
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import GuardedClaimContract, MarkContract

Answers = Mapping[Place, Holding | VipswitchError]


class TestAwsRoute53(GuardedClaimContract, MarkContract):
    """Two private zones."""

    def cloud(self, folder: Path) -> Cloud:
        return Route53Cloud(folder)


@pytest.mark.full
class TestAwsRoute53ThatTellsPeople(MarkContract):
    """With a text that says who holds the name, in whose place a mark stands."""

    def cloud(self, folder: Path) -> Cloud:
        return Route53Cloud(folder, txt=True)


class Upserts(AwsRoute53):
    """As most scripts do: whatever stands there is replaced, also by a write that was decided on old news."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, None, deadline)


class DeletesOnDown(AwsRoute53):
    """Tidies up whatever record is there, by reading it right before."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        mine = self.node(deadline)
        answers = super().read(places, deadline)
        return {p: Holding(mine, a.token) if isinstance(a, Holding) else a for p, a in answers.items()}

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        zone, _, name = place.id.partition("/")
        found = self._aws.api.record_sets(zone, name, deadline)  # type: ignore[arg-type]
        raw = [
            {"Name": r.name, "Type": r.type, "TTL": r.ttl, "ResourceRecords": [{"Value": r.values[0]}]}
            for r in found
        ]
        import boto3

        route53 = boto3.client("route53", endpoint_url=self._settings.route53_endpoint_url)
        changes = [{"Action": "DELETE", "ResourceRecordSet": each} for each in raw]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})  # type: ignore[typeddict-item]


class TakesTheFirstListed(AwsRoute53):
    """Believes that the listing begins with the record that it was asked for."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        return {place: self._first(place, deadline) for place in places}

    def _first(self, place: Place, deadline: Deadline) -> Holding | VipswitchError:
        from vipswitch.providers.asked import Asked

        with self._aws.clients.route53(Asked("", "", deadline)) as route53:
            zone, _, name = place.id.partition("/")
            listed = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name, MaxItems="1")
        [first] = listed["ResourceRecordSets"]
        address = first["ResourceRecords"][0]["Value"]
        return Holding(NodeId(address), f'[["A",{first["TTL"]},"{address}"]]')


class RestoresByClaiming(AwsRoute53):
    """Compares only the addresses: the mark may be gone by now."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, seen, deadline)


class RepeatsALostWrite(AwsRoute53):
    """Writes again when the answer was lost, without looking."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, None, deadline)


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (Upserts, "test_claim_on_a_changed_place_is_a_conflict"),
        (DeletesOnDown, "test_late_down_cannot_hurt_the_new_holder"),
        (RestoresByClaiming, "test_restore_of_a_place_taken_up_again_is_a_conflict"),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
    ],
)
def test_bad_route53_provider_fails_the_contract(bad: type[AwsRoute53], test: str, tmp_path: Path) -> None:
    """The same mistakes that scripts around a command line tool make."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        _on(Route53Cloud(tmp_path, bad), tmp_path, getattr(TestAwsRoute53(), test))


def _first_up_of_a_new_name(bed: Bed) -> None:
    cloud = _cloud(bed)
    for zone in cloud.zones:
        cloud.change(zone, "DELETE", NAME, cloud.addresses["c"])
    assert bed.up("a", deadline_s=2.0).errors == ()
    assert bed.holders() == {bed.id("a")}


def test_a_name_without_records_is_nobodys(tmp_path: Path) -> None:
    """The listing then shows the next name's record, which is neither a holder nor to be replaced."""
    _on(Route53Cloud(tmp_path), tmp_path, _first_up_of_a_new_name)


def test_taking_the_next_name_for_ours_is_noticed(tmp_path: Path) -> None:
    """The planted mistake of that test: the batch then deletes what is not there, and conflicts for ever."""
    with pytest.raises(AssertionError):
        _on(Route53Cloud(tmp_path, TakesTheFirstListed), tmp_path, _first_up_of_a_new_name)


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    """Three nodes, a name that says node c, and no change under way."""
    cloud = Route53Cloud(tmp_path, txt=True)
    yield Bed(cloud, tmp_path)
    cloud.close()


def _cloud(bed: Bed) -> Route53Cloud:
    assert isinstance(bed.cloud, Route53Cloud)
    return bed.cloud


def test_held_but_not_known_everywhere_is_success_with_a_warning(bed: Bed) -> None:
    """Route 53 may take longer than a caller waits; it needs nobody to wait."""
    zones.propagate_after(_cloud(bed).aws, 3600.0)
    result = bed.up("a", deadline_s=3.0)
    assert result.exit_code == 0
    assert {place.outcome for place in result.places} == {Outcome.HELD}
    assert len(result.warnings) == 2
    assert all("is pending" in warning for warning in result.warnings)
    assert bed.holders() == {bed.id("a")}


def test_name_servers_know_the_holder_when_up_ends_without_a_warning(bed: Bed) -> None:
    """That is what `up` waits for; before, they say the old one."""
    cloud = _cloud(bed)
    zones.propagate_after(cloud.aws, 0.5)
    assert bed.up("a").warnings == ()
    said = [zones.served(cloud.aws, zone)[f"{NAME}.", "A"].values for zone in cloud.zones]
    assert said == [(bed.id("a"),)] * 2


def test_a_change_by_others_between_read_and_write_costs_one_more_look(bed: Bed) -> None:
    """The batch conflicts, the next read says who it was, and the order seizes once more."""
    cloud = _cloud(bed)
    bed.switches["a"].provider = cloud.provider("a", cloud.zones[:1])
    gate = cloud.aws.faults.hold("ChangeResourceRecordSets")
    with ThreadPoolExecutor(1) as pool:
        order = pool.submit(bed.up, "a")
        assert gate.arrived.wait(5)
        cloud.change(cloud.zones[0], "UPSERT", NAME, bed.id("b"))
        gate.release()
        assert order.result().errors == ()
    assert "InvalidChangeBatch" in [call.error for call in cloud.aws.journal.calls()]
    assert cloud.truth()[bed.place(0)] == bed.id("a")


def test_a_protected_record_is_asked_for_once(bed: Bed) -> None:
    """It will be refused as often as it is asked for."""
    cloud = _cloud(bed)
    cloud.aws.journal.clear()
    with zones.protected(cloud.aws, cloud.zones[0], f"{NAME}.", "A"):
        result = bed.up("a")
    assert result.exit_code == Refused.exit_code
    batches = [c for c in cloud.aws.journal.calls() if c.action == "ChangeResourceRecordSets"]
    assert len(batches) == 2
    assert cloud.truth()[bed.place(1)] == bed.id("a")


def test_zones_are_written_side_by_side(tmp_path: Path) -> None:
    """One batch for each zone, side by side; what takes long is that name servers learn of it."""
    _on(Route53Cloud(tmp_path, latency_s=0.1), tmp_path, _takeover)


def _takeover(bed: Bed) -> None:
    cloud = _cloud(bed)
    bed.up("b")
    cloud.aws.journal.clear()
    result = bed.up("a")
    asked = [call.action for call in cloud.aws.journal.calls()]
    print(f"two zones at 100 ms a call, INSYNC after 200 ms: {result.seconds * 1000:.0f} ms; {asked}")
    assert asked[:4] == ["ListResourceRecordSets"] * 2 + ["ChangeResourceRecordSets"] * 2
    assert asked.count("ChangeResourceRecordSets") == 2


def _on(cloud: Route53Cloud, folder: Path, test: Callable[[Bed], None]) -> None:
    try:
        test(Bed(cloud, folder))
    finally:
        cloud.close()
