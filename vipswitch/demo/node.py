"""One node: its folder, its environment, the processes on it, and what they say.

Rules: the hooks are the executables beside this Python; their environment has nothing of the user's that
could lead to a real cloud; each process has a session of its own, so that killing it kills its children.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from vipswitch.demo import responder
from vipswitch.demo.ear import Ear, write_wrapper
from vipswitch.demo.events import Tell
from vipswitch.demo.given import Given

Start = Callable[[Sequence[str], Mapping[str, str], int], "subprocess.Popen[bytes]"]
"""Starts a command on the node, with this environment, its output going to that descriptor."""

_HOOKS = {"up": "vipswitch-if-up", "down": "vipswitch-if-down", "arping": "vipswitch-arping"}
_KEPT = ("PATH", "LANG", "TZ")


class Node:
    """A node; `start` runs commands there, `serves` is where its service answers."""

    def __init__(self, name: str, folder: Path, *, serves: str, start: Start, tell: Tell) -> None:
        folder.mkdir()
        run = folder / "run"
        run.mkdir(mode=0o700)
        self.name = name
        self.folder = folder
        self.ear = Ear(name, tell)
        self.serves = serves
        self._env = {"VIPSWITCH_RUN_DIR": str(run)} | {k: os.environ[k] for k in _KEPT if k in os.environ}
        self._words: tuple[str, ...] = ()
        self._start = start
        self._wrapper = write_wrapper(folder)
        self._running: list[subprocess.Popen[bytes]] = []

    def tell(self, given: Given, env: Mapping[str, str]) -> None:
        """What the hooks here are told of the VIP, and of the cloud."""
        self._words = given.words
        self._env |= {**given.env, **env}

    def hook(self, verb: str, vip: str) -> list[str]:
        """The command line of a hook of ours, made to say when it begins and ends."""
        return [str(self._wrapper), verb, str(executable(_HOOKS[verb])), vip, *self._words]

    def run(self, command: Sequence[str], *, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start a command that is to die with the node; it speaks to this node's ear, or to `output`."""
        mouth = self.ear.mouth() if output is None else output
        try:
            process = self._start(command, self._env, mouth)
        finally:
            if output is None:
                os.close(mouth)
        self._running.append(process)
        return process

    def respond(self) -> None:
        """Start the service that the VIP is for."""
        program = str(Path(responder.__file__))
        self.run([sys.executable, "-I", "-S", program, self.serves, self.name, str(os.getpid())])

    def command(self, verb: str, vip: str, *options: str) -> tuple[int, str]:
        """Run `vipswitch` here; its exit code and all that it printed."""
        theirs, ours = os.pipe()
        words = [str(executable("vipswitch")), verb, vip]
        with open(theirs, encoding="utf-8", errors="replace") as said:
            process = self.run([*words, *self._words, *options], output=ours)
            os.close(ours)
            text = said.read()
            return process.wait(), text

    def kill(self) -> None:
        """SIGKILL everything that runs here, at once; nothing is cleaned up."""
        for process in self._running:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        for process in self._running:
            process.wait()
        self._running.clear()


def executable(name: str) -> Path:
    """One of this project's installed commands."""
    return Path(sys.executable).with_name(name)
