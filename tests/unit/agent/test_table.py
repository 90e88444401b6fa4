"""What the agent does by itself, cell by cell: what the cloud says, against what b was last asked for.

Each cell is played with everything real but the cloud and the host: one look changes nothing, the second one
does what the cell says, and those after it find nothing left to do, for one request each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.unit.agent.scene import ALIVE, GONE, Scene, end, some_program
from vipswitch.errors import PermissionDenied
from vipswitch.model import Verb
from vipswitch.move import Reason, Way
from vipswitch.provider import Capabilities
from vipswitch.testing.cloud import MarkingFile, WiredFile, WriteFirstFile

SELF, OTHER, NOBODY = ("b", "b"), ("a", "a"), (None, None)
HALF, SHARED, REST = ("b", None), ("b", "a"), ("a", None)
UNKNOWN, DARK, DARK_SELF = ("?", "?"), ("?", None), ("?", "b")

UP, UP_GONE, UP_PERSON, DOWN, NONE = "up", "up, caller gone", "up by a person", "down", "no order"

ORDERS = {UP: (Verb.UP, ALIVE), UP_GONE: (Verb.UP, GONE), UP_PERSON: (Verb.UP, None), DOWN: (Verb.DOWN, GONE)}


@dataclass(frozen=True)
class Cell:
    """The cloud and the order, whether the host has the address, and what becomes of the two.

    A place that is held by "?" cannot be read; nobody holds it, in truth.
    """

    cloud: tuple[str | None, str | None]
    order: str
    address: bool
    then_address: bool
    then_cloud: tuple[str | None, str | None] | None = None
    writes: int = 0

    def __str__(self) -> str:
        cloud = "+".join(holder or "nobody" for holder in self.cloud)
        return f"{cloud} / {self.order} / {'address' if self.address else 'no address'}"


TABLE = [
    # self: put a missing address back | leave | address off, release | leave
    Cell(SELF, UP, False, True),
    Cell(SELF, UP, True, True),
    Cell(SELF, UP_GONE, False, False),
    Cell(SELF, UP_GONE, True, True),
    Cell(SELF, UP_PERSON, False, False),
    Cell(SELF, DOWN, True, False, NOBODY, 2),
    Cell(SELF, DOWN, False, False, NOBODY, 2),
    Cell(SELF, NONE, True, True),
    Cell(SELF, NONE, False, False),
    # other: leave everything | address off | address off | address off
    Cell(OTHER, UP, True, True),
    Cell(OTHER, UP, False, False),
    Cell(OTHER, UP_GONE, True, False),
    Cell(OTHER, UP_PERSON, True, False),
    Cell(OTHER, DOWN, True, False),
    Cell(OTHER, DOWN, False, False),
    Cell(OTHER, NONE, True, False),
    # nobody: restore | address off | address off | leave
    Cell(NOBODY, UP, False, True, SELF, 2),
    Cell(NOBODY, UP, True, True, SELF, 2),
    Cell(NOBODY, UP_GONE, True, False),
    Cell(NOBODY, UP_GONE, False, False),
    Cell(NOBODY, UP_PERSON, True, False),
    Cell(NOBODY, DOWN, True, False),
    Cell(NOBODY, NONE, True, True),
    # mixed: finish this order's places | leave | release own places | leave
    Cell(HALF, UP, True, True, SELF, 1),
    Cell(HALF, UP, False, True, SELF, 1),
    Cell(SHARED, UP, True, True),
    Cell(REST, UP, False, True, ("a", "b"), 1),
    Cell(HALF, UP_GONE, True, True),
    Cell(SHARED, UP_GONE, False, False),
    Cell(SHARED, DOWN, True, False, (None, "a"), 1),
    Cell(HALF, DOWN, False, False, NOBODY, 1),
    Cell(HALF, NONE, True, True),
    # unknown: nothing, ever | nothing | the host side of `down` | nothing
    Cell(UNKNOWN, UP, False, False),
    Cell(DARK, UP, False, False),
    Cell(DARK_SELF, UP, False, False),
    Cell(DARK, UP_GONE, True, True),
    Cell(DARK_SELF, UP_GONE, True, True),
    Cell(DARK_SELF, UP_GONE, False, False),
    Cell(DARK_SELF, DOWN, True, False),
    Cell(DARK_SELF, DOWN, False, False),
    Cell(DARK_SELF, NONE, False, False),
    Cell(UNKNOWN, UP, True, True),
    Cell(UNKNOWN, UP_GONE, True, True),
    Cell(UNKNOWN, DOWN, True, False),
    Cell(UNKNOWN, NONE, True, True),
]


WARNED = {(cloud, order) for cloud in (SELF, HALF, SHARED) for order in (UP_GONE, UP_PERSON, NONE)}


def set_up(folder: Path, cell: Cell, make: type[WiredFile]) -> Scene:
    scene = Scene(folder, make)
    scene.held(*(None if holder == "?" else holder for holder in cell.cloud))
    scene.address(cell.address)
    if cell.order in ORDERS:
        scene.told(*ORDERS[cell.order])
    for place, holder in zip(scene.provider.places, cell.cloud, strict=True):
        if holder == "?":
            scene.cloud.faults.missing(place)
    return scene


@pytest.mark.parametrize("make", [MarkingFile, WriteFirstFile], ids=["marks", "frees"])
@pytest.mark.parametrize("cell", TABLE, ids=str)
def test_two_looks_that_agree_do_what_the_table_says(
    tmp_path: Path, cell: Cell, make: type[WiredFile], caplog: pytest.LogCaptureFixture
) -> None:
    """Once, whatever is looked at later, and never upon one look."""
    caplog.set_level("WARNING", "vipswitch.agent")
    scene = set_up(tmp_path, cell, make)
    before = scene.holders
    scene.look()
    assert (scene.host.changes, scene.writes, scene.holders) == ([], 0, before)
    scene.look()
    after = before if cell.then_cloud is None else cell.then_cloud
    expected = (cell.then_address, cell.writes, after)
    assert (scene.has_address, scene.writes, scene.holders) == expected
    changes, requests = len(scene.host.changes), scene.requests
    scene.look(4)
    assert (scene.has_address, scene.writes, scene.holders) == expected
    assert (len(scene.host.changes) - changes, scene.requests - requests) == (0, 4)
    contested = (cell.cloud, cell.order) == (OTHER, UP)
    assert {contested for _, contested in scene.noted.states} == {contested}
    assert bool(caplog.records) is ((cell.cloud, cell.order) in WARNED or contested)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A cloud that leaves the pointer and marks it; nothing has happened yet."""
    return Scene(tmp_path)


