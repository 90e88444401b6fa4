"""`gcp-route` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.contract.gcp_route_bad import (
    DeletesThenInserts,
    ForgetsWhatItHasBegun,
    NamesRoutesByTheirNode,
    ReleasesByAFixedName,
    ReleasesOverOldOnes,
    RepeatsALostWrite,
    RestoresByABetterRoute,
    RestoresLikeAnOrder,
    TakesAConflictForDone,
    TakesAnyBetterSlot,
    TidiesEverythingElse,
)
from tests.contract.gcp_route_cloud import DELETE, INSERT, GcpRouteCloud
from vipswitch.errors import Conflict, Refused, Undone
from vipswitch.model import Holding, Vip
from vipswitch.provider import Restores
from vipswitch.providers.gcp.route.provider import GcpRoute
from vipswitch.testing.bed import ADDRESS, VIP, Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract, HolderContract
from vipswitch.testing.gcp.faults import Faults

IPV6 = Vip("primary", (ip_address("fd99::50"),))
DUAL = Vip("primary", (*VIP.addresses, *IPV6.addresses))

Judge = Callable[[GcpRouteCloud, Bed], None]


class Draws(random.Random):
    """Draws what stands there in the order of choices."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index

    def choice(self, seq: Any) -> Any:
        return seq[self._index]


def answered(cloud: GcpRouteCloud, action: str) -> int:
    """How many such calls the cloud has answered."""
    return len([call for call in cloud.gcp.journal.calls() if call.action == action and call.status])


def seen_by(bed: Bed, node: str, number: int = 0) -> Holding:
    """What a node reads of a place."""
    place = bed.place(number)
    answer = bed.switches[node].provider.read([place], bed.deadline())[place]
    assert isinstance(answer, Holding), answer
    return answer


class GcpRouteContract(CompareAndSetContract):
    """Two networks, on a cloud with some switches set."""

    rules: ClassVar[dict[str, Any]] = {}

    def cloud(self, folder: Path) -> Cloud:
        return GcpRouteCloud(folder, **self.rules)

    def test_restore_of_a_place_taken_since_is_a_conflict(self, bed: Bed) -> None:
        """Once that is carried out; before, it cannot be seen, and the restore yields to it."""
        provider, place = bed.switches["a"].provider, bed.place()
        assert isinstance(provider, Restores)
        bed.cloud.empty(place)
        seen = seen_by(bed, "a")
        bed.up("c")
        with pytest.raises(Conflict):
            provider.restore(place, bed.id("a"), seen, bed.deadline())
        assert bed.cloud.truth()[place] == bed.id("c")


class TestGcpRoute(GcpRouteContract):
    """A write is answered as running; whoever wants the same name is refused at once."""

    @pytest.mark.parametrize("first", ["order", "restore"])
    def test_a_restore_that_crosses_an_order_yields(self, bed: Bed, first: str) -> None:
        """Neither has seen the other, and whichever is carried out last: the order's route is better."""
        filling, provider = bed.switches["a"].provider, bed.switches["c"].provider
        assert isinstance(filling, Restores)
        place, nobody = bed.place(), Holding(None)
        writes = [
            lambda: provider.claim(place, bed.id("c"), nobody, bed.deadline()),
            lambda: filling.restore(place, bed.id("a"), nobody, bed.deadline()),
        ]
        for write in writes if first == "order" else reversed(writes):
            write()
        assert bed.cloud.truth()[place] == bed.id("c")


class TestWhereNamesConflictInTheOperation(GcpRouteContract):
    """An insert of a name that is taken is accepted, and fails when it is carried out."""

    rules: ClassVar[dict[str, Any]] = {"name_conflict": "operation", "second_write": "queued"}

    def test_claim_on_a_changed_place_is_a_conflict(self, bed: Bed) -> None:
        """It is told by the next look at the place, and nothing has changed."""
        provider, place = bed.switches["b"].provider, bed.place()
        bed.up("a")
        seen = seen_by(bed, "b")
        bed.up("c")
        provider.claim(place, bed.id("b"), seen, bed.deadline())
        answers = [provider.read([place], bed.deadline())[place] for _ in range(3)]
        assert any(isinstance(answer, Undone) for answer in answers)
        assert bed.holders() == {bed.id("c")}


