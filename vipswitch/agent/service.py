"""`vipswitch agent`: one process that runs until it is told to end.

Signals: HUP reads the config again and keeps the old one on an error; TERM and INT end it. What is under way
then gets a few seconds; what is not done stays pending, and the next agent goes on with it. The main thread
waits for signals and tells the service manager that the desk is alive.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from vipswitch import configfile
from vipswitch.agent.agent import Agent
from vipswitch.agent.chronicle import Chronicle, Meter
from vipswitch.agent.desk import Desk
from vipswitch.agent.notify import Notifier
from vipswitch.deadline import Clock, SystemClock
from vipswitch.errors import ConfigError, HostError, VipswitchError
from vipswitch.folders import history_folders, run_folder
from vipswitch.history import History

log = logging.getLogger("vipswitch.agent")

_BEAT_S = 5.0
_DEAF_S = 5.0
"""A desk that has not gone round for so long is dead."""

_LAST_S = 5.0
"""How long an order that is under way may still take when the agent is told to end."""

Signals = queue.SimpleQueue[int]


def run(path: Path | None, clock: Clock | None = None) -> int:
    """Run until a signal ends it; the exit code. Raises ConfigError, HostError before it is ready."""
    notifier = Notifier.from_environment()
    path = path.absolute() if path else None
    signals = _signals()
    clock = clock or SystemClock()
    folder = run_folder(configfile.read(path, wary=True).tool.run_dir)
    os.umask(0o007)
    port = configfile.read(path, wary=True).agent.metrics_port
    with _alone(folder), _measuring(port, clock) as meter:
        chronicle = Chronicle(History(history_folders(folder)), clock, meter)
        agent = Agent(path, folder, clock, chronicle)
        desk = Desk(folder / "agent.sock", agent.admits, agent.serve)
        names = agent.load()
        desk.open()
        threading.Thread(target=desk.run, name="desk", daemon=True).start()
        log.info("agent of %s: ready", ", ".join(names))
        notifier.ready()
        notifier.status(f"looks after {', '.join(names)}")
        gc.freeze()
        code = _wait(agent, desk, notifier, signals)
        notifier.stopping()
        desk.close()
        _end(agent, signals)
        chronicle.flush(_LAST_S)
        return code


def _signals() -> Signals:
    """The signals as they come. Handled and not blocked: children would inherit a mask."""
    came: Signals = queue.SimpleQueue()
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: came.put(number))
    return came


def _wait(agent: Agent, desk: Desk, notifier: Notifier, signals: Signals) -> int:
    """Until a signal says to end; the exit code, 0 for TERM."""
    while True:
        try:
            number = signals.get(timeout=notifier.watchdog_interval_s or _BEAT_S)
        except queue.Empty:
            if time.monotonic() - desk.beat < _DEAF_S:
                notifier.alive()
            continue
        if number != signal.SIGHUP:
            log.info("agent: ended by %s", signal.Signals(number).name)
            return 0 if number == signal.SIGTERM else 128 + number
        _reload(agent, notifier)


def _reload(agent: Agent, notifier: Notifier) -> None:
    notifier.reloading()
    try:
        names = ", ".join(agent.load())
        log.info("agent of %s: config read again", names)
        notifier.status(f"looks after {names}")
    except VipswitchError as wrong:
        log.error("the config is not used, the one before stays: %s", wrong.message)
    notifier.ready()


def _end(agent: Agent, signals: Signals) -> None:
    """Leave after what is under way has ended, at a second signal, or when it takes too long."""
    agent.clock.until(lambda: not agent.busy or not signals.empty(), _LAST_S)
    agent.leave()


@contextlib.contextmanager
def _measuring(port: int | None, clock: Clock) -> Iterator[Meter | None]:
    """The metrics, served on that port of loopback; none without one. Raises ConfigError."""
    if port is None:
        yield None
        return
    try:
        from vipswitch.metrics import Metrics
    except ModuleNotFoundError as exc:
        raise ConfigError(
            "prometheus_client: not installed", hint="pip install 'vipswitch[agent]', or no metrics_port"
        ) from exc
    metrics = Metrics(clock)
    with metrics.listening(), contextlib.closing(metrics.serve(port)):
        yield metrics


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One agent for one run folder. Raises HostError."""
    fd = os.open(folder / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as wrong:
        os.close(fd)
        raise HostError(f"{folder}: another agent serves it", hint="one agent is enough") from wrong
    try:
        yield
    finally:
        os.close(fd)
