"""What every request to ARM goes through, and every answer on its way back.

Rules: a token that was kept and is refused is asked for anew, once, before anything is said: a request that
ARM did not let in has changed nothing. What answers with something else than JSON is not ARM.
Source: azure-core docs, "Pipeline"; azure-mgmt-core, ARMChallengeAuthenticationPolicy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from azure.core.exceptions import DecodeError
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    HeadersPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

import vipswitch
from vipswitch.providers.asked import current
from vipswitch.providers.azure.api.calls import Tells
from vipswitch.providers.azure.api.credentials import Tokens
from vipswitch.providers.azure.api.operations import Operations

if TYPE_CHECKING:
    from azure.core.credentials import SupportsTokenInfo


def policies(tokens: Tokens, audience: str, operations: Operations) -> list[Any]:
    """The pipeline of one client, from the outside in."""
    return [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy(base_user_agent=f"vipswitch/{vipswitch.__version__}"),
        Tells(),
        _NotesOperations(operations),
        _WholeAndJson(),
        ContentDecodePolicy(),
        _Authentication(tokens, f"{audience}/.default"),
    ]


class _NotesOperations(SansIOHTTPPolicy[Any, Any]):
    """Keeps where it is told how an accepted write goes on."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def on_response(self, request: Any, response: Any) -> None:
        url = response.http_response.headers.get("Azure-AsyncOperation")
        if url and request.http_request.method != "GET":
            self._operations.began(current(), url)


class _WholeAndJson(SansIOHTTPPolicy[Any, Any]):
    """Answers are read whole, those to writes too; a page that some gateway shows instead is no answer."""

    def on_request(self, request: Any) -> None:
        request.context.options["stream"] = False

    def on_response(self, request: Any, response: Any) -> None:
        answer = response.http_response
        json = "json" in (answer.content_type or "")
        if answer.status_code < 400 and answer.content and not json:
            raise DecodeError(message="not JSON", response=answer)


class _Authentication(ARMChallengeAuthenticationPolicy):
    """As the SDK's, over tokens that several clients share."""

    def __init__(self, tokens: Tokens, scope: str) -> None:
        super().__init__(cast("SupportsTokenInfo", tokens), scope)
        self._tokens = tokens

    def on_challenge(self, request: Any, response: Any) -> bool:
        secret = request.http_request.headers.get("Authorization", "").removeprefix("Bearer ")
        if super().on_challenge(request, response):
            return True
        if self._tokens.refused(secret):
            self.authorize_request(request, *self._scopes)
            return True
        return False
