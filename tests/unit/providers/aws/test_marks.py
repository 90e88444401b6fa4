"""Release marks on route tables and restores of routes, as the cloud sees them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.providers.aws.rig import VIP4, VIP6, Rig, seen, soon
from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, PermissionDenied, Refused, TimeUp, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.marks import key_of, named_by, value_of
from vipswitch.testing.clock import ManualClock


def tags(rig: Rig, place: Place) -> dict[str, str]:
    """What the cloud itself says of a table's tags."""
    [table] = rig.ec2.describe_route_tables(RouteTableIds=[place.id])["RouteTables"]
    return {tag["Key"]: tag["Value"] for tag in table["Tags"]}


def test_a_mark_is_one_tag_in_one_request(rig: Rig) -> None:
    """Its key is the VIP's address, its value who has let go and by which order; the route stays."""
    provider = rig.provider()
    place = provider.places[0]
    rig.give(place, 0)
    rig.cloud.journal.clear()
    provider.mark(place, rig.id(0), 123456, soon())
    assert rig.asked() == ["CreateTags"]
    assert tags(rig, place) == {"vipswitch:10.99.0.50": f"released {rig.id(0)} 123456"}
    assert rig.holder(place) == rig.id(0)


def test_a_mark_is_read_without_a_request_of_its_own(rig: Rig) -> None:
    """The tags come with the routes; people are told, too."""
    provider = rig.provider()
    place = provider.places[0]
    rig.give(place, 0)
    provider.mark(place, rig.id(0), 1, soon())
    rig.cloud.journal.clear()
    holding = seen(rig.provider(1), place)
    assert holding == Holding(rig.id(0), note="released: its holder has let go", released=True)
    assert rig.asked() == ["DescribeRouteTables"]


def test_a_released_route_to_a_stopped_node_is_both(rig: Rig) -> None:
    """Neither fact hides the other."""
    provider = rig.provider(2)
    place = provider.places[0]
    rig.give(place, 2)
    provider.mark(place, rig.id(2), 1, soon())
    rig.ec2.stop_instances(InstanceIds=[rig.nodes[2].instance_id])
    holding = seen(provider, place)
    rig.ec2.start_instances(InstanceIds=[rig.nodes[2].instance_id])
    assert holding.released
    assert holding.note == "released: its holder has let go; blackhole: its target is stopped or gone"


def test_each_address_of_a_table_has_a_mark_of_its_own(rig: Rig) -> None:
    """A VIP of both families, and VIPs that share a table."""
    provider = rig.provider(vip=(VIP4, VIP6))
    four, six = provider.places[:2]
    for place in (four, six):
        provider.claim(place, rig.id(0), None, soon())
    provider.mark(six, rig.id(0), 1, soon())
    assert tags(rig, six) == {"vipswitch:fd99::50": f"released {rig.id(0)} 1"}
    assert (seen(provider, four).released, seen(provider, six).released) == (False, True)


def test_a_mark_where_there_is_no_route_says_nothing(rig: Rig) -> None:
    """Somebody deleted the route by hand: nobody holds the place, and nobody has let go of it."""
    provider = rig.provider()
    place = provider.places[0]
    provider.mark(place, rig.id(0), 1, soon())
    assert seen(provider, place) == Holding(None)


def test_an_unmark_deletes_what_it_has_read(rig: Rig) -> None:
    """By key and value: other tags stay, and so does a mark that another node leaves between the two."""
    provider = rig.provider()
    place = provider.places[0]
    rig.ec2.create_tags(Resources=[place.id], Tags=[{"Key": "Name", "Value": "left alone"}])
    provider.mark(place, rig.id(0), 1, soon())
    gate = rig.cloud.faults.hold("DeleteTags")
    with ThreadPoolExecutor(1) as pool:
        unmarking = pool.submit(provider.unmark, place, rig.id(0), soon())
        assert gate.arrived.wait(5)
        rig.provider(1).mark(place, rig.id(1), 2, soon())
        gate.release()
        unmarking.result()
    assert tags(rig, place) == {"Name": "left alone", "vipswitch:10.99.0.50": f"released {rig.id(1)} 2"}


def test_an_unmark_without_a_mark_writes_nothing(rig: Rig) -> None:
    """The usual case: one read."""
    provider = rig.provider()
    provider.unmark(provider.places[0], rig.id(0), soon())
    assert rig.asked() == ["DescribeRouteTables"]


def test_a_table_that_is_gone_is_said(rig: Rig) -> None:
    """Of a mark by EC2, of an unmark by what is not listed."""
    provider = rig.provider(tables=("rtb-0123456789abcdef0",))
    [place] = provider.places
    with pytest.raises(ConfigError, match="route table rtb-0123456789abcdef0: "):
        provider.mark(place, rig.id(0), 1, soon())
    with pytest.raises(ConfigError, match="route table rtb-0123456789abcdef0: not found"):
        provider.unmark(place, rig.id(0), soon())


@pytest.mark.parametrize(("verb", "action"), [("mark", "CreateTags"), ("unmark", "DeleteTags")])
def test_what_is_not_permitted_is_named(rig: Rig, verb: str, action: str) -> None:
    """As for every other action: which one, and on what."""
    provider = rig.provider()
    place = provider.places[0]
    provider.mark(place, rig.id(0), 1, soon())
    rig.cloud.faults.deny(action)
    calls = {
        "mark": lambda: provider.mark(place, rig.id(0), 2, soon()),
        "unmark": lambda: provider.unmark(place, rig.id(0), soon()),
    }
    with pytest.raises(PermissionDenied, match=f"permission denied for ec2:{action}") as caught:
        calls[verb]()
    assert caught.value.hint.startswith(f"allow ec2:{action} on arn:aws:ec2:")
    assert caught.value.hint.endswith(f":route-table/{place.id}")


