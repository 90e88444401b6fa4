"""How a hook lives inside its caller: silent on stdout, nothing inherited, heard on stderr and in syslog.

Pgpool-II gives its hooks a stdout pipe that nobody reads (64 KiB later the hook would hang for ever)
and all of its descriptors: listen sockets, the watchdog's, the netlink socket. Whoever keeps them in
the background keeps Pgpool-II from starting again. Source: wd_if.c, exec_if_cmd.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import syslog
from collections.abc import Sequence
from typing import NoReturn

from vipswitch.edge import to_stderr
from vipswitch.errors import ConfigError
from vipswitch.options import Options, parse

_PRIORITIES = {
    logging.DEBUG: syslog.LOG_DEBUG,
    logging.INFO: syslog.LOG_INFO,
    logging.WARNING: syslog.LOG_WARNING,
    logging.ERROR: syslog.LOG_ERR,
}


def detach() -> None:
    """Close every inherited descriptor but stderr; stdin and stdout become the null device."""
    null = os.open(os.devnull, os.O_RDWR)
    while null <= 2:  # the caller had closed one of the three: this one takes its place
        null = os.dup(null)
    os.dup2(null, 0)
    os.dup2(null, 1)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            with contextlib.suppress(OSError):
                os.close(int(name))


def leave(code: int) -> NoReturn:
    """End this process now: what a loaded SDK takes to be torn down, 100 ms, the caller would wait for."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
    os._exit(code)


def speak(verbose: int) -> None:
    """Send our log to stderr and to syslog, each step included."""
    syslog.openlog("vipswitch", syslog.LOG_PID, syslog.LOG_DAEMON)
    logger = logging.getLogger("vipswitch")
    logger.handlers[:] = [_Voice()]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)


def one_address(command: str, words: Sequence[str]) -> Options:
    """The options of a hook, which is called for exactly one VIP. Raises ConfigError."""
    options = parse([command, *words])
    if len(options.names) != 1:
        raise ConfigError("expected one address", hint="write the setting as 'COMMAND $_IP_$'")
    if options.dry_run:
        raise ConfigError("--dry-run: a hook always acts", hint=f"use `vipswitch {command} --dry-run`")
    return options


def say(line: str) -> None:
    """One line of a result or an error."""
    to_stderr(line)
    syslog.syslog(syslog.LOG_ERR, line)


class _Voice(logging.Handler):
    """Both places at once."""

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        to_stderr(line)
        syslog.syslog(_PRIORITIES.get(record.levelno, syslog.LOG_ERR), line)
