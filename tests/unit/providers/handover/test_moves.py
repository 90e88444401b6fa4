"""A handover, over a cloud of a few lines: what it waits for, and what it makes of "in use"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from vipswitch.deadline import Deadline, SystemClock
from vipswitch.errors import Conflict, Halfway, Refused, Unavailable, Undone, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.handover.in_use import InUse
from vipswitch.providers.handover.moves import Handover
from vipswitch.providers.handover.moving import Reading

A, B, C = (NodeId(name) for name in "abc")
PLACE = Place("vip")


@dataclass(frozen=True)
class Nic:
    """A node: what it has, and which state of it this is."""

    id: NodeId
    has: frozenset[str] = frozenset()
    version: int = 0
    at_work: bool = False
    failed: bool = False

    @property
    def token(self) -> str:
        return str(self.version)


@dataclass(frozen=True)
class Vip:
    """It needs a node that has nothing else."""

    subject: str = "vip"
    part: str = "vip"

    def on(self, nic: Nic) -> bool:
        return "vip" in nic.has

    def complete(self, nic: Nic) -> bool:
        return True

    def put_on(self, nic: Nic) -> Nic:
        other = nic.has - {"vip"}
        return replace(nic, has=frozenset() if other else frozenset({"vip"}))

    def taken_off(self, nic: Nic) -> Nic:
        return replace(nic, has=nic.has - {"vip"})

    def elsewhere(self, nic: Nic) -> bool:
        return False


@dataclass
class Cloud:
    """Nodes, and writes of them that take effect when they are `carried_out`."""

    nics: dict[NodeId, Nic] = field(default_factory=lambda: {id: Nic(id) for id in (A, B, C)})
    under_way: dict[NodeId, Nic | VipswitchError] = field(default_factory=dict)
    refuses: VipswitchError | None = None
    written: list[NodeId] = field(default_factory=list)

    def write(self, nic: Nic, part: str, subject: str, deadline: Deadline) -> None:
        if self.refuses:
            raise self.refuses
        if nic.version != self.nics[nic.id].version:
            raise Conflict("changed meanwhile")
        self.written.append(nic.id)
        self.under_way[nic.id] = nic

    def running(self, id: NodeId, part: str, deadline: Deadline) -> bool:
        match self.under_way.get(id):
            case VipswitchError() as wrong:
                del self.under_way[id]
                raise wrong
            case nic:
                return nic is not None

    def carried_out(self) -> None:
        for id, nic in self.under_way.items():
            assert isinstance(nic, Nic)
            self.nics[id] = replace(nic, version=nic.version + 1)
        self.under_way.clear()

    def ends_with(self, wrong: VipswitchError) -> None:
        self.under_way = dict.fromkeys(self.under_way, wrong)

    def give(self, id: NodeId, *things: str) -> None:
        self.nics[id] = replace(self.nics[id], has=frozenset(things), version=self.nics[id].version + 1)


@dataclass
class Node:
    """Node a at work on it, within one order."""

    cloud: Cloud
    unread: Mapping[NodeId, VipswitchError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.handover: Handover[Nic] = Handover(
            "the cloud", lambda: self.cloud, named=lambda by: NodeId(by) if by in self.cloud.nics else None
        )
        self.deadline = Deadline(30.0, SystemClock())

    def read(self) -> Holding:
        running = self.handover.running(PLACE, "vip", self.deadline)
        others = {id: self.unread.get(id, self.cloud.nics[id]) for id in (B, C)}
        seen = Reading(self.cloud.nics[A], others)
        return self.handover.holding(PLACE, Vip(), seen, self.deadline, running=running)

    def claim(self) -> None:
        self.handover.claim(PLACE, Vip(), self.read(), self.deadline)

    def first_write(self) -> None:
        with pytest.raises(Halfway):
            self.claim()
        self.cloud.carried_out()


@pytest.fixture
def cloud() -> Cloud:
    """Node c has it."""
    made = Cloud()
    made.give(C, "vip")
    return made


@pytest.fixture
def node(cloud: Cloud) -> Node:
    """It has read nothing yet."""
    return Node(cloud)


def test_each_write_but_the_last_is_halfway(node: Node, cloud: Cloud) -> None:
    """Off the old one, what is in the way off our own, then ours."""
    cloud.give(A, "something else")
    node.first_write()
    node.first_write()
    node.claim()
    cloud.carried_out()
    assert cloud.written == [C, A, A]
    assert node.read().holder == A


def test_it_is_busy_while_a_write_is_carried_out(node: Node, cloud: Cloud) -> None:
    """The old holder is shown until then."""
    with pytest.raises(Halfway):
        node.claim()
    assert (node.read().holder, node.read().busy) == (C, True)
    cloud.carried_out()
    assert (node.read().holder, node.read().busy) == (None, False)


def test_between_the_writes_whoever_cannot_be_read_is_not_asked(node: Node, cloud: Cloud) -> None:
    """Nobody had it but the one it was taken off."""
    node.unread = {B: Unavailable("b: no answer")}
    node.first_write()
    node.unread = {B: Unavailable("b: no answer"), C: Unavailable("c: no answer")}
    assert node.read().holder is None


def test_an_operation_of_this_order_that_fails_for_good_is_said(node: Node, cloud: Cloud) -> None:
    """Once; and what comes next is as if it had not been made."""
    with pytest.raises(Halfway):
        node.claim()
    cloud.ends_with(Refused("quota"))
    with pytest.raises(Refused, match="quota"):
        node.read()
    assert node.read().holder == C


def test_an_operation_of_an_earlier_order_is_undone(node: Node, cloud: Cloud) -> None:
    """What kept it from being carried out need not keep the next one."""
    with pytest.raises(Halfway):
        node.claim()
    cloud.ends_with(Refused("quota"))
    node.deadline = Deadline(30.0, SystemClock())
    with pytest.raises(Undone, match="quota"):
        node.read()


def test_in_use_by_a_node_is_a_conflict(node: Node, cloud: Cloud) -> None:
    """It has come to have it since, and the next look shows that."""
    node.first_write()
    cloud.refuses = InUse("vip: b has it", by="b")
    with pytest.raises(Conflict):
        node.claim()


def test_in_use_by_something_else_is_refused(node: Node, cloud: Cloud) -> None:
    """It does not let go."""
    node.first_write()
    cloud.refuses = InUse("vip: web has it", by="web")
    with pytest.raises(InUse, match="web has it"):
        node.claim()


def test_in_use_by_nobody_knows_what_is_looked_at_and_then_waited_for(node: Node, cloud: Cloud) -> None:
    """A node that has it shows it at the next look; else the cloud may let go of it late."""
    cloud.give(C)
    cloud.refuses = InUse("vip: another has it", by="")
    with pytest.raises(Conflict):
        node.claim()
    for _ in range(2):
        with pytest.raises(Unavailable, match="has not let go of it yet"):
            node.claim()
    cloud.give(B, "vip")
    assert node.read().holder == B


def test_what_we_took_off_ourselves_is_waited_for_at_once(node: Node, cloud: Cloud) -> None:
    """It is known who had it."""
    node.first_write()
    cloud.refuses = InUse("vip: another has it", by="")
    with pytest.raises(Unavailable, match="has not let go of it yet"):
        node.claim()


@pytest.mark.parametrize(("by", "refused"), [("web", True), ("b", False), ("", False)])
def test_in_use_in_an_operation_means_the_same(node: Node, cloud: Cloud, by: str, refused: bool) -> None:
    """First it is undone; another look tells whether a node has it."""
    node.first_write()
    node.claim()
    cloud.ends_with(InUse("vip: another has it", by=by))
    with pytest.raises(Undone):
        node.read()
    if refused:
        with pytest.raises(InUse):
            node.read()
    assert node.read().holder is None


def test_what_an_operation_said_is_forgotten_when_a_node_has_it(node: Node, cloud: Cloud) -> None:
    """The holder is what counts."""
    node.first_write()
    node.claim()
    cloud.ends_with(InUse("vip: web has it", by="web"))
    with pytest.raises(Undone):
        node.read()
    cloud.give(B, "vip")
    assert node.read().holder == B


def test_another_process_may_have_begun_it(node: Node, cloud: Cloud) -> None:
    """Whoever asks for it is told."""
    with pytest.raises(Halfway):
        node.claim()
    after = Node(cloud).handover
    assert after.running(PLACE, "vip", node.deadline) == frozenset()
    assert after.running(PLACE, "vip", node.deadline, also=[A, C]) == frozenset({C})


def test_a_reading_of_long_ago_is_a_conflict(node: Node, cloud: Cloud) -> None:
    """Only so many are kept."""
    seen = node.read()
    for _ in range(40):
        cloud.give(B, "other")
        node.read()
    with pytest.raises(Conflict, match="too long ago"):
        node.handover.claim(PLACE, Vip(), seen, node.deadline)