def test_a_table_full_of_tags_is_said(rig: Rig) -> None:
    """EC2 allows 50 on one object."""
    provider = rig.provider()
    place = provider.places[0]
    full = [{"Key": f"key{n}", "Value": "-"} for n in range(50)]
    rig.ec2.create_tags(Resources=[place.id], Tags=full)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="has as many tags as EC2 allows"):
        provider.mark(place, rig.id(0), 1, soon())


@pytest.mark.parametrize("verb", ["mark", "unmark", "restore"])
def test_nothing_is_sent_after_the_deadline(rig: Rig, verb: str) -> None:
    """A mark that comes late speaks of a node that may hold the VIP again."""
    provider = rig.provider()
    place, clock = provider.places[0], ManualClock()
    over = Deadline(1.0, clock)
    clock.wait(2.0)
    calls = {
        "mark": lambda: provider.mark(place, rig.id(0), 1, over),
        "unmark": lambda: provider.unmark(place, rig.id(0), over),
        "restore": lambda: provider.restore(place, rig.id(0), Holding(None), over),
    }
    with pytest.raises(TimeUp):
        calls[verb]()
    assert rig.asked() == []


def test_a_missing_route_is_restored_by_creation_only(rig: Rig) -> None:
    """One request, which EC2 refuses where a route has appeared."""
    provider = rig.provider()
    place = provider.places[0]
    nobody = seen(provider, place)
    rig.cloud.journal.clear()
    provider.restore(place, rig.id(0), nobody, soon())
    assert rig.asked() == ["CreateRoute"]
    with pytest.raises(Conflict):
        rig.provider(1).restore(place, rig.id(1), nobody, soon())
    assert rig.holder(place) == rig.id(0)


def test_a_released_route_is_looked_at_again_and_replaced(rig: Rig) -> None:
    """EC2 cannot compare: what is left is the time of one request."""
    provider = rig.provider(1)
    place = provider.places[0]
    rig.give(place, 0)
    rig.provider(0).mark(place, rig.id(0), 1, soon())
    released = seen(provider, place)
    rig.cloud.journal.clear()
    provider.restore(place, rig.id(1), released, soon())
    assert rig.asked() == ["DescribeRouteTables", "ReplaceRoute"]
    assert seen(provider, place) == Holding(rig.id(1))


def test_a_held_route_is_never_restored(rig: Rig) -> None:
    """Whatever the caller thinks of it."""
    provider = rig.provider(1)
    place = provider.places[0]
    rig.give(place, 0)
    with pytest.raises(Conflict):
        provider.restore(place, rig.id(1), seen(provider, place), soon())
    assert rig.holder(place) == rig.id(0)


def test_a_route_that_goes_while_it_is_restored_is_a_conflict(rig: Rig) -> None:
    """Then there is nothing to replace; the next look finds that nobody holds it."""
    provider = rig.provider(1)
    place = provider.places[0]
    rig.give(place, 0)
    provider.mark(place, rig.id(0), 1, soon())
    released = seen(provider, place)
    gate = rig.cloud.faults.hold("ReplaceRoute")
    with ThreadPoolExecutor(1) as pool:
        restoring = pool.submit(provider.restore, place, rig.id(1), released, soon())
        assert gate.arrived.wait(5)
        rig.ec2.delete_route(RouteTableId=place.id, DestinationCidrBlock=f"{VIP4}/32")
        gate.release()
        with pytest.raises(Conflict, match="the route is gone"):
            restoring.result()


def test_a_restore_that_cannot_look_replaces_nothing(rig: Rig) -> None:
    """What was seen before is no reason to write."""
    provider = rig.provider(1)
    place = provider.places[0]
    rig.give(place, 0)
    provider.mark(place, rig.id(0), 1, soon())
    released = seen(provider, place)
    rig.cloud.faults.throttle(1, "DescribeRouteTables")
    with pytest.raises(VipswitchError, match="throttled"):
        provider.restore(place, rig.id(1), released, soon())
    assert rig.holder(place) == rig.id(0)


def test_dry_run_says_which_tag(rig: Rig) -> None:
    """The generation is known only when the order is given."""
    provider = rig.provider(vip=(VIP6,))
    first, second = rig.tables
    tag = f"Key=vipswitch:fd99::50 Value=released {rig.id(0)} GENERATION"
    assert provider.calls("mark", provider.places, rig.id(0)) == [
        f"ec2:CreateTags ResourceId={first} {tag}",
        f"ec2:CreateTags ResourceId={second} {tag}",
    ]


@pytest.mark.parametrize(
    "text", ["", "released", "released eni-1", "held eni-1 5", "released eni-1 5 more", None]
)
def test_what_is_no_mark_names_nobody(text: str | None) -> None:
    """Somebody's own tag of that key, or half of ours."""
    assert named_by(text) is None


def test_a_mark_names_its_node() -> None:
    """Keys and values have only characters that EC2 takes."""
    assert named_by(value_of(NodeId("eni-1"), 5)) == "eni-1"
    taken = set("+-=._:/@ ")
    for text in (key_of(VIP4), key_of(VIP6), value_of(NodeId("eni-1"), 5)):
        assert all(each.isalnum() or each in taken for each in text)
