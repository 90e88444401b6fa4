"""What this installation has to give: the executables that pip has put beside its interpreter, or a clone's.

Hooks run without PATH, or with another one than ours. What pip installs names its interpreter in its first
line; a clone's `hooks` do not, so they are started by this very interpreter.
"""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import vipswitch
from vipswitch.installed.catalogue import Executable

TOOL = "vipswitch"


@dataclass(frozen=True, slots=True)
class Origin:
    """One installation: the folder of its executables, that of its data, interpreter, package, clone."""

    scripts: Path
    data: Path
    interpreter: Path
    package: Path
    clone: Path | None = None

    def executable(self, wanted: Executable) -> Path:
        """Where pip has put that executable, else where the clone has it; it may be in neither place."""
        cloned = self.clone / "hooks" / wanted.cloned if self.clone else None
        if self.has_installed(wanted.command) or cloned is None or not cloned.is_file():
            return self.scripts / wanted.command
        return cloned

    def has_installed(self, command: str) -> bool:
        """Whether pip has put an executable of that name beside the interpreter."""
        return (self.scripts / command).is_file()

    def units(self) -> list[Path]:
        """The files for systemd, of all kinds."""
        shipped = self.data / "share/vipswitch/systemd"
        cloned = self.clone / "systemd" if self.clone else shipped
        folder = shipped if shipped.is_dir() else cloned
        return sorted(path for path in folder.glob("*") if path.is_file())


def this() -> Origin:
    """The installation that is running."""
    package = Path(vipswitch.__file__).resolve().parent
    above = package.parent
    clone = above if (above / "hooks").is_dir() and (above / "systemd").is_dir() else None
    scripts, data = Path(sysconfig.get_path("scripts")), Path(sysconfig.get_path("data"))
    return Origin(scripts, data, Path(sys.executable), package, clone)
