"""Questions are put in the HA manager's words, and nothing heavy is loaded before one is asked."""

from __future__ import annotations

import subprocess
import sys

from vipswitch.authority import Question, question
from vipswitch.model import NodeId
from vipswitch.nodes import Node, same_host

NODES = {
    "a": Node((NodeId("eni-a"), NodeId("10.0.1.5")), "10.0.1.5"),
    "b": Node((NodeId("eni-b"),)),
}


def test_holder_is_translated_by_the_ids_of_the_nodes() -> None:
    """Each provider has its own name for a node; without a host, the node's name is what others call it."""
    me, holder = NodeId("10.0.1.5"), NodeId("eni-b")
    assert question(NODES, "primary", me, holder) == Question("primary", me, holder, "10.0.1.5", "b")


def test_stranger_and_nobody_have_no_host() -> None:
    """So that no authority can say yes."""
    stranger = NodeId("eni-")
    assert question(NODES, "v", stranger, None) == Question("v", stranger, None, None, None)


def test_hosts_are_compared_as_what_they_are() -> None:
    """Addresses as addresses, names without regard to case; nothing is resolved."""
    assert same_host("fd00::1", "fd00:0::1")
    assert same_host("PG1.example.", "pg1.example")
    assert not same_host("10.0.2.1", "10.0.2.10")
    assert not same_host("localhost", "127.0.0.1")


def test_settings_load_neither_subprocess_nor_http() -> None:
    """A hook reads them at every start."""
    tell = "import sys, vipswitch.authority.settings as s; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True)
    assert not {"subprocess", "http.client", "ssl", "json", "socket", "selectors"} & set(shown.stdout.split())
