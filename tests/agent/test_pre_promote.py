"""The script of examples/patroni that can refuse a promotion, with a VIP of AWS."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.agent.node import BIN, ROOT, Node
from tests.agent.plots import Plot, Plots
from tests.agent.test_paths import FAILURES, cloudy, node_count, path, plots, vip

__all__ = ["cloudy", "node_count", "path", "plots", "vip"]

SCRIPT = ROOT / "examples" / "patroni" / "pre-promote"


def run(node: Node, script: Path) -> int:
    """Its exit code, which decides about the promotion."""
    return subprocess.run([str(script)], env=node.surroundings(), timeout=30, check=False).returncode


@pytest.fixture
def script(cloudy: Node) -> Path:
    """The example's, about the VIP of this cloud, with the hook of this installation."""
    text = SCRIPT.read_text().replace("/usr/local/bin/vipswitch-if-up primary", f"{BIN}/vipswitch-if-up db")
    found = cloudy.folder / "pre-promote"
    found.write_text(text)
    found.chmod(0o755)
    return found


def test_a_node_that_can_have_the_vip_is_promoted_with_it(
    cloudy: Node, plots: Plots, vip: Plot, script: Path
) -> None:
    """The VIP is there before PostgreSQL is a primary."""
    assert run(cloudy, script) == 0
    assert plots.holders(vip) == [vip.interfaces[1]]


@pytest.mark.parametrize(("fails", "code"), FAILURES, ids=lambda given: getattr(given, "__name__", ""))
def test_only_what_no_waiting_mends_is_refused(
    cloudy: Node, plots: Plots, vip: Plot, script: Path, fails: Callable[[Plots, Plot], None], code: int
) -> None:
    """A permission that is missing; an API that is down may be back by the time of the callback."""
    fails(plots, vip)
    assert run(cloudy, script) == (1 if code == 3 else 0)
