"""The Condition element of a policy: operators, and what they make of a request's keys.

Rules: all conditions must hold; of the values of one condition one must match (of a negated one: none). A key
that the request does not have fails a plain operator and passes a negated one and `...IfExists`;
`ForAllValues` passes when there is nothing to look at, `ForAnyValue` does not. The names of keys have no
case, values have. A key is a text, or a tuple of texts where AWS calls it multivalued; looking at a
multivalued one without a set qualifier is an error here, because AWS does not say what it means.
What is not known is refused when the policy is read: operators, policy variables (`${...}`), empty lists.
Sources: IAM User Guide, "Condition operators" and "Set operators for multivalued context keys".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Value = str | tuple[str, ...]
Context = Mapping[str, Value]

_OPERATOR = re.compile(r"((?P<each>ForAllValues|ForAnyValue):)?(?P<name>[A-Za-z]+?)(?P<if_exists>IfExists)?")
_KEY = re.compile(r"[a-z0-9-]+:[^${}]+", re.IGNORECASE)
_ARN_PARTS = 6


class PolicyError(ValueError):
    """A policy document that cannot be judged; the text says which part of it, and why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key; `each` is the set qualifier, empty for none."""

    operator: str
    key: str
    values: tuple[str, ...]
    each: str = ""
    if_exists: bool = False

    def holds(self, context: Context) -> bool:
        """Whether a request with these keys, named in lower case, passes. Raises PolicyError."""
        given = context.get(self.key.lower(), ())
        if self.operator == "Null":
            return any((value == "true") == (given == ()) for value in self.values)
        present = self._looked_at(given)
        if not present:
            return self._of_nothing()
        enough = all if self.each == "ForAllValues" else any
        return enough(map(self._matches, present))

    def _looked_at(self, given: Value) -> tuple[str, ...]:
        """The values of the key; to a set qualifier an empty text is nothing."""
        if self.each:
            return tuple(filter(None, (given,) if isinstance(given, str) else given))
        if given and not isinstance(given, str):
            raise PolicyError(f"{self.key} is multivalued: {self.operator} needs ForAllValues or ForAnyValue")
        return (given,) if isinstance(given, str) else ()

    def _of_nothing(self) -> bool:
        if self.if_exists or self.each == "ForAllValues":
            return True
        return not self.each and _OPERATORS[self.operator].negated

    def _matches(self, given: str) -> bool:
        operator = _OPERATORS[self.operator]
        return any(operator.matches(value, given) for value in self.values) != operator.negated


def parse(element: object, *, where: str) -> tuple[Condition, ...]:
    """The conditions of a statement's Condition element. Raises PolicyError."""
    if not isinstance(element, Mapping):
        raise PolicyError(f"{where}: Condition is not an object")
    return tuple(
        condition for name, keys in element.items() for condition in _of_operator(str(name), keys, where)
    )


@functools.cache
def pattern(text: str) -> re.Pattern[str]:
    """`*` for any text, `?` for any character."""
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def without_variables(text: str, *, where: str) -> str:
    """The text, if IAM would put nothing else into its place. Raises PolicyError."""
    if "${" in text:
        raise PolicyError(f"{where}: policy variables are not supported: {text}")
    return text


def _of_operator(name: str, keys: object, where: str) -> Iterator[Condition]:
    parts = _OPERATOR.fullmatch(name)
    if parts is None or parts["name"] not in _OPERATORS:
        raise PolicyError(f"{where}: unknown condition operator {name}")
    if parts["name"] == "Null" and name != "Null":
        raise PolicyError(f"{where}: {name}: Null has neither IfExists nor a set qualifier")
    if not isinstance(keys, Mapping) or not keys:
        raise PolicyError(f"{where}: {name}: not an object with condition keys")
    for key, values in keys.items():
        if not _KEY.fullmatch(str(key)):
            raise PolicyError(f"{where}: {name}: {key!r} is not a condition key")
        wanted = tuple(_values(values, parts["name"], f"{where}: {name} {key}"))
        yield Condition(parts["name"], str(key), wanted, parts["each"] or "", parts["if_exists"] is not None)


def _values(values: object, operator: str, where: str) -> Iterator[str]:
    listed = values if isinstance(values, list | tuple) else [values]
    if not listed:
        raise PolicyError(f"{where}: no values")
    for value in listed:
        if not isinstance(value, str | bool | int | float):
            raise PolicyError(f"{where}: {value!r} is not a value")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if not _OPERATORS[operator].takes(text):
            raise PolicyError(f"{where}: {text!r} is not a value for {operator}")
        yield without_variables(text, where=where)


@dataclass(frozen=True, slots=True)
class _Operator:
    """`matches` gets the policy's value and the request's; `takes` says what may stand in a policy."""

    matches: Callable[[str, str], bool]
    negated: bool = False
    takes: Callable[[str], bool] = lambda _: True


def _equal(wanted: str, given: str) -> bool:
    return wanted == given


def _equal_without_case(wanted: str, given: str) -> bool:
    return wanted.casefold() == given.casefold()


def _like(wanted: str, given: str) -> bool:
    return pattern(wanted).fullmatch(given) is not None


def _arn_like(wanted: str, given: str) -> bool:
    """Part by part: no wildcard reaches over a colon of the first five."""
    parts = wanted.split(":", _ARN_PARTS - 1), given.split(":", _ARN_PARTS - 1)
    return len(parts[1]) == _ARN_PARTS and all(map(_like, *parts))


def _is_arn(text: str) -> bool:
    return text.count(":") >= _ARN_PARTS - 1


def _is_truth(text: str) -> bool:
    return text in ("true", "false")


_OPERATORS: Mapping[str, _Operator] = {
    "StringEquals": _Operator(_equal),
    "StringNotEquals": _Operator(_equal, negated=True),
    "StringEqualsIgnoreCase": _Operator(_equal_without_case),
    "StringNotEqualsIgnoreCase": _Operator(_equal_without_case, negated=True),
    "StringLike": _Operator(_like),
    "StringNotLike": _Operator(_like, negated=True),
    "ArnEquals": _Operator(_arn_like, takes=_is_arn),
    "ArnNotEquals": _Operator(_arn_like, negated=True, takes=_is_arn),
    "ArnLike": _Operator(_arn_like, takes=_is_arn),
    "ArnNotLike": _Operator(_arn_like, negated=True, takes=_is_arn),
    "Bool": _Operator(_equal_without_case, takes=_is_truth),
    "Null": _Operator(_equal, takes=_is_truth),
}
