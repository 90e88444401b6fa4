"""The proof that the grants of a config are enough, and that no part of any of them could be spared.

An operation is something a user does, which says what went wrong (nothing, when all is well). Under the whole
policy all operations succeed. Then one thing is changed at a time: an action is taken away, a resource or a
value of a condition is made a foreign one. Each change must make an operation fail, which the proof names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vipswitch.provider import NODE, Condition, Grant, Level, Provider
from vipswitch.providers.aws.policy import document
from vipswitch.result import Report, Result
from vipswitch.testing.aws import AwsCloud

from .rig import soon

Operation = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """Grants that lack one thing, and what that thing is."""

    what: str
    grants: Sequence[Grant]


def flaws(
    cloud: AwsCloud,
    grants: Sequence[Grant],
    operations: Mapping[str, Operation],
    *,
    access_key: str,
    only: Sequence[str] = (),
) -> dict[str, Sequence[str]]:
    """The operations that fail under these grants, by name, and how; `only` some of them, or all."""
    by_node = [grant for grant in grants if grant.principal == NODE]
    cloud.restrict(document(by_node), access_key=access_key)
    for role in {grant.principal for grant in grants} - {NODE}:
        cloud.restrict(document(g for g in grants if g.principal == role), role=role)
    try:
        chosen = {name: operations[name] for name in only or operations}
        return {name: wrong for name, operation in chosen.items() if (wrong := operation())}
    finally:
        cloud.unrestrict()


def changes(grants: Sequence[Grant]) -> Iterator[Change]:
    """Every way of taking one thing away."""
    for number, grant in enumerate(grants):
        for what, poorer in _poorer(grant):
            yield Change(f"{grant.purpose}: {what}", [*grants[:number], *poorer, *grants[number + 1 :]])


def _poorer(grant: Grant) -> Iterator[tuple[str, list[Grant]]]:
    for action in grant.actions:
        rest = tuple(other for other in grant.actions if other != action)
        yield f"without {action}", [replace(grant, actions=rest)] if rest else []
    for resource in grant.resources:
        foreign = tuple(_foreign(r) if r == resource else r for r in grant.resources)
        yield f"{resource} made foreign", [replace(grant, resources=foreign)]
    for condition in grant.conditions:
        for value in condition.values:
            other = _with_foreign(condition, value)
            rest_of = tuple(other if c == condition else c for c in grant.conditions)
            yield f"{condition.key} {value} made foreign", [replace(grant, conditions=rest_of)]


def _with_foreign(condition: Condition, value: str) -> Condition:
    """Whether a key is there has no third answer."""
    if condition.operator == "Null":
        return replace(condition, values=tuple("true" if v == "false" else "false" for v in condition.values))
    return replace(condition, values=tuple(_foreign(v) if v == value else v for v in condition.values))


def _foreign(text: str) -> str:
    """What names something else, also where it ends in a wildcard."""
    return "arn:aws:ec2:eu-west-1:123456789012:foreign/*" if text == "*" else f"{text}-foreign"


def ended_well(result: Result) -> list[str]:
    """What an order did not do; a warning counts."""
    return [*(error.message for error in result.errors), *result.warnings]


def read_well(report: Report) -> list[str]:
    """What `status` could not read."""
    return [f"{report.state}, exit code {report.exit_code}"] if report.exit_code else []


def checked_well(provider: Provider) -> list[str]:
    """What `check` could not find out for want of a permission."""
    findings = [finding for finding in provider.check(soon()) if finding.level is not Level.OK]
    return [f"{f.subject}: {f.message}" for f in findings if "permission denied" in f.message]
