"""`vipswitch agent` on the nodes of a lab, each in its node's namespace, with a run folder of its own.

Rules: an agent has the environment of its node's hooks and nothing else; it lives in a session of its own,
because what kills Pgpool-II with its hooks must not end it; it is ended by its pid.
"""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from vipswitch.testing.fabric.host import Host

_READY = ": ready"
_READY_WITHIN_S = 20.0


class Agent:
    """One agent; started again after its end it goes on in the same run folder and in the same log."""

    def __init__(self, host: Host, folder: Path, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.host = host
        self._log = folder / "agent.log"
        self._command = command
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self._log.touch()

    @property
    def log(self) -> str:
        """What this agent has logged, in all its lives."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Start it, and wait until it takes orders; TimeoutError."""
        lives = self.log.count(_READY)
        with self._log.open("ab") as log:
            self._process = self.host.namespace.popen(self._command, env=self._env, output=log)
        deadline = time.monotonic() + _READY_WITHIN_S
        while self.log.count(_READY) == lives:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError(f"{self.host.name}: the agent does not get ready\n{self.log[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL, and wait for its end; it leaves everything as it is."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
