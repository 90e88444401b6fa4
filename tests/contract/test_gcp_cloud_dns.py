"""`gcp-cloud-dns` keeps every promise, over HTTPS; bad ones beside it do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.gcp_cloud_dns_cloud import CHANGE, DOMAIN, NAME, TEXT, CloudDnsCloud
from tests.contract.gcp_dns_bad import (
    DeletesOnDown,
    DeletesThenAdds,
    FollowsNothing,
    MarksInPlaceOfTheRecord,
    ReadsAgainFirst,
    RepeatsALostWrite,
    RestoresBlindly,
    RestoresByClaiming,
    SortsTheValues,
)
from vipswitch.errors import Conflict
from vipswitch.model import State
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.result import Outcome
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import GuardedClaimContract, MarkContract


class TestGcpCloudDns(GuardedClaimContract, MarkContract):
    """Changes that are pending first."""

    def cloud(self, folder: Path) -> Cloud:
        return CloudDnsCloud(folder)


class TestGcpCloudDnsThatKeepsAnOrder(GuardedClaimContract, MarkContract):
    """Changes that are done at once; data are shown in another order, and deleted in that alone."""

    def cloud(self, folder: Path) -> Cloud:
        return CloudDnsCloud(
            folder, done_at_once=True, rrdatas_reversed=True, rrdatas_order_counts=True, types=("A", "AAAA")
        )


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (ReadsAgainFirst, "test_claim_on_a_changed_place_is_a_conflict"),
        (RestoresBlindly, "test_restore_of_a_place_taken_since_is_a_conflict"),
        (RestoresByClaiming, "test_restore_of_a_place_taken_up_again_is_a_conflict"),
        (MarksInPlaceOfTheRecord, "test_mark_shows_as_released_to_others"),
        (DeletesOnDown, "test_late_down_cannot_hurt_the_new_holder"),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
    ],
)
def test_bad_cloud_dns_provider_fails_the_contract(bad: type[GcpCloudDns], test: str, tmp_path: Path) -> None:
    """The same mistakes that scripts around a command line tool make."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        _on(CloudDnsCloud(tmp_path, bad), tmp_path, getattr(TestGcpCloudDns(), test))


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    """Three nodes, and a name that says node c."""
    cloud = CloudDnsCloud(tmp_path)
    yield Bed(cloud, tmp_path)
    cloud.close()


@pytest.fixture
def dual(tmp_path: Path) -> Iterator[Bed]:
    """The same, with A and AAAA records."""
    cloud = CloudDnsCloud(tmp_path, types=("A", "AAAA"))
    yield Bed(cloud, tmp_path)
    cloud.close()


def _cloud(bed: Bed) -> CloudDnsCloud:
    assert isinstance(bed.cloud, CloudDnsCloud)
    return bed.cloud


def _on(cloud: CloudDnsCloud, folder: Path, test: Callable[[Bed], None]) -> None:
    try:
        test(Bed(cloud, folder))
    finally:
        cloud.close()


def _never_without_a_record(bed: Bed) -> None:
    """A node dies between its first change and whatever it would do next."""
    cloud = _cloud(bed)
    cloud.gcp.faults.drop_before(None, CHANGE, where=lambda _: bool(cloud.gcp.journal.writes()))
    cloud.gcp.journal.clear()
    bed.up("a", deadline_s=2.0)
    assert len(cloud.writes()) == 1
    assert set(cloud.truth().values()) <= {bed.id("a"), bed.id("c")}


def test_a_name_has_a_record_whoever_dies_when(tmp_path: Path) -> None:
    """The old one goes in the change in which the new one comes."""
    _on(CloudDnsCloud(tmp_path), tmp_path, _never_without_a_record)


def test_two_changes_in_place_of_one_are_noticed(tmp_path: Path) -> None:
    """The planted mistake of that test."""
    with pytest.raises(AssertionError):
        _on(CloudDnsCloud(tmp_path, DeletesThenAdds), tmp_path, _never_without_a_record)


