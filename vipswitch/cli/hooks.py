"""`vipswitch hooks install | remove | list`: each hook where its caller looks for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from vipswitch.cli.table import print_table
from vipswitch.errors import ConfigError
from vipswitch.installed.catalogue import CALLERS, SYSTEMD, usual_folder
from vipswitch.installed.changes import carry_out
from vipswitch.installed.found import Found, State, found
from vipswitch.installed.origin import this
from vipswitch.installed.planned import Planned, to_install, to_remove
from vipswitch.installed.wanted import Wanted, wanted
from vipswitch.options import Options

_STYLES = {State.INSTALLED: "green", State.OF_PIP: "green", State.ABSENT: "dim"}
_NEXT = {
    "install": "next: systemd-sysusers && systemd-tmpfiles --create vipswitch.conf && systemctl daemon-reload"
    " && systemctl enable --now vipswitch-agent",
    "remove": "next: systemctl daemon-reload",
}


def hooks(options: Options) -> int:
    """Put hooks in place, take them away, or show where they are."""
    callers = _callers(options)
    origin = this()
    into = options.into.absolute() if options.into else None
    files = [file for caller in callers for file in wanted(caller, origin, into)]
    if options.action == "list":
        _show([(file, found(file)) for file in files], as_json=options.json)
        return 0
    planned = to_install(files, origin) if options.action == "install" else to_remove(files)
    changes = [each.change for each in planned if each.change is not None]
    if not options.dry_run:
        carry_out(changes)
    _tell(planned, rehearsed=options.dry_run)
    if SYSTEMD in callers and changes and not options.dry_run:
        print(_NEXT[options.action])
    return 0


def _callers(options: Options) -> Sequence[str]:
    """The callers named, each once, that can be put into one folder."""
    unknown = [name for name in options.names if name not in CALLERS]
    if unknown or (not options.names and options.action != "list"):
        message = f"{unknown[0]}: no caller of that name" if unknown else "name the callers"
        raise ConfigError(message, hint=f"any of {', '.join(CALLERS)}")
    named = list(dict.fromkeys(options.names or CALLERS))
    if options.into is not None and len({usual_folder(name) for name in named}) > 1:
        raise ConfigError(
            f"--into: {', '.join(named)} look in different folders", hint="one of them at a time"
        )
    return named


def _tell(planned: Iterable[Planned], *, rehearsed: bool) -> None:
    for each in planned:
        word = f"would be {each.word}" if rehearsed and each.change else each.word
        print(f"{each.path}: {word}{f' ({each.remark})' if each.remark else ''}")


def _show(there: Sequence[tuple[Wanted, Found]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_as_json(file, now) for file, now in there], indent=2))
        return
    rows = [_row(file, now) for file, now in there]
    print_table(("CALLER", "FILE", "STATE", "NOTE"), rows)


def _row(file: Wanted, now: Found) -> list[tuple[str, str]]:
    note = now.about if now.state is not State.INSTALLED else _runs(file.runs)
    style = _STYLES.get(now.state, "yellow")
    return [(file.caller, ""), (str(file.path), ""), (now.state, style), (note, "")]


def _runs(executable: Path | None) -> str:
    return f"runs {executable}" if executable else ""


def _as_json(file: Wanted, now: Found) -> dict[str, str | None]:
    return {
        "caller": file.caller,
        "path": str(file.path),
        "state": now.state,
        "note": now.about,
        "runs": str(file.runs) if file.runs else None,
    }
