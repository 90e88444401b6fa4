"""A hook that does its work itself, where no agent has taken its order.

Where a takeover takes two writes, an `up` that is alone works for as long as the order may live: given up
between the two, it would leave the VIP with nobody. Whoever calls it waits in a process of its own for that.
"""

from __future__ import annotations

import logging
import syslog
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vipswitch import client, processes, together
from vipswitch.callers.process import say
from vipswitch.callers.words import one_address
from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Clock, Deadline, SystemClock
from vipswitch.edge import distinct, guarded, lines, stopped_by_signals
from vipswitch.errors import worst
from vipswitch.hostside import HostSide
from vipswitch.model import Verb
from vipswitch.options import Options
from vipswitch.plan import Step
from vipswitch.processes import Bringer
from vipswitch.recorder import Observers
from vipswitch.result import Result
from vipswitch.selection import capabilities_of, selected
from vipswitch.steplog import StepLog
from vipswitch.together import Commission
from vipswitch.wiring import commission
from vipswitch.world import Fact

Say = Callable[..., None]
"""Says a line, with a priority of syslog's if it is no error."""

_PRIORITIES = {
    logging.DEBUG: syslog.LOG_DEBUG,
    logging.INFO: syslog.LOG_INFO,
    logging.WARNING: syslog.LOG_WARNING,
    logging.ERROR: syslog.LOG_ERR,
}


def carry_out(
    verb: str,
    words: Sequence[str],
    wait_s: float,
    *,
    bringer: Bringer | None = None,
    let_go: Callable[[int], None] | None = None,
    say: Say = say,
) -> int:
    """Carry out one order, within `wait_s` of the start of this process, and return the exit code.

    A process that outlives its hook has it from its `bringer`, tells it by `let_go` that the host side of a
    `down` is done, and works for as long as the order may live.
    """
    behalf = Behalf(bringer or processes.bringer(), let_go, say)
    return guarded(lambda: _carry_out(Verb(verb), one_address(verb, words), wait_s, behalf), say)


@dataclass(frozen=True, slots=True)
class Behalf:
    """Whose order it is, what lets the hook go, and what says what is to be said."""

    bringer: Bringer
    let_go: Callable[[int], None] | None
    say: Say


def speak(verbose: int, say: Say = say) -> None:
    """Send our log to stderr and to syslog, each step included."""
    logger = logging.getLogger("vipswitch")
    logger.handlers[:] = [_Voice(say)]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)


def _carry_out(verb: Verb, options: Options, wait_s: float, behalf: Behalf) -> int:
    speak(options.verbose, behalf.say)
    found, vips = selected(options)
    code = _by_agent_of(found, verb, options, wait_s, behalf)
    return _by_ourselves(found, vips, verb, options, wait_s, behalf) if code is None else code


def _by_agent_of(found: Config, verb: Verb, options: Options, wait_s: float, behalf: Behalf) -> int | None:
    """Where the config has another run folder than a hook looks in without it, an agent may listen there."""
    path = client.socket_path(str(found.tool.run_dir or ""))
    if options.flags or path == client.socket_path():
        return None
    request = client.order(
        verb,
        options.names[0],
        options.deadline or wait_s,
        config=str(found.path or ""),
        detach=behalf.let_go is not None,
        verbose=bool(options.verbose),
        bringer=behalf.bringer,
    )
    return client.hand_over(request, path, behalf.say)


def _by_ourselves(
    found: Config, vips: Sequence[VipConfig], verb: Verb, options: Options, wait_s: float, behalf: Behalf
) -> int:
    clock = SystemClock()
    used = processes.age_s(processes.me())
    outlives = behalf.let_go is not None
    given_s = None if outlives else options.deadline
    patience = [given_s or patience_s(vip, verb, wait_s, outlives=outlives) for vip in vips]
    deadlines = [Deadline(max(seconds - used, 0.0), clock) for seconds in patience]
    waiting = _Waiting(len(vips), behalf.let_go or _nobody_waits)
    with stopped_by_signals(deadlines):
        ours = [_commission(found, vip, verb, clock, behalf.bringer, waiting) for vip in vips]
        results = together.carry_out(ours, deadlines)
    for result in results:
        _tell(result, behalf.say)
    return worst(result.exit_code for result in results)


def _commission(
    found: Config, vip: VipConfig, verb: Verb, clock: Clock, bringer: Bringer, waiting: _Waiting
) -> Commission:
    name = vip.vip.name
    observer = Observers(StepLog(name), HostSide(waiting, name, verb))
    return commission(found, vip, verb, observer, clock=clock, bringer=bringer)


def patience_s(vip: VipConfig, verb: Verb, wait_s: float, *, outlives: bool = False) -> float:
    """How long a hook that is alone may take for one VIP, in seconds; `wait_s` where it can give up.

    A process that outlives its hook keeps nobody waiting.
    """
    can = capabilities_of(vip)
    between_two_writes = verb is Verb.UP and can.takeover_gap_s > 0
    return max(wait_s, can.life_s) if outlives or between_two_writes else wait_s


class _Waiting:
    """Lets the hook go once the host side of every VIP is done. Thread-safe."""

    def __init__(self, vips: int, let_go: Callable[[int], None]) -> None:
        self._let_go = let_go
        self._lock = threading.Lock()
        self._not_done = vips

    def host_done(self, vip: str) -> None:
        """One more."""
        with self._lock:
            self._not_done -= 1
            if self._not_done == 0:
                self._let_go(0)

    def step(self, vip: str, step: Step, facts: list[Fact], seconds: float) -> None:
        """Of no interest."""


def _nobody_waits(code: int) -> None:
    """Whoever waits, waits for the end."""


def _tell(result: Result, say: Say) -> None:
    for warning in result.warnings:
        say(f"warning: {warning}")
    for error in distinct(result.errors):
        for line in lines(error):
            say(line)


class _Voice(logging.Handler):
    """Both places at once."""

    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(self.format(record), _PRIORITIES.get(record.levelno, syslog.LOG_ERR))
