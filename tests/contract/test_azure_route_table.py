"""`azure-route-table` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.contract.azure_route_table_cloud import RouteTableCloud
from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, Lost, OutcomeUnknown
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.route_table.permissions import WRITE_ROUTE
from vipswitch.providers.azure.route_table.provider import AzureRouteTable
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import GuardedClaimContract, HolderContract, MarkContract

Judge = Callable[[RouteTableCloud, Bed], None]

IPV6 = Vip("primary", (ip_address("fd99::50"),))
DUAL = Vip("primary", (*VIP.addresses, *IPV6.addresses))


class RouteTableContract(GuardedClaimContract, MarkContract):
    """Two route tables, on a cloud with some switches set."""

    rules: ClassVar[dict[str, Any]] = {}

    def cloud(self, folder: Path) -> Cloud:
        return RouteTableCloud(folder, **self.rules)


class TestAzureRouteTable(RouteTableContract):
    """A write is answered as Updating; while it runs, others are to come again."""


class TestWhereWritesLookDoneAtOnce(RouteTableContract):
    """A write is answered as done, and goes on; a running one is a conflict; tags leave the etag."""

    rules: ClassVar[dict[str, Any]] = {
        "put_answer": "succeeded-with-operation",
        "second_write": "conflict",
        "tags_renew_etag": False,
        "child_if_none_match": False,
    }


class TestWhereWritesAreDoneAtOnce(RouteTableContract):
    """No operation runs; etags have to be sent as they were given."""

    rules: ClassVar[dict[str, Any]] = {
        "put_answer": "succeeded",
        "child_if_match_absent": True,
        "exact_etags": True,
        "body_etag_refused": True,
    }


class TestWhereRunningWritesAreSuperseded(RouteTableContract):
    """A second write ends the first one as canceled, and one that failed leaves nothing behind."""

    rules: ClassVar[dict[str, Any]] = {
        "second_write": "supersede",
        "put_etag_final": True,
        "failed_reverts": True,
    }


class TestAzureRouteTableIpv6(RouteTableContract):
    """A VIP of IPv6 alone."""

    rules: ClassVar[dict[str, Any]] = {"vip": IPV6, "second_write": "bad-request"}


class TestAzureRouteTableDualStack(HolderContract):
    """Two routes in each of two tables, whose writes wait for each other."""

    def cloud(self, folder: Path) -> Cloud:
        return RouteTableCloud(folder, vip=DUAL)


class PutsWithoutPrecondition(AzureRouteTable):
    """As `az network route-table route update` does: whoever has come since is not looked at."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        if seen is not None:
            seen = replace(seen, token=seen.token.replace(seen.token.partition(" ")[0], "*"))
        super().claim(place, node, seen, deadline)


class DeletesOnDown(AzureRouteTable):
    """`down` deletes the route, whoever it leads to."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        id, name = self._id(place.id, deadline), seen.token.partition(" ")[2]
        with self._azure.clients.network(Asked("", "", deadline, str(id), writes=True)) as network:
            network.routes.begin_delete(id.group, id.name, name, polling=False)

    def read(self, places, deadline):  # type: ignore[no-untyped-def]
        answers = super().read(places, deadline)
        mine = self.node(deadline)
        return {p: replace(a, holder=mine) if isinstance(a, Holding) else a for p, a in answers.items()}


class UnmarksByTheKeyAlone(AzureRouteTable):
    """Whoever has let go is not looked at."""

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        id = self._id(place.id, deadline)
        key = f"vipswitch:{place.address}"
        value = self._azure.api.read(id, deadline).tag(key)
        if value is not None:
            self._azure.api.untag(id, {key: value}, deadline)


class RestoresByReplacing(AzureRouteTable):
    """Has one write for an order and for a repair."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, None, deadline)


class BelievesTheEtag(AzureRouteTable):
    """Restores by what was seen, although taking a mark away need not change the table's etag."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, node, seen, deadline)


class MarksTheTable(AzureRouteTable):
    """Believes any mark for the address, whoever it names."""

    def read(self, places, deadline):  # type: ignore[no-untyped-def]
        answers = super().read(places, deadline)
        key = f"vipswitch:{places[0].address}"
        tagged = {p for p in places if self._azure.api.read(self._id(p.id, deadline), deadline).tag(key)}
        return {p: replace(a, released=p in tagged) for p, a in answers.items() if isinstance(a, Holding)}


class RepeatsALostWrite(AzureRouteTable):
    """Writes again when the answer was lost, as an SDK with its default retries does."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, None, deadline)


AT_ONCE = {"put_answer": "succeeded"}
TAGS_LEAVE_THE_ETAG = {"tags_renew_etag": False}


