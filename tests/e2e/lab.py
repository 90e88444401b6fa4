"""The scene of one scenario: cloud network, local AWS, PostgreSQL, Pgpool-II nodes, a client; all watched.

Rules: one lab per process, because moto's state is the process's; all files lie in one folder of /tmp that
is named after the process, and go with it; what a crashed lab left is swept by the next one.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from tests.e2e import asking, movers, postgres, records, watch
from tests.e2e.agents import Agent
from tests.e2e.cloud import Cloud, serve
from tests.e2e.evidence import AddressEvent, Evidence, Hook
from tests.e2e.methods import METHODS, Seed
from tests.e2e.pgpool import PORT, Pgpool
from tests.e2e.resolving import resolving
from vipswitch.testing.fabric.namespaces import orphaned
from vipswitch.testing.fabric.vpc import Vpc, build

_DB = 150
_BETWEEN_STARTS_S = 1.5


class Lab:
    """A running scene; the scenario acts on it and `mark`s what it does."""

    def __init__(
        self,
        cloud: Cloud,
        vip: Seed,
        nodes: Mapping[str, Pgpool],
        agents: Mapping[str, Agent],
        folder: Path,
        addresses: list[AddressEvent],
    ) -> None:
        self.vpc = cloud.vpc
        self.cloud = cloud
        self.vip = vip
        self.nodes = nodes
        self.agents = agents
        self.marks: dict[str, float] = {}
        self.roles: dict[str, str] = {}
        self._folder = folder
        self._addresses = addresses

    def mark(self, moment: str) -> None:
        """Note that this happens now."""
        self.marks[moment] = time.monotonic()

    def hooks(self) -> list[Hook]:
        """Every run of a hook so far, by its start."""
        return records.hooks(self._folder, self.nodes)

    def wait_for_up(self, *, since: float = 0.0, within_s: float = 40.0) -> Pgpool:
        """The node whose `up` was the first to begin after `since`, once that has ended well."""
        hook = self.wait_for(lambda hook: hook.hook == "up" and hook.started >= since, within_s=within_s)
        return self.nodes[hook.node]

    def wait_for(self, wanted: Callable[[Hook], bool], *, within_s: float) -> Hook:
        """The first run of a hook that is wanted, once it has ended; TimeoutError."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = next((hook for hook in self.hooks() if wanted(hook)), None)
            if found and found.ended is not None:
                return found
            time.sleep(0.05)
        raise TimeoutError(f"no such hook within {within_s} s: {self.hooks()}")

    def evidence(self) -> Evidence:
        """All that was recorded until now."""
        return Evidence(
            self.marks,
            self.roles,
            self.hooks(),
            records.requests(self.cloud),
            self.vip.truth(),
            list(self._addresses),
            records.queries(self._folder / "queries.jsonl"),
            records.deeds(self._folder, self.nodes),
            {name: agent.log for name, agent in self.agents.items()},
        )

    def logs(self) -> dict[str, str]:
        """What each Pgpool-II node and each agent has logged."""
        agents = {f"{name}-agent": agent.log for name, agent in self.agents.items()}
        return {name: node.log for name, node in self.nodes.items()} | agents

    def run_folder(self, node: str) -> Path:
        """Where vipswitch keeps the orders of a node."""
        return self._folder / node / movers.RUN


@contextmanager
def start(
    mover: str,
    provider: str,
    *,
    nodes: int,
    style: movers.Style,
    settings: Mapping[str, str],
    asks: bool = False,
) -> Iterator[Lab]:
    """A lab in which a leader has the VIP of this provider and the client's queries succeed.

    `style` says by which settings Pgpool-II calls the mover; `settings` are added to pgpool.conf; `asks` lets
    agents ask Pgpool-II who leads.
    """
    method = METHODS[provider]
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        vpc = stack.enter_context(build(nodes=nodes, together=method.together))
        cloud = stack.enter_context(serve(vpc, internet=method.internet))
        vip = method.seed(cloud)
        if mover == "sample" and method.unchecked:
            cloud.turn_checks_off()
        database = vpc.attach("db", _DB)
        stack.enter_context(postgres.serve(database, folder / "postgres"))
        addresses = stack.enter_context(_watched(vpc, vip))
        pgpools = {
            host.name: Pgpool(k, vpc.nodes, folder / host.name, database) for k, host in enumerate(vpc.nodes)
        }
        agents: dict[str, Agent] = {}
        lab = Lab(cloud, vip, pgpools, agents, folder, addresses)
        for name, node in pgpools.items():
            site = _site(cloud, vip, node.folder, asks=asks)
            made = movers.MOVERS[mover](site)
            if made.agent:
                agents[name] = Agent(node.host, node.folder, made.agent, made.env)
                stack.callback(agents[name].kill)
                agents[name].start()
            node.start({**style(made, site), **settings}, made.env)
            time.sleep(_BETWEEN_STARTS_S)
        lab.wait_for_up()
        stack.enter_context(_client(cloud, vip, folder))
        yield lab


def _site(cloud: Cloud, vip: Seed, folder: Path, *, asks: bool) -> movers.Site:
    site = movers.Site(folder, vip.called, vip.settings, vip.sample, cloud.aws.url, cloud.seed.region)
    if not asks:
        return site
    tables = asking.tables(cloud, asking.admit(folder))
    return replace(site, settings=f"{site.settings}\n{asking.VIP_LINE}", tables=tables)


def _watched(vpc: Vpc, vip: Seed) -> AbstractContextManager[list[AddressEvent]]:
    """The coming and going of the VIP's address on the nodes; no events where it has none."""
    return nullcontext([]) if vip.address is None else watch.addresses(vpc.nodes, vip.address)


@contextmanager
def _client(cloud: Cloud, vip: Seed, folder: Path) -> Iterator[None]:
    program = Path(__file__).with_name("client.py")
    command = [sys.executable, str(program), vip.reach, str(PORT), str(folder / "queries.jsonl")]
    with resolving(cloud, vip.zone, vip.client, folder) if vip.zone else nullcontext(()) as words:
        client = vip.client.namespace.popen([*words, *command])
        try:
            records.wait_for_success(folder / "queries.jsonl", within_s=20)
            yield
        finally:
            client.terminate()
            client.wait()


@contextmanager
def _folder() -> Iterator[Path]:
    for left in Path("/tmp").glob("vs*-*"):
        if orphaned(left.name):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"vs{os.getpid()}-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