def test_a_name_without_records_is_nobodys(bed: Bed) -> None:
    """Whatever stands at the next name, or below this one."""
    cloud = _cloud(bed)
    for place in bed.switches["a"].provider.places:
        cloud.empty(place)
    assert bed.status("a").state is State.NOBODY
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}
    for zone in cloud.zones:
        assert (cloud.record(zone, name=f"e.{DOMAIN}") or {})["rrdatas"] == ["10.0.9.9"]


def test_a_record_that_another_tool_has_changed_costs_one_more_look(bed: Bed) -> None:
    """The change conflicts, the next read says who it was, and the order seizes once more."""
    cloud = _cloud(bed)
    zone = cloud.zones[0]
    bed.switches["a"].provider = cloud.provider("a", zones=(zone,))
    cloud.gcp.faults.foreign_write(CHANGE, lambda: cloud.say(zone, (NAME, "A", ["10.0.9.9"]), ttl=77))
    assert bed.up("a").errors == ()
    assert [call.status for call in cloud.gcp.journal.calls()].count(412) == 1
    assert cloud.truth()[bed.place(0)] == bed.id("a")


@pytest.mark.parametrize("to_nothing", [True, False])
def test_a_record_that_comes_or_goes_meanwhile_is_a_conflict_as_well(bed: Bed, *, to_nothing: bool) -> None:
    """404 and 409, which mean other things elsewhere."""
    cloud = _cloud(bed)
    zone = cloud.zones[0]
    bed.switches["a"].provider = cloud.provider("a", zones=(zone,))
    before, after = (["10.0.9.9"], []) if to_nothing else ([], ["10.0.9.9"])
    cloud.say(zone, (NAME, "A", before))
    cloud.gcp.faults.foreign_write(CHANGE, lambda: cloud.say(zone, (NAME, "A", after)))
    assert bed.up("a").errors == ()
    statuses = [call.status for call in cloud.gcp.journal.calls()]
    assert statuses.count(404 if to_nothing else 409) == 1
    assert cloud.truth()[bed.place(0)] == bed.id("a")


def test_held_but_not_sent_to_the_name_servers_is_success_with_a_warning(tmp_path: Path) -> None:
    """The change may take longer than a caller waits; it needs nobody to wait."""
    _on(CloudDnsCloud(tmp_path, operation_gets=1000), tmp_path, _pending)


def _pending(bed: Bed) -> None:
    result = bed.up("a", deadline_s=2.0)
    assert result.exit_code == 0
    assert {place.outcome for place in result.places} == {Outcome.HELD}
    assert len(result.warnings) == 2
    assert all("is pending" in warning for warning in result.warnings)
    assert bed.holders() == {bed.id("a")}


def _served_when_up_ends(bed: Bed) -> None:
    cloud = _cloud(bed)
    assert bed.up("a").warnings == ()
    for zone in cloud.zones:
        assert cloud.gcp.served(zone.name)[f"{NAME}.", "A"]["rrdatas"] == [bed.id("a")]


def test_the_change_is_done_when_up_ends_without_a_warning(tmp_path: Path) -> None:
    """That is what `up` waits for; before, name servers say the old holder."""
    _on(CloudDnsCloud(tmp_path, operation_gets=2), tmp_path, _served_when_up_ends)


def test_a_change_that_nobody_follows_is_noticed(tmp_path: Path) -> None:
    """The planted mistake of that test."""
    with pytest.raises(AssertionError):
        _on(CloudDnsCloud(tmp_path, FollowsNothing, operation_gets=2), tmp_path, _served_when_up_ends)


