"""Three members of Patroni and three of etcd, one of each on a node, as an example sets them up."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.patroni import etcd
from tests.e2e.patroni.etcd import Etcd
from tests.e2e.patroni.member import Calling, Member, wait_for
from vipswitch.testing.fabric.host import Host

LEADS = frozenset({"leader", "standby_leader"})


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster at work; members and etcds go by the names of their hosts."""

    members: Mapping[str, Member]
    etcds: Mapping[str, Etcd]

    def roles(self) -> dict[str, str]:
        """The role of each member that runs, as the first of them that answers says."""
        for member in self.members.values():
            code, said = member.ask("/cluster")
            if code == 200:
                hosts = {each.name: each.host.name for each in self.members.values()}
                up = ("running", "streaming")
                return {hosts[each["name"]]: each["role"] for each in said["members"] if each["state"] in up}
        return {}

    def leader(self, *, within_s: float = 30.0) -> Member:
        """The one that leads and answers as a primary, once there is one; TimeoutError."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = [each for each in self.members.values() if each.ask("/primary")[0] == 200]
            if len(found) == 1:
                return found[0]
            time.sleep(0.1)
        raise TimeoutError(f"no leader within {within_s} s: {self.roles()}")

    def rest(self, *, within_s: float = 60.0) -> Member:
        """Wait until everybody runs and one replica is synchronous; the leader."""
        wanted = ["leader", "replica", "sync_standby"]
        wait_for(
            lambda: sorted(self.roles().values()) == wanted, f"{wanted}: {self.roles()}", within_s=within_s
        )
        return self.leader()

    def synchronous(self) -> Member:
        """The replica that may be promoted."""
        return next(self.members[name] for name, role in self.roles().items() if role == "sync_standby")

    def switch_over(self, to: Member, *, leader: Member | None = None) -> None:
        """Have Patroni move the leadership to a member; returns when Patroni says that it is done."""
        leader = leader or self.leader()
        code, said = leader.ask("/switchover", "POST", {"leader": leader.name, "candidate": to.name})
        if code != 200:
            raise RuntimeError(f"switchover: {code} {said}")

    def pause(self, paused: bool) -> None:
        """Set the cluster's maintenance mode; wait until each member knows."""
        member = next(iter(self.members.values()))
        code, said = member.ask("/config", "PATCH", {"pause": paused})
        if code != 200:
            raise RuntimeError(f"pause: {code} {said}")
        wait_for(lambda: self._paused() == [paused] * len(self.members), f"pause {paused}", within_s=15)

    def _paused(self) -> list[bool]:
        return [bool((each.ask("/patroni")[1] or {}).get("pause")) for each in self.members.values()]


@contextmanager
def start(
    hosts: Sequence[Host],
    folder: Path,
    example: Path,
    calling: Mapping[str, Calling] | None = None,
) -> Iterator[Cluster]:
    """A cluster that has come to rest on these hosts, its first member leading; gone at the end.

    `calling` says what the Patroni of each host calls: nothing, if it is not given.
    """
    names = {host.name: f"db{number}" for number, host in enumerate(hosts, 1)}
    etcds = {host.name: Etcd(host, names[host.name], example, folder / host.name / "etcd") for host in hosts}
    members = {
        host.name: Member(host, names[host.name], example, folder / host.name, (calling or {}).get(host.name))
        for host in hosts
    }
    with ExitStack() as stack:
        for each in etcds.values():
            stack.callback(each.kill)
            each.start()
        etcd.wait_for(list(etcds.values()))
        cluster = Cluster(members, etcds)
        for member in members.values():
            stack.callback(member.kill)
            member.start()
            cluster.leader(within_s=60)
        with _explained(cluster):
            cluster.rest()
        yield cluster


@contextmanager
def _explained(cluster: Cluster) -> Iterator[None]:
    """What breaks off tells what everybody had logged."""
    try:
        yield
    except Exception as broken:
        for name, member in cluster.members.items():
            broken.add_note(f"{name}: {member.log[-3000:]}")
        raise
