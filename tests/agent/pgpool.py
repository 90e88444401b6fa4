"""A stand-in for Pgpool-II: its processes carry the name by which hooks find out who has called them."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

STANDIN = Path(__file__).with_name("standin.py")


@dataclass
class Hook:
    """One hook that a stand-in has run, or runs."""

    stderr: Path
    pid: int = 0
    _began: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _code: int = 0

    def code(self, seconds: float = 20.0) -> int:
        """Its exit code, negative for a signal; waits for its end."""
        assert self._ended.wait(seconds), f"hook still runs after {seconds} s: {self.said}"
        return self._code

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    @property
    def said(self) -> str:
        """What it has written to stderr so far."""
        return self.stderr.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL its whole process group, as a caller does that has lost patience."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def hear(self, said: Mapping[str, int]) -> None:
        """What the stand-in says of it."""
        if "pid" in said:
            self.pid = said["pid"]
            self._began.set()
        else:
            self._code = said["code"]
            self._ended.set()

    def began(self) -> Hook:
        """Itself, once it runs."""
        assert self._began.wait(20.0)
        return self


class Pgpool:
    """One watchdog on one node; `environment` is that of its hooks."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        program = folder / "pgpool"
        program.unlink(missing_ok=True)
        program.symlink_to(Path(sys.executable).resolve())
        self._hooks: dict[int, Hook] = {}
        self._ids = itertools.count()
        self._process = subprocess.Popen(
            [str(program), "-I", "-S", str(STANDIN)],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def escalates(self, *words: str) -> Hook:
        """Run a hook as a fresh leader does: from a process forked for it. Does not wait for its end."""
        return self._run(words, fresh=True)

    def runs_again(self, *words: str) -> Hook:
        """Run a hook from the long-lived watchdog process, as upon a network event."""
        return self._run(words, fresh=False)

    def kill(self) -> None:
        """SIGKILL the watchdog; a hook that it runs lives on."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """The test is over: nothing that was started here lives on."""
        for hook in self._hooks.values():
            if not hook.ended and hook.pid:
                hook.kill()
        self.kill()
        self._reader.join(10.0)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def _run(self, words: tuple[str, ...], *, fresh: bool) -> Hook:
        number = next(self._ids)
        hook = self._hooks[number] = Hook(self._folder / f"hook-{number}.stderr")
        hook.stderr.touch()
        order = {"id": number, "words": words, "fresh": fresh, "stderr": str(hook.stderr)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return hook.began()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            self._hooks[said["id"]].hear(said)
