"""One node of a cluster: a run folder, a config, an agent that can be started and killed, and its hooks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.agent.pgpool import Pgpool
from vipswitch.locks import is_locked

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
GHOST = Path(__file__).with_name("ghost.py")
WITHOUT_FORKS = Path(__file__).with_name("without_forks.py")
STARTED = Path(__file__).with_name("started")
"""Holds the `sitecustomize` of processes that are to die at a certain point."""


def until(happened: Callable[[], object], seconds: float = 20.0) -> bool:
    """Wait for it; whether it happened in time."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@dataclass
class Agent:
    """A `vipswitch agent` that runs, or has run."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        return self.process.pid

    def ready(self) -> Agent:
        """Itself, once it takes orders."""
        assert until(lambda: ": ready" in self.said or self.process.poll() is not None), self.said
        assert self.process.poll() is None, self.said
        return self

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> None:
        """SIGSTOP it, and wait until none of its threads runs: on a busy machine that takes a moment."""
        self.signal(signal.SIGSTOP)
        assert until(lambda: stands_still(self.pid))

    def kill(self) -> None:
        """SIGKILL it and wait for its end."""
        self.process.kill()
        self.process.wait()

    def end(self, seconds: float = 20.0) -> int:
        """Ask it to end with SIGTERM; its exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def peak_mb(self) -> float:
        """The most memory that it has ever had, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


@dataclass
class Node:
    """A node with its own folder; `prefix` is put before every command, to run it somewhere else."""

    folder: Path
    environment: Mapping[str, str]
    prefix: tuple[str, ...] = ()
    _agents: list[Agent] = field(default_factory=list)
    _pgpools: list[Pgpool] = field(default_factory=list)

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.folder / "run"

    @property
    def config(self) -> Path:
        return self.folder / "v.toml"

    def surroundings(self, **more: str) -> dict[str, str]:
        """The environment of its processes."""
        found = {"PYTHONPATH": str(ROOT), **self.environment, **more}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "VIPSWITCH_RUN_DIR": str(self.run),
            "VIPSWITCH_CONFIG": str(self.config),
            **found,
        }

    def agent(self, **more: str) -> Agent:
        """Start its agent, with something more in its environment perhaps."""
        log = self.folder / f"agent-{len(self._agents)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self.prefix, str(BIN / "vipswitch"), "agent"],
                env=self.surroundings(**more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        agent = Agent(process, log)
        self._agents.append(agent)
        return agent

    def pgpool(self, **more: str) -> Pgpool:
        """Start a stand-in for its Pgpool-II."""
        folder = self.folder / f"pgpool-{len(self._pgpools)}"
        started = Pgpool(folder, self.surroundings(**more))
        self._pgpools.append(started)
        return started

    def hook(self, verb: str, *words: str) -> tuple[str, ...]:
        """The command line of a hook."""
        return (*self.prefix, str(BIN / f"vipswitch-if-{verb}"), *words)

    def notify(self, *words: str) -> tuple[str, ...]:
        """The command line of keepalived's notify script."""
        return (*self.prefix, sys.executable, str(ROOT / "hooks" / "keepalived"), *words)

    def ghost(self, verb: str, vip: str) -> tuple[str, ...]:
        """The command line of a hook that is killed right after it has handed its order over."""
        return (*self.prefix, sys.executable, str(GHOST), verb, vip)

    def order(self, vip: str) -> dict[str, object] | None:
        """The order of a VIP as it is written down."""
        try:
            found = json.loads((self.run / f"order-{vip}").read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        assert isinstance(found, dict)
        return found

    def state(self, vip: str) -> str:
        """How far the order of a VIP got: `up done`, say; empty without one."""
        order = self.order(vip)
        return f"{order['verb']} {order['state']}" if order else ""

    def noted(self, vip: str, state: str) -> bool:
        """Whether the order got so far and nobody holds the VIP's lock; waits for that.

        A hook hears the end of an order before the agent takes the lock once more and notes it: an agent that
        is stopped in between keeps every other hook waiting.
        """
        lock = self.run / f"order-{vip}.lock"
        return until(lambda: self.state(vip) == state and not is_locked(lock))

    def settled(self, seconds: float = 20.0) -> bool:
        """Whether all that works for it, and is no agent, has come to its end; waits for that."""
        return until(lambda: not self._at_work() - {agent.pid for agent in self._agents}, seconds)

    def _at_work(self) -> set[int]:
        """The processes of its environment."""
        mark = f"VIPSWITCH_RUN_DIR={self.run}\0".encode()
        return {
            int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _bytes(path)
        }

    def close(self) -> None:
        """End everything that was started here."""
        for pgpool in self._pgpools:
            pgpool.close()
        for agent in self._agents:
            agent.process.send_signal(signal.SIGCONT)
            agent.kill()
        self.settled(5.0)  # what outlives its hook still writes to the folder, which is about to go


def stands_still(pid: int) -> bool:
    """Whether every thread of the process is stopped."""
    threads = (_bytes(stat).rpartition(b")")[2].split() for stat in Path(f"/proc/{pid}/task").glob("*/stat"))
    return all(fields[:1] in ([b"T"], []) for fields in threads)


def _bytes(path: Path) -> bytes:
    """What a file of /proc says; nothing for a process that is gone, or not ours."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
