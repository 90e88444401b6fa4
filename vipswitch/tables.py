"""The named tables of the config: `[group.NAME]`, `[node.NAME]`, `[authority.NAME]`, `[follow.NAME]`.

Each reader takes the raw table, and a `where` that turns `NAME.KEY` into what the user will look for; it
returns what is in order, and every mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from vipswitch.config import NAME, Group
from vipswitch.nodes import Node, ambiguous
from vipswitch.settings import Problem, parse, suggestion

if TYPE_CHECKING:
    from vipswitch.authority.settings import AuthoritySettings
    from vipswitch.followed import SourceSettings

T = TypeVar("T")
Table = Mapping[str, object]
Where = Callable[[str], str]


def groups(raw: Table, where: Where, vips: Table) -> tuple[dict[str, Group], list[Problem]]:
    """Groups of these VIPs; none has the name of one."""
    found, problems = _each(raw, where, lambda name, table: parse(Group, table, _below(where, name)))
    problems += [
        Problem(where(name), f"is also the name of vip.{name}", "give the group another name")
        for name in raw
        if name in vips
    ]
    for name, group in found.items():
        unknown = [vip for vip in group.vips if vip not in vips]
        problems += [
            Problem(where(f"{name}.vips"), f"no VIP {vip}", suggestion(vip, list(vips))) for vip in unknown
        ]
    return found, problems


def nodes(raw: Table, where: Where) -> tuple[dict[str, Node], list[Problem]]:
    """Nodes that can be told apart."""
    found, problems = _each(raw, where, lambda name, table: parse(Node, table, _below(where, name)))
    return found, [*problems, *ambiguous(found, where)]


def authorities(raw: Table, where: Where) -> tuple[dict[str, AuthoritySettings], list[Problem]]:
    """Each authority's settings, of the class that its kind has."""
    if not raw:
        return {}, []
    from vipswitch.authority.settings import KINDS

    def read(name: str, table: Table) -> tuple[AuthoritySettings | None, list[Problem]]:
        return _of_its_kind(KINDS, table, _below(where, name))

    return _each(raw, where, read)


def sources(raw: Table, where: Where) -> tuple[dict[str, SourceSettings], list[Problem]]:
    """What is followed: each source's settings, of the class that its kind has."""
    if not raw:
        return {}, []
    from vipswitch.followed import KINDS, incomplete

    def read(name: str, table: Table) -> tuple[SourceSettings | None, list[Problem]]:
        settings, problems = _of_its_kind(KINDS, table, _below(where, name))
        return settings, problems or list(incomplete(settings, where(name)) if settings else [])

    return _each(raw, where, read)


def _of_its_kind(kinds: Mapping[str, type[T]], table: Table, below: Where) -> tuple[T | None, list[Problem]]:
    """The settings of a table whose `kind` says which class they have."""
    if "kind" not in table:
        return None, [Problem(below("kind"), "is missing", f"one of {', '.join(kinds)}")]
    kind = table["kind"]
    if not isinstance(kind, str) or kind not in kinds:
        return None, [Problem(below("kind"), f"unknown kind {kind!r}", suggestion(str(kind), list(kinds)))]
    own = {key: value for key, value in table.items() if key != "kind"}
    return parse(kinds[kind], own, below, also=["kind"])


def misshapen(raw: Table, where: Where) -> Iterator[Problem]:
    """What is no table, or has a name that cannot be used."""
    for name, value in raw.items():
        if not isinstance(value, dict):
            yield Problem(where(name), "expected a table", f"write [{where(name).rpartition(' ')[2]}]")
        elif not NAME.fullmatch(name):
            yield Problem(where(name), "unusable name", "letters, digits, . _ and - only")


def _each(
    raw: Table, where: Where, read: Callable[[str, Table], tuple[T | None, list[Problem]]]
) -> tuple[dict[str, T], list[Problem]]:
    """Every named table that can be read, and the mistakes of all."""
    found: dict[str, T] = {}
    problems = list(misshapen(raw, where))
    for name, table in raw.items():
        if not isinstance(table, dict):
            continue
        made, wrong = read(name, table)
        problems += wrong
        if made is not None:
            found[name] = made
    return found, problems


def _below(where: Where, name: str) -> Where:
    return lambda key_name: where(f"{name}.{key_name}")
