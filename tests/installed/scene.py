"""An installation in a folder, with executables that say which one they are, and a machine's folders."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch.installed.catalogue import PLACES
from vipswitch.installed.changes import carry_out
from vipswitch.installed.origin import Origin
from vipswitch.installed.planned import to_install, to_remove
from vipswitch.installed.wanted import Wanted, wanted

UNIT = "[Service]\nExecStart=/usr/local/bin/vipswitch agent\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """A folder with one installation, and one in which callers look."""

    origin: Origin
    into: Path

    def files(self, caller: str = "pgpool") -> list[Wanted]:
        """What belongs there."""
        return wanted(caller, self.origin, self.into)

    def install(self, caller: str = "pgpool") -> list[str]:
        """Install, and say what became of each file."""
        planned = to_install(self.files(caller), self.origin)
        carry_out(each.change for each in planned if each.change)
        return [f"{each.path.name}: {each.word}" for each in planned]

    def remove(self, caller: str = "pgpool") -> list[str]:
        """Remove, and say what became of each file."""
        planned = to_remove(self.files(caller))
        carry_out(each.change for each in planned if each.change)
        return [f"{each.path.name}: {each.word}" for each in planned]

    def contents(self) -> dict[str, str]:
        """Everything in the callers' folder: links as where they lead, files as their text, folders as /."""
        return {str(path.relative_to(self.into)): _shown(path) for path in sorted(self.into.rglob("*"))}


def scene(folder: Path, name: str = "opt") -> Scene:
    """An installation of that name in the folder; all of them share the machine."""
    at = folder / name
    origin = Origin(at / "bin", at, at / "bin/python", at)
    (folder / "machine").mkdir(exist_ok=True)
    origin.scripts.mkdir(parents=True)
    program(origin.interpreter, f'exec {sys.executable} "$@"')
    commands = [place.executable.command for places in PLACES.values() for place in places]
    for command in ("vipswitch", *commands):
        program(origin.scripts / command, f"echo {name} {command}")
    units = origin.data / "share/vipswitch/systemd"
    units.mkdir(parents=True)
    (units / "vipswitch-agent.service").write_text(UNIT)
    (units / "vipswitch.sysusers.conf").write_text("u vipswitch -\n")
    (units / "vipswitch.tmpfiles.conf").write_text("d /run/vipswitch\n")
    return Scene(origin, folder / "machine")


def program(path: Path, *lines: str) -> None:
    """A shell script."""
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


def names(caller: str) -> Sequence[str]:
    """What its hooks are called where it looks."""
    return [place.name for place in PLACES[caller]]


def _shown(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return path.read_text() if path.is_file() else "/"
