"""Sets the scene: network, local AWS, a Patroni cluster that moves a VIP, a client that writes through it.

Rules: those of `tests.e2e.stage`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e import aws, watch
from tests.e2e.agents import Agent
from tests.e2e.aws import Aws
from tests.e2e.clients import client
from tests.e2e.lab import explained
from tests.e2e.patroni import cluster, rows
from tests.e2e.patroni.lab import Lab
from tests.e2e.patroni.member import POSTGRES_PORT
from tests.e2e.patroni.movers import MOVERS, ROOT, VIP, Mover, Site
from tests.e2e.stage import folder_of_its_own
from vipswitch.testing.fabric.vpc import build

EXAMPLE = ROOT / "examples" / "patroni"


@contextmanager
def start(mover: str, flags: Sequence[str] = ()) -> Iterator[Lab]:
    """A cluster at rest whose leader has the VIP, and a client whose rows arrive.

    `flags` are added to the words of each callback.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of_its_own())
        vpc = stack.enter_context(build(nodes=3))
        cloud = stack.enter_context(aws.serve(vpc))
        if mover == "naive":
            cloud.turn_checks_off()
        addresses = stack.enter_context(watch.addresses(vpc.nodes, VIP))
        moved = {
            host.name: MOVERS[mover](Site(host, folder / host.name, cloud, EXAMPLE, flags))
            for host in vpc.nodes
        }
        agents = stack.enter_context(_agents(cloud, folder, moved))
        calling = {name: each.calling for name, each in moved.items()}
        members = stack.enter_context(cluster.start(vpc.nodes, folder, EXAMPLE, calling=calling))
        leader = members.leader().host
        rows.create(leader, rows.conninfo(EXAMPLE, str(leader.address), POSTGRES_PORT))
        lab = Lab(cloud, VIP, members, agents, folder, addresses, EXAMPLE)
        with explained(lab.logs):
            env = {"PGPASSWORD": rows.password(EXAMPLE)}
            rows_of = client(vpc.client, "row", str(VIP), POSTGRES_PORT, folder / "queries.jsonl", env=env)
            stack.enter_context(rows_of)
            yield lab


@contextmanager
def _agents(cloud: Aws, folder: Path, moved: Mapping[str, Mover]) -> Iterator[dict[str, Agent]]:
    """The agents of those nodes that have one."""
    with ExitStack() as stack:
        agents = {
            host.name: Agent(
                host, folder / host.name, moved[host.name].agent, moved[host.name].agent_env or {}
            )
            for host in cloud.vpc.nodes
            if moved[host.name].agent
        }
        for agent in agents.values():
            stack.callback(agent.kill)
            agent.start()
        yield agents
