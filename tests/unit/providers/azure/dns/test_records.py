"""Record sets as holders and as what is to stand in their place, without a cloud."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from vipswitch.errors import ConfigError
from vipswitch.model import Holding
from vipswitch.providers.azure.dns.records import MARK, RecordSet, claimed, holding, marked, unmarked

ETAG = "e69c734f-9b93-4b34-8b25-fbbac91cdc7a"
A, B = ip_address("10.0.1.10"), ip_address("10.0.2.10")


def one(*addresses: str, ttl: int = 10, nature: str = "", **metadata: str) -> RecordSet:
    names = {key.replace("_", "-"): value for key, value in metadata.items()}
    return RecordSet(ttl, addresses, names, ETAG, nature)


def test_the_holder_is_the_address_of_the_set() -> None:
    """As everybody writes it; a set that Azure keeps without any address is nobody's."""
    assert holding(one("10.0.1.10"), "x").holder == "10.0.1.10"
    assert holding(one("2001:DB8:0::10"), "x").holder == "2001:db8::10"
    assert holding(one(), "x").holder is None
    assert holding(None, "x") == Holding(None)


def test_a_takeover_replaces_exactly_what_was_seen() -> None:
    """By its etag, to the letter: quotes and a weak one's prefix as the service gave them."""
    for etag in (ETAG, f'"{ETAG}"', f'W/"{ETAG}"'):
        seen = holding(RecordSet(300, ("10.0.1.10",), {}, etag), "x")
        assert claimed(B, seen, ttl=5) == RecordSet(5, ("10.0.2.10",), {}, etag)


def test_a_name_without_a_set_is_only_created() -> None:
    """An empty etag asks for there being none."""
    assert claimed(B, holding(None, "x"), ttl=5) == RecordSet(5, ("10.0.2.10",), {}, "")


def test_a_set_without_addresses_is_replaced_and_not_created() -> None:
    """It is there, and has an etag."""
    assert claimed(B, holding(one(), "x"), ttl=5).etag == ETAG


def test_what_people_have_written_on_the_set_stays() -> None:
    """Through a takeover, a mark, and its end."""
    there = one("10.0.1.10", owner="dba", cost_centre="7")
    others = {"owner": "dba", "cost-centre": "7"}
    assert claimed(B, holding(there, "x"), ttl=5).metadata == others
    mark = marked(there, A, 4711)
    assert mark.metadata == {**others, MARK: "released 10.0.1.10 4711"}
    assert claimed(B, holding(mark, "x"), ttl=5).metadata == others
    cleared = unmarked(mark, A)
    assert cleared is not None
    assert cleared.metadata == others


def test_a_mark_releases_the_holder_that_it_names() -> None:
    """A mark of another node says nothing of this one."""
    for named, released in (("10.0.1.10", True), ("10.0.2.10", False), ("", False)):
        seen = holding(one("10.0.1.10", vipswitch_released=f"released {named} 5"), "x")
        assert (seen.holder, seen.released) == ("10.0.1.10", released)
        assert bool(seen.note) is released


def test_without_an_address_nobody_has_let_go() -> None:
    """Of nothing."""
    seen = holding(one(vipswitch_released="released 10.0.1.10 5"), "x")
    assert (seen.holder, seen.released) == (None, False)


def test_a_mark_changes_nothing_but_the_metadata() -> None:
    """The record and its TTL stay, under the etag with which they were read."""
    there = one("10.0.1.10", ttl=300)
    mark = marked(there, A, 5)
    assert (mark.ttl, mark.addresses, mark.etag) == (300, ("10.0.1.10",), ETAG)
    assert marked(mark, A, 5) == mark


def test_only_its_own_mark_is_taken_away() -> None:
    """Where there is none, or another node's, there is nothing to do."""
    mine = one("10.0.1.10", vipswitch_released="released 10.0.1.10 5")
    assert unmarked(mine, A) == one("10.0.1.10")
    assert unmarked(mine, B) is None
    assert unmarked(one("10.0.1.10"), A) is None
    assert unmarked(one("10.0.1.10", vipswitch_released="yes"), A) is None
    assert unmarked(None, A) is None


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (one("10.0.1.10", "10.0.2.10", "10.0.3.10"), "x: has 3 addresses: vipswitch publishes one"),
        (one(nature="is an alias of pip-1"), "x: is an alias of pip-1"),
        (one("10.0.1.10", nature="is registered"), "x: is registered"),
    ],
)
def test_what_we_would_not_have_written_is_refused(found: RecordSet, reason: str) -> None:
    """Somebody needs it, or is about to be surprised."""
    with pytest.raises(ConfigError, match=reason) as caught:
        holding(found, "x")
    assert caught.value.hint
