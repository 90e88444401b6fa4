"""Where an agent answers, no hook loads more than Pgpool-II's, beside the modules that read its own words.

What a hook imports is failover time on every caller alike. Looked at from outside, by Python's own list of
imports, since hooks end without tidying up.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

HOOKS = Path(__file__).resolve().parents[2] / "hooks"
PGPOOL = "if_up_cmd"

WORDS = {
    "if_up_cmd": [["primary"]],
    "if_down_cmd": [["primary"]],
    "keepalived": [
        ["primary", "master"],
        ["primary", "stop"],
        ["primary", "INSTANCE", "VI_1", "BACKUP", "100"],
        ["primary", "--config", "/etc/v.toml", "GROUP", "G1", "FAULT", "0"],
    ],
    "patroni": [
        ["primary", "on_role_change", "primary", "main"],
        ["primary", "on_stop", "replica", "main"],
    ],
    "ocf_vip": [["start"], ["stop"], ["monitor"]],
}
"""The words of each caller, for each of its hooks that hands its order over to the agent."""

APART = {
    "arping_cmd": "asks no agent: whether announcing means anything is in the config",
    "aws_rtb_if_cmd": "its words are config keys, of a VIP that no agent knows",
    "keepalived_fifo": "starts with keepalived, not at a failover",
}
"""Hooks that this does not hold for, and why."""

OWN = {"ocf_vip": "vipswitch.callers.ocf"}
"""The modules of a hook's own, where they are not called like its file."""

ENVIRONMENT = {
    "OCF_RESKEY_ip": "127.0.0.1",
    "OCF_RESKEY_CRM_meta_timeout": "60000",
    "OCF_RESKEY_CRM_meta_interval": "10000",
}
"""What Pacemaker says beside the words; others do not look at it. This host has that address."""

ROUNDS = 9
NOISE = 1.5
_IMPORT = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


@pytest.fixture
def run_folder(tmp_path: Path) -> Iterator[Path]:
    """A run folder in which an agent takes every order, and has carried it out at once."""
    with socket.socket(socket.AF_UNIX) as desk:
        desk.bind(str(tmp_path / "agent.sock"))
        desk.listen()
        threading.Thread(target=_take_orders, args=(desk,), daemon=True).start()
        yield tmp_path
        desk.shutdown(socket.SHUT_RDWR)


def _take_orders(desk: socket.socket) -> None:
    while True:
        try:
            peer, _ = desk.accept()
        except OSError:
            return
        with peer:
            asked = b""
            while not asked.endswith(b"\n\n"):
                asked += peer.recv(4096)
            peer.sendall(b"taken\nexit 0\n")


def environment(run_folder: Path) -> dict[str, str]:
    """A hook's; compiled modules are kept, as pip keeps them."""
    ours = ("VIPSWITCH_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **ENVIRONMENT, "VIPSWITCH_RUN_DIR": str(run_folder)}


def imported(hook: Path, words: list[str], run_folder: Path) -> set[str]:
    """Every module that the hook has loaded by its end, which has to be a good one."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(hook), *words],
        env=environment(run_folder),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(_IMPORT.findall(done.stderr))


def beyond_pgpool(hook: Path, words: list[str], run_folder: Path) -> set[str]:
    """What a hook loads beyond Pgpool-II's, the modules of its own caller aside."""
    own = OWN.get(hook.name, f"vipswitch.callers.{hook.name}")
    more = imported(hook, words, run_folder) - imported(HOOKS / PGPOOL, ["primary"], run_folder)
    return {name for name in more if f"{name}.".partition(f"{own}.")[0]}


def executables() -> list[str]:
    """The hooks of a clone."""
    return sorted(path.name for path in HOOKS.iterdir() if path.is_file())


@pytest.mark.parametrize("name", executables())
def test_every_hook_is_held_to_it_or_says_why_not(name: str) -> None:
    """A new hook is given its caller's words above."""
    assert (name in WORDS) != (name in APART)


@pytest.mark.parametrize("name", [name for name in executables() if name in WORDS])
def test_no_hook_loads_more_than_pgpools(run_folder: Path, name: str) -> None:
    """By any of its caller's words."""
    for words in WORDS[name]:
        assert beyond_pgpool(HOOKS / name, words, run_folder) == set(), words


@pytest.mark.parametrize("extra", ["argparse", "vipswitch.config", "socket"])
def test_a_hook_that_loads_more_is_seen(tmp_path: Path, run_folder: Path, extra: str) -> None:
    """So that the test before this one can fail."""
    planted = tmp_path / PGPOOL
    text = (HOOKS / PGPOOL).read_text().replace("os.path.realpath(__file__)", repr(str(HOOKS / PGPOOL)))
    planted.write_text(text.replace("\nif_up()", f"\nimport {extra}\nif_up()"))
    assert extra in beyond_pgpool(planted, ["primary"], run_folder)


@pytest.mark.timed
@pytest.mark.parametrize("name", [name for name in executables() if name in WORDS and name != PGPOOL])
def test_no_hook_takes_longer_than_pgpools(run_folder: Path, name: str) -> None:
    """CPU time, the least of several runs of each in turn, so that a busy machine slows both."""
    for words in WORDS[name]:
        pairs = [
            (cpu_s(HOOKS / name, words, run_folder), cpu_s(HOOKS / PGPOOL, ["primary"], run_folder))
            for _ in range(ROUNDS)
        ]
        took, pgpools = (min(times) for times in zip(*pairs, strict=True))
        print(f"{name} {' '.join(words)} {took * 1000:.1f} ms, {PGPOOL} {pgpools * 1000:.1f} ms")
        assert took < pgpools * NOISE


def cpu_s(hook: Path, words: list[str], run_folder: Path) -> float:
    """The CPU seconds of one run, from its start to its end."""
    argv = [sys.executable, str(hook), *words]
    pid = os.posix_spawn(sys.executable, argv, environment(run_folder))
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime
