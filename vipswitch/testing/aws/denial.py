"""The answer to a call that no policy allows.

EC2 answers `UnauthorizedOperation` with a text that names the principal, the action and (not for Describe
calls) the resource; the opaque tail is there only to be stepped over. Other services answer `AccessDenied`.
Sources: IAM User Guide, "Troubleshoot access denied error messages"; a real denial of ec2:CreateRoute on a
route table is quoted in github.com/ministryofjustice/modernisation-platform/pull/6971.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..wire import Answer
from . import protocol, references
from .facts import node
from .protocol import ApiRequest

_OPAQUE = "4f2cR-no-decoder-is-needed-for-this-one_GqzT7xB"


@dataclass(frozen=True, slots=True)
class Denial:
    """Who may not do what to which resource (`*`: the action names none); `reason` ends the sentence."""

    principal: str
    action: str
    resource: str
    reason: str

    def answer(self) -> Answer:
        """403, worded as the service of the action words it."""
        service, _, _ = self.action.partition(":")
        on = "" if self.resource == "*" else f" on resource: {self.resource}"
        text = f"User: {self.principal} is not authorized to perform: {self.action}{on} {self.reason}"
        if service != "ec2":
            return protocol.refusal(service, status=403, code="AccessDenied", message=text)
        text = f"You are not authorized to perform this operation. {text}."
        text += f" Encoded authorization failure message: {_OPAQUE}" if on else ""
        return protocol.refusal("ec2", status=403, code="UnauthorizedOperation", message=text)


def unmentioned(action: str) -> str:
    """The reason when there is no Allow."""
    return f"because no identity-based policy allows the {action} action"


def denied(api: ApiRequest, *, account: str) -> Answer:
    """The denial of a call that no policy allows, on the first resource that the call names."""
    action = references.action(api)
    arns = (r.arn(region=api.region, account=account) for r in references.named(api) if r.itself)
    principal = node(account=account, region=api.region).arn
    return Denial(principal, action, next(arns, "*"), unmentioned(action)).answer()
