"""A caller's own config file: read, or why it was not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from vipswitch.errors import ConfigError
from vipswitch.preflight.examination import findings_of
from vipswitch.preflight.findings import error, warning
from vipswitch.provider import Finding

Conf = TypeVar("Conf")


@dataclass(frozen=True, slots=True)
class Read(Generic[Conf]):
    """One file; `conf` is None where it could not be read, which the findings then tell."""

    path: Path
    conf: Conf | None
    findings: tuple[Finding, ...] = ()


def read_file(path: Path, reader: Callable[[Path], Conf], usual: str) -> Read[Conf]:
    """What the reader makes of it; `usual` is what such a file is called."""
    try:
        return Read(path, reader(path))
    except ConfigError as wrong:
        return Read(path, None, tuple(findings_of(str(path), wrong)))
    except FileNotFoundError:
        return Read(path, None, (error(str(path), "is missing", f"name your {usual}"),))
    except OSError as wrong:
        fix = "run this as a user that may read it"
        return Read(path, None, (warning(str(path), f"could not be looked at: {wrong.strerror}", fix),))
