"""Two keepalived nodes in a cloud network with a local AWS, and a client that asks through the VIP.

    n1 10.0.1.10, the higher priority      n2 10.0.2.10      VIP 10.99.0.50 by two route tables

Rules: those of `tests.e2e.stage`. The nodes stand in subnets of their own, so VRRP is unicast and crosses the
router. What answers through the VIP is a program on each node that lives as long as the lab.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e import aws, records, watch
from tests.e2e.agents import Agent
from tests.e2e.aws import Aws
from tests.e2e.clients import client
from tests.e2e.evidence import AddressEvent, Evidence, Hook
from tests.e2e.keepalived import movers as own
from tests.e2e.keepalived.daemon import MASTER, Keepalived
from tests.e2e.keepalived.movers import MOVERS, Site
from tests.e2e.lab import explained
from tests.e2e.method import Seed
from tests.e2e.methods import DEFAULT, METHODS
from tests.e2e.stage import folder_of_its_own
from vipswitch.history import History
from vipswitch.move import Move, Reason
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.vpc import Vpc, build

PORT = 5000
_HERE = Path(__file__).resolve().parent


class Lab:
    """A running pair; the scenario acts on it and `mark`s what it does."""

    def __init__(self, cloud: Aws, vip: Seed, folder: Path, addresses: list[AddressEvent]) -> None:
        self.vpc: Vpc = cloud.vpc
        self.cloud = cloud
        self.vip = vip
        self.nodes: dict[str, Keepalived] = {}
        self.sites: dict[str, Site] = {}
        self.agents: dict[str, Agent] = {}
        self.marks: dict[str, float] = {}
        self.roles: dict[str, str] = {}
        self._folder = folder
        self._addresses = addresses

    def mark(self, moment: str) -> None:
        """Note that this happens now."""
        self.marks[moment] = time.monotonic()

    def folder_of(self, node: str) -> Path:
        """The folder of a node, made when it is first asked for."""
        folder = self._folder / node
        folder.mkdir(exist_ok=True)
        return folder

    def holders(self) -> set[str | None]:
        """To whom the route tables lead now."""
        return set({route.table: route.holder for route in self.vip.truth()}.values())

    def hooks(self) -> list[Hook]:
        """Every order of keepalived's that was carried out, by the start of its script."""
        found = [hook for name in self.nodes for hook in self._hooks(name)]
        return sorted([*found, *records.hooks(self._folder, self.nodes)], key=lambda hook: hook.started)

    def wait_until(self, happened: Callable[[], bool], *, within_s: float) -> bool:
        """Whether it happened in time; what did not come to pass is for the judge to see."""
        deadline = time.monotonic() + within_s
        while not (seen := happened()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return seen

    def has_vip(self, name: str) -> bool:
        """Whether all packets to the VIP go to this node, and it is MASTER and has been told so."""
        return self.holders() == {name} and self.nodes[name].state == MASTER and self._address_on(name)

    def evidence(self) -> Evidence:
        """All that was recorded until now."""
        return Evidence(
            dict(self.marks),
            dict(self.roles),
            self.hooks(),
            self.cloud.requests(),
            self.vip.truth(),
            list(self._addresses),
            records.queries(self._folder / "queries.jsonl"),
            records.deeds(self._folder, self.nodes),
            self.logs(),
        )

    def logs(self) -> dict[str, str]:
        """What each keepalived and each agent has logged."""
        agents = {f"{name}-agent": agent.log for name, agent in self.agents.items()}
        return {name: node.log for name, node in self.nodes.items()} | agents

    def _address_on(self, name: str) -> bool:
        events = [event for event in self._addresses if event.node == name]
        return bool(events) and events[-1].present

    def _hooks(self, name: str) -> Iterator[Hook]:
        ahead = time.time() - time.monotonic()
        for move in History([self.sites[name].run]).moves():
            if move.reason is Reason.ORDER:
                yield _hook(name, move, move.began - ahead)


def _hook(node: str, move: Move, began: float) -> Hook:
    return Hook(
        node,
        str(move.verb),
        began + (move.hook_started_s or 0.0),
        began + move.seconds,
        move.exit_code,
        None if move.caller_started_s is None else began + move.caller_started_s,
    )


@contextmanager
def start(mover: str, edits: Mapping[str, str] | None = None) -> Iterator[Lab]:
    """A lab in which n1 is MASTER and has the VIP, and the client is answered; `edits` change the config."""
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of_its_own())
        vpc = stack.enter_context(build(nodes=2))
        cloud = stack.enter_context(aws.serve(vpc))
        vip = METHODS[DEFAULT].seed(cloud)
        assert vip.address is not None
        if MOVERS[mover].naive:
            vip.by_hand()
        addresses = stack.enter_context(watch.addresses(vpc.nodes, vip.address))
        lab = Lab(cloud, vip, folder, addresses)
        lab.roles["script user"] = MOVERS[mover].user
        lab.roles["scripts"] = "no" if "fifo" in MOVERS[mover].config else "yes"
        for number, host in enumerate(vpc.nodes, start=1):
            _set_up(lab, host, f"node{number}", mover, edits, stack)
        with explained(lab.logs):
            _begin(lab)
            stack.enter_context(_client(lab, folder))
            yield lab


def _set_up(
    lab: Lab, host: Host, config_id: str, mover: str, edits: Mapping[str, str] | None, stack: ExitStack
) -> None:
    """Everything of one node, but for keepalived's start."""
    folder = lab.folder_of(host.name)
    site = lab.sites[host.name] = Site(folder, lab.cloud)
    config = own.installed(MOVERS[mover], site, edits)
    env = site.environment()
    stack.enter_context(_answering(host))
    if MOVERS[mover].agent:
        agent = lab.agents[host.name] = Agent(host, folder, own.agent(), env)
        stack.callback(agent.kill)
        agent.start()
    node = lab.nodes[host.name] = Keepalived(host, folder, config, env, config_id)
    stack.callback(node.kill)


def _begin(lab: Lab) -> None:
    """The one with the higher priority first, so that it becomes MASTER at once and nobody gives way."""
    first, second = lab.nodes
    lab.nodes[first].start()
    lab.nodes[first].wait_for(MASTER, within_s=20)
    if not lab.wait_until(lambda: lab.has_vip(first), within_s=20):
        raise TimeoutError(f"{first} does not get the VIP: {lab.hooks()}")
    lab.nodes[second].start()
    lab.nodes[second].wait_for("BACKUP", within_s=20)


@contextmanager
def _answering(host: Host) -> Iterator[None]:
    with _running(host, "answer.py", str(PORT), host.name):
        yield


@contextmanager
def _client(lab: Lab, folder: Path) -> Iterator[None]:
    answers = folder / "queries.jsonl"
    with client(lab.vip.client, "greeting", lab.vip.reach, PORT, answers):
        yield


@contextmanager
def _running(host: Host, program: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of the lab's own programs on a host, until the end."""
    process = host.namespace.popen([sys.executable, str(_HERE / program), *words])
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
