"""One log record for each request that was made: logger `vipswitch.api`, level DEBUG, for whoever counts.

Its fields: `cloud`, `action` as RBAC calls it, `code` (ok, Azure's error code, or which of our errors no
answer became) and `ms`. While nobody listens, a request costs one comparison more. What was never sent, for
want of credentials or time, is no request. Source: azure-core docs, "Pipeline", SansIOHTTPPolicy.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from azure.core.pipeline.policies import ContentDecodePolicy, SansIOHTTPPolicy

from vipswitch.errors import VipswitchError
from vipswitch.providers.asked import Asked, current
from vipswitch.providers.azure.api.failures import ours

log = logging.getLogger("vipswitch.api")


class Tells(SansIOHTTPPolicy[Any, Any]):
    """A policy of the pipeline that changes nothing."""

    def on_response(self, request: Any, response: Any) -> None:
        """Azure has answered, with success or an error."""
        if log.isEnabledFor(logging.DEBUG):
            status = response.http_response.status_code
            document = response.context.get(ContentDecodePolicy.CONTEXT_NAME)
            _tell(current(), _code(status, document) if status >= 400 else "ok")

    def on_exception(self, request: Any) -> None:
        """There was no answer, or it was not from Azure. An error of ours came before the request."""
        exc = sys.exc_info()[1]
        if log.isEnabledFor(logging.DEBUG) and exc is not None and not isinstance(exc, VipswitchError):
            asked = current()
            _tell(asked, type(ours(asked, exc)).__name__)


def _code(status: int, document: Any) -> str:
    """DNS has its code at the top, everything else inside `error`."""
    error = document.get("error", document) if isinstance(document, dict) else None
    return str(error.get("code") or status) if isinstance(error, dict) else str(status)


def _tell(asked: Asked, code: str) -> None:
    if asked.began is None:
        return
    ms = (time.monotonic() - asked.began) * 1000
    asked.began = None
    fields = {"cloud": "azure", "action": asked.action, "code": code, "ms": round(ms, 1)}
    log.debug("cloud=azure action=%s code=%s ms=%.0f", asked.action, code, ms, extra=fields)
