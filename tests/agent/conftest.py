"""Nodes whose agents and hooks are real processes, in folders with short names, as a socket needs it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.agent.node import Node
from tests.aws.fixtures import cloud, ec2, node_count, topology

__all__ = ["cloud", "ec2", "node_count", "topology"]


class MakeNode(Protocol):
    """Makes a node with this config; FOLDER in it stands for the node's folder."""

    def __call__(
        self, config: str, environment: Mapping[str, str] | None = None, prefix: tuple[str, ...] = ()
    ) -> Node: ...


@pytest.fixture
def make_node() -> Iterator[MakeNode]:
    """Nodes of one test; nothing that they have started outlives it."""
    with ExitStack() as stack:
        yield maker(stack)


def maker(stack: ExitStack) -> MakeNode:
    """Makes nodes that end with the stack."""

    def make(config: str, environment: Mapping[str, str] | None = None, prefix: tuple[str, ...] = ()) -> Node:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vs-")))
        node = Node(folder, environment or {}, prefix)
        node.config.write_text(config.replace("FOLDER", str(folder)))
        stack.callback(node.close)
        return node

    return make
