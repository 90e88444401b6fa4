"""A hook finds the agent of the config's run folder, and only one that has read the same config."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vipswitch.deadline import SystemClock

CONFIG = """
[vipswitch]
run_dir = "{folder}/run"

[vip.primary]
address  = "10.99.0.50"
provider = "file"
path     = "{folder}/place.json"
node     = "a"
"""


def written(folder: Path, name: str = "vipswitch.toml") -> Path:
    """A config in that folder."""
    path = folder / name
    path.write_text(CONFIG.format(folder=folder))
    return path


def environment(config: Path) -> dict[str, str]:
    """A hook's, which knows the config and no run folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIPSWITCH_")}
    return {**kept, "VIPSWITCH_CONFIG": str(config)}


def hook(config: Path) -> subprocess.CompletedProcess[str]:
    """`vipswitch-if-up`, to its end."""
    words = [str(Path(sysconfig.get_path("scripts"), "vipswitch-if-up")), "primary"]
    return subprocess.run(
        words, env=environment(config), capture_output=True, text=True, timeout=30, check=False
    )


@contextmanager
def agent(config: Path) -> Iterator[None]:
    """An agent of that config, until the end of the block."""
    words = [str(Path(sysconfig.get_path("scripts"), "vipswitch")), "agent"]
    with subprocess.Popen(words, env=environment(config), stderr=subprocess.PIPE) as process:
        try:
            assert SystemClock().until((config.parent / "run/agent.sock").exists, 20.0)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


def carried_out_by(folder: Path) -> list[str]:
    """Who carried out each move in the history."""
    text = (folder / "run/history.jsonl").read_text()
    return ["agent" if '"path":"agent"' in line else "alone" for line in text.splitlines()]


def test_hook_finds_the_agent_in_the_run_folder_of_the_config(tmp_path: Path) -> None:
    """Without reading the config a hook looks in /run/vipswitch; this one is elsewhere."""
    config = written(tmp_path)
    with agent(config):
        assert hook(config).returncode == 0
    assert carried_out_by(tmp_path) == ["agent"]


def test_agent_of_another_config_does_not_take_the_order(tmp_path: Path) -> None:
    """It may mean something else by the same name; the hook says so and does it itself."""
    config, other = written(tmp_path), written(tmp_path, "other.toml")
    with agent(config):
        done = hook(other)
    assert done.returncode == 0
    assert "it has read" in done.stderr
    assert carried_out_by(tmp_path) == ["alone"]
