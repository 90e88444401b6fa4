"""`azure-dns` and `azure-private-dns` keep every promise, over HTTPS through the SDKs; bad ones do not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.azure_dns_bad import (
    CreatesBlindly,
    DeletesOnDown,
    MarksByDeleting,
    PutsBlindly,
    RepeatsALostWrite,
)
from tests.contract.azure_dns_cloud import AzureDnsCloud, AzurePrivateDnsCloud
from vipswitch.errors import Conflict
from vipswitch.model import Holding, NodeId, State
from vipswitch.providers.azure.dns import records
from vipswitch.providers.azure.dns.private import AzurePrivateDns
from vipswitch.providers.azure.dns.provider import ZoneRecords
from vipswitch.providers.azure.dns.public import AzureDns
from vipswitch.result import Outcome
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import GuardedClaimContract, MarkContract


class TestAzureDns(GuardedClaimContract, MarkContract):
    """Two public zones, whose etags are bare."""

    def cloud(self, folder: Path) -> Cloud:
        return AzureDnsCloud(folder, exact=True)


class TestAzurePrivateDns(GuardedClaimContract, MarkContract):
    """Two private zones, whose etags are bare."""

    def cloud(self, folder: Path) -> Cloud:
        return AzurePrivateDnsCloud(folder, exact=True)


class TestAzureDnsWithQuotedEtags(GuardedClaimContract, MarkContract):
    """Etags in quotes, which are to come back in quotes."""

    def cloud(self, folder: Path) -> Cloud:
        return AzureDnsCloud(folder, quoted=True, exact=True)


class TestAzurePrivateDnsWithQuotedEtags(GuardedClaimContract, MarkContract):
    """The same in private zones, whose SDK would quote them by itself."""

    def cloud(self, folder: Path) -> Cloud:
        return AzurePrivateDnsCloud(folder, quoted=True, exact=True)


BAD = [
    (PutsBlindly, "test_claim_on_a_changed_place_is_a_conflict"),
    (CreatesBlindly, "test_restore_of_a_place_taken_since_is_a_conflict"),
    (MarksByDeleting, "test_mark_shows_as_released_to_others"),
    (DeletesOnDown, "test_late_down_cannot_hurt_the_new_holder"),
    (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
]


@pytest.mark.parametrize("kind", [TestAzureDns, TestAzurePrivateDns])
@pytest.mark.parametrize(("bad", "test"), BAD)
def test_bad_dns_provider_fails_the_contract(
    kind: type[TestAzureDns | TestAzurePrivateDns], bad: type[ZoneRecords], test: str, tmp_path: Path
) -> None:
    """The same mistakes that scripts around a command line tool make."""
    public = kind is TestAzureDns
    make: Any = type(bad.__name__, (bad, AzureDns if public else AzurePrivateDns), {})
    cloud = (AzureDnsCloud if public else AzurePrivateDnsCloud)(tmp_path, make)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        _on(cloud, tmp_path, getattr(kind(), test))


@pytest.fixture(params=[AzureDnsCloud, AzurePrivateDnsCloud], ids=["public", "private"])
def bed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
    """Three nodes, and a name that says node c."""
    cloud = request.param(tmp_path)
    yield Bed(cloud, tmp_path)
    cloud.close()


@pytest.fixture(params=[AzureDnsCloud, AzurePrivateDnsCloud], ids=["public", "private"])
def dual(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
    """The same, with A and AAAA records."""
    cloud = request.param(tmp_path, types=("A", "AAAA"))
    yield Bed(cloud, tmp_path)
    cloud.close()


def _cloud(bed: Bed) -> AzureDnsCloud:
    assert isinstance(bed.cloud, AzureDnsCloud)
    return bed.cloud


def test_a_name_without_records_is_filled_once(bed: Bed) -> None:
    """The first `up` creates them; a second node that saw nobody as well reads again."""
    cloud = _cloud(bed)
    for place in bed.switches["a"].provider.places:
        cloud.empty(place)
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}


def test_a_change_by_others_between_read_and_write_costs_one_more_look(bed: Bed) -> None:
    """The PUT conflicts, the next read says who it was, and the order seizes once more."""
    cloud = _cloud(bed)
    cloud.azure.faults.foreign_write(f"{cloud.kind.type}/A/write", lambda: cloud.say(bed.place(), "10.0.9.9"))
    assert bed.up("a").errors == ()
    assert [call.status for call in cloud.azure.journal.calls()].count(412) == 1
    assert bed.holders() == {bed.id("a")}


def test_an_etag_goes_out_as_it_was_given(bed: Bed) -> None:
    """A zone that compares to the letter knows none in quotes, which the SDK's own keyword would add."""
    cloud, provider, place = _cloud(bed), bed.switches["a"].provider, bed.place()
    cloud.azure.rules.exact_etags = True
    seen = provider.read([place], bed.deadline())[place]
    assert isinstance(seen, Holding)
    etag, others = json.loads(seen.token)
    quoted = replace(seen, token=json.dumps([f'"{etag}"', others]))
    with pytest.raises(Conflict):
        provider.claim(place, bed.id("a"), quoted, bed.deadline())
    provider.claim(place, bed.id("a"), seen, bed.deadline())
    assert cloud.truth()[place] == bed.id("a")


