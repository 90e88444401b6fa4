"""The lab itself: a cluster in namespaces is a cluster."""

import os
from pathlib import Path

import pytest

from tests.e2e.pacemaker.cluster import machines
from vipswitch.testing.fabric.vpc import build

pytestmark = [pytest.mark.usefixtures("pacemaker"), pytest.mark.full]
"""The scenarios do all that as well."""


def test_two_nodes_meet_and_a_resource_moves_between_them(tmp_path: Path) -> None:
    """Members see each other, take a resource over, and start again after all of them were killed."""
    with build(nodes=2) as vpc, machines(vpc.nodes, tmp_path, {"PATH": os.environ["PATH"]}) as cluster:
        cluster.start()
        cluster.configure("primitive dummy ocf:heartbeat:Dummy op monitor interval=10s\n")
        cluster.wait_for_where("dummy", "n1")
        cluster.nodes["n1"].stop()
        cluster.wait_for_where("dummy", "n2")
        cluster.nodes["n2"].kill()
        cluster.start()
        cluster.wait_for_rest()
        assert cluster.where("dummy") is not None
        assert cluster.failures() == []
