"""Judges calls by the policies that a test has put in force.

Rules: the first of these that there is judges a call: the policy of its access key, that of the role whose
session the key is of, the one for everyone else; where there is none, everything is allowed. Every action and
every resource that a call names must be allowed by itself, each with its own condition keys. A call that
`references` does not know is denied, and says so; GetCallerIdentity is never denied. A policy whose
conditions cannot be judged is refused when it is put in force. Only policies of identities are judged: no
trust policy, no boundary, no session policy.
Sources: IAM User Guide, "Policy evaluation logic"; EC2 User Guide, "Supported resource-level permissions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..wire import Answer
from . import policy, references
from .conditions import PolicyError
from .denial import Denial, unmentioned
from .facts import Caller, Facts, caller
from .policy import Access, Policy, Verdict
from .protocol import ApiRequest
from .request_keys import knows_key, multivalued

_UNKNOWN = "because the local AWS does not know on which resources the {} action is authorised"
_EXPLICIT = "with an explicit deny in an identity-based policy"


class Authoriser:
    """The policies in force; they may be changed from any thread."""

    def __init__(self) -> None:
        self._of_keys: dict[str | None, Policy] = {}
        self._of_roles: dict[str, Policy] = {}

    def restrict(
        self, document: str | Mapping[str, object], *, access_key: str | None = None, role: str | None = None
    ) -> None:
        """Puts a policy in force, instead of the one that was. Raises PolicyError."""
        if access_key is not None and role is not None:
            raise ValueError("a policy is of an access key or of a role, not of both")
        judged = _judgeable(policy.parse(document))
        if role is not None:
            self._of_roles[role] = judged
        else:
            self._of_keys[access_key] = judged

    def unrestrict(self) -> None:
        """Puts all policies out of force."""
        self._of_keys.clear()
        self._of_roles.clear()

    def refusal(self, api: ApiRequest) -> Answer | None:
        """The answer to a call that is not allowed, None for one that is; the cloud must be at rest."""
        if not (self._of_keys or self._of_roles) or references.action(api) in references.FREE:
            return None
        who = caller(api.access_key, region=api.region)
        judge = self._policy(api.access_key, who)
        return _refusal(api, who, judge) if judge else None

    def _policy(self, access_key: str, who: Caller) -> Policy | None:
        of_role = self._of_roles.get(who.role) if who.role else None
        return self._of_keys.get(access_key) or of_role or self._of_keys.get(None)


def _judgeable(judge: Policy) -> Policy:
    for condition in judge.conditions:
        if not knows_key(condition.key):
            raise PolicyError(f"the local AWS does not know the condition key {condition.key}")
        if multivalued(condition.key) and not condition.each and condition.operator != "Null":
            raise PolicyError(f"{condition.key} is multivalued: it needs ForAllValues or ForAnyValue")
    return judge


def _refusal(api: ApiRequest, who: Caller, judge: Policy) -> Answer | None:
    action = references.action(api)
    if not references.known(api):
        return Denial(who.arn, action, "*", _UNKNOWN.format(action)).answer()
    accesses = tuple(_accesses(api, who))
    for access in accesses:
        verdict = judge.decide(access)
        if verdict is not Verdict.ALLOWED:
            reason = _EXPLICIT if verdict is Verdict.DENIED else unmentioned(access.action)
            return Denial(who.arn, access.action, access.resource, reason).answer()
    if not accesses and not judge.allows_somewhere(action):
        return Denial(who.arn, action, "*", unmentioned(action)).answer()
    return None


def _accesses(api: ApiRequest, who: Caller) -> Iterator[Access]:
    """What the call needs to be allowed, one by one.

    Nothing, if all that it names is an association that is no more: who may do the action somewhere is told
    so by the cloud itself (not sure that AWS does not deny it).
    """
    facts = Facts(region=api.region, account=who.account)
    context = references.context(api)
    named = references.named(api)
    resources = [resource for each in named for resource in facts.resolved(each)]
    for action in references.actions(api):
        for resource in resources:
            arn = resource.arn(region=api.region, account=who.account)
            yield Access(action, arn, {**context, **facts.keys(resource)})
        if not named:
            yield Access(action, "*", context)
