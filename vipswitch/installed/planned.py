"""What `install` and `remove` do to each file, or why they do nothing at all.

Everything is looked at before anything is changed, and all reasons against it are told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch.errors import ConfigError
from vipswitch.installed.changes import Change
from vipswitch.installed.found import Found, State, found
from vipswitch.installed.origin import Origin
from vipswitch.installed.safety import trusted_owners, weak_spot
from vipswitch.installed.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Planned:
    """One file: what becomes of it, in a word and a remark, and the change, if there is one to make."""

    path: Path
    word: str
    remark: str = ""
    change: Change | None = None


def to_install(files: Sequence[Wanted], origin: Origin) -> list[Planned]:
    """What puts every file in its place. Raises ConfigError, with each reason against it."""
    there = [(each, found(each)) for each in files]
    _refuse(_against_installing(there))
    _refuse_weak_spots(files, origin)
    return [_installing(each, now) for each, now in there]


def to_remove(files: Sequence[Wanted]) -> list[Planned]:
    """What takes away every file that is ours. Raises ConfigError, with each reason against it."""
    there = [(each, found(each)) for each in files]
    _refuse(_against_removing(there))
    return [_removing(each, now) for each, now in there]


def _installing(each: Wanted, now: Found) -> Planned:
    if now.state in (State.INSTALLED, State.OF_PIP):
        return Planned(each.path, "unchanged", now.about if now.state is State.OF_PIP else "")
    change = Change(each.path, each.base, now.content, each.content)
    if now.state is State.STALE:
        return Planned(each.path, "replaced", f"it {now.about}", change)
    return Planned(each.path, "installed", change=change)


def _removing(each: Wanted, now: Found) -> Planned:
    if now.state in (State.INSTALLED, State.STALE):
        return Planned(each.path, "removed", change=Change(each.path, each.base, now.content, None))
    word = "unchanged" if now.state is State.ABSENT else "left alone"
    return Planned(each.path, word, now.about)


def _against_installing(there: Iterable[tuple[Wanted, Found]]) -> Iterator[ConfigError]:
    for each, now in there:
        if now.state is not State.FOREIGN and not each.base.is_dir():
            hint = "install the caller first, or name the folder in which it looks: --into FOLDER"
            yield ConfigError(f"{each.base}: no such folder", hint=hint)
        elif each.runs is not None and not each.runs.is_file():
            hint = "install it with pip, into /opt/vipswitch for example; see the README"
            yield ConfigError(f"{each.runs}: this vipswitch has none", hint=hint)
        elif now.state is State.FOREIGN:
            yield ConfigError(f"{each.path}: {now.about}", hint="move it away, then run this again")
        elif now.state is State.CHANGED:
            yield _edited(each, now)


def _against_removing(there: Iterable[tuple[Wanted, Found]]) -> Iterator[ConfigError]:
    for each, now in there:
        if now.state is State.CHANGED:
            yield _edited(each, now)
        elif now.state in (State.INSTALLED, State.STALE) and _enabled(each.path):
            hint = f"systemctl disable --now {each.path.name}, then run this again"
            yield ConfigError(f"{each.path}: systemd starts it at boot", hint=hint)


def _edited(each: Wanted, now: Found) -> ConfigError:
    return ConfigError(
        f"{each.path}: {now.about}", hint="save what you have changed, remove it, run this again"
    )


def _enabled(unit: Path) -> bool:
    """Whether a target wants that unit."""
    return any(unit.parent.glob(f"*.wants/{unit.name}"))


def _refuse_weak_spots(files: Iterable[Wanted], origin: Origin) -> None:
    """Whoever can change what root's daemons run is root."""
    run = [each.runs for each in files if each.runs is not None]
    paths = dict.fromkeys([*(each.path.parent for each in files), *run, origin.interpreter, origin.package])
    spots = dict.fromkeys(weak_spot(path, trusted_owners()) for path in paths)
    hint = (
        "only root may be able to change what your HA manager runs: chown root, chmod go-w, or another folder"
    )
    _refuse(ConfigError(spot, hint=hint) for spot in spots if spot)


def _refuse(against: Iterable[ConfigError]) -> None:
    """Raise one error that tells all of them, if there are any."""
    errors = list(against)
    if errors:
        messages = dict.fromkeys(error.message for error in errors)
        hints = dict.fromkeys(error.hint for error in errors)
        raise ConfigError("\n".join(messages), hint="; ".join([*hints, "nothing was changed"]))
