"""The scene: three PostgreSQL servers, keepalived and an agent on two of them, a client that writes.

Rules: the files are the example's; all lies in one folder of /tmp that goes with the process; what a scenario
starts again it starts by the same means as the example's user.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e import aws, movers, postgres, records, watch
from tests.e2e.agents import Agent
from tests.e2e.aws import Aws
from tests.e2e.clients import client
from tests.e2e.evidence import AddressEvent, Evidence
from tests.e2e.keepalived.daemon import Keepalived
from tests.e2e.keepalived.replica import Replica
from tests.e2e.keepalived.replicated import Look, Replicated
from tests.e2e.keepalived.replication_example import NAMES, ROOT, VIP, vipswitch_toml
from tests.e2e.lab import explained
from tests.e2e.method import Seed
from tests.e2e.methods import DEFAULT, METHODS
from tests.e2e.stage import folder_of_its_own
from vipswitch.testing.fabric.vpc import build

_LEADS_WITHIN_S = 90.0
_STREAMS_WITHIN_S = 60.0


class Node:
    """What runs on one host: PostgreSQL, and on the two VRRP nodes the agent and keepalived."""

    def __init__(self, server: Replica, agent: Agent, keepalived: Keepalived) -> None:
        self.host = server.host
        self.server = server
        self.agent = agent
        self.keepalived = keepalived

    def start(self) -> None:
        """All of it, PostgreSQL as it was."""
        self.agent.start()
        self.keepalived.start()
        self.server.start()

    def kill(self) -> None:
        """SIGKILL everything on this node at once; its addresses stay, as nobody takes them off."""
        self.host.namespace.kill()


class ReplicationLab:
    """A running scene; the scenario acts on it and `mark`s what it does."""

    def __init__(
        self, cloud: Aws, vip: Seed, folder: Path, servers: list[Replica], nodes: list[Node]
    ) -> None:
        self.vpc = cloud.vpc
        self.servers = servers
        self.nodes = nodes
        self.marks: dict[str, float] = {}
        self.addresses: list[AddressEvent] = []
        self._cloud = cloud
        self._vip = vip
        self._written = folder / "written.jsonl"
        self._looks: dict[str, list[Look]] = {}

    def mark(self, moment: str) -> None:
        """Note that this happens now."""
        self.marks[moment] = time.monotonic()

    def look(self, moment: str) -> None:
        """Note what the servers say of themselves now."""
        self.mark(moment)
        self._looks[moment] = [look for server in self.servers if (look := server.look())]

    def wait_for_writes(self, *, since: float, within_s: float) -> None:
        """Wait until a row that was begun later has been confirmed; TimeoutError."""

        def confirmed() -> bool:
            return any(each.started > since and not each.error for each in records.queries(self._written))

        self.wait_until(confirmed, within_s)

    def wait_for_followers(self, server: Replica, *followers: str, within_s: float) -> None:
        """Wait until exactly these standbys stream from the server; TimeoutError."""
        self.wait_until(lambda: server.followers() == list(followers), within_s)

    def leads_to(self, node: Node) -> bool:
        """Whether the VIP is this node's, by all route tables."""
        return self._holder() == node.host.name

    def wait_until(self, happened: Callable[[], bool], within_s: float) -> None:
        """TimeoutError with all that was logged."""
        deadline = time.monotonic() + within_s
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {within_s} s: {self.marks}")
            time.sleep(0.1)

    def replicated(self) -> Replicated:
        """All that was recorded; the rows are those on the VIP's holder now."""
        seen = Evidence(
            marks=self.marks,
            requests=self._cloud.requests(),
            routes=self._vip.truth(),
            addresses=list(self.addresses),
            queries=records.queries(self._written),
            logs=self.logs(),
        )
        confirmed = [int(line["row"]) for line in records.lines(self._written) if line["error"] is None]
        holder = next(server for server in self.servers if server.host.name == self._holder())
        kept = [int(str(row)) for row in holder.column("SELECT row FROM written ORDER BY row")]
        return Replicated(seen, confirmed, kept, self._looks)

    def logs(self) -> dict[str, str]:
        """What everybody has logged."""
        logs = {f"{server.host.name}-postgres": server.log for server in self.servers}
        for node in self.nodes:
            logs[f"{node.host.name}-keepalived"] = node.keepalived.log
            logs[f"{node.host.name}-agent"] = node.agent.log
        return logs

    def _holder(self) -> str | None:
        holders = set({route.table: route.holder for route in self._vip.truth()}.values())
        return holders.pop() if len(holders) == 1 else None


@contextmanager
def start(conf: str) -> Iterator[ReplicationLab]:
    """A lab in which db1 leads, both others stream from it, and the client's rows are confirmed.

    `conf` is keepalived.conf of db1 and db2.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of_its_own())
        vpc = stack.enter_context(build(nodes=3))
        cloud = stack.enter_context(aws.serve(vpc))
        vip = METHODS[DEFAULT].seed(cloud)
        servers = [
            Replica(host, name, folder / host.name / "postgres")
            for host, name in zip(vpc.nodes, NAMES, strict=True)
        ]
        nodes = [_node(server, cloud, conf) for server in servers[:2]]
        lab = ReplicationLab(cloud, vip, folder, servers, nodes)
        assert vip.address is not None
        lab.addresses = stack.enter_context(watch.addresses(vpc.nodes, vip.address))
        primary, *standbys = servers
        primary.create()
        for standby in standbys:
            standby.copy(primary)
            standby.start()
        with explained(lab.logs):
            for node in nodes:
                node.agent.start()
                node.keepalived.start()
                lab.wait_until(lambda: lab.leads_to(nodes[0]), _LEADS_WITHIN_S)
            lab.wait_for_followers(primary, "db2 sync", "db3 potential", within_s=_STREAMS_WITHIN_S)
            stack.enter_context(client(vip.client, "row", VIP, postgres.PORT, folder / "written.jsonl"))
            yield lab


def _node(server: Replica, cloud: Aws, conf: str) -> Node:
    folder = server.folder.parent
    config, run = folder / "vipswitch.toml", folder / movers.RUN
    config.write_text(vipswitch_toml(cloud))
    run.mkdir()
    run.chmod(0o770)
    shutil.chown(run, "root", postgres.user())
    env = {
        **server.env,
        **cloud.environment(),
        "PATH": f"{Path(sys.executable).parent}:{server.env['PATH']}",
        "PYTHONPATH": str(ROOT),
        "VIPSWITCH_CONFIG": str(config),
        "VIPSWITCH_RUN_DIR": str(run),
    }
    agent = Agent(server.host, folder, _AGENT, env)
    return Node(server, agent, Keepalived(server.host, folder, conf, env, server.name))


_AGENT = [sys.executable, "-m", "vipswitch", "agent"]
