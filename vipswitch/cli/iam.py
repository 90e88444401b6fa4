"""`vipswitch iam`: the least-privilege policy for the VIPs named, as a document to paste."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from vipswitch.deadline import Deadline, SystemClock
from vipswitch.edge import stopped_by_signals, to_stderr
from vipswitch.errors import ConfigError
from vipswitch.options import Options
from vipswitch.provider import NODE, Grant, Grants
from vipswitch.selection import selected
from vipswitch.steplog import StepLog
from vipswitch.wiring import switch_for

_DEADLINE_S = 10.0


def iam(options: Options) -> int:
    """Print the policy of the nodes' own role, or of the roles that they assume."""
    read, vips = selected(options)
    deadline = Deadline(options.deadline or _DEADLINE_S, SystemClock())
    grants: list[Grant] = []
    with stopped_by_signals([deadline]):
        for vip in vips:
            provider = switch_for(read, vip, StepLog(vip.vip.name), only_looks=True).provider
            if not isinstance(provider, Grants):
                raise ConfigError(
                    f"{vip.vip.name}: {vip.provider} asks no cloud for anything",
                    hint="name VIPs of a cloud's provider",
                )
            grants += provider.grants(deadline)
    wanted = [grant for grant in grants if (grant.principal != NODE) == options.role]
    print(json.dumps(document(wanted), indent=2))
    _tell_of_others(grants, as_role=options.role)
    return 0


def document(grants: Iterable[Grant]) -> dict[str, object]:
    """A policy document with a statement for each grant; VIPs that need the same share one."""
    statements = [
        _statement(grant, f"{grant.purpose}{number if number > 1 else ''}")
        for grant, number in _numbered(list(dict.fromkeys(grants)))
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _numbered(grants: Sequence[Grant]) -> Iterable[tuple[Grant, int]]:
    """Each with how many of the same purpose there were up to it: a Sid stands once in a document."""
    return [
        (grant, sum(before.purpose == grant.purpose for before in grants[: number + 1]))
        for number, grant in enumerate(grants)
    ]


def _statement(grant: Grant, sid: str) -> dict[str, object]:
    statement: dict[str, object] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(grant.actions),
        "Resource": list(grant.resources),
    }
    conditions: dict[str, dict[str, list[str]]] = {}
    for condition in grant.conditions:
        conditions.setdefault(condition.operator, {})[condition.key] = list(condition.values)
    return {**statement, "Condition": conditions} if conditions else statement


def _tell_of_others(grants: Iterable[Grant], *, as_role: bool) -> None:
    roles = sorted({grant.principal for grant in grants} - {NODE})
    if roles and not as_role:
        to_stderr(f"this is the policy of the nodes; for {', '.join(roles)} add --role")