def _marks_over_a_text_of_somebody(bed: Bed) -> None:
    cloud = _cloud(bed)
    bed.up("a")
    for zone in cloud.zones:
        cloud.say(zone, (TEXT, "TXT", ['"b of somebody"', '"a"', '"c"']), ttl=77)
    provider = bed.switches["a"].provider
    assert isinstance(provider, GcpCloudDns)
    for place in provider.places:
        provider.mark(place, bed.id("a"), 5, bed.deadline())
    assert bed.status("b").state is State.NOBODY


@pytest.mark.parametrize("reversed_", [False, True])
def test_a_mark_takes_the_place_of_a_text_that_was_there(tmp_path: Path, *, reversed_: bool) -> None:
    """Which is described as it was read, in that very order, whatever that is."""
    cloud = CloudDnsCloud(tmp_path, rrdatas_order_counts=True, rrdatas_reversed=reversed_)
    _on(cloud, tmp_path, _marks_over_a_text_of_somebody)


def test_values_in_another_order_are_noticed(tmp_path: Path) -> None:
    """The planted mistake of that test."""
    cloud = CloudDnsCloud(tmp_path, SortsTheValues, rrdatas_order_counts=True)
    with pytest.raises(Conflict):
        _on(cloud, tmp_path, _marks_over_a_text_of_somebody)


def test_a_node_of_two_addresses_moves_in_one_change(dual: Bed) -> None:
    """Nobody ever sees the one address of this node and the other of that."""
    cloud = _cloud(dual)
    cloud.gcp.journal.clear()
    assert dual.up("a").errors == ()
    assert dual.holders() == {dual.id("a")}
    assert len(cloud.writes()) == len(cloud.zones)


def test_a_node_of_two_addresses_marks_and_takes_up_again(dual: Bed) -> None:
    """The mark names them both."""
    dual.up("a")
    assert dual.down("a").errors == ()
    assert dual.status("b").state is State.NOBODY
    assert dual.up("a").errors == ()
    assert dual.status("b").state is State.OTHER
    assert _cloud(dual).record(_cloud(dual).zones[0], "TXT", TEXT) is None


def test_one_name_that_is_not_ours_to_replace_does_not_stop_the_other(bed: Bed) -> None:
    """It stays as it is, and the order says so."""
    cloud = _cloud(bed)
    cloud.say(cloud.zones[1], (NAME, "A", ["10.0.9.8", "10.0.9.9"]))
    result = bed.up("a")
    outcomes = {place.place: place.outcome for place in result.places}
    assert outcomes == {bed.place(0): Outcome.HELD, bed.place(1): Outcome.FAILED}
    assert cloud.truth()[bed.place(1)] == "10.0.9.8,10.0.9.9"


def test_two_takeovers_at_once_leave_one_of_the_two_in_each_zone(bed: Bed) -> None:
    """Whose change comes second conflicts and looks; nothing is lost, and no third thing comes of it."""
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip("ab", pool.map(bed.up, ("a", "b")), strict=True))
    for place, holder in _cloud(bed).truth().items():
        assert holder in {bed.id("a"), bed.id("b")}
        ends = {bed.id(node): {p.place: p.outcome for p in r.places}[place] for node, r in results.items()}
        assert ends[holder] is Outcome.HELD


def test_zones_are_asked_and_written_side_by_side(tmp_path: Path) -> None:
    """Two zones at 200 ms a request: as long as one of them, and no request more than needed."""
    _on(CloudDnsCloud(tmp_path, latency_s=0.2, done_at_once=True), tmp_path, _takeover)


def _takeover(bed: Bed) -> None:
    cloud = _cloud(bed)
    bed.up("b")
    cloud.gcp.journal.clear()
    result = bed.up("a")
    calls = cloud.gcp.journal.calls()
    asked = [call.action for call in calls]
    print(f"two zones at 200 ms a call: {result.seconds * 1000:.0f} ms; {asked}")
    assert sorted(asked) == ["dns.changes.create"] * 2 + ["dns.resourceRecordSets.list"] * 8
    assert max(call.received for call in calls[:4]) < min(call.answered or 0.0 for call in calls[:4])
