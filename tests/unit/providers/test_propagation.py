"""Following a change until name servers know it: honest, and at one request a look."""

from __future__ import annotations

import pytest

from vipswitch.errors import Unavailable
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.propagation import Propagation

PLACE = Place("Z1/db.example.com")
ME, OTHER = NodeId("10.0.1.10"), NodeId("10.0.2.10")


class Zone:
    """A zone of one record, with a change that is on its way for `takes` seconds; it counts what is asked."""

    def __init__(self, takes: float = 5.0) -> None:
        self.now = 100.0
        self.holder = ME
        self.insync_at = self.now + takes
        self.broken = False
        self.asked: list[str] = []
        self.tested = Propagation(lambda: self.now)

    def look(self, *, after: float = 0.0) -> Holding:
        self.now += after
        return self.tested.look(PLACE, self._listing, self._in_sync)

    def _listing(self) -> Holding:
        self.asked.append("list")
        return Holding(self.holder, "token")

    def _in_sync(self, change: str) -> bool:
        self.asked.append("status")
        if self.broken:
            raise Unavailable(f"change {change}: throttled")
        return self.now >= self.insync_at


@pytest.fixture
def zone() -> Zone:
    """A zone in which this process has just made itself the holder."""
    zone = Zone()
    zone.tested.begins(PLACE, "C1", ME)
    return zone


def test_without_a_change_of_ours_a_look_is_the_listing() -> None:
    """Who changed it before is not asked for."""
    zone = Zone()
    assert zone.look() == Holding(ME, "token")
    assert zone.asked == ["list"]


def test_a_change_is_followed_until_it_is_insync(zone: Zone) -> None:
    """The last look lists once more, and what it says is settled."""
    first = zone.look()
    assert (first.holder, first.settled) == (ME, False)
    assert first.note == "change C1 is pending: some name servers may still answer the old address"
    last = zone.look(after=6.0)
    assert last == Holding(ME, "token")
    assert zone.look().settled
    assert zone.asked == ["list", "status", "list", "list"]


def test_a_look_costs_one_request(zone: Zone) -> None:
    """An account has five in a second: the listing and the status are asked in turn."""
    for after in (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 0.9):
        assert not zone.look(after=after).settled
    assert len(zone.asked) == 7
    assert set(zone.asked[1:6]) == {"status"}
    assert zone.asked[6] == "list"


def test_a_new_holder_is_seen_within_two_seconds(zone: Zone) -> None:
    """No status is told of a change that somebody has overwritten."""
    zone.look()
    zone.holder = OTHER
    assert zone.look(after=2.0) == Holding(OTHER, "token")
    assert zone.look() == Holding(OTHER, "token")


def test_a_listing_that_is_old_is_not_kept(zone: Zone) -> None:
    """It shows the holder of before; the next look lists again."""
    zone.holder = OTHER
    assert zone.look().holder == OTHER
    zone.holder = ME
    answer = zone.look(after=0.05)
    assert (answer.holder, answer.settled) == (ME, False)
    assert zone.asked == ["list", "list"]


def test_what_cannot_be_seen_is_not_settled(zone: Zone) -> None:
    """ "Could not look" is not "all know it"; the holder is told all the same."""
    zone.look()
    zone.broken = True
    answer = zone.look(after=0.1)
    assert (answer.holder, answer.settled) == (ME, False)
    assert answer.note == "could not see whether all name servers know it: change C1: throttled"


def test_a_later_change_takes_the_place_of_the_first(zone: Zone) -> None:
    """Only what was made last decides what is answered."""
    zone.look()
    zone.tested.begins(PLACE, "C2", ME)
    assert "C2" in zone.look().note


def test_places_are_followed_each_for_itself(zone: Zone) -> None:
    """A change in one zone says nothing of another."""
    other = Place("Z2/db.example.com")
    assert zone.tested.look(other, zone._listing, zone._in_sync).settled


def test_a_change_that_is_in_effect_at_once_ends_the_wait_for_the_one_before(zone: Zone) -> None:
    """It stands in its place: a look is the listing again."""
    zone.tested.ended(PLACE)
    zone.tested.ended(PLACE)
    assert zone.look() == Holding(ME, "token")
    assert zone.asked == ["list"]
