"""Which file goes where for each caller, and what is in it.

An executable of pip's gets a link. One of a clone gets two lines of shell that start it by this interpreter,
by its whole path and isolated (`-I`), so that neither PATH nor PYTHONPATH of a caller matters. The agent's
unit is that of the package, with the path of this installation's `vipswitch`; each HA manager that has a unit
here gets a drop-in, by which systemd starts the agent before it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vipswitch.installed.catalogue import ETC, PLACES, SYSTEMD, Place, is_ours_alone, usual_folder
from vipswitch.installed.content import Content, Link, Text, marked
from vipswitch.installed.origin import TOOL, Origin

MANAGERS = ("pgpool2", "pgpool", "pgpool-II", "keepalived", "patroni", "pacemaker")
"""The HA managers, by the names of their units; the agent's unit names the same."""

_UNIT_FOLDERS = ("/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system")
_KINDS = {".sysusers.conf": "sysusers.d", ".tmpfiles.conf": "tmpfiles.d"}
_SHIPPED_TOOL = f"ExecStart=/usr/local/bin/{TOOL} "
_DROP_IN = """\
# Its hooks hand their orders over to the agent, which is to be there first. Should the agent not start, this
# unit starts all the same.
[Unit]
Wants=vipswitch-agent.service
After=vipswitch-agent.service
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file: whose it is, where it goes, what is in it.

    `base` has to be there already; the folders below it are made. `runs` is the executable behind it;
    `shipped` the text that people may have copied there by hand.
    """

    caller: str
    path: Path
    content: Content
    base: Path
    runs: Path | None = None
    shipped: str = ""


def wanted(caller: str, origin: Origin, into: Path | None = None) -> list[Wanted]:
    """The files of one caller, in `into` or where it looks by itself."""
    folder = into or usual_folder(caller)
    if caller == SYSTEMD:
        return list(_for_systemd(origin, folder))
    return [_placed(caller, place, origin, folder) for place in PLACES[caller]]


def _placed(caller: str, place: Place, origin: Origin, folder: Path) -> Wanted:
    runs = origin.executable(place.executable)
    is_clones = origin.clone is not None and runs.is_relative_to(origin.clone / "hooks")
    content = Text(marked(_launcher(runs, origin)), 0o755) if is_clones else Link(runs)
    base = folder.parent if is_ours_alone(folder) else folder
    return Wanted(caller, folder / place.name, content, base, runs)


def _launcher(runs: Path, origin: Origin) -> str:
    return f'#!/bin/sh\nexec {shlex.quote(str(origin.interpreter))} -I {shlex.quote(str(runs))} "$@"\n'


def _for_systemd(origin: Origin, folder: Path) -> Iterator[Wanted]:
    tool = origin.scripts / TOOL
    for unit in origin.units():
        shipped = unit.read_text()
        text = shipped.replace(_SHIPPED_TOOL, f"ExecStart={tool} ")
        yield Wanted(SYSTEMD, folder / _place_of(unit.name), Text(marked(text)), folder, tool, shipped)
    for name in managers_here(folder):
        path = folder / "systemd/system" / f"{name}.service.d/vipswitch.conf"
        yield Wanted(SYSTEMD, path, Text(marked(_DROP_IN)), folder)


def _place_of(name: str) -> Path:
    """`vipswitch.tmpfiles.conf` becomes tmpfiles.d/vipswitch.conf; all else is a unit."""
    for ending, folder in _KINDS.items():
        if name.endswith(ending):
            return Path(folder, f"{name.removesuffix(ending)}.conf")
    return Path("systemd/system", name)


def managers_here(folder: Path) -> list[str]:
    """The HA managers that have a unit on this machine, or a drop-in of ours from when they had."""
    folders = [Path(each) for each in _UNIT_FOLDERS] if folder == ETC else []
    folders.append(folder / "systemd/system")
    return [name for name in MANAGERS if any(_has(each, name) for each in folders)]


def _has(folder: Path, name: str) -> bool:
    return any(map(os.path.exists, (folder / f"{name}.service", folder / f"{name}.service.d/vipswitch.conf")))