@pytest.mark.parametrize(
    ("bad", "test", "rules"),
    [
        (PutsWithoutPrecondition, "test_claim_on_a_changed_place_is_a_conflict", {}),
        (DeletesOnDown, "test_late_down_cannot_hurt_the_new_holder", {}),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write", {}),
        (RestoresByReplacing, "test_restore_of_a_place_taken_since_is_a_conflict", AT_ONCE),
        (RestoresByReplacing, "test_restore_of_a_released_place_taken_since_is_a_conflict", {}),
        (BelievesTheEtag, "test_restore_of_a_place_taken_up_again_is_a_conflict", TAGS_LEAVE_THE_ETAG),
        (UnmarksByTheKeyAlone, "test_unmark_leaves_the_mark_of_another_node", {}),
        (MarksTheTable, "test_mark_of_a_former_holder_is_not_believed", {}),
    ],
)
def test_bad_azure_provider_fails_the_contract(
    bad: type[AzureRouteTable], test: str, rules: dict[str, Any], tmp_path: Path
) -> None:
    """The same mistakes that scripts around a command line tool make."""
    cloud = RouteTableCloud(tmp_path, bad, **rules)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            getattr(RouteTableContract(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()


class TakesAConflictForLost(AzureRouteTable):
    """Gives up at the first 412, although the etag is that of the whole table."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except Conflict as exc:
            raise Lost(f"{place}: another node was faster") from exc


class ReplacesAllTags(AzureRouteTable):
    """Marks by writing the tags of the table, and so takes off those of others."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        id, key = self._id(place.id, deadline), f"vipswitch:{place.address}"
        body = {"operation": "Replace", "properties": {"tags": {key: f"released {node} {generation}"}}}
        with self._azure.clients.arm(Asked("", "", deadline, str(id), writes=True)) as arm:
            arm.patch(f"{id}/providers/Microsoft.Resources/tags/default", "2021-04-01", body)


def change_of_another_route_is_a_retry(cloud: RouteTableCloud, bed: Bed) -> None:
    """The etag is the table's: a 412 says that something has changed, not that the race is lost."""
    cloud.azure.faults.foreign_write(
        WRITE_ROUTE, lambda: cloud.route("rt-vip1", "elsewhere", "192.0.2.0/24", "10.0.8.8"), on=None
    )
    assert bed.up("a").errors == ()
    assert bed.holders() == {bed.id("a")}
    assert cloud.routes("rt-vip1")["elsewhere"]["nextHopIpAddress"] == "10.0.8.8"


def everything_else_on_the_table_stays(cloud: RouteTableCloud, bed: Bed) -> None:
    """Other routes and other tags are other people's, also where the route is added and a mark is left."""
    before = cloud.routes("rt-vip1")["elsewhere"]
    cloud.empty(bed.place())
    bed.up("a")
    bed.down("a")
    assert cloud.routes("rt-vip1")["elsewhere"] == before
    assert cloud.tags("rt-vip1")["owner"] == "somebody"


@pytest.mark.parametrize("judge", [change_of_another_route_is_a_retry, everything_else_on_the_table_stays])
def test_the_rest_of_a_table_belongs_to_others(judge: Judge, tmp_path: Path) -> None:
    """vipswitch neither fights for it nor changes it."""
    cloud = RouteTableCloud(tmp_path)
    try:
        judge(cloud, Bed(cloud, tmp_path))
    finally:
        cloud.close()


@pytest.mark.parametrize(
    ("bad", "judge"),
    [
        (TakesAConflictForLost, change_of_another_route_is_a_retry),
        (ReplacesAllTags, everything_else_on_the_table_stays),
    ],
)
def test_bad_provider_disturbs_the_rest_of_a_table(
    bad: type[AzureRouteTable], judge: Judge, tmp_path: Path
) -> None:
    """So these tests prove something."""
    cloud = RouteTableCloud(tmp_path, bad)
    try:
        with pytest.raises((AssertionError, KeyError)):
            judge(cloud, Bed(cloud, tmp_path))
    finally:
        cloud.close()


def test_tables_move_side_by_side(tmp_path: Path) -> None:
    """A request is answered only once all tables have made one like it."""
    cloud = RouteTableCloud(tmp_path, tables=12)
    met = {method: threading.Barrier(12, timeout=10.0) for method in ("GET", "PUT")}
    waiting = dict(met)
    try:
        bed = Bed(cloud, tmp_path)
        cloud.azure.barrier = lambda asked: _meet(waiting, asked.method)
        assert bed.up("a", 20.0).errors == ()
    finally:
        cloud.close()
    assert not any(barrier.broken for barrier in met.values())


def _meet(waiting: dict[str, threading.Barrier], method: str) -> None:
    """Wait for the others, the first time."""
    if (barrier := waiting.get(method)) is not None:
        barrier.wait()
        waiting.pop(method, None)
