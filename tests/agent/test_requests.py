"""SIGKILL at each API request of an order: before it is carried out, and between that and its answer.

Between the answer to one request and the next request an order changes nothing but its file, so "after the
answer" is "before the next request", or a rename of the order's file (test_renames).
Each point has a VIP of its own. All of them are brought to their points, then everything is killed at once;
what was on the wire is carried out by the cloud all the same, before another agent starts or long after.
"""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.agent.conftest import MakeNode, maker
from tests.agent.node import Agent, Node, until
from tests.agent.pgpool import Hook, Pgpool
from tests.agent.plots import Plot, Plots, config, environment
from tests.agent.space import ABLE, UNABLE, one_interface
from vipswitch.testing.aws import AwsCloud, Gate, Topology
from vipswitch.testing.fabric.namespaces import Namespace

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

    from vipswitch.testing.aws.protocol import ApiRequest

CALLS = {
    "elastic up": ("AssociateAddress", "DescribeAddresses"),
    "two elastic up": ("AssociateAddress", "AssociateAddress", "DescribeAddresses"),
    "elastic down": ("DescribeAddresses", "DisassociateAddress"),
    "two elastic down": ("DescribeAddresses", "DisassociateAddress", "DisassociateAddress"),
    "table down": ("DescribeRouteTables", "CreateTags"),
    "two tables down": ("DescribeRouteTables", "CreateTags", "CreateTags"),
}
"""The requests of each kind of order, by its places and its verb."""

if ABLE:
    CALLS["table up"] = ("ReplaceRoute", "DescribeRouteTables")
    CALLS["two tables up"] = ("ReplaceRoute", "ReplaceRoute", "DescribeRouteTables")

WAIT = ("--deadline", "30")


@dataclass(frozen=True)
class Point:
    """At the `number`-th request of this action, `before` it is carried out or `after`."""

    kind: str
    action: str
    number: int
    moment: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.moment} {self.action} {self.number}"

    @property
    def verb(self) -> str:
        return self.kind.split()[-1]

    @property
    def writes(self) -> bool:
        return not self.action.startswith("Describe")

    def arm(self, cloud: AwsCloud, plot: Plot) -> Gate:
        """Hold the VIP's order there."""
        count = itertools.count(1)

        def meant(api: ApiRequest) -> bool:
            return plot.meant(api.params) and next(count) == self.number

        hold = cloud.faults.hold if self.moment == "before" else cloud.faults.hold_answer
        return hold(self.action, where=meant)


POINTS = [
    Point(kind, action, actions[: at + 1].count(action), moment)
    for kind, actions in CALLS.items()
    for at, action in enumerate(actions)
    for moment in ("before", "after")
]
ELASTIC = [point for point in POINTS if point.kind.startswith("elastic")]
WRITES = [point for point in ELASTIC if point.writes]
"""Enough where each point costs a hook that loads the SDK."""


@pytest.fixture(scope="module")
def plots(cloud: AwsCloud, ec2: EC2Client, topology: Topology) -> Plots:
    """VIPs in the module's cloud."""
    return Plots(cloud, ec2, topology)


def sown(plots: Plots, kind: str, name: str) -> Plot:
    """A VIP for an order of this kind; `down` finds it here, `up` at another node."""
    places = 2 if kind.startswith("two") else 1
    make = plots.routes if "table" in kind else plots.elastic
    return make(name, places=places, held_by=0 if kind.endswith("down") else 1)


@dataclass(frozen=True)
class Place:
    """Where the nodes of this module run: in a network namespace, if that can be had."""

    environment: dict[str, str]
    prefix: tuple[str, ...] = ()
    namespace: Namespace | None = None

    def addresses(self) -> str:
        """What `ip` shows of the host's addresses."""
        return self.namespace.ip("-4", "addr") if self.namespace else ""


@pytest.fixture(scope="module")
def place(cloud: AwsCloud) -> Iterator[Place]:
    """With root a namespace, where the cloud can be reached as well."""
    if not ABLE:
        yield Place(environment(cloud))
        return
    with one_interface("requests") as space:
        url = cloud.serve_also(space.listener("127.0.0.1", 0))
        prefix = ("ip", "netns", "exec", space.name)
        yield Place({**environment(cloud), "AWS_ENDPOINT_URL": url}, prefix, space)


@dataclass
class Field:
    """A node with a VIP for each point, and an agent perhaps."""

    place: Place
    plots: Plots
    node: Node
    at: dict[Point, Plot]
    pgpool: Pgpool
    agent: Agent

    def order(self, point: Point) -> Hook:
        """Order what the point is about, once it is held there; the order is taken by then."""
        plot = self.at[point]
        gate = point.arm(self.plots.cloud, plot)
        hook = self.pgpool.escalates(*self.node.hook(point.verb, plot.name, *WAIT))
        assert gate.arrived.wait(20.0), f"{point}: {hook.said}"
        return hook

    def let_go(self, points: Sequence[Point]) -> None:
        """The cloud carries out what it has been holding, also for the dead."""
        before = {point: len(self.plots.writes(self.at[point])) for point in points}
        self.plots.cloud.faults.clear()
        for point in points:
            if point.moment == "before" and point.writes:
                until(lambda p=point: len(self.plots.writes(self.at[p])) > before[p], 2.0)

    def settles(self, points: Sequence[Point]) -> None:
        """Every order is done."""
        for point in points:
            done = f"{point.verb} done"
            assert until(lambda p=point, d=done: self.state(p) == d), f"{point}: {self.state(point)}"

    def state(self, point: Point) -> str:
        return self.node.state(self.at[point].name)


