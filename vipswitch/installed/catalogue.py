"""The one table: which executables each caller runs, by which name, and where it looks for them.

Each executable is there twice: by a name of its own where pip has put it, and in a clone's `hooks` folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Executable:
    """One of our hooks: its name once installed, and its file in a clone's `hooks` folder."""

    command: str
    cloned: str


@dataclass(frozen=True, slots=True)
class Place:
    """An executable, and the name by which its caller looks for it."""

    executable: Executable
    name: str


def _same_name(command: str, cloned: str) -> Place:
    return Place(Executable(command, cloned), command)


PLACES: dict[str, tuple[Place, ...]] = {
    "pgpool": (
        _same_name("vipswitch-if-up", "if_up_cmd"),
        _same_name("vipswitch-if-down", "if_down_cmd"),
        _same_name("vipswitch-arping", "arping_cmd"),
        _same_name("vipswitch-aws-rtb-if-cmd", "aws_rtb_if_cmd"),
    ),
    "keepalived": (
        _same_name("vipswitch-keepalived", "keepalived"),
        _same_name("vipswitch-keepalived-fifo", "keepalived_fifo"),
    ),
    "pacemaker": (Place(Executable("vipswitch-ocf", "ocf_vip"), "vip"),),
    "patroni": (_same_name("vipswitch-patroni", "patroni"),),
}
"""Each caller that runs executables of ours."""

SYSTEMD = "systemd"
"""The caller that runs the agent, by units."""

CALLERS = (*PLACES, SYSTEMD)

SCRIPTS = Path("/usr/local/bin")
ETC = Path("/etc")


def usual_folder(caller: str) -> Path:
    """Where the caller looks, unless it is told otherwise."""
    if caller == SYSTEMD:
        return ETC
    return _ocf_provider() if caller == "pacemaker" else SCRIPTS


def _ocf_provider() -> Path:
    """Pacemaker finds `ocf:vipswitch:vip` there; OCF_ROOT is where the distribution has put the tree."""
    return Path(os.environ.get("OCF_ROOT") or "/usr/lib/ocf", "resource.d", "vipswitch")


def is_ours_alone(folder: Path) -> bool:
    """Whether a folder of that name may be made and, once empty, taken away: nobody else has a use for it."""
    return folder.name == "vipswitch" or folder.name.endswith(".service.d")
