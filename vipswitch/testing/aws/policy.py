"""A policy document, and what IAM decides by it.

Rules: an explicit Deny wins; else one Allow is enough; else the access is denied implicitly. Actions match
without regard to case, resources with; `*` and `?` are wildcards in both. A wildcard of a resource stays
within its part of the ARN, but a `*` that ends a part may reach over colons.
Nothing is ignored: elements that are unknown, or that an identity's policy cannot have (Principal), or that
are not supported here (NotAction, NotResource), and JSON keys that stand there twice, are errors.
Sources: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements: Resource".
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from . import conditions
from .conditions import Condition, Context, PolicyError, pattern, without_variables

VERSION = "2012-10-17"

_ACTION = re.compile(r"\*|[a-z0-9-]+:[a-z0-9*?]+", re.IGNORECASE)
_RESOURCE = re.compile(r"\*|arn:[^:]+:[a-z0-9-]+:.*", re.DOTALL)
_SID = re.compile(r"[A-Za-z0-9]*")
_UNSUPPORTED = ("NotAction", "NotResource", "Principal", "NotPrincipal")


class Effect(StrEnum):
    """What a statement does to the accesses that it speaks of."""

    ALLOW = "Allow"
    DENY = "Deny"


class Verdict(Enum):
    """`DENIED` is an explicit Deny, `UNMENTIONED` the lack of an Allow."""

    ALLOWED = auto()
    DENIED = auto()
    UNMENTIONED = auto()


@dataclass(frozen=True, slots=True)
class Access:
    """One action on one resource; `*` is the resource of an action that names none."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy."""

    effect: Effect
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    sid: str = ""

    def names(self, action: str) -> bool:
        """Whether the statement speaks of the action at all."""
        return any(pattern(each.lower()).fullmatch(action.lower()) for each in self.actions)

    def applies(self, access: Access, context: Context) -> bool:
        """Whether the statement speaks of this access; `context` has its keys in lower case."""
        return (
            self.names(access.action)
            and any(_resource_pattern(each).fullmatch(access.resource) for each in self.resources)
            and all(condition.holds(context) for condition in self.conditions)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that has been read."""

    statements: tuple[Statement, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of all statements."""
        return tuple(condition for statement in self.statements for condition in statement.conditions)

    def decide(self, access: Access) -> Verdict:
        """What IAM decides if this is the only policy. Raises PolicyError."""
        context = {key.lower(): value for key, value in access.context.items()}
        effects = {each.effect for each in self.statements if each.applies(access, context)}
        if Effect.DENY in effects:
            return Verdict.DENIED
        return Verdict.ALLOWED if Effect.ALLOW in effects else Verdict.UNMENTIONED

    def allows_somewhere(self, action: str) -> bool:
        """Whether there is a resource and a condition under which the action may be allowed."""
        return any(each.effect is Effect.ALLOW and each.names(action) for each in self.statements)


def parse(document: str | Mapping[str, object]) -> Policy:
    """Reads JSON, or what JSON would be read as. Raises PolicyError."""
    given = _loaded(document) if isinstance(document, str) else document
    _refuse_unknown(given, ("Version", "Id", "Statement"), where="policy")
    if given.get("Version") != VERSION:
        raise PolicyError(f"policy: Version is {given.get('Version')!r}, not {VERSION}")
    listed = _listed(given.get("Statement"), where="policy: Statement")
    statements = tuple(_statement(each, f"statement {number}") for number, each in enumerate(listed, 1))
    sids = [statement.sid for statement in statements if statement.sid]
    if twice := sorted({sid for sid in sids if sids.count(sid) > 1}):
        raise PolicyError(f"policy: several statements have the Sid {twice[0]}")
    return Policy(statements)


@functools.cache
def _resource_pattern(text: str) -> re.Pattern[str]:
    escaped = re.sub(r"\\\*(?=:|$)", ".*", re.escape(text))
    return re.compile(escaped.replace(r"\*", "[^:]*").replace(r"\?", "[^:]"), re.DOTALL)


def _loaded(text: str) -> Mapping[str, object]:
    try:
        given = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as exc:
        raise PolicyError(f"policy: not JSON: {exc}") from exc
    if not isinstance(given, dict):
        raise PolicyError("policy: not an object")
    return given


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise PolicyError(f"policy: an object has the same key twice: {', '.join(names)}")
    return dict(pairs)


def _statement(given: object, where: str) -> Statement:
    if not isinstance(given, Mapping):
        raise PolicyError(f"{where}: not an object")
    _refuse_unknown(given, ("Sid", "Effect", "Action", "Resource", "Condition"), where=where)
    return Statement(
        _effect(given.get("Effect"), where),
        tuple(_texts(given.get("Action"), _ACTION, f"{where}: Action")),
        tuple(_texts(given.get("Resource"), _RESOURCE, f"{where}: Resource")),
        conditions.parse(given.get("Condition", {}), where=where),
        next(iter(_texts(given.get("Sid", ""), _SID, f"{where}: Sid"))),
    )


def _effect(given: object, where: str) -> Effect:
    try:
        return Effect(given)  # type: ignore[arg-type]
    except ValueError:
        raise PolicyError(f"{where}: Effect is {given!r}, not Allow or Deny") from None


def _texts(given: object, form: re.Pattern[str], where: str) -> Iterator[str]:
    for text in _listed(given, where=where):
        if not isinstance(text, str) or not form.fullmatch(without_variables(text, where=where)):
            raise PolicyError(f"{where}: {text!r} has not the form of one")
        yield text


def _listed(given: object, *, where: str) -> Sequence[object]:
    """A list with something in it; one alone may stand for itself."""
    if given is None or given == []:
        raise PolicyError(f"{where}: missing or empty")
    return given if isinstance(given, list | tuple) else [given]


def _refuse_unknown(given: Mapping[str, object], known: Sequence[str], *, where: str) -> None:
    for name in given:
        if name in _UNSUPPORTED:
            raise PolicyError(f"{where}: {name} is not supported")
        if name not in known:
            raise PolicyError(f"{where}: unknown element {name}")
