"""The scene of one scenario, as the scenario sees it: what it may act on, and what was recorded."""

import time
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

from tests.e2e import records
from tests.e2e.agents import Agent
from tests.e2e.aws import Aws
from tests.e2e.evidence import AddressEvent, Evidence
from tests.e2e.patroni import rows
from tests.e2e.patroni.cluster import Cluster
from tests.e2e.patroni.member import POSTGRES_PORT, Member, wait_for


class Lab:
    """A running scene; the scenario acts on it and `mark`s what it does."""

    def __init__(
        self,
        cloud: Aws,
        vip: IPv4Address,
        cluster: Cluster,
        agents: Mapping[str, Agent],
        folder: Path,
        addresses: list[AddressEvent],
        example: Path,
    ) -> None:
        self.cloud = cloud
        self.vpc = cloud.vpc
        self.vip = vip
        self.cluster = cluster
        self.agents = agents
        self.marks: dict[str, float] = {}
        self.roles: dict[str, str] = {}
        self._folder = folder
        self._addresses = addresses
        self._example = example

    def mark(self, moment: str) -> None:
        """Note that this happens now."""
        self.marks[moment] = time.monotonic()

    def cast(self, role: str, member: Member) -> None:
        """Note who plays this part."""
        self.roles[role] = member.host.name

    def holders(self) -> set[str | None]:
        """To whom the route tables lead now."""
        return set({route.table: route.holder for route in records.routes(self.cloud, self.vip)}.values())

    def await_holder(self, member: Member, *, within_s: float) -> None:
        """Wait until all routes lead to this member; what does not come to pass is for the judge to see."""
        deadline = time.monotonic() + within_s
        while self.holders() != {member.host.name} and time.monotonic() < deadline:
            time.sleep(0.05)

    def await_no_address(self, member: Member, *, within_s: float) -> None:
        """Wait until the VIP's address is off this member's host; the judge sees when that was."""
        deadline = time.monotonic() + within_s
        while f" {self.vip}/" in member.host.namespace.ip("address") and time.monotonic() < deadline:
            time.sleep(0.1)

    def await_callback(self, member: Member, action: str, *, since: float, done: bool = False) -> None:
        """Wait until Patroni has begun this callback on a member, or until it has ended; TimeoutError."""
        name = member.host.name
        wait_for(
            lambda: any(
                hook.hook == action and hook.started > since and (hook.ended or not done)
                for hook in records.hooks(self._folder, [name])
            ),
            f"{action} on {name}",
            within_s=30,
        )

    def evidence(self) -> Evidence:
        """All that was recorded until now; the rows are asked of the leader."""
        leader = self.cluster.leader().host
        names = list(self.cluster.members)
        attempts = records.queries(self._folder / "queries.jsonl")
        where = rows.conninfo(self._example, str(leader.address), POSTGRES_PORT)
        return Evidence(
            self.marks,
            self.roles,
            records.hooks(self._folder, names),
            self.cloud.requests(),
            records.routes(self.cloud, self.vip),
            list(self._addresses),
            attempts,
            records.deeds(self._folder, names),
            self.logs(),
            rows.found(leader, where),
        )

    def logs(self) -> dict[str, str]:
        """What each Patroni and each agent has logged."""
        patronis = {f"{name}-patroni": member.log for name, member in self.cluster.members.items()}
        return {f"{name}-agent": agent.log for name, agent in self.agents.items()} | patronis