class TestWhereWritesAreDoneAtOnce(GcpRouteContract):
    """No operation runs, also where a name conflicts; links name another host, and projects by number."""

    rules: ClassVar[dict[str, Any]] = {
        "done_at_once": True,
        "name_conflict": "operation",
        "link_host": "compute.googleapis.com",
        "project_numbers": True,
    }


class TestGcpRouteIpv6(GcpRouteContract):
    """A VIP of IPv6 alone, whose operations take longer."""

    rules: ClassVar[dict[str, Any]] = {"vip": IPV6, "operation_gets": 3}


class TestGcpRouteDualStack(HolderContract):
    """Two routes in each of two networks."""

    def cloud(self, folder: Path) -> Cloud:
        return GcpRouteCloud(folder, vip=DUAL)


class TestBesideARouteOfSomebodys(HolderContract):
    """Which is not made by vipswitch, and stays."""

    def cloud(self, folder: Path) -> Cloud:
        return GcpRouteCloud(folder, seeded=True)


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (ReleasesByAFixedName, "test_release_of_a_changed_place_is_a_conflict"),
        (TakesAnyBetterSlot, "test_claim_on_a_changed_place_is_a_conflict"),
        (NamesRoutesByTheirNode, "test_claim_on_a_changed_place_is_a_conflict"),
        (TakesAConflictForDone, "test_claim_on_a_changed_place_is_a_conflict"),
        (RestoresByABetterRoute, "test_restore_of_a_place_taken_since_is_a_conflict"),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
    ],
)
def test_bad_gcp_provider_fails_the_contract(bad: type[GcpRoute], test: str, tmp_path: Path) -> None:
    """The same mistakes that scripts around a command line tool make."""
    cloud = GcpRouteCloud(tmp_path, bad)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            getattr(GcpRouteContract(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()


def never_without_a_route(cloud: GcpRouteCloud, bed: Bed) -> None:
    """Judged at every change that the cloud makes to its routes, not by what comes out in the end."""
    bed.up("a")
    found: list[int] = []
    cloud.gcp.subscribe(lambda _: found.extend(len(cloud.routes(name, ADDRESS)) for name in cloud.networks))
    for node in "bca":
        assert bed.up(node).errors == ()
        assert bed.holders() == {bed.id(node)}
    assert found
    assert 0 not in found


def who_dies_in_between_leaves_the_holder(cloud: GcpRouteCloud, bed: Bed) -> None:
    """Nothing is undone before what takes its place is there."""
    bed.up("a")
    cloud.gcp.faults.deny(INSERT)
    assert bed.up("b").errors != ()
    assert bed.holders() == {bed.id("a")}


def a_late_deletion_hits_nothing_newer(cloud: GcpRouteCloud, bed: Bed) -> None:
    """It was on the wire while others took the VIP, and while this node got it back."""
    bed.up("a")
    gate = cloud.gcp.faults.hold(DELETE, times=len(cloud.networks))
    bed.down("a", 2.0)
    assert len([call for call in cloud.gcp.journal.calls() if call.action == DELETE]) == len(cloud.networks)
    for node in "bca":
        bed.up(node)
    before = answered(cloud, DELETE)
    gate.release()
    while answered(cloud, DELETE) < before + len(cloud.networks):
        time.sleep(0.005)
    assert bed.holders() == {bed.id("a")}


def down_uncovers_nobody(cloud: GcpRouteCloud, bed: Bed) -> None:
    """What the last takeover could not delete does not come into effect again by a clean stop."""
    bed.up("a")
    cloud.gcp.faults.deny(DELETE, times=len(cloud.networks))
    assert bed.up("b").warnings
    assert bed.down("b").errors == ()
    assert bed.holders() == {None}


def an_order_wins_over_a_restore(cloud: GcpRouteCloud, bed: Bed) -> None:
    """Whatever numbers they draw: here the restore its best one, and the order its worst."""
    filling, ordering, place = cloud.provider("a"), cloud.provider("c"), bed.place()
    assert isinstance(filling, GcpRoute)
    assert isinstance(ordering, GcpRoute)
    filling._chance, ordering._chance = Draws(0), Draws(-1)
    filling.restore(place, bed.id("a"), Holding(None), bed.deadline())
    ordering.claim(place, bed.id("c"), Holding(None), bed.deadline())
    assert cloud.truth()[place] == bed.id("c")


def up_right_after_down_is_up(cloud: GcpRouteCloud, bed: Bed) -> None:
    """By another process of this node, while its own route is being deleted and looks as if it stayed."""
    bed.up("a")
    bed.down("a")
    bed.switches["a"].provider = cloud.provider("a")
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}


JUDGES: dict[Judge, type[GcpRoute]] = {
    never_without_a_route: DeletesThenInserts,
    who_dies_in_between_leaves_the_holder: DeletesThenInserts,
    a_late_deletion_hits_nothing_newer: ReleasesByAFixedName,
    down_uncovers_nobody: ReleasesOverOldOnes,
    an_order_wins_over_a_restore: RestoresLikeAnOrder,
    up_right_after_down_is_up: ForgetsWhatItHasBegun,
}
"""What holds for routes beyond the contract, and who does not keep it."""


@pytest.mark.parametrize("careful", [True, False])
@pytest.mark.parametrize(("judge", "bad"), JUDGES.items())
def test_routes_are_moved_with_care(judge: Judge, bad: type[GcpRoute], careful: bool, tmp_path: Path) -> None:
    """See the judge; whoever does not keep it is found out, so it proves something."""
    cloud = GcpRouteCloud(tmp_path, GcpRoute if careful else bad)
    with contextlib.closing(cloud), caught(not careful):
        judge(cloud, Bed(cloud, tmp_path))


def what_others_made_stays(cloud: GcpRouteCloud, bed: Bed) -> None:
    """It is told of, and `down` does not bring it into effect."""
    bed.up("a")
    bed.up("b")
    assert "by-hand-vpc-0" in seen_by(bed, "b").note
    assert [type(each) for each in bed.down("b").errors] == [Refused, Refused]
    assert {route["name"] for route in cloud.routes("vpc", ADDRESS)} >= {"by-hand-vpc-0"}
    assert bed.holders() == {bed.id("b")}


@pytest.mark.parametrize("make", [GcpRoute, TidiesEverythingElse])
def test_what_others_made_stays(make: type[GcpRoute], tmp_path: Path) -> None:
    """A provider that deletes it is found out."""
    cloud = GcpRouteCloud(tmp_path, make, seeded=True)
    with contextlib.closing(cloud), caught(make is not GcpRoute):
        what_others_made_stays(cloud, Bed(cloud, tmp_path))


def caught(bad: bool) -> contextlib.AbstractContextManager[Any]:
    """A bad provider fails what runs inside."""
    return pytest.raises(AssertionError) if bad else contextlib.nullcontext()


FAULTS: dict[str, Callable[[Faults], object]] = {
    "quota": lambda faults: faults.quota(None, INSERT),
    "quota in the operation": lambda faults: faults.fail_operation(
        "QUOTA_EXCEEDED", action=INSERT, times=None, status=403
    ),
    "rate": lambda faults: faults.throttle(None, INSERT),
    "operation that fails": lambda faults: faults.fail_operation(
        "INTERNAL_ERROR", action=INSERT, times=None, status=500
    ),
    "operation that never ends": lambda faults: faults.stuck(None, INSERT),
}
"""What keeps Google from making a route."""


@pytest.mark.parametrize("fault", FAULTS)
def test_where_no_route_can_be_made_the_old_holder_keeps_the_vip(fault: str, tmp_path: Path) -> None:
    """Nothing of the old one's is deleted, and the node that wanted it says so; a quota is said at once."""
    cloud = GcpRouteCloud(tmp_path)
    with contextlib.closing(cloud):
        bed = Bed(cloud, tmp_path)
        bed.up("a")
        cloud.gcp.journal.clear()
        FAULTS[fault](cloud.gcp.faults)
        result = bed.up("b", 1.0)
        assert {isinstance(each, Refused) for each in result.errors} == {fault.startswith("quota")}
        assert not any(call.action == DELETE for call in cloud.gcp.journal.calls())
        assert bed.holders() == {bed.id("a")}