# release marks


def test_a_place_whose_holder_has_let_go_is_restored(scene: Scene) -> None:
    """After a healed split neither Pgpool-II nor keepalived calls again."""
    scene.held("a", "a")
    scene.marked("a", "a")
    scene.told(Verb.UP, ALIVE)
    scene.look(2)
    assert (scene.holders, scene.has_address) == (SELF, True)


def test_a_place_beside_a_released_one_is_left_to_its_holder(scene: Scene) -> None:
    """One mark says nothing of the other place."""
    scene.held("a", "a")
    scene.marked("a", "c")
    scene.told(Verb.UP, ALIVE)
    scene.look(4)
    assert scene.holders == ("b", "a")


def test_own_mark_is_cleared_where_this_node_is_to_have_the_vip(scene: Scene) -> None:
    """A mark that came late must not invite others."""
    scene.held("b", "b")
    scene.marked("b", "b")
    scene.address(True)
    scene.told(Verb.UP, ALIVE)
    assert scene.holders == NOBODY
    scene.look(2)
    assert (scene.holders, scene.has_address) == (SELF, True)


@pytest.mark.parametrize("caller", [GONE, None], ids=["gone", "person"])
def test_own_mark_stays_where_nobody_stands_behind_the_up(scene: Scene, caller: None) -> None:
    """Whoever comes may have the VIP."""
    scene.held("b", "b")
    scene.marked("b", "b")
    scene.told(Verb.UP, caller)
    scene.look(4)
    assert (scene.holders, scene.writes) == (NOBODY, 0)


def test_what_a_down_has_marked_is_not_written_again(scene: Scene) -> None:
    """It has let go, and that was said."""
    scene.held("b", "b")
    scene.address(True)
    scene.told(Verb.DOWN, GONE)
    scene.look(2)
    writes = scene.writes
    scene.look(10)
    assert (scene.writes, scene.has_address) == (writes, False)


def test_a_mark_that_is_not_permitted_is_noted_once(scene: Scene) -> None:
    """It is tried again and again, and fills no history."""
    scene.held("b", "b")
    scene.told(Verb.DOWN, GONE)
    scene.look()

    def refuse(place: object, *others: object) -> None:
        raise PermissionDenied("tags: permission denied")

    scene.provider.mark = refuse  # type: ignore[attr-defined]
    scene.look(9)
    assert [move.warnings for move in scene.noted.moves] == [
        ("not marked as released: tags: permission denied",)
    ]


# what makes two looks disagree


def test_a_second_look_that_sees_another_holder_does_not_act(scene: Scene) -> None:
    """Somebody is at work."""
    scene.held("a", "a")
    scene.address(True)
    scene.told(Verb.UP, GONE)
    scene.look()
    scene.held("c", "c")
    scene.look()
    assert scene.has_address
    scene.look()
    assert not scene.has_address


def test_a_second_look_that_sees_another_place_missing_does_not_act(scene: Scene) -> None:
    """The same state, and yet not the same."""
    scene.held("b", None)
    scene.told(Verb.UP, ALIVE)
    scene.look()
    scene.held(None, "b")
    scene.look()
    assert scene.writes == 0
    scene.look()
    assert scene.holders == SELF


def test_a_mark_between_two_looks_makes_the_second_a_first_one(scene: Scene) -> None:
    """What was a holder is one no more."""
    scene.held(None, "a")
    scene.told(Verb.UP, ALIVE)
    scene.look()
    scene.marked("a", "a")
    scene.look()
    assert scene.writes == 0
    scene.look()
    assert scene.holders == SELF


