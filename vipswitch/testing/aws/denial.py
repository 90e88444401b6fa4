"""The answer to a call that no policy allows.

EC2 answers `UnauthorizedOperation` with a text that names the principal, the action and (not for Describe
calls) the resource; the opaque tail is there only to be stepped over. Other services answer `AccessDenied`.
Sources: IAM User Guide, "Troubleshoot access denied error messages"; a real denial of ec2:CreateRoute on a
route table is quoted in github.com/ministryofjustice/modernisation-platform/pull/6971.
"""

from __future__ import annotations

from collections.abc import Callable

from . import protocol
from .protocol import ApiRequest
from .wire import Answer

_PRINCIPAL = "arn:aws:sts::{account}:assumed-role/vipswitch-node/i-0123456789abcdef0"
_OPAQUE = "4f2cR-no-decoder-is-needed-for-this-one_GqzT7xB"


def denied(api: ApiRequest, *, account: str) -> Answer:
    """403, worded as the called service words it."""
    action = f"{api.service}:{api.action}"
    resource = _resource(api, account)
    text = f"User: {_PRINCIPAL.format(account=account)} is not authorized to perform: {action}"
    text += f" on resource: {resource}" if resource else ""
    text += f" because no identity-based policy allows the {action} action"
    if api.service != "ec2":
        return protocol.refusal(api.service, status=403, code="AccessDenied", message=text)
    text = f"You are not authorized to perform this operation. {text}."
    text += f" Encoded authorization failure message: {_OPAQUE}" if resource else ""
    return protocol.refusal("ec2", status=403, code="UnauthorizedOperation", message=text)


def _resource(api: ApiRequest, account: str) -> str | None:
    if api.action.startswith("Describe"):
        return None
    arns: dict[str, Callable[[str], str]] = {
        "RoleArn": str,
        "RouteTableId": lambda id_: f"arn:aws:ec2:{api.region}:{account}:route-table/{id_}",
        "NetworkInterfaceId": lambda id_: f"arn:aws:ec2:{api.region}:{account}:network-interface/{id_}",
        "InstanceId": lambda id_: f"arn:aws:ec2:{api.region}:{account}:instance/{id_}",
    }
    return next((arn(api.params[name]) for name, arn in arns.items() if name in api.params), None)
