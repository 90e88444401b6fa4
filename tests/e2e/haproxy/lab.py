"""A pair of HAProxies with keepalived in front of a Patroni cluster, and a client that writes through both.

    n1, n2, n3: Patroni and etcd      n4, n5: HAProxy and keepalived      VIP 10.99.0.50:5000

Rules: those of `tests.e2e.stage`.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address
from pathlib import Path

from tests.e2e import aws, records, watch
from tests.e2e.aws import Aws
from tests.e2e.clients import client
from tests.e2e.evidence import AddressEvent, Evidence
from tests.e2e.haproxy.proxy import EXAMPLE, PORT, Proxy
from tests.e2e.lab import explained
from tests.e2e.patroni import cluster, rows
from tests.e2e.patroni.cluster import Cluster
from tests.e2e.patroni.member import POSTGRES_PORT, wait_for
from tests.e2e.stage import folder_of_its_own
from vipswitch.testing.fabric.vpc import build

VIP = IPv4Address("10.99.0.50")
_DATABASES = 3


class Lab:
    """A running scene; the scenario acts on it and `mark`s what it does."""

    def __init__(
        self,
        cloud: Aws,
        databases: Cluster,
        proxies: Mapping[str, Proxy],
        folder: Path,
        addresses: list[AddressEvent],
    ) -> None:
        self.cloud = cloud
        self.cluster = databases
        self.proxies = proxies
        self.marks: dict[str, float] = {}
        self.roles: dict[str, str] = {}
        self._folder = folder
        self._addresses = addresses

    def mark(self, moment: str) -> None:
        """Note that this happens now."""
        self.marks[moment] = time.monotonic()

    def cast(self, role: str, proxy: Proxy) -> None:
        """Note who plays this part."""
        self.roles[role] = proxy.host.name

    def active(self) -> Proxy:
        """The proxy to which the route tables lead."""
        holders = {route.table: route.holder for route in records.routes(self.cloud, VIP)}.values()
        (name,) = set(holders)
        return self.proxies[str(name)]

    def passive(self) -> Proxy:
        """The other one."""
        active = self.active()
        return next(each for each in self.proxies.values() if each is not active)

    def await_written(self, since: float, *, within_s: float) -> None:
        """Wait until a row that was begun since then is acknowledged; whether it is, the judge sees."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline and not any(
            each.error is None and each.started > since for each in records.queries(self._queries)
        ):
            time.sleep(0.1)

    def await_no_address(self, proxy: Proxy, *, within_s: float) -> None:
        """Wait until the VIP's address is off this proxy's host; whether it is, the judge sees."""
        deadline = time.monotonic() + within_s
        while f" {VIP}/" in proxy.host.namespace.ip("address") and time.monotonic() < deadline:
            time.sleep(0.1)

    def evidence(self) -> Evidence:
        """All that was recorded until now; the rows are asked of the leader."""
        leader = self.cluster.leader().host
        attempts = records.queries(self._queries)
        where = rows.conninfo(EXAMPLE, str(leader.address), POSTGRES_PORT)
        return Evidence(
            self.marks,
            self.roles,
            [],
            self.cloud.requests(),
            records.routes(self.cloud, VIP),
            list(self._addresses),
            attempts,
            records.deeds(self._folder, self.proxies),
            self.logs(),
            rows.found(leader, where),
        )

    def logs(self) -> dict[str, str]:
        """What everybody has logged."""
        found = {f"{name}-patroni": member.log for name, member in self.cluster.members.items()}
        for name, proxy in self.proxies.items():
            found |= {f"{name}-haproxy": proxy.log, f"{name}-keepalived": proxy.keepalived.log}
            found |= {f"{name}-agent": proxy.agent.log}
        return found

    @property
    def _queries(self) -> Path:
        return self._folder / "queries.jsonl"


@contextmanager
def start() -> Iterator[Lab]:
    """A cluster at rest, one proxy with the VIP, and a client whose rows arrive."""
    with ExitStack() as stack:
        folder = stack.enter_context(folder_of_its_own())
        vpc = stack.enter_context(build(nodes=_DATABASES + 2))
        cloud = stack.enter_context(aws.serve(vpc))
        hosts, fronts = vpc.nodes[:_DATABASES], vpc.nodes[_DATABASES:]
        addresses = stack.enter_context(watch.addresses(fronts, VIP))
        databases = stack.enter_context(cluster.start(hosts, folder, EXAMPLE))
        leader = databases.leader().host
        rows.create(leader, rows.conninfo(EXAMPLE, str(leader.address), POSTGRES_PORT))
        proxies = {
            host.name: Proxy(host, f"lb{number}", folder / host.name, cloud)
            for number, host in enumerate(fronts, 1)
        }
        lab = Lab(cloud, databases, proxies, folder, addresses)
        for proxy in proxies.values():
            stack.callback(proxy.agent.kill)
            stack.callback(proxy.kill_all)
            proxy.agent.start()
            proxy.start()
            proxy.keepalived.start()
        with explained(lab.logs):
            wait_for(lambda: _held(lab), "a proxy with the VIP", within_s=30)
            env = {"PGPASSWORD": rows.password(EXAMPLE)}
            stack.enter_context(client(vpc.client, "row", str(VIP), PORT, folder / "queries.jsonl", env=env))
            yield lab


def _held(lab: Lab) -> bool:
    return len({route.table for route in records.routes(lab.cloud, VIP)}) == len(lab.cloud.tables)
