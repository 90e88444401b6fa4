"""`gcp-route` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.contract.gcp_route_cloud import GcpRouteCloud
from vipswitch.errors import Conflict, Undone
from vipswitch.model import Holding, Vip
from vipswitch.provider import Restores
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract, HolderContract

IPV6 = Vip("primary", (ip_address("fd99::50"),))
DUAL = Vip("primary", (*VIP.addresses, *IPV6.addresses))


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
    """No operation runs, also where a name conflicts; links are of the other host."""

    rules: ClassVar[dict[str, Any]] = {
        "done_at_once": True,
        "name_conflict": "operation",
        "link_host": "compute.googleapis.com",
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
