"""What `azure-route-table` reads and writes, case by case."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.contract.azure_route_table_cloud import RouteTableCloud
from tests.unit.providers.azure.rig import soon
from tests.unit.providers.azure.route_table.rig import answer, claim, on_node, seen
from vipswitch.errors import ConfigError, Conflict, Refused, Unavailable, Undone
from vipswitch.model import NodeId, Place, Vip
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.route_table.permissions import WRITE, WRITE_ROUTE
from vipswitch.testing.bed import VIP

DUAL = Vip("primary", (*VIP.addresses, ip_address("fd99::50")))


def test_a_node_is_the_address_that_azure_gave_it(cloud: RouteTableCloud) -> None:
    """Found by the MAC of the VIP's interface; the config may say another."""
    assert on_node(cloud).node(soon()) == "10.0.1.4"
    assert on_node(cloud, given="10.0.9.9").node(soon()) == "10.0.9.9"


def test_in_dual_stack_a_node_is_both_of_its_addresses(tmp_path: Path) -> None:
    """A route of each family leads to the one of its family; peers are known from the config."""
    cloud = RouteTableCloud(tmp_path, vip=DUAL)
    try:
        provider = on_node(cloud, others=("10.0.3.4,fd00:0:0:3::4",))
        assert provider.node(soon()) == "10.0.1.4,fd00:0:0:1::4"
        assert {seen(provider, n).holder for n in range(4)} == {"10.0.3.4,fd00:0:0:3::4"}
        claim(cloud, provider, 1)
        assert seen(provider, 1).holder == provider.node(soon())
        assert cloud.routes("rt-vip1")["to-the-database-1"]["nextHopIpAddress"] == "fd00:0:0:1::4"
        stranger = on_node(cloud)
        assert seen(stranger, 0).holder == "10.0.3.4"
    finally:
        cloud.close()


def test_one_address_for_two_families_is_a_matter_of_the_config(tmp_path: Path) -> None:
    """There is nothing to route the other one to."""
    cloud = RouteTableCloud(tmp_path, vip=DUAL)
    try:
        with pytest.raises(ConfigError, match="not one address for each"):
            on_node(cloud, given="10.0.1.4").node(soon())
        provider = on_node(cloud)
        with pytest.raises(ConfigError, match="has no IPv6 address"):
            provider.claim(provider.places[1], NodeId("10.0.1.4"), None, soon())
    finally:
        cloud.close()


def test_the_route_that_is_there_is_written_whatever_its_name(cloud: RouteTableCloud) -> None:
    """Two routes to one destination cannot be."""
    claim(cloud, on_node(cloud))
    routes = cloud.routes("rt-vip1")
    assert set(routes) == {"elsewhere", "to-the-database-0"}
    assert routes["to-the-database-0"]["nextHopIpAddress"] == "10.0.1.4"


def test_a_route_that_is_not_there_is_added_to_the_table(cloud: RouteTableCloud) -> None:
    """Under a name that says whose it is; everything else stays as it was."""
    provider = on_node(cloud)
    cloud.empty(provider.places[0])
    before = cloud.routes("rt-vip1"), cloud.tags("rt-vip1")
    claim(cloud, provider)
    after = cloud.routes("rt-vip1")
    assert after.pop("vipswitch-10-99-0-50")["addressPrefix"] == "10.99.0.50/32"
    assert (after, cloud.tags("rt-vip1")) == before


def test_a_route_that_somebody_added_meanwhile_is_a_conflict(cloud: RouteTableCloud) -> None:
    """Under whatever name: it is the table's etag that is compared."""
    provider = on_node(cloud)
    place = provider.places[0]
    cloud.empty(place)
    nobody = seen(provider)
    cloud.route("rt-vip1", "mine", "10.99.0.50/32", "10.0.2.4")
    with pytest.raises(Conflict):
        provider.claim(place, provider.node(soon()), nobody, soon())


def test_a_route_to_something_else_is_held_by_that(cloud: RouteTableCloud) -> None:
    """And replaced by an order, because the order has decided."""
    provider = on_node(cloud)
    path = f"{cloud.path('rt-vip1')}/routes/to-the-database-0"
    cloud.azure.put(path, {"properties": {"addressPrefix": "10.99.0.50/32", "nextHopType": "None"}})
    holding = seen(provider)
    assert (holding.holder, holding.note) == ("None", "not a virtual appliance")
    claim(cloud, provider)
    assert seen(provider).holder == "10.0.1.4"


def test_a_write_that_runs_is_seen_as_busy(cloud: RouteTableCloud) -> None:
    """By everybody while the table says so; by the writer as long as the operation runs."""
    for put_answer in ("updating", "succeeded-with-operation"):
        cloud.azure.rules.put_answer = put_answer  # type: ignore[assignment]
        cloud.azure.faults.stuck()
        provider, place = on_node(cloud), on_node(cloud).places[0]
        provider.claim(place, provider.node(soon()), seen(provider), soon())
        holding = seen(provider)
        assert (holding.holder, holding.busy, holding.settled) == ("10.0.1.4", True, False)
        assert "updating the table" in holding.note
        assert seen(on_node(cloud, "b")).busy is (put_answer == "updating")
        cloud.azure.finish(stuck=True)


def test_a_busy_table_refuses_another_write_for_now(cloud: RouteTableCloud) -> None:
    """It says when to come again."""
    cloud.azure.rules.retry_after = 7
    cloud.azure.faults.stuck()
    first, second = on_node(cloud), on_node(cloud, given="10.0.2.4")
    first.claim(first.places[0], first.node(soon()), seen(first), soon())
    with pytest.raises(Unavailable) as caught:
        second.claim(second.places[0], second.node(soon()), seen(second), soon())
    assert caught.value.after_s == 7.0