def test_a_node_of_two_addresses_is_one_holder(dual: Bed) -> None:
    """Four record sets, each with its part of the node, and all of them are this node's."""
    cloud = _cloud(dual)
    assert dual.up("a").errors == ()
    assert set(cloud.truth().values()) == {NodeId(address) for address in cloud.addresses["a"]}
    assert len(cloud.truth()) == 4
    assert dual.status("a").state is State.SELF
    assert dual.status("b").state is State.OTHER


def test_two_nodes_with_an_address_each_are_mixed(dual: Bed) -> None:
    """Azure changes no two record sets together, so that this can be seen."""
    cloud = _cloud(dual)
    dual.up("a")
    aaaa = next(place for place in cloud.truth() if "/AAAA/" in place.id)
    cloud.say(aaaa, cloud.addresses["b"][1])
    seen = dual.switches["a"].provider.read([aaaa], dual.deadline())[aaaa]
    assert isinstance(seen, Holding)
    assert seen.holder == dual.id("b")
    assert dual.status("a").state is State.MIXED
    assert dual.up("a").errors == ()
    assert dual.status("a").state is State.SELF


def test_a_node_of_two_addresses_marks_and_takes_up_again(dual: Bed) -> None:
    """Each record set has its own mark, which names the address in it."""
    dual.up("a")
    assert dual.down("a").errors == ()
    assert dual.status("b").state is State.NOBODY
    assert dual.up("a").errors == ()
    assert dual.status("b").state is State.OTHER


def test_one_record_set_that_is_not_ours_to_replace_does_not_stop_the_others(bed: Bed) -> None:
    """It stays as it is, and the order says so."""
    cloud = _cloud(bed)
    cloud.say(bed.place(1), "10.0.9.8", "10.0.9.9")
    result = bed.up("a")
    outcomes = {place.place: place.outcome for place in result.places}
    assert outcomes == {bed.place(0): Outcome.HELD, bed.place(1): Outcome.FAILED}
    assert cloud.said(bed.place(1)) == "10.0.9.8,10.0.9.9"


def test_what_people_have_written_on_a_record_set_outlives_every_move(bed: Bed) -> None:
    """Taken over, marked, taken up again."""
    cloud, place = _cloud(bed), bed.place()
    cloud.say(place, cloud.addresses["c"][0], metadata={"owner": "dba"})
    for node in ("a", "b"):
        bed.up(node)
        bed.down(node)
    assert (cloud.record(place) or {})["metadata"] == {
        "owner": "dba",
        records.MARK: f"released {bed.id('b')} 1003",
    }
    bed.up("b")
    assert (cloud.record(place) or {})["metadata"] == {"owner": "dba"}


def test_record_sets_are_asked_and_written_side_by_side(tmp_path: Path) -> None:
    """Four record sets at 200 ms a request: as long as one of them, and no request more than needed."""
    cloud = AzurePrivateDnsCloud(tmp_path, types=("A", "AAAA"), latency_s=0.2)
    _on(cloud, tmp_path, _takeover)


def _takeover(bed: Bed) -> None:
    cloud = _cloud(bed)
    bed.up("b")
    cloud.azure.journal.clear()
    result = bed.up("a")
    calls = cloud.azure.journal.calls()
    asked = [call.method for call in calls]
    print(f"four record sets at 200 ms a call: {result.seconds * 1000:.0f} ms; {asked}")
    assert sorted(asked) == ["GET"] * 8 + ["PUT"] * 4
    assert max(call.received for call in calls[:4]) < min(call.answered or 0.0 for call in calls[:4])


def _on(cloud: AzureDnsCloud, folder: Path, test: Callable[[Bed], None]) -> None:
    try:
        test(Bed(cloud, folder))
    finally:
        cloud.close()
