"""The log line of a step: what was seen, and what is still to come."""

from __future__ import annotations

from vipswitch.model import Holding, NodeId, Place
from vipswitch.plan import Read
from vipswitch.steplog import outcome_of
from vipswitch.world import Saw

PLACE = Place("Z1/db.example.com")


def test_a_read_says_who_holds_the_place() -> None:
    """Or that nobody does."""
    assert outcome_of(Read((PLACE,)), Saw(PLACE, Holding(NodeId("10.0.1.10")))).endswith("holder=10.0.1.10")
    assert outcome_of(Read((PLACE,)), Saw(PLACE, Holding(None))).endswith("holder=nobody")


def test_a_read_says_what_the_cloud_has_still_to_do() -> None:
    """Else the same line every second would be a riddle."""
    waiting = Holding(NodeId("10.0.1.10"), settled=False, note="change C1 is PENDING")
    told = outcome_of(Read((PLACE,)), Saw(PLACE, waiting))
    assert told.endswith("holder=10.0.1.10, not in effect everywhere yet: change C1 is PENDING")
