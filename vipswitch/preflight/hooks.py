"""The hooks: there, and able to start for the user that runs them.

Pgpool-II's child calls exit(0) after a failed execv, so a hook that is missing or cannot start counts
as one that succeeded: no takeover, and nobody is told. Source: wd_if.c, exec_if_cmd.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from pathlib import Path

import vipswitch
from vipswitch.preflight.findings import error, ok
from vipswitch.preflight.users import User, trouble_running
from vipswitch.provider import Finding

HOOKS = {"vipswitch-if-up": "if_up_cmd", "vipswitch-if-down": "if_down_cmd", "vipswitch-arping": "arping_cmd"}
"""Each console command, and the file that does the same in a clone's hooks folder."""


def look_at_hooks(who: User) -> Iterator[Finding]:
    """Every hook beside this interpreter, or in the clone that this package runs from."""
    for command, file in HOOKS.items():
        path = _path(command, file)
        trouble = trouble_running(str(path), who)
        if trouble:
            message = f"{path} {trouble}: Pgpool-II takes that for success"
            yield error(f"hook {command}", message, _fix(path, trouble, who))
        else:
            yield ok(f"hook {command}", f"{path} can be run by {who.name}")


def _path(command: str, file: str) -> Path:
    installed = Path(sysconfig.get_path("scripts"), command)
    cloned = Path(vipswitch.__file__).resolve().parents[1] / "hooks" / file
    return cloned if cloned.exists() and not installed.exists() else installed


def _fix(path: Path, trouble: str, who: User) -> str:
    if trouble == "is missing":
        return "install vipswitch again (pip install vipswitch)"
    return f"see to the modes of {path}, its folders and its interpreter; {who.name} must be able to run it"
