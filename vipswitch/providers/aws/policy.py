"""The policy document of IAM: a statement for each grant, to be attached to the role that it is of.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vipswitch.provider import Grant, PolicyForm


def document(grants: Iterable[Grant]) -> dict[str, object]:
    """A policy document; VIPs that need the same share a statement."""
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


POLICY = PolicyForm(document)