def test_a_superseded_write_is_told_to_its_place_alone(cloud: RouteTableCloud) -> None:
    """Once; then the place is what it is."""
    provider = on_node(cloud)
    cloud.azure.faults.supersede(1, WRITE_ROUTE)
    provider.claim(provider.places[0], provider.node(soon()), seen(provider), soon())
    cloud.azure.finish()
    first, second = provider.places
    answers = provider.read([second, first], soon())
    assert isinstance(answers[first], Undone)
    assert not isinstance(answers[second], Exception)
    assert not isinstance(answer(provider), Exception)


def test_a_write_that_failed_for_good_says_why(cloud: RouteTableCloud) -> None:
    """Writing again would be no use, for this order."""
    provider, order = on_node(cloud), soon()
    cloud.azure.faults.fail_operation("RouteTableIsFrozen", "Nobody may change it.", action=WRITE_ROUTE)
    place = provider.places[0]
    provider.claim(place, provider.node(soon()), seen(provider), order)
    cloud.azure.finish()
    found = provider.read([place], order)[place]
    assert isinstance(found, Refused)
    assert "Nobody may change it" in found.message


def test_a_route_here_whose_write_failed_is_held_by_nobody(cloud: RouteTableCloud) -> None:
    """It is written again; others see whose it would be, and that something is wrong with it."""
    provider = on_node(cloud)
    cloud.azure.faults.fail_operation("InternalServerError", action=WRITE_ROUTE)
    provider.claim(provider.places[0], provider.node(soon()), seen(provider), soon())
    cloud.azure.finish()
    assert isinstance(answer(provider), Undone)
    assert seen(provider).holder is None
    assert seen(on_node(cloud, "b")).holder == "10.0.1.4"
    assert "failed" in seen(on_node(cloud, "b")).note
    claim(cloud, provider)
    assert (seen(provider).holder, seen(provider).note) == ("10.0.1.4", "")


def test_two_vips_in_one_table_have_marks_of_their_own(cloud: RouteTableCloud) -> None:
    """The key has the address; a foreign tag stays whatever is marked."""
    provider = on_node(cloud)
    claim(cloud, provider)
    place, me = provider.places[0], provider.node(soon())
    other = Place("rt-vip1", ip_address("10.99.0.51"))
    provider.mark(place, me, 7, soon())
    provider.mark(other, me, 8, soon())
    provider.unmark(other, me, soon())
    assert cloud.tags("rt-vip1") == {"owner": "somebody", "vipswitch:10.99.0.50": "released 10.0.1.4 7"}


def test_one_route_table_that_is_gone_does_not_hide_the_other(cloud: RouteTableCloud) -> None:
    """Each place has its own answer."""
    provider = on_node(cloud)
    cloud.azure.delete(cloud.path("rt-vip1"))
    answers = provider.read(provider.places, soon())
    assert [isinstance(each, ConfigError) for each in answers.values()] == [True, False]


def test_a_table_is_named_with_group_and_subscription_where_they_differ(cloud: RouteTableCloud) -> None:
    """What a name leaves out is this machine's."""
    cloud.azure.add_group("hub")
    path = cloud.azure.id("Microsoft.Network/routeTables", "rt-hub", group="hub")
    cloud.azure.put(path, {"location": "x", "properties": {}})
    subscription = cloud.azure.subscription
    for name in (Name("rt-hub", "hub"), Name("rt-hub", "HUB", subscription.upper())):
        provider = on_node(cloud, route_tables=(name,), resource_group=None, subscription=None)
        assert seen(provider).holder is None
    foreign = Name("rt-hub", "hub", "00000000-0000-0000-0000-0000000000bb")
    assert isinstance(answer(on_node(cloud, route_tables=(foreign,))), ConfigError)


def test_routes_of_a_table_are_written_one_after_the_other(cloud: RouteTableCloud) -> None:
    """They share an etag; those of another table do not."""
    provider = on_node(cloud)
    one, other = provider.places
    assert provider.contention_key(one) == provider.contention_key(Place(one.id.upper()))
    assert provider.contention_key(one) != provider.contention_key(other)
    assert provider.capabilities.shares_tokens


def test_a_dry_run_names_every_request(cloud: RouteTableCloud) -> None:
    """In the words of RBAC, with what would be written."""
    provider = on_node(cloud, ip_forwarding="fix")
    me, places = provider.node(soon()), provider.places
    asked = len(cloud.azure.journal.calls())
    lines = [
        line for call in ("read", "claim", "mark", "prepare") for line in provider.calls(call, places, me)
    ]
    assert len(cloud.azure.journal.calls()) == asked
    assert lines[2] == (
        f"{WRITE_ROUTE} rt-vip1 If-Match=as read addressPrefix=10.99.0.50/32"
        " nextHopType=VirtualAppliance nextHopIpAddress=10.0.1.4"
    )
    assert lines[4].endswith("rt-vip1 operation=Merge vipswitch:10.99.0.50=released 10.0.1.4 GENERATION")
    assert lines[-1] == "Microsoft.Network/networkInterfaces/write enableIPForwarding=true"


def test_a_takeover_takes_one_read_and_one_write(cloud: RouteTableCloud) -> None:
    """And no more than that before the write is accepted."""
    provider = on_node(cloud)
    provider.node(soon())
    cloud.azure.journal.clear()
    provider.claim(provider.places[0], provider.node(soon()), seen(provider), soon())
    assert [call.method for call in cloud.azure.journal.calls()] == ["GET", "PUT"]
    cloud.empty(provider.places[1])
    cloud.azure.journal.clear()
    provider.claim(provider.places[1], provider.node(soon()), seen(provider, 1), soon())
    assert [call.action for call in cloud.azure.journal.calls()][-1] == WRITE
