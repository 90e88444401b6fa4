"""Which Pgpool-II is installed here. Source: `pgpool --version`, which prints on stderr."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from glob import glob

from vipswitch.host.command import run

Version = tuple[int, int, int]

_USUAL = ("/usr/sbin/pgpool", "/usr/bin/pgpool", "/usr/local/bin/pgpool")
_TIMEOUT_S = 2.0

NEW_NAME: Version = (4, 4, 0)
"""The first that knows `delegate_ip`; older ones ignore it without a word."""

_QUIET_SINCE: dict[tuple[int, int], Version] = {
    (4, 2): (4, 2, 18),
    (4, 3): (4, 3, 11),
    (4, 4): (4, 4, 8),
    (4, 5): (4, 5, 3),
}


def installed_version() -> Version | None:
    """The version of the first `pgpool` in the usual places; None without one. Raises HostError."""
    program = next(_programs(), None)
    if program is None:
        return None
    answer = run((program, "--version"), time.monotonic() + _TIMEOUT_S)
    return parse_version(answer.out + answer.err)


def parse_version(printed: str) -> Version | None:
    """`pgpool-II version 4.3.5 (tamahomeboshi)` as numbers; a beta counts as its release."""
    found = re.search(r"version (\d+)\.(\d+)(?:\.(\d+))?", printed)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def reruns_up(version: Version | None, monitored: str) -> bool:
    """Whether network events make it run `if_up_cmd` again when it does not see the VIP.

    Until bug 823 was mended always; since then with `wd_monitoring_interfaces_list` only.
    """
    if version is None or monitored:
        return True
    return version < _QUIET_SINCE.get(version[:2], (4, 2, 18))


def _programs() -> Iterator[str]:
    yield from (
        path for path in (*_USUAL, *sorted(glob("/usr/pgpool-*/bin/pgpool"))) if os.access(path, os.X_OK)
    )