def test_a_host_that_changed_between_two_looks_is_left_alone(scene: Scene) -> None:
    """Somebody is at work on it."""
    scene.held("a", "a")
    scene.told(Verb.UP, GONE)
    scene.look()
    scene.address(True)
    scene.look()
    assert scene.has_address
    scene.look()
    assert not scene.has_address


@pytest.mark.parametrize("verb", list(Verb))
def test_an_order_between_two_looks_makes_the_second_a_first_one(scene: Scene, verb: Verb) -> None:
    """Both looks must be later than the last write."""
    scene.held(None, None) if verb is Verb.UP else scene.held("b", "b")
    scene.told(verb, ALIVE)
    scene.look()
    scene.told(verb, ALIVE)
    scene.look()
    assert scene.writes == 0
    scene.look()
    assert scene.writes == 2


def test_a_caller_that_ended_between_two_looks_changes_what_they_mean(scene: Scene) -> None:
    """Nobody wants the VIP here any more."""
    scene.held(None, None)
    with some_program() as pgpool:
        scene.told(Verb.UP, pgpool)
        scene.look()
        end(pgpool)
        scene.look(3)
    assert scene.writes == 0


def test_a_pause_between_two_looks_makes_the_next_a_first_one(tmp_path: Path) -> None:
    """Nothing is known of what happened meanwhile, and nothing was asked."""
    paused = False
    scene = Scene(tmp_path, paused=lambda: paused)
    scene.held(None, None)
    scene.told(Verb.UP, ALIVE)
    scene.look()
    paused = True
    scene.cloud.faults.deny()
    scene.look(5)
    assert scene.noted.states == scene.noted.states[:1]
    scene.cloud.faults.denied = False
    paused = False
    scene.look()
    assert scene.writes == 0
    scene.look()
    assert scene.holders == SELF


def test_an_order_of_another_boot_is_none(scene: Scene) -> None:
    """A reboot forgets it: the VIP is left to whoever is told to have it now."""
    scene.held(None, None)
    order = scene.told(Verb.UP, ALIVE)
    scene.orders.take(replace(order, boot_id="another boot"), scene._soon())
    scene.look(4)
    assert scene.writes == 0


# how long nobody may hold it


class Gap(MarkingFile):
    """A method whose takeover takes two writes: the VIP is nobody's for a while."""

    capabilities = Capabilities(write_first=True, takeover_gap_s=60.0)


def test_a_takeover_is_waited_for_before_nobody_is_taken_for_nobody(tmp_path: Path) -> None:
    """Another node may be between its two writes."""
    scene = Scene(tmp_path, Gap)
    scene.held(None, None)
    scene.told(Verb.UP, ALIVE)
    scene.look(12)
    assert (scene.clock.now().monotonic, scene.writes) == (60.0, 0)
    scene.look()
    assert scene.holders == SELF


@pytest.mark.parametrize("between", ["a holder", "a pause", "an outage"])
def test_what_comes_between_starts_the_wait_anew(tmp_path: Path, between: str) -> None:
    """What was nobody's an hour ago may be in the middle of a takeover now."""
    paused = False
    scene = Scene(tmp_path, Gap, paused=lambda: paused)
    scene.held(None, None)
    scene.told(Verb.UP, ALIVE)
    scene.look(11)
    if between == "a holder":
        scene.held("a", "a")
    paused = between == "a pause"
    scene.cloud.faults.unavailable(1 if between == "an outage" else 0)
    scene.look()
    scene.held(None, None)
    paused = False
    scene.look(12)
    assert scene.writes == 0
    scene.look()
    assert scene.holders == SELF


# what is said and noted


def test_healing_is_noted_as_a_move_of_the_agents_own(scene: Scene) -> None:
    """The history says what was done without anybody asking."""
    scene.held("b", "b")
    scene.told(Verb.UP, ALIVE)
    scene.look(2)
    assert [(m.reason, m.path, m.finished) for m in scene.noted.moves] == [(Reason.HEAL, Way.AGENT, True)]


def test_a_look_that_finds_nothing_to_finish_is_no_move(scene: Scene) -> None:
    """One place here and one there, for ever: nothing was moved or healed."""
    scene.held("b", "a")
    scene.address(True)
    scene.told(Verb.UP, ALIVE)
    scene.look(10)
    assert scene.noted.moves == []


@pytest.mark.parametrize(("holders", "order"), [(SELF, UP_GONE), (SELF, NONE), (HALF, UP_GONE), (HALF, NONE)])
def test_what_is_left_alone_is_warned_of_once(
    scene: Scene, caplog: pytest.LogCaptureFixture, holders: tuple[str | None, str], order: str
) -> None:
    """The VIP points here and nobody wants it here: a person should know."""
    scene.held(*holders)
    if order in ORDERS:
        scene.told(*ORDERS[order])
    with caplog.at_level("WARNING", "vipswitch.agent"):
        scene.look(5)
    said = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 1
    assert said[0].getMessage().startswith(f"primary: {'self' if holders == SELF else 'mixed'}")
