"""Pgpool-II's watchdog: `if_up_cmd`, `if_down_cmd`, `arping_cmd`, or its escalation commands.

    if_up_cmd   = '/usr/local/bin/vipswitch-if-up $_IP_$'
    if_down_cmd = '/usr/local/bin/vipswitch-if-down $_IP_$'
    arping_cmd  = '/usr/local/bin/vipswitch-arping $_IP_$'

The contract: no shell, at most 23 words, exit 0 is success and anything else is logged and never
tried again; no time limit, the hook is never killed, and Pgpool-II waits for it. So the hook has a
deadline of its own, counted from the start of its process. Source: wd_if.c, wd_escalation.c.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from vipswitch import processes, together
from vipswitch.callers.process import detach, leave, one_address, say, speak
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.edge import distinct, guarded, lines, stopped_by_signals
from vipswitch.errors import worst
from vipswitch.model import Verb
from vipswitch.options import Options
from vipswitch.result import Result
from vipswitch.selection import selected
from vipswitch.steplog import StepLog
from vipswitch.wiring import switch_for

WAIT_S = 10.0
"""How long Pgpool-II waits for a hook: well below the 30 s after which standbys miss a leader."""


def if_up() -> NoReturn:
    """Take the VIP; the executable behind `if_up_cmd`."""
    leave(hook(Verb.UP, sys.argv[1:]))


def if_down() -> NoReturn:
    """Let go of the VIP; the executable behind `if_down_cmd`."""
    leave(hook(Verb.DOWN, sys.argv[1:]))


def hook(verb: Verb, words: Sequence[str]) -> int:
    """Carry out one order of Pgpool-II and return the hook's exit code."""
    detach()
    return guarded(lambda: _carry_out(verb, one_address(verb, words)), say)


def _carry_out(verb: Verb, options: Options) -> int:
    speak(options.verbose)
    found, vips = selected(options)
    clock = SystemClock()
    used = processes.age_s(processes.me())
    deadline = Deadline(max((options.deadline or WAIT_S) - used, 0.0), clock)
    with stopped_by_signals([deadline]):
        switches = [switch_for(found, vip, StepLog(vip.vip.name), clock=clock) for vip in vips]
        results = together.carry_out(switches, verb, [deadline] * len(switches))
    for result in results:
        _tell(result)
    return worst(result.exit_code for result in results)


def _tell(result: Result) -> None:
    for warning in result.warnings:
        say(f"warning: {warning}")
    for error in distinct(result.errors):
        for line in lines(error):
            say(line)
