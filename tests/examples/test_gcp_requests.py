"""How many requests each method of Google Cloud makes, counted by the local one and compared with the docs.

Google Cloud carries every write out at once here, so that nothing is looked at twice: what is left is what no
takeover can do without. The first command of a node, which asks who it is, is not counted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.examples.gcp import Node, node
from tests.examples.gcp_examples import EXAMPLES, Example

DOCS = Path(__file__).parents[2] / "docs/providers/gcp.md"
COLUMNS = ("`up`, another has it", "`up`, nobody has it", "`up`, already held", "`down`", "`status`")

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace"),
    pytest.mark.full,
]


@dataclass(frozen=True)
class Counting:
    """An example on a node that knows who it is."""

    example: Example
    node: Node

    def requests(self, command: str) -> str:
        """What a command asks of Google Cloud, as the docs write it."""
        journal = self.node.gcp.journal
        journal.clear()
        done = self.node.vipswitch(command, self.example.vip)
        assert done.returncode == 0, done.stderr
        reads = sum(not call.mutating for call in journal.calls())
        writes = sum(call.mutating for call in journal.calls())
        return " + ".join([f"{reads} R"] * bool(reads) + [f"{writes} W"] * bool(writes))


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.name)
def counting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counting]:
    """Each example; the other node has the VIP."""
    example: Example = request.param
    with node(tmp_path, example.site, example=example.folder / "vipswitch.toml") as started:
        started.gcp.rules.done_at_once = True
        example.seed(started)
        counting = Counting(example, started)
        counting.requests("status")
        yield counting


def test_the_docs_say_how_many_requests_there_are(counting: Counting) -> None:
    """For each command, in the order in which a VIP goes through them."""
    takeover, held, status, down = map(counting.requests, ("up", "up", "status", "down"))
    if counting.example.empty:
        counting.example.empty(counting.node)
    from_nobody = counting.requests("up")
    assert _said()[counting.example.name] == (takeover, from_nobody, held, down, status)
    assert counting.example.holders(counting.node) == {counting.example.me}


def _said() -> dict[str, tuple[str, ...]]:
    """The table in the docs, by the example's folder."""
    rows = [line.split("|")[1:-1] for line in DOCS.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert ["", *COLUMNS] in cells
    found = ((re.search(r"examples/([\w-]+)\)", row[0]), row[1:]) for row in cells)
    return {match[1]: tuple(counts) for match, counts in found if match}
