"""The user that runs the hooks, and whether it could use a file.

Rules: permission bits of the file and of every folder above it, as path_resolution(7) tells; access
control lists and mount options are not looked at. Pgpool-II raises and drops nothing, so its own user
is the hooks'; sudo in front of a command makes it root's.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

USUAL = "postgres"


@dataclass(frozen=True, slots=True)
class User:
    """One user with its groups."""

    name: str
    uid: int
    gids: frozenset[int]

    def may(self, path: Path, mode: int) -> bool:
        """Whether it could use `path` so (os.R_OK, W_OK, X_OK together). Raises OSError: could not look."""
        real = path.resolve(strict=True)
        return self._allowed(real, mode) and all(self._allowed(up, os.X_OK) for up in real.parents)

    def _allowed(self, path: Path, mode: int) -> bool:
        about = path.stat()
        if self.uid == 0:
            return path.is_dir() or not mode & os.X_OK or bool(about.st_mode & 0o111)
        shift = 6 if about.st_uid == self.uid else 3 if about.st_gid in self.gids else 0
        return about.st_mode >> shift & mode == mode


def user(uid: int) -> User:
    """The user with that id; one without a name is called by its number."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return User(f"#{uid}", uid, frozenset())
    return User(entry.pw_name, uid, frozenset(os.getgrouplist(entry.pw_name, entry.pw_gid)))


def user_named(name: str) -> User | None:
    """The user of that name, if there is one."""
    try:
        return user(pwd.getpwnam(name).pw_uid)
    except KeyError:
        return None


def hook_user(*, pgpool: bool) -> User:
    """Whom this node's running Pgpool-II belongs to, else ourselves.

    For root, `pgpool` says that there is a Pgpool-II to think of, whose usual user is postgres.
    """
    uids = [uid for proc in Path("/proc").glob("[0-9]*") if (uid := _uid_of_pgpool(proc)) is not None]
    if uids:
        return user(uids[0])
    if os.geteuid() != 0 or not pgpool:
        return user(os.geteuid())
    return user_named(USUAL) or user(0)


def trouble_running(program: str, who: User) -> str:
    """What would keep `who` from running a program, its interpreter included; empty when nothing would."""
    path = Path(program)
    try:
        if not path.is_file():
            return "is missing"
        if not who.may(path, os.X_OK):
            return f"may not be run by {who.name}"
        return _trouble_with_interpreter(path, who)
    except FileNotFoundError:
        return "is missing"
    except OSError as wrong:
        return f"could not be looked at ({wrong.strerror})"


def _trouble_with_interpreter(script: Path, who: User) -> str:
    """A script whose `#!` program cannot be run fails in execve(2) like one that is not there."""
    with script.open("rb") as file:
        line = file.readline(256)
    if not line.startswith(b"#!") or not (words := os.fsdecode(line[2:]).split()):
        return ""
    if not who.may(script, os.R_OK):
        return f"may not be read by {who.name}"
    wrong = trouble_running(words[0], who)
    return wrong and f"cannot start: its interpreter {words[0]} {wrong}"


def _uid_of_pgpool(proc: Path) -> int | None:
    """A Pgpool-II of another network namespace is another node's (a container, a test)."""
    try:
        if (proc / "comm").read_text().strip() != "pgpool":
            return None
        ours = (proc / "ns/net").readlink() == Path("/proc/self/ns/net").readlink()
        return proc.stat().st_uid if ours else None
    except OSError:
        return None
