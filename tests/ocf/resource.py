"""One resource on one node, as Pacemaker runs it: actions of the agent, each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
AGENT = ROOT / "hooks" / "ocf_vip"
STANDIN = Path(__file__).with_name("standin.py")


@dataclass(frozen=True)
class Done:
    """An action that has ended."""

    code: int
    said: str
    out: str
    seconds: float

    @property
    def reason(self) -> str:
        """The last reason told, as Pacemaker takes it."""
        told = [line for line in self.said.splitlines() if line.startswith("ocf-exit-reason:")]
        return told[-1].partition(":")[2] if told else ""


@dataclass
class Resource:
    """A resource with these parameters; `prefix` is put before every command, to run it somewhere else."""

    folder: Path
    params: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    _pacemakers: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "v.toml"

    @property
    def run_folder(self) -> Path:
        return self.folder / "run"

    def act(
        self, *words: str, timeout_s: float = 20.0, probe: bool = False, depth: int = 0, **more: str
    ) -> Done:
        """Run an action as a child of the living Pacemaker, or of a person when none was started."""
        env = self.env(timeout_s=timeout_s, probe=probe, depth=depth, **more)
        command = [*self.prefix, sys.executable, str(AGENT), *words]
        began = time.monotonic()
        if self._pacemakers:
            answer = _asked(self._pacemakers[-1], command, env)
        else:
            done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
            answer = {"code": done.returncode, "stderr": done.stderr, "stdout": done.stdout}
        took = time.monotonic() - began
        return Done(int(answer["code"]), str(answer["stderr"]), str(answer["stdout"]), took)

    def probe(self, **more: str) -> Done:
        """A monitor before anything was started."""
        return self.act("monitor", probe=True, **more)

    def env(
        self, *, timeout_s: float = 20.0, probe: bool = False, depth: int = 0, **more: str
    ) -> dict[str, str]:
        """What Pacemaker puts into the environment of an action; the interval of a probe it leaves out."""
        params = {f"OCF_RESKEY_{name}": value for name, value in {**self.params, **more}.items() if value}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "VIPSWITCH_CONFIG": str(self.config),
            "VIPSWITCH_RUN_DIR": str(self.run_folder),
            "OCF_ROOT": "/usr/lib/ocf",
            "OCF_RESOURCE_INSTANCE": "vip",
            "OCF_RESKEY_CRM_meta_timeout": str(round(timeout_s * 1000)),
            **({} if probe else {"OCF_RESKEY_CRM_meta_interval": "10000"}),
            **({"OCF_CHECK_LEVEL": str(depth)} if depth else {}),
            **self.environment,
            **params,
        }

    def pacemaker(self) -> None:
        """Start a Pacemaker, which runs the actions from now on."""
        process = subprocess.Popen(
            [sys.executable, str(STANDIN)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._pacemakers.append(process)

    def kill_pacemaker(self) -> None:
        """The last one is gone; what its agents did stays."""
        process = self._pacemakers.pop()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()

    def order(self, vip: str) -> dict[str, object] | None:
        """The order of a VIP as it is written down."""
        try:
            return dict(json.loads((self.run_folder / f"order-{vip}").read_bytes()))
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """End every Pacemaker."""
        while self._pacemakers:
            self.kill_pacemaker()


def _asked(pacemaker: subprocess.Popen[str], words: list[str], env: dict[str, str]) -> dict[str, object]:
    assert pacemaker.stdin is not None
    assert pacemaker.stdout is not None
    pacemaker.stdin.write(json.dumps({"words": words, "env": env}) + "\n")
    pacemaker.stdin.flush()
    return dict(json.loads(pacemaker.stdout.readline()))


Make = Callable[..., Resource]
