"""SIGKILL at each rename of an order file: the agent's, the hook's own, and those of whoever goes on."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest

from tests.agent.conftest import MakeNode
from tests.agent.node import ROOT, STARTED, Agent, Node, until

CONFIG = """
[vip.primary]
address  = "10.99.0.50"
provider = "file"
path     = "FOLDER/vip.json"
node     = "here"
"""

PLACE = "vip.json:file"
DYING = {"PYTHONPATH": f"{STARTED}:{ROOT}"}
RENAMES = 2
"""Of one order that is carried out: it is taken, and its end is noted."""

POINTS = [(moment, number) for number in range(1, RENAMES + 1) for moment in ("before", "after")]
VERBS = ("up", "down")


@pytest.fixture
def node(make_node: MakeNode) -> Node:
    """A node with one VIP in a file."""
    return make_node(CONFIG)


def holder(node: Node) -> str | None:
    """Who holds the VIP."""
    path = node.folder / "vip.json"
    return json.loads(path.read_text())[PLACE]["holder"] if path.exists() else None


def writes(node: Node) -> int:
    """How often the place has been written."""
    path = node.folder / "vip.json"
    return json.loads(path.read_text())[PLACE]["version"] if path.exists() else 0


def hold(node: Node) -> int:
    """Let this node hold the VIP; how often the place has been written by then."""
    (node.folder / "vip.json").write_text(json.dumps({PLACE: {"holder": "here", "version": 1}}))
    return 1


def converges(node: Node, verb: str, since: int) -> None:
    """The order ends as it says, with no more than one write more than it takes."""
    assert until(lambda: node.state("primary") == f"{verb} done"), node.state("primary")
    assert holder(node) == ("here" if verb == "up" else None)
    assert writes(node) - since <= 2


def prepared(node: Node, verb: str) -> int:
    """A node for which the order changes something; how often the place has been written."""
    return hold(node) if verb == "down" else 0


def dies(agent: Agent) -> None:
    """It has killed itself, as it was told to."""
    assert agent.process.wait(20.0) == -signal.SIGKILL, agent.said


def doomed(node: Node, moment: str, number: int) -> Agent:
    """An agent that dies at that rename."""
    return node.agent(**DYING, DIE_AT_RENAME=f"{moment} {number}").ready()


@pytest.fixture(scope="module")
def tried() -> Iterator[list[str]]:
    """The points at which something was killed; says how many there were."""
    points: list[str] = []
    yield points
    print(f"\nkilled at a rename of an order file: {len(points)} points")


@pytest.fixture(autouse=True)
def point(tried: list[str], request: pytest.FixtureRequest) -> None:
    """Each test is one."""
    tried.append(request.node.name)


@pytest.mark.parametrize(("moment", "number"), POINTS)
@pytest.mark.parametrize("verb", VERBS)
def test_agent_dies_and_another_goes_on(node: Node, verb: str, moment: str, number: int) -> None:
    """The hook is gone as well: only what is written down is left, or nothing, and then nothing is done."""
    since = prepared(node, verb)
    agent = doomed(node, moment, number)
    node.pgpool().escalates(*node.ghost(verb, "primary"))
    dies(agent)
    if (moment, number) == ("before", 1):
        assert node.state("primary") == ""
        node.pgpool().escalates(*node.hook(verb, "primary"))
    node.agent().ready()
    converges(node, verb, since)


@pytest.mark.parametrize(("moment", "number"), POINTS)
@pytest.mark.parametrize("verb", VERBS)
def test_agent_dies_and_the_hook_goes_on(node: Node, verb: str, moment: str, number: int) -> None:
    """The hook notices and does the rest itself; another agent keeps out of it."""
    since = prepared(node, verb)
    agent = doomed(node, moment, number)
    hook = node.pgpool().escalates(*node.hook(verb, "primary"))
    dies(agent)
    node.agent().ready()
    assert hook.code() == 0, hook.said
    converges(node, verb, since)


@pytest.mark.parametrize(("moment", "number"), POINTS)
@pytest.mark.parametrize("verb", VERBS)
def test_agent_that_goes_on_dies_too(node: Node, verb: str, moment: str, number: int) -> None:
    """The second agent dies where it takes the order over, or notes its end; the third one finishes it."""
    since = prepared(node, verb)
    first = doomed(node, "after", 1)
    node.pgpool().escalates(*node.ghost(verb, "primary"))
    dies(first)
    dies(node.agent(**DYING, DIE_AT_RENAME=f"{moment} {number}"))
    node.agent().ready()
    converges(node, verb, since)


@pytest.mark.parametrize(("moment", "number"), POINTS)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("then", ["hook", "agent"])
def test_hook_without_an_agent_dies(node: Node, then: str, verb: str, moment: str, number: int) -> None:
    """The next hook finishes what it has begun; so does an agent, as soon as there is one."""
    since = prepared(node, verb)
    dying = node.pgpool(**DYING, DIE_AT_RENAME=f"{moment} {number}")
    assert dying.escalates(*node.hook(verb, "primary")).code() == -signal.SIGKILL
    if then == "agent" and node.state("primary"):
        node.agent().ready()
    else:
        assert node.pgpool().escalates(*node.hook(verb, "primary")).code() == 0
    converges(node, verb, since)
