"""A hook that does its work itself, where no agent has taken its order.

Where a takeover takes two writes, an `up` that is alone works for as long as the order may live: given up
between the two, it would leave the VIP with nobody. Whoever calls it waits in a process of its own for that.
"""

from __future__ import annotations

import logging
import syslog
from collections.abc import Sequence

from vipswitch import client, processes, together
from vipswitch.callers.process import say
from vipswitch.callers.words import one_address
from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.edge import distinct, guarded, lines, stopped_by_signals
from vipswitch.errors import worst
from vipswitch.model import Verb
from vipswitch.options import Options
from vipswitch.result import Result
from vipswitch.selection import capabilities_of, selected
from vipswitch.steplog import StepLog
from vipswitch.wiring import commission

_PRIORITIES = {
    logging.DEBUG: syslog.LOG_DEBUG,
    logging.INFO: syslog.LOG_INFO,
    logging.WARNING: syslog.LOG_WARNING,
    logging.ERROR: syslog.LOG_ERR,
}


def carry_out(verb: str, words: Sequence[str], wait_s: float) -> int:
    """Carry out one order, within `wait_s` of the start of this process, and return the exit code."""
    return guarded(lambda: _carry_out(Verb(verb), one_address(verb, words), wait_s), say)


def speak(verbose: int) -> None:
    """Send our log to stderr and to syslog, each step included."""
    logger = logging.getLogger("vipswitch")
    logger.handlers[:] = [_Voice()]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)


def _carry_out(verb: Verb, options: Options, wait_s: float) -> int:
    speak(options.verbose)
    found, vips = selected(options)
    code = _by_agent_of(found, verb, options, wait_s)
    return _by_ourselves(found, vips, verb, options, wait_s) if code is None else code


def _by_agent_of(found: Config, verb: Verb, options: Options, wait_s: float) -> int | None:
    """Where the config has another run folder than a hook looks in without it, an agent may listen there."""
    path = client.socket_path(str(found.tool.run_dir or ""))
    if options.flags or path == client.socket_path():
        return None
    request = client.order(
        verb,
        options.names[0],
        options.deadline or wait_s,
        config=str(found.path or ""),
        verbose=bool(options.verbose),
    )
    return client.hand_over(request, path, say)


def _by_ourselves(
    found: Config, vips: Sequence[VipConfig], verb: Verb, options: Options, wait_s: float
) -> int:
    clock = SystemClock()
    used = processes.age_s(processes.me())
    patience = [options.deadline or patience_s(vip, verb, wait_s) for vip in vips]
    deadlines = [Deadline(max(seconds - used, 0.0), clock) for seconds in patience]
    with stopped_by_signals(deadlines):
        ours = [commission(found, vip, verb, StepLog(vip.vip.name), clock=clock) for vip in vips]
        results = together.carry_out(ours, deadlines)
    for result in results:
        _tell(result)
    return worst(result.exit_code for result in results)


def patience_s(vip: VipConfig, verb: Verb, wait_s: float) -> float:
    """How long a hook that is alone may take for one VIP, in seconds; `wait_s` where it can give up."""
    can = capabilities_of(vip)
    return max(wait_s, can.life_s) if verb is Verb.UP and can.takeover_gap_s else wait_s


def _tell(result: Result) -> None:
    for warning in result.warnings:
        say(f"warning: {warning}")
    for error in distinct(result.errors):
        for line in lines(error):
            say(line)


class _Voice(logging.Handler):
    """Both places at once."""

    def emit(self, record: logging.LogRecord) -> None:
        say(self.format(record), _PRIORITIES.get(record.levelno, syslog.LOG_ERR))
