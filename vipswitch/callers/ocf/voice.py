"""What an action says: lines in the log, and the one reason that `crm status` and `pcs status` show."""

from __future__ import annotations

import os
import syslog

from vipswitch.callers.process import one_line, say


class Voice:
    """Says lines as every hook does, and remembers the first thing that was wrong."""

    __slots__ = ("first",)

    def __init__(self) -> None:
        self.first = ""

    def __call__(self, line: str, priority: int = syslog.LOG_ERR) -> None:
        """One line for people."""
        say(line, priority)
        if priority == syslog.LOG_ERR and not self.first and not line.startswith(("hint:", "warning:")):
            self.first = line


def tell_reason(text: str) -> None:
    """The line that Pacemaker takes for the reason of an exit code. Source: OCF resource agent API 1.1."""
    try:
        os.write(2, f"ocf-exit-reason:{one_line(text)}\n".encode())
    except OSError:
        return  # nobody listens
