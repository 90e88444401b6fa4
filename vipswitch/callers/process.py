"""How a hook lives inside its caller: silent on stdout, nothing inherited, heard on stderr and in syslog.

Pgpool-II gives its hooks a stdout pipe that nobody reads (64 KiB later the hook would hang for ever)
and all of its descriptors: listen sockets, the watchdog's, the netlink socket. Whoever keeps them in
the background keeps Pgpool-II from starting again. Source: wd_if.c, exec_if_cmd.

Every hook starts here, so nothing is imported that takes time.
"""

from __future__ import annotations

import os
import syslog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_LONGEST_SHOWN = 40


def detach() -> None:
    """Close every inherited descriptor but stderr; stdin and stdout become the null device."""
    null = os.open(os.devnull, os.O_RDWR)
    while null <= 2:  # the caller had closed one of the three: this one takes its place
        null = os.dup(null)
    os.dup2(null, 0)
    os.dup2(null, 1)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            try:
                os.close(int(name))
            except OSError:
                continue  # the folder's own, closed by now


def leave(code: int) -> NoReturn:
    """End this process now: what a loaded SDK takes to be torn down, 100 ms, the caller would wait for."""
    os._exit(code)


def say(line: str, priority: int = syslog.LOG_ERR) -> None:
    """One line for people, on stderr and in syslog; a stderr that is gone is nobody's trouble."""
    line = one_line(line)
    try:
        os.write(2, f"vipswitch: {line}\n".encode())
    except OSError:
        priority = min(priority, syslog.LOG_ERR)  # the caller has closed stderr: syslog is all there is
    syslog.openlog("vipswitch", syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(priority, line)


def one_line(text: str) -> str:
    """What has come from outside may hold line ends, and bytes that are no UTF-8: syslog(3) takes neither."""
    return "".join(each if each.isprintable() else "?" for each in text)


def shown(word: str) -> str:
    """A word from outside, fit for one line of a log."""
    return ascii(word if len(word) <= _LONGEST_SHOWN else f"{word[:_LONGEST_SHOWN]}...")
