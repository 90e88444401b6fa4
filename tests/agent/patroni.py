"""The callbacks of a Patroni, run and killed by Patroni's own executor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.agent.node import ROOT

_EXECUTOR = Path(__file__).with_name("callbacks.py")
_SYSTEM = Path("/usr/bin/python3")
_PACKAGE = Path("/usr/lib/python3/dist-packages/patroni/postgresql/callback_executor.py")


def missing() -> str:
    """Why there is no Patroni here, if there is none."""
    return "" if _SYSTEM.exists() and _PACKAGE.exists() else "needs Debian's patroni (make e2e-deps)"


class Patroni:
    """One that calls `vipswitch-patroni` with these words before its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], words: tuple[str, ...]) -> None:
        program = folder / "patroni"
        program.symlink_to(_SYSTEM)
        self._log = folder / "patroni.log"
        self._command = callback(*words)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(program), "-I", str(_EXECUTOR)],
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )

    @property
    def said(self) -> str:
        """What it and its callbacks have said so far."""
        return self._log.read_text(errors="replace")

    def calls(self, action: str, role: str) -> None:
        """A callback of ours; one that still runs is killed for it."""
        self.runs(*self._command, action, role, "pg")

    def runs(self, *words: str) -> None:
        """Any callback at all."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "called\n", self.said

    def kill(self) -> None:
        """SIGKILL it alone, and wait for its end."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def callback(*words: str) -> tuple[str, ...]:
    """The command line of the callback, without what Patroni appends."""
    return (sys.executable, str(ROOT / "hooks" / "patroni"), *words)
