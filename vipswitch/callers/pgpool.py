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

from vipswitch.callers import hook
from vipswitch.callers.process import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

WAIT_S = 10.0
"""How long Pgpool-II waits for a hook: well below the 30 s after which standbys miss a leader."""


def if_up() -> NoReturn:
    """Take the VIP; the executable behind `if_up_cmd`."""
    leave(hook.run("up", sys.argv[1:], WAIT_S))


def if_down() -> NoReturn:
    """Let go of the VIP; the executable behind `if_down_cmd`."""
    leave(hook.run("down", sys.argv[1:], WAIT_S))
