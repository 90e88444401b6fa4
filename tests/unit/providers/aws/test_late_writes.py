"""A write on a warm connection, made after the network was cut, never arrives after it has healed.

The kernel goes on sending what a process has written, also for a process that is dead. Plain boto3 is the
counter-proof: its write arrives, so that these tests would notice if ours did. Real packets: a node and
the API in network namespaces, the router between them silently dropping.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.agent.node import stands_still, until
from vipswitch.testing.aws import AwsCloud, Topology
from vipswitch.testing.aws import build as build_topology
from vipswitch.testing.fabric.vpc import Vpc
from vipswitch.testing.fabric.vpc import build as build_network

CLIENT = Path(__file__).with_name("late_client.py")
ROOT = Path(__file__).parents[4]
PORT = 8000
DEADLINE_S = 1.0
WATCHED_S = 3.0
"""After the cut was healed. The kernel doubles its pauses: the next attempt comes at most as long after
the cut as the cut has lasted, which is less than two seconds."""
SURELY_S = 20.0
"""For what does arrive, also where a busy machine has made the cut longer."""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None, reason="needs root and iproute2 for network namespaces"
)


@dataclass
class Lab:
    """A node, cut off or not, and the cloud it writes to."""

    vpc: Vpc
    cloud: AwsCloud
    topology: Topology
    folder: Path
    clients: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, kind: str) -> tuple[subprocess.Popen[bytes], Path]:
        """A client on the node, warm, and the file that tells it to write."""
        node, go = self.topology.nodes[0], self.folder / "go"
        said = self.folder / "said"
        words = [sys.executable, str(CLIENT), kind, self.topology.tables[0], node.interface_id]
        with said.open("wb") as output:
            client = self.vpc.nodes[0].namespace.popen(
                [*words, str(DEADLINE_S), str(go)], env=self._environment(), output=output
            )
        self.clients.append(client)
        assert until(lambda: b"warm" in said.read_bytes(), 30.0)
        return client, go

    def write_into_the_void(self, kind: str) -> subprocess.Popen[bytes]:
        """A client that has written its request while the network was cut."""
        client, go = self.start(kind)
        self.vpc.router.cut(self.vpc.nodes[0])
        go.touch()
        assert until(lambda: b"writing" in (self.folder / "said").read_bytes(), 10.0)
        time.sleep(0.3)
        return client

    def heal(self) -> None:
        self.vpc.router.heal(self.vpc.nodes[0])

    def arrived(self, within_s: float) -> bool:
        """Whether the write reaches the cloud within this time."""
        return until(lambda: "ReplaceRoute" in {c.action for c in self.cloud.journal.calls()}, within_s)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "AWS_ENDPOINT_URL": f"http://{self.vpc.api.address}:{PORT}",
            "AWS_DEFAULT_REGION": self.topology.region,
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "test",
        }


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """One node and the API, each in its own namespace."""
    with build_network(nodes=1) as vpc:
        listener = vpc.api.namespace.listener(str(vpc.api.address), PORT)
        with AwsCloud(listener=listener) as cloud:
            topology = vpc.api.namespace.inside(lambda: build_topology(cloud, nodes=1))
            cloud.journal.clear()
            lab = Lab(vpc, cloud, topology, tmp_path)
            yield lab
            for client in lab.clients:
                client.kill()
                client.wait()


def killed(lab: Lab, client: subprocess.Popen[bytes]) -> None:
    """The hook is killed: by its caller, or with its node's other processes."""
    client.kill()
    client.wait()


def past_its_deadline(lab: Lab, client: subprocess.Popen[bytes]) -> None:
    """The process lives on and has given up."""
    client.wait(DEADLINE_S + 5)


def standing_still(lab: Lab, client: subprocess.Popen[bytes]) -> None:
    """The process was stopped, and can close nothing, until its deadline is over."""
    client.send_signal(signal.SIGSTOP)
    assert until(lambda: stands_still(client.pid))
    time.sleep(DEADLINE_S + 0.5)


ENDS = [killed, past_its_deadline, standing_still]


@pytest.mark.parametrize("ends", ENDS, ids=[end.__name__ for end in ENDS])
def test_a_write_made_in_a_cut_network_never_arrives(
    lab: Lab, ends: Callable[[Lab, subprocess.Popen[bytes]], None]
) -> None:
    """Not when the network heals, not later: by then another node may hold the VIP."""
    client = lab.write_into_the_void("vipswitch")
    ends(lab, client)
    lab.heal()
    assert not lab.arrived(WATCHED_S)


@pytest.mark.parametrize("ends", [killed, standing_still], ids=["killed", "standing_still"])
def test_without_our_sockets_it_does_arrive(
    lab: Lab, ends: Callable[[Lab, subprocess.Popen[bytes]], None]
) -> None:
    """The planted client: boto3 as it comes."""
    client = lab.write_into_the_void("planted")
    ends(lab, client)
    lab.heal()
    assert lab.arrived(SURELY_S)


def test_without_the_cut_it_arrives(lab: Lab) -> None:
    """The test would see it."""
    _, go = lab.start("vipswitch")
    go.touch()
    assert lab.arrived(SURELY_S)
