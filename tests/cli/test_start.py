"""What starting costs: a hook's imports are failover time, and `--help` is for impatient people."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

SDKS = re.compile(r"boto3|botocore|azure|google|moto|msrest|s3transfer")
SLOW = re.compile(r"rich|prometheus_client|asyncio|http\.client|urllib3|requests|ssl|importlib\.metadata")
VIP = ["10.99.0.50", "--provider", "file", "--path", "{folder}/vip.json", "--node", "a"]
AWS = [
    "10.99.0.50",
    "--provider",
    "aws-route-table",
    "--route-tables",
    "rtb-0a1b2c3d",
    "--interface",
    "nosuch0",
]
TOOL = "from vipswitch.cli import main; main(words)"
UP = "from vipswitch.callers import hook; hook.run('up', words, 10.0)"
DOWN = "from vipswitch.callers import hook; hook.run('down', words, 10.0)"
PATRONI = (
    "from vipswitch.callers import patroni;"
    " patroni.obey(patroni.orders(patroni.understood([*words, 'on_start', 'master', 'pg'])))"
)
OCF = "import os; from vipswitch.callers.ocf.agent import run; os.environ['OCF_RESKEY_ip'] = words[0]; "
OCF_SETTINGS = "os.environ['OCF_RESKEY_settings'] = 'provider=file node=a path={folder}/vip.json'; "
ARPING = "from vipswitch.callers.arping import arping; sys.argv[1:] = words; arping()"
_TELL = """
import sys
words = sys.argv[1:]
try:
    {}
finally:
    sys.stderr.write(f"modules: {{' '.join(sys.modules)}}")
"""


def imported_by(folder: Path, call: str, *words: str) -> set[str]:
    """The modules that a command has loaded by its end. Hooks close stdout, so they are told on stderr."""
    environment = {**os.environ, "VIPSWITCH_RUN_DIR": str(folder / "run"), "VIPSWITCH_CONFIG": ""}
    given = [word.replace("{folder}", str(folder)) for word in words]
    done = subprocess.run(
        [sys.executable, "-c", _TELL.format(call), *given],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return set(done.stderr.rpartition("modules: ")[2].split())


@pytest.mark.parametrize("words", [["--help"], ["up", "--help"], ["--version"]])
def test_help_loads_no_cloud_sdk(tmp_path: Path, words: list[str]) -> None:
    """Nor the library for tables, nor any provider."""
    loaded = imported_by(tmp_path, TOOL, *words)
    assert "vipswitch.options" in loaded
    assert not [name for name in loaded if SDKS.match(name) or SLOW.match(name)]
    assert not [name for name in loaded if name.startswith("vipswitch.providers")]


@pytest.mark.parametrize("hook", [UP, ARPING, DOWN])
def test_hooks_load_only_what_their_vip_needs(tmp_path: Path, hook: str) -> None:
    """A VIP without a cloud never pays for one; no hook pays for what only people see."""
    loaded = imported_by(tmp_path, hook, *VIP)
    assert "vipswitch.providers.file" in loaded
    assert not [name for name in loaded if SDKS.match(name) or SLOW.match(name)]


@pytest.mark.parametrize("caller", ["keepalived"])
def test_the_hooks_of_other_callers_start_with_what_pgpools_starts_with(tmp_path: Path, caller: str) -> None:
    """What each loads before it has looked at its words, and so what it costs to hand an order over."""
    begin = "import vipswitch.callers.{}"
    pgpool = imported_by(tmp_path, begin.format("pgpool")) - {"vipswitch.callers.pgpool"}
    assert imported_by(tmp_path, begin.format(caller)) - {f"vipswitch.callers.{caller}"} == pgpool


def test_a_callback_of_patroni_loads_no_more_than_the_hook_of_pgpool(tmp_path: Path) -> None:
    """But its own words, and what lets its work outlive it."""
    more = imported_by(tmp_path, PATRONI, *VIP) - imported_by(tmp_path, UP, *VIP)
    assert more <= {"vipswitch.callers.patroni", "vipswitch.callers.outliving", "select"}


def test_the_announcement_of_a_cloud_vip_loads_no_sdk(tmp_path: Path) -> None:
    """It reaches nobody there, so it costs one interpreter start."""
    loaded = imported_by(tmp_path, ARPING, *AWS)
    assert "vipswitch.providers.aws.route_table.provider" in loaded
    assert not [name for name in loaded if SDKS.match(name) or SLOW.match(name)]
    assert "vipswitch.switch" not in loaded


def test_a_host_that_cannot_take_the_address_costs_no_sdk(tmp_path: Path) -> None:
    """The host is proved able first; boto3 is loaded for the first request."""
    loaded = imported_by(tmp_path, UP, *AWS, "--node", "eni-0a1b2c3d")
    assert not [name for name in loaded if SDKS.match(name)]


@pytest.mark.parametrize("action", ["start", "monitor", "stop"])
def test_actions_of_pacemaker_load_only_what_their_vip_needs(tmp_path: Path, action: str) -> None:
    """A monitor runs every few seconds, for years."""
    settings = OCF_SETTINGS.replace("{folder}", str(tmp_path))
    loaded = imported_by(tmp_path, f"{OCF}{settings}run(['{action}'], os.environ)", "10.99.0.50")
    assert "vipswitch.providers.file" in loaded
    assert not [name for name in loaded if SDKS.match(name) or SLOW.match(name)]


@pytest.mark.timed
def test_help_takes_at_most_ten_bare_interpreters() -> None:
    """The best of several runs of each, in turn, so that a busy machine slows both."""
    tool = [str(Path(sysconfig.get_path("scripts"), "vipswitch")), "--help"]
    pairs = [(_seconds([sys.executable, "-c", "pass"]), _seconds(tool)) for _ in range(7)]
    bare, helped = (min(times) for times in zip(*pairs, strict=True))
    assert helped < 10 * bare


def _seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - began
