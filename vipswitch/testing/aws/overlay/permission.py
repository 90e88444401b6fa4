"""EC2's own code for a call that no policy allows, when moto's IAM enforcement is switched on.

Source: EC2 API Reference, "Error codes": UnauthorizedOperation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.core.exceptions import AccessDeniedError
from moto.iam.access_control import IAMRequest

from .correction import Correction


def corrections() -> Iterator[Correction]:
    yield Correction(IAMRequest, "_raise_access_denied", _raise_access_denied)


class _UnauthorizedOperation(AccessDeniedError):
    def __init__(self, user: str, action: str) -> None:
        text = f"You are not authorized to perform this operation. User: {user} is not authorized to perform:"
        text += f" {action} because no identity-based policy allows the {action} action"
        super(AccessDeniedError, self).__init__("UnauthorizedOperation", text)


def _raise_access_denied(original: Callable[..., Any]) -> Callable[..., Any]:
    def raise_access_denied(request: Any) -> None:
        if request._service != "ec2":
            original(request)
        raise _UnauthorizedOperation(request._access_key.arn, request._action)

    return raise_access_denied
