"""The folders vipswitch writes to: for orders and locks, for what may be forgotten, for past moves.

All hold small private files. None is ever shared with strangers: a folder that everybody can
write to, or that belongs to somebody else, is refused.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from vipswitch.errors import HostError

RUN = Path("/run/vipswitch")
CACHE = Path("/var/cache/vipswitch")
STATE = Path("/var/lib/vipswitch")


def run_folder(wanted: Path | None, *, make: bool = True) -> Path:
    """Where orders and locks live: as configured, else /run/vipswitch, else this user's own in /tmp.

    VIPSWITCH_RUN_DIR stands for the config where that says nothing. Raises HostError when none can
    be used, and when the one that was asked for cannot. Without `make`, for who gives no order, none is
    made, and the one returned may be absent.
    """
    choices = run_choices(wanted)
    found = _first_usable(choices, make=make)
    if found is not None or not make:
        return found or choices[0]
    raise HostError(
        f"run folder {choices[0]}: cannot be used",
        hint="create it for the user that runs the hooks, writable for nobody else",
    )


def run_choices(wanted: Path | None) -> list[Path]:
    """The folders that `run_folder` tries, the first usable one wins."""
    if wanted is None and (named := os.environ.get("VIPSWITCH_RUN_DIR")):
        wanted = Path(named)
    return [wanted] if wanted else [RUN, Path(f"/tmp/vipswitch-{os.geteuid()}")]


def cache_folder(run: Path, *, make: bool = True) -> Path:
    """/var/cache/vipswitch beside the usual run folder, where we may write there; else the run folder."""
    return (_first_usable([CACHE], make=make) if run == RUN else None) or run


def history_folders(run: Path) -> list[Path]:
    """Where past moves are: in /var/lib/vipswitch beside the usual run folder, and in the run folder."""
    return [STATE, run] if run == RUN and STATE.is_dir() else [run]


def _first_usable(choices: list[Path], *, make: bool) -> Path | None:
    for choice in choices:
        with contextlib.suppress(OSError):
            if make:
                choice.mkdir(mode=0o700, exist_ok=True)
            if usable(choice):
                return choice
    return None


def usable(folder: Path) -> bool:
    """Whether a folder that exists is ours to use; makes nothing. Raises OSError."""
    return _ours(folder) and os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _ours(folder: Path) -> bool:
    """A real directory, not a link, that only its owner and group can write to.

    Root may use anybody's, which is how a person's command meets the orders of the postgres user.
    """
    about = folder.lstat()
    owner = about.st_uid in (0, os.geteuid()) or os.geteuid() == 0 or about.st_gid in os.getgroups()
    return stat.S_ISDIR(about.st_mode) and owner and not about.st_mode & stat.S_IWOTH