def tilled(make: MakeNode, place: Place, plots: Plots, points: Sequence[Point]) -> Field:
    """A node whose agent has looked at each VIP once, and will not again for a minute."""
    at = {point: sown(plots, point.kind, f"v{number}") for number, point in enumerate(points)}
    node = make(config(list(at.values())), place.environment, place.prefix)
    agent = node.agent().ready()
    assert until(lambda: agent.said.count("last order here") == len(points)), agent.said
    plots.cloud.journal.clear()
    return Field(place, plots, node, at, node.pgpool(), agent)


def killed_then_late_writes(field: Field, hooks: list[Hook]) -> None:
    """Agent and hooks; what was on the wire is carried out, and another agent starts."""
    _kill(field, hooks)
    field.let_go(POINTS)
    field.node.agent().ready()


def killed_and_writes_later_still(field: Field, hooks: list[Hook]) -> None:
    """Agent and hooks; another agent has finished when the cloud carries out what was on the wire."""
    _kill(field, hooks)
    field.node.agent().ready()
    field.settles(POINTS)
    field.let_go(POINTS)


def hooks_killed(field: Field, hooks: list[Hook]) -> None:
    """Each with its process group; their agent lives."""
    for hook in hooks:
        hook.kill()
    field.let_go(POINTS)


def _kill(field: Field, hooks: list[Hook]) -> None:
    field.agent.kill()
    for hook in hooks:
        hook.kill()


ENDS = [
    killed_then_late_writes,
    pytest.param(killed_and_writes_later_still, marks=pytest.mark.full),
    hooks_killed,
]


@pytest.fixture(scope="module")
def tried() -> Iterator[list[object]]:
    """The points at which something was killed; says how many there were."""
    points: list[object] = []
    yield points
    print(f"\nkilled at an API request: {len(points)} points")


@pytest.fixture(scope="module", params=ENDS, ids=lambda end: end.__name__)
def field(request: pytest.FixtureRequest, plots: Plots, place: Place, tried: list[object]) -> Iterator[Field]:
    """After all orders were at their points, and everything was killed, and is done again."""
    end: Callable[[Field, list[Hook]], None] = request.param
    with ExitStack() as stack:
        found = tilled(maker(stack), place, plots, POINTS)
        end(found, [found.order(point) for point in POINTS])
        found.settles(POINTS)
        tried += POINTS
        yield found
    plots.cloud.faults.clear()


def holds(field: Field, point: Point) -> None:
    """The world is as the order says, and no place was written a third time."""
    plots, plot = field.plots, field.at[point]
    here, places = plot.interfaces[0], len(plot.places)
    if "table" in point.kind:
        assert plots.targets(plot) == [(here, here if point.verb == "down" else "")] * places
        assert (f"{plot.address}/32" in field.place.addresses()) == (point.verb == "up")
    else:
        assert plots.holders(plot) == [here if point.verb == "up" else None] * places
    assert len(plots.writes(plot)) <= 2 * places, plots.calls(plot)


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_killed_at_a_request_it_converges(field: Field, point: Point) -> None:
    """Whoever was killed, the order is done, and no place was written a third time."""
    assert field.state(point) == f"{point.verb} done"
    holds(field, point)


def test_the_points_are_all_there_are(plots: Plots, place: Place, make_node: MakeNode) -> None:
    """An order that nobody disturbs makes exactly the requests that are listed here."""
    kinds = {kind: sown(plots, kind, f"k{number}") for number, kind in enumerate(CALLS)}
    node = make_node(config(list(kinds.values())), place.environment, place.prefix)
    pgpool = node.pgpool()
    agent = node.agent().ready()
    assert until(lambda: agent.said.count("last order here") == len(kinds)), agent.said
    plots.cloud.journal.clear()
    for kind, plot in kinds.items():
        assert pgpool.escalates(*node.hook(kind.split()[-1], plot.name, *WAIT)).code() == 0
        assert tuple(plots.calls(plot)) == CALLS[kind], agent.said


@pytest.mark.parametrize("released", ["before", "after"])
def test_agent_is_killed_and_its_hooks_go_on(
    plots: Plots, place: Place, make_node: MakeNode, tried: list[object], released: str
) -> None:
    """They notice, do it themselves, and say how it ended; what was on the wire comes before or after."""
    field = tilled(make_node, place, plots, WRITES)
    hooks = [field.order(point) for point in WRITES]
    field.agent.kill()
    if released == "before":
        field.let_go(WRITES)
    assert [hook.code() for hook in hooks] == [0] * len(hooks), [hook.said for hook in hooks]
    field.let_go(WRITES)
    for point in WRITES:
        assert field.state(point) == f"{point.verb} done"
        holds(field, point)
    tried += WRITES


@pytest.mark.parametrize("then", ["hook", "agent"])
def test_hook_without_an_agent_is_killed(
    plots: Plots, place: Place, make_node: MakeNode, tried: list[object], then: str
) -> None:
    """The same hook again finishes what it has begun; so does an agent, as soon as there is one."""
    points = ELASTIC if then == "agent" else WRITES
    field = tilled(make_node, place, plots, points)
    assert field.agent.end() == 0
    for point in points:
        hook = field.order(point)
        hook.kill()
        assert hook.code() == -signal.SIGKILL
    field.let_go(points)
    if then == "agent":
        field.node.agent().ready()
    else:
        for point in points:
            hook = field.pgpool.escalates(*field.node.hook(point.verb, field.at[point].name, *WAIT))
            assert hook.code() == 0, hook.said
    field.settles(points)
    for point in points:
        holds(field, point)
    tried += points


@pytest.mark.skipif(not ABLE, reason=f"an `up` of a route table {UNABLE}")
def test_ups_of_route_tables_are_among_the_points() -> None:
    """They put an address on the host."""
    assert {"table up", "two tables up"} <= {point.kind for point in POINTS}
