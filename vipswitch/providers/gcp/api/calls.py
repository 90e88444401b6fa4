"""One log record for each request that was made: logger `vipswitch.api`, level DEBUG, for whoever counts.

Its fields: `cloud`, `action`, the id of the API's method such as `compute.routes.insert`, `code` (ok, what
Google calls the error, or which of our errors no answer became) and `ms`. While nobody listens, a request
costs one comparison more. What was never sent, for want of credentials or time, is no request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from requests import RequestException, Response
from urllib3.exceptions import HTTPError

from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.failures import code_of, ours

log = logging.getLogger("vipswitch.api")


@contextmanager
def counted(asked: Asked) -> Iterator[None]:
    """A request made inside that is not answered is told of. An error of ours came before the request."""
    try:
        yield
    except (RequestException, HTTPError) as exc:
        if log.isEnabledFor(logging.DEBUG):
            _tell(asked, type(ours(asked, exc)).__name__)
        raise


def tell(asked: Asked, answer: Response) -> None:
    """Google has answered, with success or an error."""
    if log.isEnabledFor(logging.DEBUG):
        _tell(asked, code_of(answer))


def _tell(asked: Asked, code: str) -> None:
    if asked.began is None:
        return
    ms = (time.monotonic() - asked.began) * 1000
    asked.began = None
    fields = {"cloud": "gcp", "action": asked.action, "code": code, "ms": round(ms, 1)}
    log.debug("cloud=gcp action=%s code=%s ms=%.0f", asked.action, code, ms, extra=fields)
