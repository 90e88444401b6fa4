"""Sets the scene: cloud network, local cloud, PostgreSQL, Pgpool-II nodes, agents, a client; all watched.

Rules: one lab per process, because moto's state is the process's; all files lie in one folder of /tmp that
is named after the process, and go with it; what a crashed lab left is swept by the next one.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

from tests.e2e import asking, movers, postgres, watch
from tests.e2e.agents import Agent
from tests.e2e.clients import client
from tests.e2e.cloud import Cloud
from tests.e2e.evidence import AddressEvent
from tests.e2e.lab import Lab, explained
from tests.e2e.method import Seed
from tests.e2e.methods import METHODS
from tests.e2e.pgpool import PORT, Pgpool
from tests.e2e.resolving import resolving
from vipswitch.testing.fabric.namespaces import orphaned
from vipswitch.testing.fabric.vpc import Vpc, build

_DB = 150
DATABASE = f"10.0.{_DB}.10"
"""Where PostgreSQL is."""
_BETWEEN_STARTS_S = 1.5


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
        folder = stack.enter_context(folder_of_its_own())
        vpc = stack.enter_context(build(nodes=nodes, together=method.together))
        cloud = stack.enter_context(method.serve(vpc))
        vip = method.seed(cloud)
        if mover == "sample":
            vip.by_hand()
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
        with explained(lab.logs):
            lab.wait_for_up()
            stack.enter_context(_client(cloud, vip, folder))
            yield lab


def _site(cloud: Cloud, vip: Seed, folder: Path, *, asks: bool) -> movers.Site:
    config = asking.added(vip.config, cloud, asking.admit(folder)) if asks else vip.config
    return movers.Site(folder, vip.called, config, vip.sample, cloud.environment())


def _watched(vpc: Vpc, vip: Seed) -> AbstractContextManager[list[AddressEvent]]:
    """The coming and going of the VIP's address on the nodes; no events where it has none."""
    return nullcontext([]) if vip.address is None else watch.addresses(vpc.nodes, vip.address)


@contextmanager
def _client(cloud: Cloud, vip: Seed, folder: Path) -> Iterator[None]:
    queries = folder / "queries.jsonl"
    with (
        resolving(cloud, vip.zone, vip.client, folder) if vip.zone else nullcontext(()) as words,
        client(vip.client, "query", vip.reach, PORT, queries, within=words),
    ):
        yield


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """A folder of this process, gone at the end; sweeps those of processes that crashed."""
    for left in Path("/tmp").glob("vs*-*"):
        if orphaned(left.name):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"vs{os.getpid()}-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
