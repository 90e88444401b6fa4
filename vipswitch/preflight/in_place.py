"""The hooks where their callers look: of this installation, of another one, or somebody else's.

A caller without any there may be told of another path, or not be in use: that is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vipswitch.installed.catalogue import PLACES
from vipswitch.installed.found import Found, State, found
from vipswitch.installed.origin import Origin
from vipswitch.installed.wanted import Wanted, wanted
from vipswitch.preflight.findings import error, ok, warning
from vipswitch.provider import Finding


def look_at_hooks_in_place(origin: Origin, into: Path | None = None) -> Iterator[Finding]:
    """Every executable where `vipswitch hooks install` puts it, or in `into`."""
    for caller in PLACES:
        for file in wanted(caller, origin, into):
            yield from _judged(caller, file, found(file))


def _judged(caller: str, file: Wanted, now: Found) -> Iterator[Finding]:
    subject = f"{caller}: {file.path}"
    fix = f"vipswitch hooks install {caller}"
    if now.state in (State.INSTALLED, State.OF_PIP):
        yield ok(subject, f"runs {file.runs}")
    elif now.state is State.STALE:
        gone = not file.path.exists()
        yield (error if gone else warning)(subject, f"{now.about}, and not to this installation", fix)
    elif now.state is not State.ABSENT:
        yield warning(subject, now.about, f"see what it is; to have ours there: move it away, then {fix}")
