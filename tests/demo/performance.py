"""One run of the demo as a process, in a folder for temporary files of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.demo.descendants import Process, alive, below

WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set=-all,+setfcap", "--inh-caps=-all")
"""Before a command of root: it may do what anybody may; SETFCAP lets uid 0 be mapped (user_namespaces(7))."""
NO_USER_NAMESPACES = ("unshare", "--user", "--map-root-user", "sh", "-c")
_FORBID = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, and what it said."""

    code: int
    out: str
    err: str


_DYING_S = 15


@dataclass(slots=True)
class Performance:
    """The demo, begun on construction; its output goes to files, so that nobody has to read along."""

    folder: Path
    flags: Sequence[str] = ()
    before: Sequence[str] = ()
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "tmp").mkdir()
        command = [*self.before, sys.executable, "-m", "vipswitch.demo", *self.flags]
        env = {**os.environ, "TMPDIR": str(self.folder / "tmp"), "PYTHONUNBUFFERED": "1"}
        with (self.folder / "out").open("wb") as out, (self.folder / "err").open("wb") as err:
            self.process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text()

    @property
    def temporary(self) -> list[Path]:
        """The temporary files that are there now."""
        return list((self.folder / "tmp").iterdir())

    def wait_for(self, text: str, *, within_s: float = 40) -> None:
        """Wait until the output has this text."""
        end = time.monotonic() + within_s
        while text not in self.out:
            assert time.monotonic() < end, self.out
            time.sleep(0.05)

    def wait(self, *, within_s: float = 90) -> Ended:
        """How it ended."""
        code = self.process.wait(within_s)
        return Ended(code, self.out, (self.folder / "err").read_text())

    def stop(self, number: signal.Signals) -> tuple[Ended, set[Process]]:
        """How it ended after a signal, and which of its processes outlived it for good.

        After SIGKILL of the outer process the inner one takes its namespaces down in order, which takes
        a busy machine seconds.
        """
        processes = below(self.process.pid)
        assert processes
        self.process.send_signal(number)
        ended = self.wait(within_s=20)
        end = time.monotonic() + _DYING_S
        while (left := set(filter(alive, processes))) and time.monotonic() < end:
            time.sleep(0.05)
        return ended, left


def where_namespaces_are_forbidden(command: Sequence[str] = WITHOUT_PRIVILEGES) -> list[str]:
    """The words before a command that make it run where neither root nor anybody may have namespaces."""
    return [*NO_USER_NAMESPACES, _FORBID, "sh", *command]
