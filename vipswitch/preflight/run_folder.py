"""The run folder: one for all who give orders on this node, or they do not see each other's.

Pgpool-II's hooks run as postgres, a person's `vipswitch` often as root. Without a folder that both can
use, each keeps orders and locks of its own, and a person's `down` no longer replaces a hook's `up`.
Source: tmpfiles.d(5).
"""

from __future__ import annotations

import contextlib
import grp
import os
from collections.abc import Iterator
from pathlib import Path

from vipswitch.folders import run_choices, usable
from vipswitch.preflight.findings import error, ok, warning
from vipswitch.preflight.users import User
from vipswitch.provider import Finding

AGENTS = "vipswitch"
"""The group of the agent's unit."""

_ALL = os.R_OK | os.W_OK | os.X_OK


def look_at_run_folder(wanted: Path | None, who: User) -> Iterator[Finding]:
    """Whether the first choice is there and both we and `who`, the hooks' user, can use it."""
    first, *others = run_choices(wanted)
    subject = f"run folder {first}"
    fix = _fix(first, who)
    if not first.exists() and who.uid == os.geteuid() and os.access(first.parent, os.W_OK):
        yield ok(subject, "is made by the first order")
    elif not first.exists():
        yield warning(subject, f"is missing: {_without(others, who)}", fix)
    elif not usable(first):
        message = "must be a folder that its owner and group alone can write to, and that we can use"
        yield (warning if others else error)(subject, f"{message}: {_without(others, who)}", fix)
    elif not who.may(first, _ALL):
        yield warning(subject, f"may not be used by {who.name}: {_without(others, who)}", fix)
    else:
        yield ok(subject, f"shared with {who.name}" if who.uid != os.geteuid() else "can be used")


def _fix(folder: Path, who: User) -> str:
    """Where the agent's group owns the folder, its members share it; else the hooks' user gets it."""
    with contextlib.suppress(OSError, KeyError):
        if folder.stat().st_gid == grp.getgrnam(AGENTS).gr_gid:
            return f"usermod -aG {AGENTS} {who.name}, then restart what runs the hooks"
    line = tmpfiles_line(folder, who)
    return f"put {line!r} into /etc/tmpfiles.d/vipswitch.conf, then run systemd-tmpfiles --create"


def tmpfiles_line(folder: Path, who: User) -> str:
    """What systemd makes at every boot, since /run starts empty."""
    return f"d {folder} 0770 {who.name} {who.name} -"


def _without(others: list[Path], who: User) -> str:
    if not others:
        return "whoever needs it first makes it for itself alone, or fails"
    return f"{who.name} falls back to /tmp/vipswitch-{who.uid} and does not see other people's orders"
