"""The scene of one scenario: a Patroni cluster that calls no hook, and a follower on each of its nodes.

Rules: those of `tests.e2e.stage`.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from os import getpid
from pathlib import Path

from tests.e2e import aws, records, watch
from tests.e2e.agents import Agent
from tests.e2e.aws import Aws
from tests.e2e.clients import client
from tests.e2e.evidence import AddressEvent, Evidence
from tests.e2e.follow import followers
from tests.e2e.follow.followers import AGENT, KINDS, NAIVE, ROOT, Follower, Site
from tests.e2e.lab import explained
from tests.e2e.patroni import cluster, rows
from tests.e2e.patroni.cluster import Cluster
from tests.e2e.patroni.member import POSTGRES_PORT, Member
from vipswitch.testing.fabric.vpc import build

VIP = IPv4Address(followers.VIP)
EXAMPLE = ROOT / "examples" / "patroni"
_FIRST_WITHIN_S = 20.0


@dataclass
class Lab:
    """A running scene; the scenario acts on it and `mark`s what it does."""

    cloud: Aws
    cluster: Cluster
    followers: Mapping[str, Follower]
    agents: Mapping[str, Agent]
    folder: Path
    addresses: list[AddressEvent]
    marks: dict[str, float] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)

    def mark(self, moment: str, **roles: Member) -> None:
        """Note that this happens now, and who plays a part in it."""
        self.marks[moment] = time.monotonic()
        self.roles |= {role: member.host.name for role, member in roles.items()}

    def await_holder(self, member: Member, *, within_s: float) -> None:
        """Wait until all routes lead to this member; what does not come to pass is for the judge to see."""
        _until(lambda: self._holders() == {member.host.name}, within_s)

    def await_no_address(self, member: Member, *, within_s: float) -> None:
        """Wait until the VIP's address is off this member's host, likewise."""
        _until(lambda: f" {VIP}/" not in member.host.namespace.ip("address"), within_s)

    def evidence(self) -> Evidence:
        """All that was recorded until now."""
        return Evidence(
            marks=self.marks,
            roles=self.roles,
            requests=self.cloud.requests(),
            routes=records.routes(self.cloud, VIP),
            addresses=list(self.addresses),
            queries=records.queries(self.folder / "queries.jsonl"),
            deeds=records.deeds(self.folder, list(self.cluster.members)),
            logs=self.logs(),
        )

    def logs(self) -> dict[str, str]:
        """What everybody has logged."""
        return {
            **{f"{name}-patroni": member.log for name, member in self.cluster.members.items()},
            **{f"{name}-agent": agent.log for name, agent in self.agents.items()},
            **{f"{name}-follow": follower.log for name, follower in self.followers.items()},
        }

    def _holders(self) -> set[str | None]:
        return set({route.table: route.holder for route in records.routes(self.cloud, VIP)}.values())


@contextmanager
def start(mover: str) -> Iterator[Lab]:
    """A cluster at rest whose leader has the VIP, and a client whose queries succeed."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        vpc = stack.enter_context(build(nodes=3))
        cloud = stack.enter_context(aws.serve(vpc))
        cloud.turn_checks_off()
        addresses = stack.enter_context(watch.addresses(vpc.nodes, VIP))
        members = stack.enter_context(cluster.start(vpc.nodes, folder, EXAMPLE))
        sites = [Site(host, members.members[host.name].name, folder / host.name, cloud) for host in vpc.nodes]
        lab = Lab(cloud, members, {}, {}, folder, addresses)
        with explained(lab.logs):
            _prepared(stack, lab, mover, sites)
            lab.await_holder(members.leader(), within_s=_FIRST_WITHIN_S)
            stack.enter_context(_client(lab))
            yield lab


def _prepared(stack: ExitStack, lab: Lab, mover: str, sites: Sequence[Site]) -> None:
    """Agents and followers, whose mover is a kind of source or the counter-example."""
    agents: dict[str, Agent] = {}
    following: dict[str, Follower] = {}
    lab.agents, lab.followers = agents, following
    for site in sites:
        followers.prepare(site, KINDS[0] if mover == NAIVE else mover)
        if mover != NAIVE:
            agent = agents[site.host.name] = Agent(site.host, site.folder, AGENT, site.environment())
            stack.callback(agent.kill)
            agent.start()
    for site in sites:
        follower = following[site.host.name] = Follower(site, mover)
        stack.callback(follower.kill)
    for follower in following.values():
        follower.wait()


@contextmanager
def _client(lab: Lab) -> Iterator[None]:
    path, env = lab.folder / "queries.jsonl", {"PGPASSWORD": rows.password(EXAMPLE)}
    with client(lab.cloud.vpc.client, "query", str(VIP), POSTGRES_PORT, path, env=env):
        yield


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"vs{getpid()}-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def _until(wanted: object, within_s: float) -> None:
    assert callable(wanted)
    deadline = time.monotonic() + within_s
    while not wanted() and time.monotonic() < deadline:
        time.sleep(0.05)
