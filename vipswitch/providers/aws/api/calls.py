"""One log record for each request that was made: logger `vipswitch.api`, level DEBUG, for whoever counts.

Its fields: `cloud`, `action` as policies call it, `code` (ok, AWS's error code, or which of our errors no
answer became) and `ms`. While nobody listens, a request costs one comparison more. What was never sent, for
want of credentials or time, is no request. Source: botocore docs, "Events", after-call and after-call-error.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from vipswitch.errors import VipswitchError
from vipswitch.providers.asked import Asked, current
from vipswitch.providers.aws.api.failures import ours, said

log = logging.getLogger("vipswitch.api")


def answered(**told: Any) -> None:
    """AWS has answered, with success or an error."""
    if log.isEnabledFor(logging.DEBUG):
        parsed = told["parsed"]
        refused = "Error" in parsed or "Messages" in parsed
        _tell(current(), said(parsed).code if refused else "ok")


def failed(**told: Any) -> None:
    """There was no answer, or it was not from AWS. An error of ours came before the request."""
    if log.isEnabledFor(logging.DEBUG) and not isinstance(told["exception"], VipswitchError):
        asked = current()
        _tell(asked, type(ours(asked, told["exception"])).__name__)


def _tell(asked: Asked, code: str) -> None:
    if asked.began is None:
        return
    ms = (time.monotonic() - asked.began) * 1000
    asked.began = None
    fields = {"cloud": "aws", "action": asked.action, "code": code, "ms": round(ms, 1)}
    log.debug("cloud=aws action=%s code=%s ms=%.0f", asked.action, code, ms, extra=fields)
