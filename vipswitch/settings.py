"""A provider's settings: one frozen dataclass declares the config keys and the command-line flags.

    @dataclass(frozen=True, slots=True)
    class Settings:
        route_tables: tuple[RouteTableId, ...] = key(route_table_id, many=True, help="...")
        region: str | None = key(text, section="aws", default=None, help="...")

`parse` turns raw TOML values or flag strings into that object, collecting every mistake. A parser
takes the raw value and raises ValueError with a text that finishes the sentence "KEY: ...".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """How one key is read: its parser, whether it is a list, and what people are told about it.

    `section` names a TOML table (`[aws]`) whose value serves all VIPs that do not set their own.
    """

    parse: Callable[[object], object]
    many: bool
    section: str | None
    help: str
    metavar: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what is wrong, and what would be right."""

    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def key(
    parse: Callable[[object], object],
    *,
    help: str,
    many: bool = False,
    section: str | None = None,
    default: Any = MISSING,
    metavar: str = "",
) -> Any:
    """Declare one setting; without a default it must be given."""
    about = Key(parse, many, section, help, metavar)
    return dataclasses.field(default=default, metadata={"key": about})


def text(raw: object) -> str:
    """A string that is not empty."""
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError(f"expected a text, found {raw!r}")
    return raw.strip()


def keys(settings: type) -> Iterator[tuple[str, Key, bool]]:
    """Each setting of a settings class: its name, how it is read, whether it must be given."""
    for field in dataclasses.fields(settings):
        yield field.name, field.metadata["key"], field.default is MISSING


def parse(
    settings: type[T],
    raw: Mapping[str, object],
    where: Callable[[str], str],
    *,
    also: Iterable[str] = (),
) -> tuple[T | None, list[Problem]]:
    """Build `settings` from raw values; None, and every problem found, when it cannot be built.

    `where` turns a key's name into what the user will look for (`vip.primary.route_tables`). `also`
    are keys that belong to others and may have been meant by an unknown one.
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for name, about, required in keys(settings):
        if name in raw:
            values[name] = _value(about, raw[name], where(name), problems)
        elif required:
            problems.append(Problem(where(name), "is missing", about.help))
    own = [name for name, _, _ in keys(settings)]
    known = [*own, *also]
    problems += [
        Problem(where(name), "unknown key", suggestion(name, known)) for name in raw if name not in own
    ]
    return (None, problems) if problems else (settings(**values), [])


def _value(about: Key, raw: object, where: str, problems: list[Problem]) -> object:
    if not about.many:
        return _one(about, raw, where, problems)
    items = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(items, list) or not items:
        problems.append(Problem(where, f"expected a list, found {raw!r}", about.help))
        return ()
    one = isinstance(raw, str) and len(items) == 1
    return tuple(
        _one(about, item, where if one else f"{where}[{i}]", problems) for i, item in enumerate(items)
    )


def _one(about: Key, raw: object, where: str, problems: list[Problem]) -> object:
    try:
        return about.parse(raw)
    except ValueError as wrong:
        problems.append(Problem(where, str(wrong), about.help))
        return None


def suggestion(wrong: str, known: list[str]) -> str:
    """A hint that names the nearest known word, else all of them."""
    import difflib

    near = difflib.get_close_matches(wrong, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known))}"
