"""Sets the scene: a network with the local AWS, a Pacemaker cluster on two nodes, the VIP as a resource.

Rules: the configuration is that of examples/pacemaker; what is replaced in it stands in `_IN_THE_LAB` and in
`_config`. One lab per process; all files lie in one folder of /tmp that is named after the process and goes
with it.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from tests.e2e import aws, records
from tests.e2e.agents import Agent
from tests.e2e.aws import Aws
from tests.e2e.pacemaker import fencing
from tests.e2e.pacemaker.cluster import Cluster, machines
from tests.e2e.pacemaker.evidence import Evidence, Moment
from tests.e2e.pacemaker.fencing import Fencing, fencer
from tests.e2e.pacemaker.node import Node
from vipswitch.testing.fabric.vpc import build

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
VIP = "vip"
"""The resource."""

ADDRESS = IPv4Address("10.99.0.50")
MOVERS = ("vipswitch", "agent", "naive")
"""This project alone, with an agent on each node, and the counter-example."""

_INSTALLED = "/usr/lib/ocf/resource.d/vipswitch/vip"
_KEPT = 20_000
_IN_THE_LAB = {
    "interval=10s timeout=20s": "interval=3s timeout=20s",
    "interval=30s timeout=30s": "interval=5s timeout=30s",
    " failure-timeout=10min": "",
    "stonith:fence_aws": "stonith:fence_lab",
    "pcmk_delay_base=5s": "pcmk_delay_base=3s",
}
"""What is shorter than outside; failures are kept, to be seen; the machines are those of the lab."""


def example(name: str) -> str:
    """A file of the example, for the lab."""
    text = (ROOT / "examples" / "pacemaker" / name).read_text()
    for outside, here in _IN_THE_LAB.items():
        text = text.replace(outside, here)
    return text


@dataclass
class Lab:
    """A running scene; a scenario acts on it and notes what there is."""

    cloud: Aws
    cluster: Cluster
    agents: Mapping[str, Agent]
    fenced: Sequence[Fencing]
    moments: dict[str, Moment] = field(default_factory=dict)

    def note(self, moment: str) -> None:
        """What there is now."""
        self.moments[moment] = Moment(
            time.monotonic(),
            self.cluster.where(VIP),
            self.cluster.failures(),
            self.holders(),
            self.addresses(),
            [each.node for each in self.fenced],
        )

    def holders(self) -> list[str | None]:
        """The nodes that the routes lead to."""
        found = {route.table: route.holder for route in records.routes(self.cloud, ADDRESS)}
        return sorted(set(found.values()), key=str)

    def addresses(self) -> list[str]:
        """The nodes that have the address."""
        return [name for name, node in self.cluster.nodes.items() if node.has_address(ADDRESS)]

    def settle(self, node: str, within_s: float) -> None:
        """Until everything is with this node; what does not come to pass is for the judge to see."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            there = self.holders() == [node] and self.addresses() == [node]
            if there and self.cluster.where(VIP) == node:
                return
            time.sleep(0.3)

    def evidence(self) -> Evidence:
        """All that was noted until now."""
        agents = {f"{name}-agent": agent.log[-_KEPT:] for name, agent in self.agents.items()}
        nodes = {name: node.logs[-_KEPT:] for name, node in self.cluster.nodes.items()}
        return Evidence(self.moments, nodes | agents)


@contextmanager
def start(mover: str, *, fences: bool = False) -> Iterator[Lab]:
    """A lab whose cluster has started the VIP; `fences` says whether it may fence."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        vpc = stack.enter_context(build(nodes=2))
        cloud = stack.enter_context(aws.serve(vpc))
        env = _environment(cloud, folder)
        cluster = stack.enter_context(machines(vpc.nodes, folder, env))
        fenced = stack.enter_context(fencer(Path(env[fencing.SOCKET]), cluster.crash))
        lab = Lab(cloud, cluster, {}, fenced)
        lab.agents = _furnished(lab, mover)
        for agent in lab.agents.values():
            stack.callback(agent.kill)
        cluster.start()
        cluster.configure(example("cluster.crm"))
        if fences:
            cluster.configure(example("fencing.crm"))
        cluster.wait_for(lambda: cluster.where(VIP) is not None, 60.0)
        cluster.wait_for_rest()
        yield lab


def furnish(node: Node, mover: str) -> None:
    """Put the OCF agent and the fence agent where Pacemaker looks for them."""
    if mover == "naive":
        node.write(_INSTALLED, _program("naive.py"), mode="755")
    else:
        node.run("mkdir", str(Path(_INSTALLED).parent))
        node.run("ln", "-s", str(ROOT / "hooks" / "ocf_vip"), _INSTALLED)
    node.write(fencing.INSTALLED, _program("fence_lab.py"), mode="755")


def _furnished(lab: Lab, mover: str) -> dict[str, Agent]:
    agents: dict[str, Agent] = {}
    for node, seed in zip(lab.cluster.nodes.values(), lab.cloud.seed.nodes, strict=True):
        furnish(node, mover)
        if mover == "naive":
            node.env["NAIVE_INTERFACE"] = seed.interface_id
        if mover == "agent":
            agents[node.name] = Agent(node.host, node.folder, [*node.inside, "vipswitch", "agent"], node.env)
            agents[node.name].start()
    if mover == "naive":
        lab.cloud.turn_checks_off()
    return agents


@contextmanager
def _folder() -> Iterator[Path]:
    prefix = f"vs{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _program(name: str) -> str:
    """A file beside this one, as a script: Pacemaker also asks for its meta-data, as the user hacluster."""
    return f"#!/usr/bin/env python3\n{(HERE / name).read_text()}"


def _environment(cloud: Aws, folder: Path) -> dict[str, str]:
    """That of all programs on the nodes."""
    config = folder / "vipswitch.toml"
    config.write_text(_config(cloud.tables))
    return {
        **cloud.environment(),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
        "PYTHONPATH": str(ROOT),
        "VIPSWITCH_CONFIG": str(config),
        "NAIVE_TABLES": ",".join(cloud.tables),
        fencing.SOCKET: str(folder / "fencer.sock"),
    }


def _config(tables: Sequence[str]) -> str:
    """The example's, with the route tables of this cloud."""
    listed = ", ".join(f'"{table}"' for table in tables)
    return re.sub(r"route_tables = \[.*\]", f"route_tables = [{listed}]", example("vipswitch.toml"))
